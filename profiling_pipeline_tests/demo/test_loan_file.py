from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from profiling_pipeline.demo.clean_loans import STATES, clean_loans
from profiling_pipeline.demo.hand_rules import HAND_RULES
from profiling_pipeline.demo.loan_file import LOAN_COLUMNS, make_loans, write_loans
from profiling_pipeline.demo.planted_errors import KindFound, PlantedError, found_by_kind
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.generation.suggester import suggest_rules
from profiling_pipeline.generation.vetting import vet_rules
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.sources.declared_types import declared_format
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.matching import match_columns
from profiling_pipeline.sources.opening import open_source

SMALL = 3_000


@pytest.fixture(scope="module")
def made() -> tuple[pd.DataFrame, list[PlantedError]]:
    return make_loans()


@pytest.fixture(scope="module")
def clean() -> pd.DataFrame:
    return clean_loans(SMALL, seed=5)


# the columns


def test_the_file_has_over_a_hundred_declared_columns() -> None:
    names = [column.technical_name for column in LOAN_COLUMNS]
    assert len(set(names)) == len(names) > 100
    assert all(name == name.upper() and len(name) <= 63 for name in names)
    assert [column.technical_name for column in LOAN_COLUMNS if column.is_primary_key] == ["ACCOUNT_REFERENCE"]
    assert all(declared_format(column.data_type, column.format_code) for column in LOAN_COLUMNS)
    assert {column.mandatory for column in LOAN_COLUMNS} == {"Mandatory", "Conditional", "Optional"}


def test_columns_are_planned_as_attributes() -> None:
    [key] = [column.attribute(3) for column in LOAN_COLUMNS if column.is_primary_key]
    assert (key.attribute_id, key.name, key.primary_key_order, key.is_shown) == (3, "Account Reference", 1, False)


# the rows


def test_the_same_seed_makes_the_same_file(tmp_path: Path) -> None:
    first, planted = make_loans(500, seed=3)
    again, planted_again = make_loans(500, seed=3)
    other, _ = make_loans(500, seed=4)
    assert planted == planted_again
    assert first.equals(again)
    assert not first.equals(other)
    write_loans(first, tmp_path / "first.csv")
    write_loans(again, tmp_path / "again.csv")
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()


def test_the_written_file_has_the_same_texts(tmp_path: Path) -> None:
    loans, _ = make_loans(500)
    write_loans(loans, tmp_path / "loans.csv")
    read = pd.read_csv(tmp_path / "loans.csv", dtype=object, keep_default_na=False, na_values=[""])
    assert list(read.columns) == [column.technical_name for column in LOAN_COLUMNS]
    assert read.fillna("").equals(loans.astype(object).fillna(""))


def test_texts_are_written_as_declared(made: tuple[pd.DataFrame, list[PlantedError]]) -> None:
    loans, planted = made
    wrong = {error.column: [row - 1 for row in error.rows] for error in planted}
    for column in LOAN_COLUMNS:
        right = loans[column.technical_name].drop(index=wrong.get(column.technical_name, [])).dropna()
        if column.data_type == "Date":
            assert right.str.fullmatch(r"[12]\d{3}[01]\d[0-3]\d").all(), column.name
        elif column.data_type != "String":
            digits, _, decimals = column.format_code[1:].partition(".")
            point = rf"\.\d{{{decimals}}}" if decimals else ""
            assert right.str.fullmatch(rf"-?\d{{1,{digits}}}{point}").all(), column.name
        else:
            assert right.str.len().max() <= int(column.format_code[1:]), column.name
        if column.mandatory == "Mandatory":
            assert len(right) == len(loans) - len(wrong.get(column.technical_name, [])), column.name


