"""Figure checks against plain Python, on random rows in both engines."""

import statistics
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.binding import bind_rule
from profiling_pipeline.rules.catalogue import CATALOGUE, check_for
from profiling_pipeline.rules.checks.base import FigureCheck
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.rules.engines import COLUMNS, Engines, Row, examples

TODAY = datetime.now(UTC).date()


def quantile(values: list[Any], share: float) -> float:
    ordered = sorted(float(value) for value in values)
    place = share * (len(ordered) - 1)
    below = ordered[int(place)]
    above = ordered[min(int(place) + 1, len(ordered) - 1)]
    return below + (above - below) * (place - int(place))


Oracle = Callable[[list[Any], int], Any]
CASES: list[tuple[str, str, dict[str, Any], Oracle]] = [
    ("mean_between", "n", {}, lambda values, rows: float(sum(values) / len(values)) if values else None),
    ("median_between", "j", {}, lambda values, rows: quantile(values, 0.5) if values else None),
    (
        "quantile_between",
        "f",
        {"quantile": 0.95, "max_value": 1},
        lambda values, rows: quantile(values, 0.95) if values else None,
    ),
    ("sum_between", "i", {}, lambda values, rows: sum(values) if values else None),
    ("sum_between", "n", {}, lambda values, rows: sum(values) if values else None),
    ("stddev_between", "n", {}, lambda values, rows: float(statistics.stdev(values)) if len(values) > 1 else None),
    ("min_between", "d", {"min_value": "2020-01-01"}, lambda values, rows: min(values, default=None)),
    ("max_between", "i", {}, lambda values, rows: max(values, default=None)),
    ("max_between", "t", {"min_value": "2020-01-01"}, lambda values, rows: max(values, default=None)),
    ("fresh_within", "d", {"days": 3}, lambda values, rows: max(values, default=None)),
    ("row_count_between", "s", {}, lambda values, rows: rows),
    ("null_rate_between", "s", {}, lambda values, rows: 100 * (rows - len(values)) / rows if rows else None),
    ("distinct_count_between", "s", {}, lambda values, rows: len(set(values))),
    ("distinct_ratio_between", "s", {}, lambda values, rows: len(set(values)) / len(values) if values else None),
]
ROWS = st.lists(
    st.fixed_dictionaries({
        "i": st.none() | st.sampled_from([2**63 - 1, -(2**63)]) | st.integers(-5, 5),
        "j": st.none() | st.integers(-5, 5),
        "n": st.none() | st.decimals(-1000, 1000, places=2),
        "f": st.none() | st.floats(-1000, 1000, allow_subnormal=False),
        "s": st.none() | st.sampled_from(["a", "b", "", " "]),
        "d": st.none() | st.dates(),
        "t": st.none() | st.datetimes(),
    }),
    max_size=20,
)  # fmt: skip


@given(rows=ROWS)
@examples
def test_figures(engines: Engines, rows: list[Row]) -> None:
    engines.fill(rows)

    for engine, table in engines.tables.items():
        figures = {}
        for number, (check, column, parameters, _) in enumerate(CASES):
            bound = bind_rule(Rule(check, column, check, parameters or {"max_value": 1}), table, COLUMNS)
            assert isinstance(bound.check, FigureCheck)
            figures[f"f{number}"] = bound.check.observe(table[column], table)
        observed = table.aggregate(**figures).to_pyarrow().to_pylist()[0]
        for (check, column, _, oracle), found in zip(CASES, observed.values(), strict=True):
            expected = oracle([row[column] for row in rows if row[column] is not None], len(rows))
            assert found == (pytest.approx(expected, abs=1e-9) if isinstance(expected, float) else expected), (
                f"{engine}: {check} of {column}"
            )


@pytest.mark.parametrize(
    ("check", "parameters", "observed", "accepted"),
    [
        ("mean_between", {"min_value": 0.1, "max_value": 0.3}, 0.1, True),
        ("mean_between", {"min_value": 0.1, "max_value": 0.3}, 0.30000000000000004, False),
        ("mean_between", {"min_value": 0}, float("inf"), True),
        ("mean_between", {"max_value": 0}, float("inf"), False),
        ("mean_between", {"max_value": 0}, float("nan"), False),
        ("sum_between", {"max_value": 10**20}, Decimal(10**20), True),
        ("sum_between", {"max_value": 10**20}, 10**20 + 1, False),
        ("row_count_between", {"min_value": 1}, 0, False),
        ("min_between", {"min_value": "2024-01-01"}, date(2024, 1, 1), True),
        ("min_between", {"min_value": "2024-01-01"}, date(2023, 12, 31), False),
        ("max_between", {"max_value": "2024-01-01"}, datetime(2024, 1, 1, 0, 0, 1), False),
        ("max_between", {"max_value": "2024-01-01 12:00"}, datetime(2024, 1, 1, 12), True),
        ("max_between", {"max_value": 5}, 5.5, False),
        ("null_rate_between", {"max_value": 5}, 5.0, True),
        ("fresh_within", {"days": 0}, TODAY, True),
        ("fresh_within", {"days": 3}, TODAY - timedelta(days=4), False),
        ("fresh_within", {"days": 3}, datetime.combine(TODAY - timedelta(days=3), time.min, UTC), True),
    ],
)
def test_bounds_are_included(check: str, parameters: dict[str, Any], observed: object, accepted: bool) -> None:
    figure = check_for(check).model_validate(parameters)

    assert isinstance(figure, FigureCheck)
    assert figure.accepts(observed) is accepted


def test_a_bound_of_the_wrong_kind_is_refused(engines: Engines) -> None:
    with pytest.raises(RuleError, match=r"'soon'.*dates"):
        bind_rule(Rule("r", "d", "min_between", {"min_value": "soon"}), engines.tables["duckdb"], COLUMNS)


def test_every_figure_check_is_tried() -> None:
    assert {case[0] for case in CASES} == {n for n, check in CATALOGUE.items() if issubclass(check, FigureCheck)}
