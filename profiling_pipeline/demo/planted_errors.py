"""Errors of known kinds put into known rows of the loan file, and the tally of which of them rules found."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from profiling_pipeline.demo.clean_loans import BUCKETS

_FULL_SIZE = 20_000  # rows of a file that has every error as often as its kind says

Row = Mapping[Hashable, str]


@dataclass(frozen=True)
class PlantedError:
    """One kind of error and the rows of the file, counted from 1, that have it."""

    kind: str
    column: str
    rows: tuple[int, ...]
    explanation: str


@dataclass(frozen=True)
class KindFound:
    """How many rows of a planted kind failed some rule; `rules` caught at least one of them, best first."""

    kind: str
    column: str
    planted: int
    found: int
    rules: tuple[str, ...]


@dataclass(frozen=True)
class _Kind:
    """How to spoil `column` in `count` rows; `change` may look at the whole row and draws what it leaves to chance."""

    kind: str
    column: str
    count: int
    explanation: str
    change: Callable[[Row, np.random.Generator], str | None]
    where: Callable[[pd.DataFrame], "pd.Series[bool]"] | None = None


def plant_errors(loans: pd.DataFrame, seed: int) -> list[PlantedError]:
    """Spoil rows of `loans` in place, no row twice; a small file gets proportionally fewer errors."""
    random = np.random.default_rng([seed, 1])
    free = np.ones(len(loans), dtype=bool)
    planted = [_plant_duplicate_keys(loans, free, random)]
    for kind in _KINDS:
        eligible = loans[kind.column].notna() if kind.where is None else kind.where(loans)
        rows = _take(free, eligible.to_numpy(dtype=bool), kind.count, random)
        spoiled = [kind.change(row, random) for row in loans.iloc[rows].to_dict("records")]
        loans.loc[rows, kind.column] = pd.Series(spoiled, index=rows, dtype=object)
        planted.append(PlantedError(kind.kind, kind.column, tuple(int(row) + 1 for row in rows), kind.explanation))
    return [error for error in planted if error.rows]


def found_by_kind(planted: Sequence[PlantedError], failing_rows: Mapping[str, Collection[int]]) -> list[KindFound]:
    """Tally, kind by kind, the planted rows that failed some rule; `failing_rows` are row numbers by rule name."""
    tally = []
    for error in planted:
        rows = set(error.rows)
        hits = {rule: rows & set(failed) for rule, failed in failing_rows.items()}
        rules = sorted((rule for rule in hits if hits[rule]), key=lambda rule: (-len(hits[rule]), rule))
        found = set().union(*hits.values()) if hits else set()
        tally.append(KindFound(error.kind, error.column, len(rows), len(found), tuple(rules)))
    return tally


def _take(free: np.ndarray, eligible: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Return sorted positions of rows to spoil, which are free no longer."""
    candidates = np.flatnonzero(free & eligible)
    wanted = max(2, count * min(len(free), _FULL_SIZE) // _FULL_SIZE)
    rows = np.sort(random.choice(candidates, min(wanted, len(candidates)), replace=False))
    free[rows] = False
    return rows


def _plant_duplicate_keys(loans: pd.DataFrame, free: np.ndarray, random: np.random.Generator) -> PlantedError:
    """Give every second of the taken rows the key of the first: both rows of a duplicated key are in error."""
    column = "ACCOUNT_REFERENCE"
    rows = _take(free, np.ones(len(loans), dtype=bool), 24, random)
    rows = rows[: len(rows) // 2 * 2]
    loans.loc[rows[1::2], column] = loans.loc[rows[::2], column].to_numpy()
    return PlantedError(
        "duplicate key", column, tuple(int(row) + 1 for row in rows), "Two rows have the same account reference."
    )


def _one_of(*texts: str | None) -> Callable[[Row, np.random.Generator], str | None]:
    return lambda row, random: texts[random.integers(len(texts))]


def _above(column: str) -> Callable[[Row, np.random.Generator], str]:
    return lambda row, random: str(Decimal(row[column]) + Decimal(int(random.integers(500, 90_000))) / 100)


def _other_bucket(row: Row, random: np.random.Generator) -> str:
    others = [bucket for bucket in BUCKETS if bucket != row["DELINQUENCY_BUCKET"]]
    return others[random.integers(len(others))]


def _before_open(row: Row, random: np.random.Generator) -> str:
    opened = pd.Timestamp(row["OPEN_DATE"])
    return (opened - pd.Timedelta(days=int(random.integers(5, 900)))).strftime("%Y%m%d")


_KINDS: tuple[_Kind, ...] = (
    _Kind("missing key", "ACCOUNT_REFERENCE", 8, "The account reference is empty.", _one_of(None)),
    _Kind("blank mandatory value", "ANNUAL_INCOME", 20, "A mandatory value is empty.", _one_of(None)),
    _Kind(
        "white space for a value", "BRANCH_CODE", 9, "A mandatory text is white space only.", _one_of(" ", "   ")
    ),
    _Kind(
        "score out of range", "CURRENT_SCORE", 15, "The score is outside 300 to 850.", _one_of("0", "1", "45", "999")
    ),
    _Kind(
        "negative limit", "CREDIT_LIMIT", 12, "The credit limit is below zero.",
        lambda row, _: f"-{row['CREDIT_LIMIT']}",
    ),
    _Kind(
        "minimum payment above balance", "MINIMUM_PAYMENT", 18, "The minimum payment is more than what is owed.",
        _above("CYCLE_BALANCE"),
    ),
    _Kind(
        "APR above 36", "PURCHASE_APR", 14, "The yearly rate is above 36 percent.",
        lambda row, random: f"{random.uniform(45, 99):.3f}",
    ),
    _Kind("unknown state", "STATE_CODE", 16, "No state has this code.", _one_of("ZZ", "XX", "QQ", "9A", "UK")),
    _Kind(
        "malformed date", "OPEN_DATE", 17, "The date is not a day written YYYYMMDD.",
        _one_of("2019-03-15", "31122021", "20230230", "20221301", "unknown"),
    ),
    _Kind(
        "date in the future", "LAST_PAYMENT_DATE", 10, "The payment has not happened yet.",
        _one_of("20991231", "20950101", "20990630"),
    ),
    _Kind(
        "closed before opened", "CLOSE_DATE", 11, "The account was closed before it was opened.", _before_open
    ),
    _Kind(
        "text too long", "CUSTOMER_REFERENCE", 9, "The text is longer than its column allows.",
        lambda row, _: f"{row['CUSTOMER_REFERENCE']}-DUPLICATE",
    ),
    _Kind(
        "too many decimals", "PAYMENT_RECEIVED", 13, "The amount has more than two decimals.",
        lambda row, random: f"{row['PAYMENT_RECEIVED']}{random.integers(101, 999)}",
    ),
    _Kind(
        "not a number", "ORIGINAL_CREDIT_LIMIT", 7, "The amount is a word.", _one_of("N/A", "none", "tbd")
    ),
    _Kind(
        "lower-case code", "NETWORK_CODE", 14, "The code is written in lower case.",
        lambda row, _: row["NETWORK_CODE"].lower(),
    ),
    _Kind("unknown code", "PRODUCT_CODE", 9, "No product has this code.", _one_of("UNKN", "TEST", "????")),
    _Kind(
        "malformed postal code", "POSTAL_CODE", 15, "The postal code is not five digits.",
        lambda row, random: (row["POSTAL_CODE"][:4], f"{row['POSTAL_CODE'][:2]}O{row['POSTAL_CODE'][3:]}")[
            random.integers(2)
        ],
    ),
    _Kind(
        "available credit does not add up", "AVAILABLE_CREDIT", 16, "It is not the limit less the balance.",
        _above("AVAILABLE_CREDIT"),
    ),
    _Kind(
        "balance parts do not add up", "PURCHASE_BALANCE", 12, "The parts are not the cycle balance.",
        _above("PURCHASE_BALANCE"),
    ),
    _Kind(
        "bucket contradicts days past due", "DELINQUENCY_BUCKET", 18, "The bucket is not that of the days past due.",
        _other_bucket,
    ),
    _Kind(
        "charge-off without a date", "CHARGE_OFF_DATE", 10, "A balance was written off, but no date says when.",
        _one_of(None), lambda loans: loans["CHARGE_OFF_AMOUNT"].ne("0.00"),
    ),
)  # fmt: skip
