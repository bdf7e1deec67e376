from decimal import Decimal
from pathlib import Path

import pytest

from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.rule import Dimension, Rule
from profiling_pipeline_tests.execution.data import LOAN_COLUMNS, LOANS, a_rule, csv_source, duckdb_source


def outcome_of(rule: Rule, columns: dict[str, str], rows: list[tuple[object, ...]]) -> RuleOutcome:
    with duckdb_source(columns, rows) as source:
        return execute_rules([rule], source).outcomes[0]


def numbers(passing: int, failing: int, missing: int = 0) -> list[tuple[object, ...]]:
    return [(1,)] * passing + [(-1,)] * failing + [(None,)] * missing


def test_every_row_passes_fails_or_is_skipped() -> None:
    outcome = outcome_of(a_rule("n", "greater_than", min_value=0), {"n": "integer"}, numbers(5, 2, 3))

    assert (outcome.tested, outcome.passed, outcome.failed, outcome.skipped) == (7, 5, 2, 3)
    assert outcome.pass_rate == Decimal("71.43")
    assert outcome.status is ExecutionStatus.FAILED


def test_where_decides_which_rows_are_tested() -> None:
    rows = [(1, "a"), (-1, "a"), (-1, "b"), (-1, None)]
    rule = a_rule("n", "greater_than", min_value=0, where="kind = 'a'")

    outcome = outcome_of(rule, {"n": "integer", "kind": "text"}, rows)

    assert (outcome.passed, outcome.failed, outcome.skipped) == (1, 1, 2)


def test_where_holds_for_checks_of_groups_too() -> None:
    rows = [(1, "a"), (1, "a"), (1, "b"), (2, "a")]

    outcome = outcome_of(a_rule("n", "unique", where="kind = 'a'"), {"n": "integer", "kind": "text"}, rows)

    assert (outcome.passed, outcome.failed, outcome.skipped) == (1, 2, 1)
    assert [row["kind"] for row in outcome.failed_rows] == ["a", "a"]


def test_with_nothing_tested_a_rule_is_skipped() -> None:
    outcome = outcome_of(a_rule("n", "greater_than", min_value=0), {"n": "integer"}, numbers(0, 0, 4))

    assert outcome.status is ExecutionStatus.SKIPPED
    assert (outcome.tested, outcome.skipped, outcome.pass_rate) == (0, 4, None)


@pytest.mark.parametrize(
    ("passing", "failing", "parameters", "status", "warns"),
    [
        (995, 5, {"min_pass_rate": 99.5}, "passed", False),
        (995, 6, {"min_pass_rate": 99.5}, "failed", False),
        (2, 1, {"min_pass_rate": 66.66}, "passed", False),
        (2, 1, {"min_pass_rate": 66.67}, "failed", False),
        (1_999, 1, {}, "failed", False),
        (0, 3, {"min_pass_rate": 0}, "passed", False),
        (97, 3, {"min_pass_rate": 95, "warn_pass_rate": 98}, "passed", True),
        (98, 2, {"min_pass_rate": 95, "warn_pass_rate": 98}, "passed", False),
        (95, 5, {"min_pass_rate": 95, "warn_pass_rate": 98}, "passed", True),
        (94, 6, {"min_pass_rate": 95, "warn_pass_rate": 98}, "failed", False),
        (3, 0, {"warn_pass_rate": 100}, "passed", False),
    ],
)
def test_status_compares_exact_shares_with_the_rates(
    passing: int, failing: int, parameters: dict[str, float], status: str, warns: bool
) -> None:
    rule = a_rule("n", "greater_than", min_value=0, **parameters)

    outcome = outcome_of(rule, {"n": "integer"}, numbers(passing, failing))

    assert (outcome.status, outcome.is_warning) == (status, warns)


def test_a_figure_is_tested_once_and_shown() -> None:
    rows = numbers(3, 1, 2)

    passed = outcome_of(a_rule("n", "mean_between", min_value=0.5, max_value=0.5), {"n": "integer"}, rows)
    failed = outcome_of(a_rule("n", "max_between", min_value=2), {"n": "integer"}, rows)

    assert (passed.status, passed.tested, passed.passed, passed.failed) == (ExecutionStatus.PASSED, 1, 1, 0)
    assert passed.observed == 0.5
    assert passed.pass_rate == 100
    assert (failed.status, failed.tested, failed.passed, failed.failed) == (ExecutionStatus.FAILED, 1, 0, 1)
    assert (failed.observed, failed.pass_rate, failed.failed_rows) == (1, 0, ())


