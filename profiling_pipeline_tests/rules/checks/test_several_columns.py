"""Checks of several columns against plain Python, on random rows in both engines."""

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.rules.pandera_checks import pandera_check
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.rules.engines import Conditions, Engines, Row, examples
from profiling_pipeline_tests.rules.groups import GroupCase, GroupQueries

Oracle = Callable[[Row], bool | None]


def if_present(*columns: str) -> Callable[[Callable[..., bool | None]], Oracle]:
    """Turn a function of values into one of rows that says null where one of the values is."""

    def turned(holds: Callable[..., bool | None]) -> Oracle:
        def of_row(row: Row) -> bool | None:
            values = [row[column] for column in columns]
            return None if None in values else holds(*values)

        return of_row

    return turned


def expression_outcome(row: Row) -> bool | None:
    if row["i"] is None:
        return True
    return None if row["j"] is None else row["i"] > row["j"]


def implied(row: Row) -> bool | None:
    when = None if row["s"] is None else row["s"] == "a"
    then = None if row["u"] is None else row["u"] == "b"
    if when is False or then is True:
        return True
    return None if when is None or then is None else False


def required(row: Row) -> bool | None:
    return None if row["j"] is None or row["j"] <= 0 else row["s"] is not None


CASES: list[tuple[str, str, dict[str, Any], Oracle]] = [
    ("column_ge", "i", {"other": "J"}, if_present("i", "j")(lambda i, j: i >= j)),
    ("column_ge", "n", {"other": "f"}, if_present("n", "f")(lambda n, f: float(n) >= f)),
    ("column_ge", "s", {"other": "u"}, if_present("s", "u")(lambda s, u: s >= u)),
    ("column_gt", "n", {"other": "i"}, if_present("n", "i")(lambda n, i: n > i)),
    ("column_gt", "t", {"other": "d"}, if_present("t", "d")(lambda t, d: t > datetime(d.year, d.month, d.day))),
    ("column_eq", "s", {"other": "u"}, if_present("s", "u")(lambda s, u: s == u)),
    ("column_eq", "d", {"other": "e"}, if_present("d", "e")(lambda d, e: d == e)),
    ("date_order", "d", {"later": "e"}, if_present("d", "e")(lambda d, e: d <= e)),
    ("date_order", "d", {"later": "t"}, if_present("d", "t")(lambda d, t: d <= t.date())),
    ("sum_equals", "i", {"parts": ["j", "n"]}, if_present("i", "j", "n")(lambda i, j, n: i == j + n)),
    (
        "sum_equals",
        "n",
        {"parts": ["j", "j"], "tolerance": 0.5},
        if_present("n", "j")(lambda n, j: abs(n - 2 * j) <= Decimal("0.5")),
    ),
    ("sum_equals", "f", {"parts": ["f"]}, if_present("f")(lambda f: True if math.isfinite(f) else None)),
    ("expression", "i", {"predicate": "n > 0"}, if_present("n")(lambda n: n > 0)),
    ("expression", "i", {"predicate": "i IS NULL OR i > j"}, expression_outcome),
    ("implies", "s", {"when": "s = 'a'", "then": "u = 'b'"}, implied),
    ("required_when", "s", {"when": "j > 0"}, required),
]


few = st.integers(-2, 2)
ROWS = st.lists(
    st.fixed_dictionaries({
        "i": st.none() | few | st.sampled_from([2**63 - 1, -(2**63)]),
        "j": st.none() | few,
        "n": st.none() | st.sampled_from([Decimal("0.00"), Decimal("1.50"), Decimal("-2.00"), Decimal("2.50")]),
        "f": st.none() | st.sampled_from([0.0, 1.5, math.inf, -2.0, 0.1]),
        "s": st.none() | st.sampled_from(["a", "b", "", "É"]),
        "u": st.none() | st.sampled_from(["a", "b", "B", "z"]),
        "d": st.none() | st.sampled_from([date(2024, 1, 1), date(2024, 2, 29)]),
        "e": st.none() | st.sampled_from([date(2024, 1, 1), date(2024, 2, 29)]),
        "t": st.none() | st.sampled_from([datetime(2024, 1, 1), datetime(2024, 1, 1, 12)]),
    }),
    max_size=25,
)  # fmt: skip