def test_clean_rows_agree_with_themselves(clean: pd.DataFrame) -> None:
    def cents(*names: str) -> pd.Series:
        return sum((clean[name] * 100).round() for name in names)  # type: ignore[return-value]

    assert (cents("AVAILABLE_CREDIT") == cents("CREDIT_LIMIT") - cents("CYCLE_BALANCE")).all()
    assert (cents(*_PARTS) == cents("CYCLE_BALANCE")).all()
    assert (clean["MINIMUM_PAYMENT"] <= clean["CYCLE_BALANCE"]).all()
    assert (cents("TOTAL_PAYMENT_DUE") == cents("MINIMUM_PAYMENT", "PAST_DUE_AMOUNT")).all()
    assert clean["CURRENT_SCORE"].between(300, 850).all()
    assert (clean[["PURCHASE_APR", "CASH_APR", "PENALTY_APR"]] <= 36).all(axis=None)
    assert clean["STATE_CODE"].isin(STATES).all()
    assert clean["ACCOUNT_REFERENCE"].is_unique
    assert (clean["CLOSE_DATE"].isna() | (clean["CLOSE_DATE"] > clean["OPEN_DATE"])).all()
    assert (clean["CHARGE_OFF_DATE"].notna() == (clean["CHARGE_OFF_AMOUNT"] > 0)).all()
    past = [name for name in clean.select_dtypes("datetime") if name not in _AHEAD]
    assert (clean[past].max() <= pd.Timestamp("2025-06-30")).all()
    assert (clean["DAYS_PAST_DUE"].map(_bucket) == clean["DELINQUENCY_BUCKET"]).all()


_AHEAD = {"NEXT_PAYMENT_DUE_DATE", "CARD_EXPIRY_DATE", "PROMOTION_END_DATE"}


# the planted errors


def test_each_kind_is_planted_in_rows_of_its_own(made: tuple[pd.DataFrame, list[PlantedError]]) -> None:
    loans, planted = made
    assert len({error.kind for error in planted}) == len(planted) >= 14
    rows = Counter(row for error in planted for row in error.rows)
    assert set(rows.values()) == {1}
    assert min(rows) >= 1
    assert max(rows) <= len(loans) == 20_000
    assert all(5 <= len(error.rows) <= 40 and error.explanation for error in planted)


def test_a_small_file_has_fewer_errors() -> None:
    _, planted = make_loans(SMALL)
    assert all(1 <= len(error.rows) <= 5 for error in planted)
    _, few = make_loans(30)
    assert max(row for error in few for row in error.rows) <= 30


_PARTS = ("PURCHASE_BALANCE", "CASH_BALANCE", "PROMOTIONAL_BALANCE", "OTHER_BALANCE")


def _bucket(days: int) -> str:
    ends = {0: "CURRENT", 29: "1-29", 59: "30-59", 89: "60-89", 119: "90-119", 9999: "120+"}
    return next(bucket for end, bucket in ends.items() if days <= end)


_IS_WRONG: dict[str, Any] = {
    "missing key": lambda row: row["ACCOUNT_REFERENCE"] is None,
    "blank mandatory value": lambda row: row["ANNUAL_INCOME"] is None,
    "white space for a value": lambda row: not row["BRANCH_CODE"].strip(),
    "score out of range": lambda row: not 300 <= int(row["CURRENT_SCORE"]) <= 850,
    "negative limit": lambda row: float(row["CREDIT_LIMIT"]) < 0,
    "minimum payment above balance": lambda row: float(row["MINIMUM_PAYMENT"]) > float(row["CYCLE_BALANCE"]),
    "APR above 36": lambda row: float(row["PURCHASE_APR"]) > 36,
    "unknown state": lambda row: row["STATE_CODE"] not in STATES,
    "malformed date": lambda row: pd.isna(pd.to_datetime(row["OPEN_DATE"], format="%Y%m%d", errors="coerce")),
    "date in the future": lambda row: row["LAST_PAYMENT_DATE"] > "20900101",
    "closed before opened": lambda row: row["CLOSE_DATE"] < row["OPEN_DATE"],
    "text too long": lambda row: len(row["CUSTOMER_REFERENCE"]) > 12,
    "too many decimals": lambda row: len(row["PAYMENT_RECEIVED"].partition(".")[2]) > 2,
    "not a number": lambda row: row["ORIGINAL_CREDIT_LIMIT"].isalpha() or row["ORIGINAL_CREDIT_LIMIT"] == "N/A",
    "lower-case code": lambda row: row["NETWORK_CODE"].islower(),
    "unknown code": lambda row: row["PRODUCT_CODE"] in {"UNKN", "TEST", "????"},
    "malformed postal code": lambda row: not (len(row["POSTAL_CODE"]) == 5 and row["POSTAL_CODE"].isdigit()),
    "available credit does not add up": lambda row: (
        float(row["AVAILABLE_CREDIT"]) > float(row["CREDIT_LIMIT"]) - float(row["CYCLE_BALANCE"]) + 1
    ),
    "balance parts do not add up": lambda row: (
        sum(float(row[name]) for name in _PARTS) > float(row["CYCLE_BALANCE"]) + 1
    ),
    "bucket contradicts days past due": lambda row: row["DELINQUENCY_BUCKET"] != _bucket(int(row["DAYS_PAST_DUE"])),
    "charge-off without a date": lambda row: row["CHARGE_OFF_DATE"] is None and row["CHARGE_OFF_AMOUNT"] != "0.00",
}


