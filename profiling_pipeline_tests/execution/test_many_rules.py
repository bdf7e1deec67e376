"""Versions far larger than people write them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import ibis.expr.types as ir
import pytest

from profiling_pipeline.execution import fused, runner
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.rules.binding import BoundRule, bind_rule
from profiling_pipeline.rules.checks.completeness import NotNull
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.others import OtherSources
from profiling_pipeline_tests.execution.data import a_rule, csv_source, duckdb_source, postgres_source

WIDTH = 118
COLUMNS = {f"c{number}": "integer" for number in range(WIDTH)}
ROWS = [tuple((row * (column + 1)) % 100 for column in range(WIDTH)) for row in range(200)]


def many_rules(number: int) -> list[Rule]:
    """Rules of which about one in eight fails."""
    kinds = [
        lambda column, n: a_rule(column, "not_null"),
        lambda column, n: a_rule(column, "in_range", min_value=0, max_value=99),
        lambda column, n: a_rule(column, "less_than", max_value=1000 + n),
        lambda column, n: a_rule(column, "not_equal_to", value=-n),
        lambda column, n: a_rule(column, "expression", predicate=f"{column} >= 0 AND {column} < {100 + n}"),
        lambda column, n: a_rule(column, "greater_than", min_value=n % 7, where="c0 > 50"),
        lambda column, n: a_rule(column, "mean_between", min_value=0, max_value=99),
        lambda column, n: a_rule(column, "isin", allowed_values=list(range(100))),
    ]
    return [kinds[n % len(kinds)](f"c{n % WIDTH}", n) for n in range(number)]


def test_a_thousand_rules_on_a_wide_file(tmp_path: Path) -> None:
    rules = many_rules(1000)
    with csv_source(tmp_path, list(COLUMNS), ROWS) as source:
        report = execute_rules(rules, source)

    assert not [outcome.error for outcome in report.outcomes if outcome.error]
    for number, outcome in enumerate(report.outcomes):
        if outcome.rule.check == "greater_than":
            column, least = number % WIDTH, number % 7
            failing = [place for place, row in enumerate(ROWS, start=1) if row[0] > 50 and row[column] <= least]
            assert outcome.failed == len(failing)
            assert [row["row"] for row in outcome.failed_rows] == failing[:20]
        else:
            assert (outcome.status, outcome.tested) == ("passed", 1 if outcome.rule.check == "mean_between" else 200)


def test_a_thousand_rules_on_a_wide_table(server_url: str) -> None:
    rules = many_rules(1000)
    with duckdb_source(COLUMNS, ROWS) as source:
        expected = execute_rules(rules, source, sample_rows=0)
    with postgres_source(server_url, COLUMNS, ROWS) as source:
        report = execute_rules(rules, source, sample_rows=0)

    assert [(o.status, o.passed, o.failed) for o in report.outcomes] == [
        (o.status, o.passed, o.failed) for o in expected.outcomes
    ]


def test_batches_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = many_rules(40)
    with duckdb_source(COLUMNS, ROWS) as source:
        together = execute_rules(rules, source)
        monkeypatch.setattr(fused, "RULES_AT_ONCE", 7)
        apart = execute_rules(rules, source)

    assert together.to_dict() == apart.to_dict()


def test_one_broken_rule_among_many_is_found() -> None:
    class FailsWhenRun(NotNull):
        def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
            return (value.cast("string") + "x").cast("int64") > 0

    def bind(rule: Rule, table: ir.Table, columns: Sequence[str], *others: OtherSources) -> BoundRule:
        bound = bind_rule(rule, table, columns, *others)
        return replace(bound, check=FailsWhenRun()) if rule.name == "broken" else bound

    rules = [*many_rules(123), Rule(name="broken", attribute="c0", check="not_null"), *many_rules(77)]
    with pytest.MonkeyPatch.context() as patch, duckdb_source(COLUMNS, ROWS) as source:
        patch.setattr(runner, "bind_rule", bind)
        report = execute_rules(rules, source, sample_rows=0)

    assert [number for number, outcome in enumerate(report.outcomes) if outcome.error] == [123]
