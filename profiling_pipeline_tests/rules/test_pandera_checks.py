"""Rules as Pandera checks: they validate as they execute."""

from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import pandera.errors
import pytest

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.pandera_checks import pandera_check, pandera_schema
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.execution.data import duckdb_source

# Ibis sets it where rows become a frame of pandas.
pytestmark = pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")

COLUMNS = {"amount": "integer", "state": "text"}
ROWS = [(1, "open"), (2, "closed"), (None, "zz"), (-3, None), (-4, "open")]


def a_rule(column: str, check: str, **parameters: Any) -> Rule:
    return Rule(name=f"{column} {check}", attribute=column, check=check, parameters=parameters)


@pytest.fixture
def loans() -> Iterator[ir.Table]:
    with duckdb_source(COLUMNS, ROWS) as source:
        yield source.table


def failing(rules: list[Rule], table: ir.Table) -> dict[str, list[Any]]:
    """Return the amounts of the rows that validation finds, by the messages of the checks that they fail."""
    found: dict[str, list[Any]] = {}
    try:
        pandera_schema(rules, table).validate(table, lazy=True)
    except pandera.errors.SchemaErrors as error:
        for check, row in error.failure_cases[["check", "failure_case"]].itertuples(index=False):
            found.setdefault(check, []).append(row["amount"])
    return found


def test_a_schema_finds_the_rows_that_fail_and_skips_those_without_a_value(loans: ir.Table) -> None:
    rules = [a_rule("amount", "greater_than", min_value=0), a_rule("state", "isin", allowed_values=["open", "zz"])]

    assert failing(rules, loans) == {
        "amount greater_than: amount is greater than 0.": [-3, -4],
        "state isin: state is one of 'open', 'zz'.": [2],
    }


def test_a_condition_is_that_of_the_table_which_is_validated(loans: ir.Table) -> None:
    rule = a_rule("amount", "greater_than", min_value=0, where="state = 'open'")
    schema = pandera_schema([rule], loans)

    schema.validate(loans.filter(loans.amount > -4))
    with pytest.raises(pandera.errors.SchemaError):
        schema.validate(loans)


def test_a_valid_table_is_returned(loans: ir.Table) -> None:
    rules = [a_rule("amount", "less_than", max_value=3), a_rule("amount", "greater_than", min_value=-9)]

    assert failing(rules, loans) == {}


def test_a_check_is_called_what_its_rule_is_called_and_says_what_it_demands(loans: ir.Table) -> None:
    check = pandera_check(a_rule("AMOUNT", "greater_than", min_value=0), loans)

    assert (check.name, check.error) == ("AMOUNT greater_than", "AMOUNT greater_than: amount is greater than 0.")


@pytest.mark.parametrize(
    "rule",
    [
        a_rule("amount", "unique"),
        a_rule("amount", "mean_between", min_value=0),
        a_rule("amount", "greater_than", min_value=0, min_pass_rate=99),
    ],
)
def test_what_pandera_cannot_say_of_a_row_is_refused(rule: Rule, loans: ir.Table) -> None:
    with pytest.raises(RuleError, match=f"Rule '{rule.name}' is none that every row must pass by itself"):
        pandera_schema([rule], loans)
