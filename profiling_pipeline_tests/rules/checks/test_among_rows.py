"""Checks of a value among those of other rows (outliers, sequences) against plain Python, on every engine."""

import math
import statistics
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.binding import bind_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.rules.engines import COLUMNS, Engines, Row, examples
from profiling_pipeline_tests.rules.groups import GroupCase, GroupQueries, judged_one_by_one

Outcomes = Callable[[Sequence[Row]], list[bool | None]]


def finite(rows: Sequence[Row], column: str) -> list[Fraction]:
    """The exact numbers of a column."""
    return [Fraction(row[column]) for row in rows if row[column] is not None and math.isfinite(row[column])]


def within_deviations(column: str, limit: Fraction) -> Outcomes:
    """|x - mean| <= limit * deviation, computed exactly: with squares, and without roots."""

    def outcomes(rows: Sequence[Row]) -> list[bool | None]:
        numbers = finite(rows, column)
        if len(numbers) < 2:
            return [None] * len(rows)
        mean, variance = statistics.mean(numbers), statistics.variance(numbers)
        return [
            None
            if (x := row[column]) is None
            else math.isfinite(x) and (Fraction(x) - mean) ** 2 <= limit**2 * variance
            for row in rows
        ]

    return outcomes


def within_quartiles(column: str, factor: Fraction, where: Callable[[Row], bool] = lambda row: True) -> Outcomes:
    def outcomes(rows: Sequence[Row]) -> list[bool | None]:
        numbers = sorted(finite([row for row in rows if where(row)], column))
        if not numbers:
            return [None] * len(rows)
        low, high = quantile(numbers, Fraction(1, 4)), quantile(numbers, Fraction(3, 4))
        reach = factor * (high - low)
        return [
            None
            if (x := row[column]) is None or not where(row)
            else math.isfinite(x) and low - reach <= Fraction(x) <= high + reach
            for row in rows
        ]

    return outcomes


def quantile(numbers: list[Fraction], share: Fraction) -> Fraction:
    place = share * (len(numbers) - 1)
    below = numbers[int(place)]
    return below + (numbers[min(int(place) + 1, len(numbers) - 1)] - below) * (place - int(place))


def sequence(column: str, order: str, follows: Callable[[Any, Any], bool], *, falling: bool = False) -> Outcomes:
    """Each value against the one before it; rows with the same place are sorted the way they should go."""

    def outcomes(rows: Sequence[Row]) -> list[bool | None]:
        found: list[bool | None] = [None] * len(rows)
        ranked = [(row[order], n) for n, row in enumerate(rows) if row[order] is not None and row[column] is not None]
        in_order = sorted(ranked, key=lambda each: rows[each[1]][column], reverse=falling)
        before = None
        for _, number in sorted(in_order, key=lambda each: each[0]):
            found[number] = before is None or follows(before, rows[number][column])
            before = rows[number][column]
        return found

    return outcomes


def case(check: str, column: str, outcomes: Outcomes, **parameters: Any) -> GroupCase:
    return GroupCase(check, column, parameters, judged_one_by_one(outcomes))


CASES = [
    case("zscore_below", "j", within_deviations("j", Fraction(1)), max_zscore=1),
    case("zscore_below", "n", within_deviations("n", Fraction(3, 2)), max_zscore=1.5),
    case("zscore_below", "f", within_deviations("f", Fraction(2)), max_zscore=2),
    case("iqr_outlier", "j", within_quartiles("j", Fraction(3, 2))),
    case("iqr_outlier", "n", within_quartiles("n", Fraction(0)), factor=0),
    case("iqr_outlier", "f", within_quartiles("f", Fraction(1, 2), lambda row: row["s"] == "a"),
         factor=0.5, where="s = 'a'"),
    case("monotonic", "j", sequence("j", "i", lambda a, b: a <= b), direction="increasing", order_by="I"),
    case("monotonic", "n", sequence("n", "d", lambda a, b: a >= b, falling=True), direction="decreasing", order_by="d"),
    case("monotonic", "s", sequence("s", "i", lambda a, b: a <= b), direction="increasing", order_by="i"),
]  # fmt: skip


def told_apart(value: str, place: str) -> Callable[[Row], object]:
    """A key: rows alike in value and place may fail one for the other (see test_strictly), so the cases have none."""

    def key(row: Row) -> object:
        return object() if None in (row[value], row[place]) else (row[value], row[place])

    return key


WHOLE = st.sampled_from([0, 1, 2, 3, 10, 1000])
ROWS = st.lists(
    st.fixed_dictionaries({
        "i": st.none() | st.integers(0, 5),
        "j": st.none() | WHOLE,
        "n": st.none() | st.sampled_from([Decimal(x) for x in ("0.10", "0.20", "0.30", "-5.00", "0.00", "99999.99")]),
        "f": st.none() | st.sampled_from([0.5, 0.25, -1.0, 1e6, math.inf, -math.inf, 1.0]),
        "s": st.none() | st.sampled_from(["a", "a", "B", "b", "", "É", "Z"]),
        "d": st.none() | st.dates(date(2024, 1, 1), date(2024, 1, 5)),
    }),
    unique_by=(told_apart("j", "i"), told_apart("n", "d"), told_apart("s", "i")),
    max_size=20,
).map(lambda rows: [row | {"id": number} for number, row in enumerate(rows)])  # fmt: skip
TENTHS = [{"id": n, "n": Decimal("0.10"), "j": 7} for n in range(9)]


@pytest.fixture(scope="module")
def queries(engines: Engines) -> GroupQueries:
    return GroupQueries(engines, CASES)


@given(rows=ROWS)
@example(rows=[])
@example(rows=[dict.fromkeys(COLUMNS) | {"id": 0}])
@example(rows=[dict.fromkeys(COLUMNS) | row for row in TENTHS])
@settings(examples, max_examples=30)
def test_among_rows(queries: GroupQueries, rows: list[Row]) -> None:
    queries.require_agreement(rows)


def test_strictly(engines: Engines) -> None:
    """Which of two rows that are alike in value and place fails is open, how many do is not."""
    engines.fill([{"j": value, "i": place} for value, place in [(1, 1), (1, 1), (2, 2), (2, 3), (3, 3)]])
    for engine, table in engines.tables.items():
        rule = Rule("r", "j", "monotonic", {"direction": "increasing", "strictly": True, "order_by": "i"})
        check = bind_rule(rule, table, COLUMNS).check
        counts = check.tested(table, "j").to_pyarrow().to_pylist()  # type: ignore[attr-defined]
        assert counts == [{"tested": 5, "failed": 2}], engine


def test_a_table_has_no_order_of_its_own(engines: Engines) -> None:
    rule = Rule("r", "j", "monotonic", {"direction": "increasing"})
    with pytest.raises(RuleError, match=r"no order of their own.*order_by"):
        bind_rule(rule, engines.tables["duckdb"], COLUMNS)
