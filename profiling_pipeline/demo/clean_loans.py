"""Loans without an error: each part adds its columns to the parts before it, so that they agree with each other.

Amounts are whole cents until the end, so that totals are exact.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from profiling_pipeline.demo.loan_columns import LOAN_COLUMNS

Array = np.ndarray[Any, np.dtype[Any]]

REPORTING_DATE = np.datetime64("2025-06-30", "D")

STATES: tuple[str, ...] = (
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
)  # fmt: skip
BUCKETS = ("CURRENT", "1-29", "30-59", "60-89", "90-119", "120+")
_BUCKET_STARTS = (1, 30, 60, 90, 120)
_REMARKS = (
    "promised {} dollars by friday", "left message, owes {}", "disputes a charge of {}", "asked to pay {} monthly",
    "moved, letter of {} came back", "will call back about {}", "no answer on attempt {}",
)  # fmt: skip


def clean_loans(rows: int, seed: int) -> pd.DataFrame:
    """Return `rows` loans: amounts in dollars, dates as timestamps, missing values as NaN, NaT or None."""
    draw = _Draw(rows, np.random.default_rng(seed))
    loans: dict[str, Any] = {}
    for add in (_identity, _status_and_dates, _customer, _limits, _delinquency, _balances, _rates, _activity, _payments,
                _fees, _losses, _risk):  # fmt: skip
        add(loans, draw)
    for name in (column.technical_name for column in LOAN_COLUMNS if column.is_amount):
        loans[name] = np.asarray(loans[name], dtype="float64") / 100
    return pd.DataFrame(loans)


class _Draw:
    """Random columns of one length."""

    def __init__(self, rows: int, random: np.random.Generator) -> None:
        self.rows = rows
        self.random = random

    def flag(self, share: float | Array) -> Array:
        return (self.random.random(self.rows) < share).astype("int64")

    def choice(self, values: Sequence[Any], weights: Sequence[float] | None = None) -> Array:
        shares = None if weights is None else np.asarray(weights) / np.sum(weights)
        return self.random.choice(np.asarray(values, dtype=object), self.rows, p=shares)

    def whole(self, low: int, high: int | Array) -> Array:
        """Whole numbers from `low` to `high`, both included."""
        return self.random.integers(low, np.asarray(high) + 1, self.rows)

    def cents(self, median_dollars: float, spread: float, share: float | Array = 1.0) -> Array:
        """Skewed amounts in cents; only `share` of the rows have any."""
        amounts = np.exp(self.random.normal(np.log(median_dollars), spread, self.rows)) * 100
        return amounts.round().astype("int64") * self.flag(share)


def _only(condition: Array, values: Array, otherwise: Any = None) -> Array:
    """Return `values` where the condition holds, missing elsewhere."""
    if values.dtype.kind == "M":
        return np.where(condition, values, np.datetime64("NaT"))
    return np.where(condition, values, otherwise if values.dtype == object else np.nan)


def _codes(prefix: str, numbers: Array, digits: int) -> Array:
    return np.array([f"{prefix}{number:0{digits}d}" for number in numbers], dtype=object)


def _identity(loans: dict[str, Any], draw: _Draw) -> None:
    rows = draw.rows
    loans["REPORTING_DATE"] = np.full(rows, REPORTING_DATE)
    serials = draw.random.permutation(rows) * 4_999 + 10_000_000_000
    loans["ACCOUNT_REFERENCE"] = _codes("CC", serials, 16)
    loans["CUSTOMER_REFERENCE"] = _codes("P", draw.whole(10_000_000, 10_000_000 + 2 * rows), 11)
    loans["LENDER_NUMBER"] = draw.choice([1039502, 2277860, 3302547], [60, 28, 12])
    loans["BRANCH_CODE"] = _codes("B", draw.whole(1, 640), 5)
    loans["PORTFOLIO_SEGMENT"] = draw.choice(["CONSUMER", "AFFLUENT", "SMALLBUS", "STUDENT"], [62, 17, 13, 8])
    sizes = np.sort(draw.random.pareto(1.6, len(STATES)) + 0.4)
    loans["STATE_CODE"] = draw.choice(STATES, sizes.tolist())
    loans["POSTAL_CODE"] = _codes("", draw.whole(1_001, 99_950), 5)
    loans["COUNTRY_CODE"] = np.full(rows, "US", dtype=object)
    loans["CARD_TYPE"] = draw.choice(["G", "P", "C"], [70, 18, 12])
    loans["PRODUCT_CODE"] = draw.choice(["STND", "GOLD", "PLAT", "STUD", "SECU"], [45, 25, 15, 9, 6])
    loans["NETWORK_CODE"] = draw.choice(["V", "M", "A", "D"], [48, 34, 11, 7])
    loans["ACQUISITION_CHANNEL"] = draw.choice(["BRN", "WEB", "MAL", "TEL", "PAR"], [30, 38, 17, 7, 8])
    loans["REWARDS_PROGRAM"] = draw.choice(["N", "C", "P", "M"], [35, 33, 22, 10])
    loans["SECURED_FLAG"] = (loans["PRODUCT_CODE"] == "SECU").astype("int64")
    for name, share in (("REVOLVING_FLAG", 0.94), ("JOINT_ACCOUNT_FLAG", 0.09), ("EMPLOYEE_ACCOUNT_FLAG", 0.02),
                        ("SECURITIZED_FLAG", 0.15)):  # fmt: skip
        loans[name] = draw.flag(share)
    loans["AUTHORIZED_USERS"] = draw.choice([0, 1, 2, 3], [70, 22, 6, 2])


def _status_and_dates(loans: dict[str, Any], draw: _Draw) -> None:
    age_days = np.clip(draw.random.gamma(2.0, 1_100, draw.rows), 120, 9_800).astype("int64")
    loans["OPEN_DATE"] = opened = REPORTING_DATE - age_days
    loans["ACCOUNT_STATUS"] = status = draw.choice(["O", "F", "C", "X"], [88, 4, 5, 3])
    closed = np.isin(status, ["C", "X"])
    since_open = draw.random.random(draw.rows) * (age_days - 60)
    loans["CLOSE_DATE"] = _only(closed, opened + 30 + since_open.astype("int64"))
    loans["CLOSE_REASON"] = _only(closed, draw.choice(["CU", "BK", "FR"], [55, 35, 10]))
    loans["CYCLE_DATE"] = REPORTING_DATE - draw.whole(0, 27)
    loans["NEXT_PAYMENT_DUE_DATE"] = loans["CYCLE_DATE"] + 25
    loans["LAST_PURCHASE_DATE"] = _only(draw.flag(0.93) == 1, REPORTING_DATE - draw.whole(0, np.minimum(age_days, 420)))
    loans["SCORE_REFRESH_DATE"] = REPORTING_DATE - draw.whole(0, 92)
    loans["CARD_EXPIRY_DATE"] = REPORTING_DATE + draw.whole(30, 1_800)
    loans["LIMIT_CHANGE_DATE"] = _only(draw.flag(0.4) == 1, REPORTING_DATE - draw.whole(0, age_days))
    loans["REAGE_DATE"] = _only(draw.flag(0.03) == 1, REPORTING_DATE - draw.whole(0, np.minimum(age_days, 1_000)))
    joint = loans["JOINT_ACCOUNT_FLAG"] == 1
    loans["COBORROWER_ADDED_DATE"] = _only(joint, REPORTING_DATE - draw.whole(0, age_days))
    loans["PROMOTION_END_DATE"] = _only(draw.flag(0.18) == 1, REPORTING_DATE + draw.whole(1, 540))
    loans["RELATIONSHIP_MONTHS"] = np.minimum(age_days // 30 + draw.whole(0, 60), 600)


def _customer(loans: dict[str, Any], draw: _Draw) -> None:
    rows, random = draw.rows, draw.random
    score = 300 + 550 * random.beta(7.5, 2.7, rows)
    loans["ORIGINATION_SCORE"] = score.round().clip(300, 850)
    current = np.clip(score + random.normal(0, 22, rows), 320, 849)
    loans["CURRENT_SCORE"] = current.round()
    joint = loans["JOINT_ACCOUNT_FLAG"] == 1
    loans["COBORROWER_SCORE"] = _only(joint, np.clip(score + random.normal(0, 45, rows), 300, 850).round())
    loans["SCORE_MODEL"] = draw.choice(["FICO-08", "FICO-10", "VANT-40"], [64, 21, 15])
    loans["BEHAVIOR_SCORE"] = np.clip(current + random.normal(0, 60, rows), 1, 999)
    grade = np.digitize(current, [560, 640, 700, 760])
    loans["RISK_GRADE"] = np.array(list("EDCBA"), dtype=object)[grade]
    loans["ANNUAL_INCOME"] = (np.exp(random.normal(np.log(61_000), 0.5, rows)) / 100).round() * 100
    loans["INCOME_SOURCE"] = draw.choice([1, 2, 3, 4], [72, 13, 10, 5])
    loans["EMPLOYMENT_STATUS"] = draw.choice(["EM", "SE", "RE", "ST"], [70, 13, 11, 6])
    loans["BORROWER_AGE"] = np.clip(18 + random.gamma(4.5, 6.5, rows), 18, 98).astype("int64")
    loans["OTHER_PRODUCTS"] = draw.choice([0, 1, 2, 3, 4], [35, 34, 18, 9, 4])


def _limits(loans: dict[str, Any], draw: _Draw) -> None:
    share = draw.random.uniform(0.05, 0.3, draw.rows) * (loans["ORIGINATION_SCORE"] / 720) ** 2
    limit = np.clip((loans["ANNUAL_INCOME"] * share / 100).round() * 100, 300, 60_000).astype("int64")
    loans["ORIGINAL_CREDIT_LIMIT"] = limit * 100
    raised = np.isfinite(loans["LIMIT_CHANGE_DATE"]) * draw.choice([0, 500, 1_000, 2_500], [40, 25, 20, 15])
    loans["CREDIT_LIMIT"] = (limit + raised.astype("int64")) * 100
    loans["CASH_LIMIT"] = (loans["CREDIT_LIMIT"] * draw.choice([0.1, 0.2, 0.3])).astype("int64")


def _delinquency(loans: dict[str, Any], draw: _Draw) -> None:
    late = draw.flag(np.clip((760 - loans["CURRENT_SCORE"]) / 1_500, 0.005, 0.4)) == 1
    days = np.where(late, np.minimum(draw.random.geometric(1 / 38, draw.rows), 179), 0)
    days = np.where(loans["ACCOUNT_STATUS"] == "C", 0, days)
    loans["DAYS_PAST_DUE"] = days = np.where(loans["ACCOUNT_STATUS"] == "X", draw.whole(180, 360), days)
    loans["DELINQUENCY_BUCKET"] = np.array(BUCKETS, dtype=object)[np.digitize(days, _BUCKET_STARTS)]
    loans["CYCLES_PAST_DUE"] = -(-days // 30)
    sixty = np.where(days >= 60, 1, 0) + draw.choice([0, 1, 2], [95, 4, 1]).astype("int64")
    loans["TIMES_60_DAYS_LATE"] = sixty
    loans["TIMES_30_DAYS_LATE"] = sixty + np.where((days >= 30) & (days < 60), 1, 0) + draw.flag(0.05)
    loans["EVER_60_DAYS_LATE_FLAG"] = (sixty > 0).astype("int64")


def _balances(loans: dict[str, Any], draw: _Draw) -> None:
    rows, random = draw.rows, draw.random
    idle = ((draw.flag(0.12) == 1) | (loans["ACCOUNT_STATUS"] == "C")) & (loans["DAYS_PAST_DUE"] == 0)
    use = np.where(idle, 0.0, np.clip(random.beta(0.8, 1.9, rows), 0.02, 0.99))
    balance = (loans["CREDIT_LIMIT"] * use).astype("int64")
    loans["CYCLE_BALANCE"] = balance
    loans["CASH_BALANCE"] = (balance * random.uniform(0, 0.2, rows) * draw.flag(0.25)).astype("int64")
    promoted = np.isfinite(loans["PROMOTION_END_DATE"])
    loans["PROMOTIONAL_BALANCE"] = (balance * random.uniform(0, 0.5, rows) * promoted).astype("int64")
    loans["OTHER_BALANCE"] = (balance * random.uniform(0, 0.05, rows) * draw.flag(0.3)).astype("int64")
    rest = loans["CASH_BALANCE"] + loans["PROMOTIONAL_BALANCE"] + loans["OTHER_BALANCE"]
    loans["PURCHASE_BALANCE"] = balance - rest
    loans["AVAILABLE_CREDIT"] = loans["CREDIT_LIMIT"] - balance
    loans["UTILIZATION_RATE"] = 100 * balance / loans["CREDIT_LIMIT"]
    for name, low, high in (("MONTH_END_BALANCE", 0.8, 1.1), ("AVERAGE_DAILY_BALANCE", 0.7, 1.05),
                            ("PRIOR_CYCLE_BALANCE", 0.6, 1.2)):  # fmt: skip
        loans[name] = (balance * random.uniform(low, high, rows)).astype("int64")
    loans["HIGHEST_BALANCE"] = (balance * random.uniform(1.2, 1.9, rows)).astype("int64") + draw.cents(150, 0.8)


def _rates(loans: dict[str, Any], draw: _Draw) -> None:
    risk = (850 - loans["CURRENT_SCORE"]) / 550
    purchase = np.clip(11 + 16 * risk + draw.random.normal(0, 2.2, draw.rows), 6.99, 31.99).round(3)
    variable = draw.flag(0.8) == 1
    index = draw.choice([7.5, 5.33], [85, 15]).astype("float64")
    loans["PURCHASE_APR"] = purchase
    loans["CASH_APR"] = np.minimum(purchase + 3.0, 33.99)
    loans["PENALTY_APR"] = np.minimum(purchase + 5.0, 34.99)
    promoted = np.isfinite(loans["PROMOTION_END_DATE"])
    loans["PROMOTIONAL_APR"] = _only(promoted, draw.choice([0.0, 1.99, 3.99], [70, 20, 10]).astype("float64"))
    loans["RATE_TYPE"] = np.where(variable, "V", "F").astype(object)
    loans["RATE_INDEX"] = _only(variable, np.where(index == 7.5, "PRIME", "SOFR").astype(object))
    loans["INDEX_RATE"] = _only(variable, index)
    loans["RATE_MARGIN"] = _only(variable, purchase - index)


def _activity(loans: dict[str, Any], draw: _Draw) -> None:
    active = loans["CYCLE_BALANCE"] > 0
    bought = draw.cents(420, 1.0) * active
    loans["PURCHASE_AMOUNT"] = bought
    loans["PURCHASE_COUNT"] = np.where(active, 1 + draw.random.poisson(7, draw.rows), 0)
    loans["RETURN_AMOUNT"] = (bought * draw.random.uniform(0, 0.4, draw.rows) * draw.flag(0.08)).astype("int64")
    loans["CASH_ADVANCE_AMOUNT"] = draw.cents(180, 0.6, 0.06)
    loans["BALANCE_TRANSFER_AMOUNT"] = draw.cents(1_500, 0.6, 0.03)
    loans["CONVENIENCE_CHECK_AMOUNT"] = draw.cents(400, 0.6, 0.02)
    rewarded = loans["REWARDS_PROGRAM"] != "N"
    loans["REWARDS_EARNED"] = (bought * 0.015 * rewarded).astype("int64")
    loans["REWARDS_BALANCE"] = loans["REWARDS_EARNED"] + draw.cents(60, 0.9) * rewarded


def _payments(loans: dict[str, Any], draw: _Draw) -> None:
    balance, late = loans["CYCLE_BALANCE"], loans["DAYS_PAST_DUE"] > 0
    loans["INTEREST_CHARGED"] = interest = (loans["AVERAGE_DAILY_BALANCE"] * loans["PURCHASE_APR"] / 1_200).astype(
        "int64"
    )
    loans["MINIMUM_PAYMENT"] = minimum = np.minimum(balance, np.maximum(2_500, balance // 100 + interest))
    loans["PAST_DUE_AMOUNT"] = np.minimum(minimum * loans["CYCLES_PAST_DUE"], balance)
    loans["TOTAL_PAYMENT_DUE"] = minimum + loans["PAST_DUE_AMOUNT"]
    pays = ~late & (loans["PRIOR_CYCLE_BALANCE"] > 0)
    paid_share = draw.choice([0.0, 0.1, 0.35, 1.0], [35, 20, 15, 30]).astype("float64")
    paid = np.maximum(minimum, (loans["PRIOR_CYCLE_BALANCE"] * paid_share).astype("int64"))
    loans["PAYMENT_RECEIVED"] = np.where(pays, paid, 0)
    loans["PAYMENT_COUNT"] = np.where(pays, draw.choice([1, 2, 3], [88, 9, 3]), 0)
    loans["PAYMENT_CHANNEL"] = _only(pays, draw.choice(["ACH", "WEB", "CHK", "BRN"], [45, 38, 11, 6]))
    loans["AUTOPAY_FLAG"] = draw.flag(0.36)
    since = np.where(pays, draw.whole(0, 30), loans["DAYS_PAST_DUE"] + 30)
    paid_on = loans["CYCLE_DATE"] - since
    loans["LAST_PAYMENT_DATE"] = _only((pays | late) & (paid_on > loans["OPEN_DATE"]), paid_on)


def _fees(loans: dict[str, Any], draw: _Draw) -> None:
    annual = {"STND": 0, "GOLD": 4_900, "PLAT": 19_500, "STUD": 0, "SECU": 2_900}
    charged = draw.flag(0.085)
    loans["ANNUAL_FEE"] = np.array([annual[code] for code in loans["PRODUCT_CODE"]]) * charged
    loans["LATE_FEE"] = np.where(loans["DAYS_PAST_DUE"] > 0, draw.choice([2_900, 4_000], [60, 40]).astype("int64"), 0)
    loans["OVERLIMIT_FEE"] = draw.flag(0.01) * 3_500
    loans["CASH_ADVANCE_FEE"] = np.where(
        loans["CASH_ADVANCE_AMOUNT"] > 0, np.maximum(1_000, loans["CASH_ADVANCE_AMOUNT"] // 20), 0
    )
    loans["TRANSFER_FEE"] = loans["BALANCE_TRANSFER_AMOUNT"] * 3 // 100
    loans["FOREIGN_USE_FEE"] = draw.cents(6, 0.7, 0.07)
    loans["RETURNED_PAYMENT_FEE"] = draw.flag(0.012) * 3_500
    loans["TOTAL_FEES"] = sum(
        loans[name]
        for name in ("ANNUAL_FEE", "LATE_FEE", "OVERLIMIT_FEE", "CASH_ADVANCE_FEE", "TRANSFER_FEE", "FOREIGN_USE_FEE",
                     "RETURNED_PAYMENT_FEE")
    )  # fmt: skip


def _losses(loans: dict[str, Any], draw: _Draw) -> None:
    lost = loans["ACCOUNT_STATUS"] == "X"
    loans["CHARGE_OFF_DATE"] = _only(lost, loans["CLOSE_DATE"])
    loans["CHARGE_OFF_AMOUNT"] = np.where(lost, loans["CYCLE_BALANCE"], 0)
    loans["CHARGE_OFF_PRINCIPAL"] = (loans["CHARGE_OFF_AMOUNT"] * draw.random.uniform(0.8, 0.97, draw.rows)).astype(
        "int64"
    )
    loans["RECOVERY_AMOUNT"] = (loans["CHARGE_OFF_AMOUNT"] * draw.random.beta(1, 6, draw.rows)).astype("int64")
    loans["CHARGE_OFF_REASON"] = _only(lost, draw.choice([1, 2, 3, 4], [66, 20, 9, 5]))
    bankrupt = (loans["CHARGE_OFF_REASON"] == 2) | (draw.flag(0.006) == 1)
    loans["BANKRUPTCY_FLAG"] = bankrupt.astype("int64")
    loans["BANKRUPTCY_CHAPTER"] = _only(bankrupt, draw.choice([7, 13], [70, 30]))
    age_days = (REPORTING_DATE - loans["OPEN_DATE"]).astype("int64")
    loans["BANKRUPTCY_DATE"] = _only(bankrupt, REPORTING_DATE - draw.whole(0, np.minimum(age_days, 700)))
    for name, share in (("FRAUD_FLAG", 0.008), ("DECEASED_FLAG", 0.006), ("HARDSHIP_FLAG", 0.02),
                        ("WORKOUT_FLAG", 0.012), ("FORBEARANCE_FLAG", 0.009),
                        ("DEBT_MANAGEMENT_FLAG", 0.011)):  # fmt: skip
        loans[name] = draw.flag(share)
    remarks = zip(draw.choice(_REMARKS), draw.whole(2, 900), strict=True)
    written = np.array([remark.format(number) for remark, number in remarks], dtype=object)
    loans["COLLECTOR_REMARK"] = _only(loans["DAYS_PAST_DUE"] >= 30, written)


def _risk(loans: dict[str, Any], draw: _Draw) -> None:
    odds = (640 - loans["CURRENT_SCORE"]) / 55 + loans["DAYS_PAST_DUE"] / 40 - 1.5
    loans["PROBABILITY_OF_DEFAULT"] = np.clip(1 / (1 + np.exp(-odds)), 0.0003, 0.9999).round(5)
    loans["LOSS_GIVEN_DEFAULT"] = np.clip(draw.random.normal(0.78, 0.07, draw.rows), 0.4, 1).round(5)
    unused = loans["AVAILABLE_CREDIT"] * draw.random.uniform(0.2, 0.5, draw.rows)
    loans["EXPOSURE_AT_DEFAULT"] = (loans["CYCLE_BALANCE"] + unused).astype("int64")
    loss = loans["PROBABILITY_OF_DEFAULT"] * loans["LOSS_GIVEN_DEFAULT"] * loans["EXPOSURE_AT_DEFAULT"]
    loans["EXPECTED_LOSS"] = loss.round()
