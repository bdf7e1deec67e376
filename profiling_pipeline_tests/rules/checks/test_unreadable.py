"""A value that does not read as its column's declared type: failed, present, and a text."""

import ibis
import ibis.expr.types as ir
import pytest

from profiling_pipeline.rules.binding import bind_rule
from profiling_pipeline.rules.checks.base import FigureCheck, GroupCheck, RowCheck
from profiling_pipeline.rules.rule import Rule


@pytest.fixture(scope="module")
def table() -> ir.Table:
    connection = ibis.duckdb.connect()
    connection.raw_sql(
        """CREATE TABLE data ("row number" INT, amount INT, "amount (as text)" TEXT, other INT);
        INSERT INTO data VALUES (1, 5, '5', 1), (2, NULL, 'five', 1), (3, NULL, NULL, 1), (4, 5, '05', 2),
                                (5, NULL, 'five', 2)"""
    )
    return connection.table("data")


@pytest.mark.parametrize(
    ("check", "parameters", "expected"),
    [
        ("in_range", {"min_value": 0, "max_value": 9}, [True, False, None, True, False]),
        ("notin", {"forbidden_values": [7]}, [True, False, None, True, False]),
        ("column_ge", {"other": "other"}, [True, False, None, True, False]),
        ("expression", {"predicate": "other > 0"}, [True, False, True, True, False]),
        ("not_null", {}, [True, True, False, True, True]),
        ("not_blank", {}, [True, True, False, True, True]),
        ("required_when", {"when": "other = 1"}, [True, True, False, None, None]),
        ("str_matches", {"pattern": "f"}, [False, True, None, False, True]),
        ("str_length", {"max_value": 1}, [True, False, None, False, False]),
        ("has_type", {"type": "integer"}, [True, False, None, True, False]),
    ],
)
def test_row_checks(table: ir.Table, check: str, parameters: dict[str, object], expected: list[bool | None]) -> None:
    bound = bind_rule(Rule(check, "amount", check, parameters), table, ("amount", "other"))
    assert isinstance(bound.check, RowCheck)

    outcome = bound.check.result(table, bound.column)

    assert table.select("row number", outcome=outcome).order_by("row number").to_pyarrow()[1].to_pylist() == expected


def test_is_null_sees_that_the_value_is_there(table: ir.Table) -> None:
    bound = bind_rule(Rule("r", "other", "expression", {"predicate": "amount IS NULL"}), table, ("amount", "other"))
    assert isinstance(bound.check, RowCheck)

    assert table.filter(bound.check.result(table, "other")).to_pyarrow()["row number"].to_pylist() == [3]


def test_uniqueness_compares_the_texts(table: ir.Table) -> None:
    bound = bind_rule(Rule("r", "amount", "unique"), table, ("amount", "other"))
    assert isinstance(bound.check, GroupCheck)

    assert bound.check.tested(table, "amount").to_pyarrow().to_pylist() == [{"tested": 4, "failed": 4}]
    assert sorted(bound.check.failing(table, "amount").to_pyarrow()["row number"].to_pylist()) == [1, 2, 4, 5]


def test_the_null_rate_counts_missing_values_only(table: ir.Table) -> None:
    bound = bind_rule(Rule("r", "amount", "null_rate_between", {"max_value": 5}), table, ("amount", "other"))
    assert isinstance(bound.check, FigureCheck)

    assert bound.check.observe(table["amount"], table).to_pyarrow().as_py() == 20.0
