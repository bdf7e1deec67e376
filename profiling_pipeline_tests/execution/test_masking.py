"""No value of a hidden column leaves an execution, whatever the rule."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import ibis.expr.types as ir
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiling_pipeline.execution import runner, samples
from profiling_pipeline.execution.report import ExecutionReport
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.execution.samples import MASK
from profiling_pipeline.rules.binding import BoundRule, bind_rule
from profiling_pipeline.rules.checks.completeness import NotNull
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.others import OtherSources
from profiling_pipeline_tests.execution.data import a_rule, csv_source, duckdb_source, postgres_source

COLUMNS = {"id": "integer", "ssn": "text", "income": "integer", "born": "date", "state": "text"}
ROWS = [
    (1, "SECRET-AAA", 918273, "1977-07-17", "CA"),
    (2, "SECRET-BBB", 918274, "1966-06-16", "NY"),
    (3, "SECRET-BBB", 918275, "1955-05-15", "ZZ"),
    (4, None, None, None, None),
]
HIDDEN = frozenset({"ssn", "income", "born"})
SECRETS = ("SECRET", "918273", "918274", "918275", "1977", "1966", "1955", "datetime.date")
RULES = [
    a_rule("ssn", "isin", allowed_values=["x"]),
    a_rule("ssn", "unique"),
    a_rule("ssn", "not_null"),
    a_rule("ssn", "str_length", max_value=3),
    a_rule("income", "less_than", max_value=10),
    a_rule("income", "min_between", max_value=10),
    a_rule("income", "max_between", max_value=10),
    a_rule("income", "median_between", max_value=10),
    a_rule("income", "quantile_between", quantile=0, max_value=10),
    a_rule("born", "max_between", max_value="1900-01-01"),
    a_rule("state", "isin", allowed_values=["XX"], where="income > 10"),
    a_rule("state", "expression", predicate="income < 5 OR ssn = 'x' OR born IS NULL"),
    a_rule("id", "column_gt", other="income"),
]


def assert_nothing_leaks(report: ExecutionReport) -> None:
    evidence = [replace(outcome, rule=RULES[0]) for outcome in report.outcomes]
    told = repr(evidence) + json.dumps(report.to_dict()["rules"]) + repr(report.scores)
    assert [secret for secret in SECRETS if secret in told] == []


@pytest.mark.parametrize("few_rows", [0, 1000])
def test_no_hidden_value_is_in_the_report_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few_rows: int
) -> None:
    monkeypatch.setattr(samples, "FEW_ROWS", few_rows)
    with csv_source(tmp_path, list(COLUMNS), ROWS) as source:
        report = execute_rules(RULES, source, hidden_columns=HIDDEN, key_columns=["id", "ssn"])

    assert all(outcome.status == "failed" for outcome in report.outcomes)
    assert_nothing_leaks(report)


@pytest.mark.parametrize("few_rows", [0, 1000])
def test_no_hidden_value_is_in_the_report_of_a_table(
    server_url: str, monkeypatch: pytest.MonkeyPatch, few_rows: int
) -> None:
    monkeypatch.setattr(samples, "FEW_ROWS", few_rows)
    with postgres_source(server_url, COLUMNS, ROWS) as source:
        report = execute_rules(RULES, source, hidden_columns=HIDDEN, key_columns=["id", "ssn"])

    assert all(outcome.status == "failed" for outcome in report.outcomes)
    assert_nothing_leaks(report)


def test_a_mask_tells_only_whether_there_is_a_value() -> None:
    rule = a_rule("state", "isin", allowed_values=["CA"])
    missing = a_rule("ssn", "not_null")
    with duckdb_source(COLUMNS, ROWS) as source:
        outcome, absent = execute_rules(
            [rule, missing], source, hidden_columns=HIDDEN, key_columns=["ssn", "income"]
        ).outcomes

    assert outcome.failed_rows == (
        {"ssn": MASK, "income": MASK, "state": "NY"},
        {"ssn": MASK, "income": MASK, "state": "ZZ"},
    )
    assert {each["value"] for each in outcome.frequent_values} == {"NY", "ZZ"}
    assert absent.failed_rows == ({"ssn": None, "income": None},)


def test_frequencies_of_hidden_values_are_not_told() -> None:
    with duckdb_source(COLUMNS, ROWS) as source:
        outcome = execute_rules([RULES[0]], source, hidden_columns=HIDDEN).outcomes[0]

    assert outcome.failed == 3
    assert outcome.frequent_values == ()


def test_figures_that_are_values_are_masked_and_others_shown() -> None:
    rules = [
        a_rule("income", "max_between", max_value=10),
        a_rule("income", "null_rate_between", max_value=1),
        a_rule("id", "max_between", max_value=3),
    ]
    with duckdb_source(COLUMNS, ROWS) as source:
        hidden, rate, shown = execute_rules(rules, source, hidden_columns=HIDDEN).outcomes

    assert (hidden.observed, hidden.status) == (MASK, "failed")
    assert rate.observed == 25
    assert shown.observed == 4


def test_an_engine_s_message_does_not_quote_a_hidden_value(monkeypatch: pytest.MonkeyPatch) -> None:
    class Casts(NotNull):
        def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
            return value.cast("int64") > 0

    def bind(rule: Rule, table: ir.Table, columns: Sequence[str], *others: OtherSources) -> BoundRule:
        return replace(bind_rule(rule, table, columns, *others), check=Casts())

    monkeypatch.setattr(runner, "bind_rule", bind)
    with duckdb_source(COLUMNS, ROWS) as source:
        hidden = execute_rules([a_rule("ssn", "not_null")], source, hidden_columns=HIDDEN)
        shown = execute_rules([a_rule("ssn", "not_null")], source).outcomes[0]

    assert hidden.outcomes[0].status == "error"
    assert_nothing_leaks(hidden)
    assert shown.error is not None
    assert "SECRET" in shown.error


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(10**6, 10**7)), min_size=1, max_size=8),
    few=st.booleans(),
)
def test_nothing_leaks_from_any_rows(rows: list[tuple[int, int | None]], few: bool) -> None:
    rules = [
        a_rule("secret", "less_than", max_value=5),
        a_rule("secret", "unique"),
        a_rule("secret", "max_between", max_value=5),
        a_rule("n", "expression", predicate="n > secret"),
        a_rule("n", "unique", **{"with": ["secret"]}),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "FEW_ROWS", 1000 if few else 0)
        with duckdb_source({"n": "integer", "secret": "integer"}, rows) as source:
            report = execute_rules(rules, source, hidden_columns=frozenset({"secret"}), key_columns=["secret"])

    told = repr([replace(outcome, rule=rules[0]) for outcome in report.outcomes])
    assert [secret for _, secret in rows if secret is not None and str(secret) in told] == []
