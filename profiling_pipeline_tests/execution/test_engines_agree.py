"""A file and a table with the same rows give the same results."""

from dataclasses import replace
from pathlib import Path

import pytest

from profiling_pipeline.execution import samples
from profiling_pipeline.execution.report import ExecutionReport
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.outcome import RuleOutcome
from profiling_pipeline_tests.execution.data import a_rule, csv_source, postgres_source

COLUMNS = {"id": "bigint", "balance": "numeric(12, 2)", "state": "text", "opened": "date", "rate": "double precision"}
STATES = ["CA", "NY", "é", "a", "B", "Z", None]
ROWS = [
    (
        number,
        None if number % 11 == 0 else f"{(number * 37 % 500) - 50}.{number % 100:02}",
        STATES[number % len(STATES)],
        f"20{10 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}",
        number % 17 / 8,
    )
    for number in range(1, 301)
]
RULES = [
    a_rule("balance", "in_range", min_value=0, max_value=400),
    a_rule("balance", "greater_than", min_value=0, where="state = 'CA' OR state = 'NY'"),
    a_rule("state", "isin", allowed_values=["CA", "NY"]),
    a_rule("state", "not_null", min_pass_rate=80),
    a_rule("state", "greater_than", min_value="B"),
    a_rule("state", "str_matches", pattern=r"[A-Z]{2}\b"),
    a_rule("state", "unique", **{"with": ["opened"]}),
    a_rule("opened", "less_than", max_value="2020-06-30"),
    a_rule("rate", "expression", predicate="rate * 100 / (balance - balance) > 1 OR rate < 1.5"),
    a_rule("balance", "mean_between", min_value=0, max_value=500),
    a_rule("balance", "quantile_between", quantile=0.9, max_value=300),
    a_rule("opened", "max_between", max_value="2020-01-01"),
    a_rule("state", "distinct_count_between", max_value=3),
    a_rule("id", "row_count_between", min_value=1, max_value=100),
    a_rule("nowhere", "not_null"),
]


def comparable(report: ExecutionReport) -> list[RuleOutcome]:
    """Return outcomes without times and row numbers, which tables have not."""

    def without_number(outcome: RuleOutcome) -> tuple[dict[str, object], ...]:
        return tuple({name: value for name, value in row.items() if name != "row"} for row in outcome.failed_rows)

    return [replace(o, elapsed_ms=0, failed_rows=without_number(o)) for o in report.outcomes]


@pytest.mark.parametrize("few_rows", [0, 1000])
def test_results_do_not_depend_on_where_the_data_lives(
    tmp_path: Path, server_url: str, monkeypatch: pytest.MonkeyPatch, few_rows: int
) -> None:
    monkeypatch.setattr(samples, "FEW_ROWS", few_rows)
    with csv_source(tmp_path, list(COLUMNS), ROWS) as source:
        from_file = execute_rules(RULES, source, key_columns=["id"])
    with postgres_source(server_url, COLUMNS, ROWS) as source:
        from_table = execute_rules(RULES, source, key_columns=["id"])

    assert comparable(from_file) == comparable(from_table)
    assert (from_file.rows, from_table.rows) == (300, 300)
    assert from_file.scores == from_table.scores
    assert {outcome.status for outcome in from_file.outcomes} == {"passed", "failed", "error"}
