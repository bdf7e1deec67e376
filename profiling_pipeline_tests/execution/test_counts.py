"""Counts of mixed rule sets against the same conditions in plain Python."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.execution.data import a_rule, duckdb_source

COLUMNS = {"n": "integer", "m": "integer", "s": "text", "d": "date"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """A rule, and what it says of a row in Python: None where the row is skipped."""

    rule: Rule
    judge: Callable[[Row, list[Row]], bool | None]


def strict(column: str, judge: Callable[[Any], bool]) -> Callable[[Row, list[Row]], bool | None]:
    return lambda row, rows: None if row[column] is None else judge(row[column])


def only_where(column: str, judged: Judged, value: int) -> Judged:
    rule = a_rule(judged.rule.attribute, judged.rule.check, **judged.rule.parameters, where=f"{column} > {value}")

    def judge(row: Row, rows: list[Row]) -> bool | None:
        return judged.judge(row, rows) if row[column] is not None and row[column] > value else None

    return Judged(rule, judge)


small = st.integers(-3, 3)
row_rules = st.one_of(
    small.map(lambda v: Judged(a_rule("n", "greater_than", min_value=v), strict("n", lambda n: n > v))),
    small.map(lambda v: Judged(a_rule("n", "not_equal_to", value=v), strict("n", lambda n: n != v))),
    st.lists(small, min_size=1, max_size=3).map(
        lambda vs: Judged(a_rule("m", "isin", allowed_values=vs), strict("m", lambda m: m in vs))
    ),
    st.just(Judged(a_rule("d", "not_null"), lambda row, rows: row["d"] is not None)),
    st.just(Judged(a_rule("s", "str_length", max_value=2), strict("s", lambda s: len(s) <= 2))),
    st.just(Judged(a_rule("s", "str_matches", pattern="a"), strict("s", lambda s: s.startswith("a")))),
    st.just(Judged(a_rule("d", "greater_than", min_value="2020-06-01"), strict("d", lambda d: d > date(2020, 6, 1)))),
    st.just(
        Judged(
            a_rule("n", "expression", predicate="n <= m"),
            lambda row, rows: None if row["n"] is None or row["m"] is None else row["n"] <= row["m"],
        )
    ),
)
group_rules = st.just(
    Judged(
        a_rule("s", "unique"),
        lambda row, rows: None if row["s"] is None else sum(other["s"] == row["s"] for other in rows) == 1,
    )
)
rules = st.one_of(row_rules, st.builds(only_where, st.sampled_from(["n", "m"]), row_rules, small), group_rules)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "n": st.none() | small,
            "m": st.none() | small,
            "s": st.none() | st.text("ab", max_size=3),
            "d": st.none() | st.dates(date(2020, 1, 1), date(2020, 12, 31)),
        }
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=rows, judged=st.lists(rules, min_size=1, max_size=6))
def test_counts_and_evidence_are_those_of_plain_python(rows: list[Row], judged: list[Judged]) -> None:
    with duckdb_source(COLUMNS, [tuple(row[name] for name in COLUMNS) for row in rows]) as source:
        report = execute_rules([each.rule for each in judged], source, sample_rows=3)

    assert report.rows == len(rows)
    for each, outcome in zip(judged, report.outcomes, strict=True):
        answers = [each.judge(row, rows) for row in rows]
        assert outcome.error is None
        assert (outcome.passed, outcome.failed, outcome.skipped) == tuple(map(answers.count, (True, False, None)))
        failing = [row for row, answer in zip(rows, answers, strict=True) if answer is False]
        assert len(outcome.failed_rows) == min(3, len(failing))
        assert all(any(sample.items() <= row.items() for row in failing) for sample in outcome.failed_rows)
        frequent = Counter(row[each.rule.attribute] for row in failing)
        assert {each["value"]: each["count"] for each in outcome.frequent_values} == dict(frequent)
