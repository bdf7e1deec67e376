"""What the page of the language shows can be written, and is refused as it says."""

import re
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pytest

from profiling_pipeline.errors import PredicateError
from profiling_pipeline.rules.predicate import compile_predicate
from profiling_pipeline.rules.predicate.parser import FUNCTIONS, TYPES, UNITS

PAGE = (Path(__file__).parents[3] / "docs" / "predicates.md").read_text(encoding="utf-8")
TYPES_OF_COLUMNS = {
    "BALANCE": "decimal(12, 2)", "LIMIT_AMOUNT": "float64", "STATUS": "string", "BRANCH": "string", "OPENED": "date",
    "CLOSED": "date", "UPDATED_AT": "timestamp(6)", "IS_ACTIVE": "boolean", "Credit Score": "int64", "name": "string",
}  # fmt: skip


@pytest.fixture(scope="module")
def table() -> ir.Table:
    return ibis.duckdb.connect().create_table("loans", schema=ibis.schema(TYPES_OF_COLUMNS))


def test_every_example_of_the_page_runs(table: ir.Table) -> None:
    examples = re.findall(r"^\|[^|]+\| `([^`]+)` \|", PAGE, re.MULTILINE)

    conditions = {f"c{number}": compile_predicate(each, table, table.columns) for number, each in enumerate(examples)}

    assert len(examples) > 40
    assert table.select(**conditions).to_pyarrow().num_rows == 0


def test_every_word_of_the_language_is_on_the_page() -> None:
    for word in {*FUNCTIONS, *TYPES, *UNITS}:
        assert word in PAGE


@pytest.mark.parametrize("text", ["name = 5", "LMIT_AMOUNT > 0", "IS_ACTIVE && IS_ACTIVE"])
def test_the_page_quotes_refusals(table: ir.Table, text: str) -> None:
    with pytest.raises(PredicateError) as refusal:
        compile_predicate(text, table, table.columns)

    said = re.sub(r" \(at character \d+", " (at character", str(refusal.value))
    assert said in re.sub(r"(at character) \d+", r"\1", re.sub(r"\s+", " ", PAGE))