def outcomes_of(engines: Engines, engine: str) -> Conditions:
    table = engines.tables[engine]
    outcomes = []
    for check, column, parameters, _ in CASES:
        rule = Rule(check, column, check, parameters)
        outcomes.append(pandera_check(rule, table)(table, rule.column).check_output)
    return Conditions(engines, engine, outcomes)


@pytest.fixture(scope="module")
def conditions(engines: Engines) -> dict[str, Conditions]:
    return {engine: outcomes_of(engines, engine) for engine in engines.tables}


@given(rows=ROWS)
@examples
def test_row_checks_of_several_columns(
    engines: Engines, conditions: dict[str, Conditions], rows: Sequence[Row]
) -> None:
    engines.fill(rows)

    for engine, asked in conditions.items():
        for (check, column, parameters, oracle), found in zip(CASES, asked.answers(), strict=True):
            assert found == [oracle(row) for row in rows], f"{engine}: {check} on {column} {parameters}"


def failing_duplicates(rows: Sequence[Row], columns: list[str]) -> tuple[int, list[int]]:
    keys = [tuple(row[column] for column in columns) for row in rows]
    present = [key for key in keys if None not in key]
    return len(present), [number for number, key in enumerate(keys) if None not in key and present.count(key) > 1]


def failing_dependency(rows: Sequence[Row], determinants: list[str], majority: bool) -> tuple[int, list[int]]:
    present = {
        number: (tuple(row[column] for column in determinants), row["u"])
        for number, row in enumerate(rows)
        if None not in [row["u"], *(row[column] for column in determinants)]
    }
    failing = []
    for number, (key, dependent) in present.items():
        group = [other for other_key, other in present.values() if other_key == key]
        usual = min(set(group), key=lambda value: (-group.count(value), value))
        if dependent != usual if majority else len(set(group)) > 1:
            failing.append(number)
    return len(present), failing


def failing_determined(rows: Sequence[Row], determinants: list[str], dependent: str) -> tuple[int, list[int]]:
    present = {
        number: (tuple(row[column] for column in determinants), row[dependent])
        for number, row in enumerate(rows)
        if None not in [row[dependent], *(row[column] for column in determinants)]
    }
    tested, failing = 0, []
    for number, (key, value) in present.items():
        group = [other for other_key, other in present.values() if other_key == key]
        most = max(group.count(each) for each in group)
        usual = {each for each in group if group.count(each) == most}
        tested += len(usual) == 1
        if len(usual) == 1 and value not in usual:
            failing.append(number)
    return tested, failing


GROUP_CASES = [
    GroupCase("unique", "i", {}, lambda rows: failing_duplicates(rows, ["i"])),
    GroupCase("unique", "s", {"with": ["J", "d"]}, lambda rows: failing_duplicates(rows, ["s", "j", "d"])),
    GroupCase("functional_dependency", "j", {"determines": "u"}, lambda rows: failing_dependency(rows, ["j"], True)),
    GroupCase(
        "functional_dependency",
        "j",
        {"determines": "u", "also": ["d"], "majority": False},
        lambda rows: failing_dependency(rows, ["j", "d"], False),
    ),
    GroupCase("determined_by", "u", {"columns": ["j"]}, lambda rows: failing_determined(rows, ["j"], "u")),
    GroupCase("determined_by", "u", {"columns": ["J", "d"]}, lambda rows: failing_determined(rows, ["j", "d"], "u")),
]


@pytest.fixture(scope="module")
def group_queries(engines: Engines) -> GroupQueries:
    return GroupQueries(engines, GROUP_CASES)


@given(rows=ROWS)
@examples
def test_group_checks(group_queries: GroupQueries, rows: Sequence[Row]) -> None:
    group_queries.require_agreement(rows)
