"""A rule that does not fit its source is in error, whatever its check, and never passes."""

from typing import Any

import pytest

from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.outcome import RuleOutcome
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.execution.data import LOAN_COLUMNS, LOANS, duckdb_source


def outcomes(rules: list[Rule]) -> tuple[RuleOutcome, ...]:
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        return execute_rules(rules, source).outcomes


def as_in_the_example(check: str, attribute: str, **more: Any) -> Rule:
    return Rule(f"{check} of {attribute}", attribute, check, {**CATALOGUE[check].example, **more})


def test_a_missing_column_is_an_error_with_the_nearest_names() -> None:
    for outcome in outcomes([as_in_the_example(check, "balnce") for check in CATALOGUE]):
        assert outcome.status == "error", outcome.rule.check
        assert "The source has no column 'balnce'. Did you mean balance?" in str(outcome.error)
        assert (outcome.tested, outcome.pass_rate) == (0, None)


@pytest.fixture(scope="module")
def fitting() -> list[str]:
    """The checks whose example fits a column of numbers."""
    return [check for check in CATALOGUE if outcomes([as_in_the_example(check, "balance")])[0].status != "error"]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("sate = 'CA'", "no column 'sate'. Did you mean state (at character 1 of the predicate)"),
        ("state = 5", "Column state (text) and 5 (integer) do not compare. Write TRY_CAST(state AS INTEGER)"),
        ("opened > 5", "Column opened (date) and 5 (integer) do not compare"),
    ],
)
def test_a_condition_that_does_not_fit_is_an_error(fitting: list[str], where: str, said: str) -> None:
    found = outcomes([as_in_the_example(check, "balance", where=where) for check in fitting])

    assert len(fitting) > 25
    assert {outcome.status for outcome in found} == {"error"}
    assert [outcome.error for outcome in found if said.rstrip("?") not in str(outcome.error).replace("?", "")] == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule("r", "state", "less_than", {"max_value": 5}), "which holds text"),
        (Rule("r", "balance", "isin", {"allowed_values": ["a"]}), "which holds numbers"),
        (Rule("r", "opened", "greater_than", {"min_value": 5}), "which holds dates"),
        (Rule("r", "opened", "in_range", {"min_value": "2024-01-01", "max_value": "soon"}), "which holds dates"),
        (Rule("r", "state", "mean_between", {"min_value": 5}), "is of kind text, the check needs integer, number"),
        (Rule("r", "state", "date_order", {"later": "opened"}), "is of kind text, the check needs date, datetime"),
        (Rule("r", "balance", "column_ge", {"other": "state"}), "state"),
        (Rule("r", "balance", "column_ge", {"other": "opend"}), "Did you mean opened"),
        (Rule("r", "id", "unique", {"with": ["sate"]}), "Did you mean state"),
        (Rule("r", "id", "functional_dependency", {"determines": "sate"}), "Did you mean state"),
        (Rule("r", "balance", "sum_equals", {"parts": ["balence", "id"]}), "Did you mean balance"),
        (Rule("r", "balance", "monotonic", {"direction": "increasing", "order_by": "opend"}), "Did you mean opened"),
        (
            Rule("r", "balance", "implies", {"when": "state = 'CA'", "then": "opend > '2024-01-01'"}),
            "Did you mean opened",
        ),
        (Rule("r", "balance", "expression", {"predicate": "balance > state"}), "do not compare"),
    ],
)
def test_a_type_that_does_not_fit_is_an_error(rule: Rule, said: str) -> None:
    (outcome,) = outcomes([rule])

    assert outcome.status == "error"
    assert said in str(outcome.error)