def test_planted_rows_are_wrong(made: tuple[pd.DataFrame, list[PlantedError]]) -> None:
    loans, planted = made
    loans = loans.astype(object).where(loans.notna(), None)
    for error in planted:
        rows = loans.iloc[[row - 1 for row in error.rows]]
        if error.kind == "duplicate key":
            assert rows["ACCOUNT_REFERENCE"].value_counts().eq(2).all()
        else:
            assert all(_IS_WRONG[error.kind](row) for row in rows.to_dict("records")), error.kind


# the tally


def test_found_rows_are_tallied_by_kind() -> None:
    planted = [PlantedError("gone", "A", (1, 2, 3), "?"), PlantedError("odd", "B", (7,), "?")]
    failing = {"few": {3}, "more": [1, 2, 9], "none": set[int]()}
    assert found_by_kind(planted, failing) == [
        KindFound("gone", "A", planted=3, found=3, rules=("more", "few")),
        KindFound("odd", "B", planted=1, found=0, rules=()),
    ]
    assert [kind.found for kind in found_by_kind(planted, {})] == [0, 0]


def test_hand_rules_are_valid_and_belong_to_columns() -> None:
    names = {column.name for column in LOAN_COLUMNS}
    for rule in HAND_RULES:
        validate_rule(rule)
        assert rule.attribute in names


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[PlantedError], dict[str, set[int]]]:
    """The planted errors of a file, and the rows that fail the suggested and the hand-written rules."""
    folder = tmp_path_factory.mktemp("loans")
    loans, planted = make_loans(8_000, seed=77)
    write_loans(loans, folder / "loans.csv")
    attributes = [column.attribute(number) for number, column in enumerate(LOAN_COLUMNS, start=1)]
    columns = {column.name: column.technical_name for column in LOAN_COLUMNS}
    formats = {c.technical_name: declared_format(c.data_type, c.format_code) for c in LOAN_COLUMNS}
    with open_source(
        FileLocation(folder / "loans.csv"),
        formats=formats,  # type: ignore[arg-type]
        allowed_folders=None,
        memory_limit="1GB",
        spill_folder=folder,
    ) as source:
        rules = suggest_rules(profile_source(source), attributes, match_columns(attributes, source.columns))
        by_hand = [replace(rule, column=columns[rule.attribute]) for rule in HAND_RULES]
        vetted = vet_rules([*rules, *by_hand], source)
        assert not vetted.dropped
        outcomes = execute_rules(vetted.kept, source, sample_rows=8_000).outcomes
    assert not [outcome.error for outcome in outcomes if outcome.error]
    assert 200 < len(outcomes) < 3 * len(LOAN_COLUMNS)
    return planted, {outcome.rule.name: {int(row["row"]) for row in outcome.failed_rows} for outcome in outcomes}


def test_suggested_and_hand_rules_find_every_kind(failing: tuple[list[PlantedError], dict[str, set[int]]]) -> None:
    planted, failed = failing
    missed = {
        kind.kind: kind.planted - kind.found for kind in found_by_kind(planted, failed) if kind.found < kind.planted
    }
    assert not missed


def test_clean_rows_hardly_fail(failing: tuple[list[PlantedError], dict[str, set[int]]]) -> None:
    planted, failed = failing
    wrong = {row for error in planted for row in error.rows}
    alarms = {rule: len(rows - wrong) for rule, rows in failed.items() if rows - wrong}
    assert sum(alarms.values()) <= 4, alarms