def test_a_figure_of_no_values_is_skipped() -> None:
    outcome = outcome_of(a_rule("n", "mean_between", min_value=0), {"n": "integer"}, numbers(0, 0, 2))

    assert outcome.status is ExecutionStatus.SKIPPED
    assert outcome.observed is None


def test_a_figure_may_be_infinite_or_not_a_number() -> None:
    infinite = outcome_of(a_rule("n", "max_between", max_value=9), {"n": "double"}, [(float("inf"),), (1.0,)])
    no_number = outcome_of(a_rule("n", "max_between", max_value=9), {"n": "double"}, [(float("nan"),)])

    assert (infinite.status, infinite.observed) == (ExecutionStatus.FAILED, float("inf"))
    assert (no_number.status, no_number.observed) == (ExecutionStatus.SKIPPED, None)


def test_without_rows_only_their_number_is_tested() -> None:
    rules = [
        a_rule("balance", "not_null"),
        a_rule("id", "unique"),
        a_rule("balance", "sum_between", min_value=0),
        a_rule("id", "row_count_between", min_value=1),
    ]
    with duckdb_source(LOAN_COLUMNS, []) as source:
        report = execute_rules(rules, source)

    assert report.rows == 0
    assert [outcome.status for outcome in report.outcomes] == ["skipped", "skipped", "skipped", "failed"]
    assert report.outcomes[3].observed == 0


def test_without_rules_the_rows_are_counted_all_the_same() -> None:
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        report = execute_rules([], source)

    assert (report.rows, report.outcomes, report.status) == (6, (), ExecutionStatus.PASSED)


def test_outcomes_come_in_the_order_of_the_rules_and_progress_ends_at_their_number(tmp_path: Path) -> None:
    rules = [a_rule("id", "unique"), a_rule("nowhere", "not_null"), a_rule("state", "isin", allowed_values=["CA"])]
    told: list[tuple[int, int]] = []

    with csv_source(tmp_path, list(LOAN_COLUMNS), LOANS) as source:
        report = execute_rules(rules, source, progress=lambda done, total: told.append((done, total)))

    assert [outcome.rule.name for outcome in report.outcomes] == [rule.name for rule in rules]
    assert [outcome.status for outcome in report.outcomes] == ["failed", "error", "failed"]
    assert told[-1] == (3, 3)
    assert told == sorted(told)


def test_the_report_is_the_object_that_programs_read(tmp_path: Path) -> None:
    rules = [a_rule("balance", "in_range", min_value=0, max_value=1000), a_rule("id", "row_count_between", min_value=1)]

    with csv_source(tmp_path, list(LOAN_COLUMNS), LOANS) as source:
        report = execute_rules(rules, source).to_dict()

    assert report["source"] == "loans.csv"
    assert (report["rows"], report["status"]) == (6, "failed")
    first, second = report["rules"]
    expected = {
        "name": "balance in_range min_value=0, max_value=1000",
        "attribute": "balance",
        "check": "in_range",
        "type": "validity",
        "severity": "medium",
        "status": "failed",
        "tested": 5,
        "passed": 3,
        "failed": 2,
        "skipped": 1,
        "pass_rate": 60,
        "observed": None,
        "error": None,
        "failed_rows": [{"row": 2, "balance": -5.5}, {"row": 5, "balance": -7.25}],
    }
    assert {name: first[name] for name in expected} == expected
    assert (second["observed"], second["tested"]) == (6, 1)
    assert report["scores"] == {"overall": 80.0, "validity": 60.0, "completeness": 100.0}


def test_a_rule_in_error_makes_the_report_one() -> None:
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        report = execute_rules([a_rule("state", "not_null"), a_rule("nowhere", "not_null")], source)

    assert report.status is ExecutionStatus.ERROR
    assert report.outcomes[1].rule.dimension is Dimension.COMPLETENESS
