"""Columns that repeat few values are judged value by value, and it makes no difference but in time."""

from pathlib import Path

import pytest

from profiling_pipeline.execution import by_value
from profiling_pipeline.execution.by_value import columns_of_few_values
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.rules.binding import bind_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat, OpenSource
from profiling_pipeline_tests.execution.data import a_rule, csv_source

COLUMNS = ["code", "amount", "note", "id"]
CODES = ["A1", "B2", "", None, "a1", "ß", "A1 ", "N/A"]
AMOUNTS = ["1", "2.50", "x", None, "-0", "12.345"]
ROWS = [(CODES[n % 8], AMOUNTS[n % 6], None, f"id{n}") for n in range(500)]
FORMATS = {"amount": DeclaredFormat(ColumnKind.NUMBER)}
RULES = [
    a_rule("code", "not_null"),
    a_rule("code", "not_blank"),
    a_rule("code", "isin", allowed_values=["A1", "B2"]),
    a_rule("code", "isin", allowed_values=["A1", "B2"], ignore_case=True),
    a_rule("code", "str_matches", pattern="[A-Z][0-9]$"),
    a_rule("code", "str_matches", pattern="[A-Z][0-9]$", where="amount > 1"),
    a_rule("code", "str_length", max_value=2),
    a_rule("code", "expression", predicate="LENGTH(code) < 3"),
    a_rule("code", "unique"),
    a_rule("code", "distinct_count_between", min_value=1, max_value=3),
    a_rule("amount", "decimal_precision", max_digits=2, max_decimals=2),
    a_rule("amount", "in_range", min_value=0, max_value=5),
    a_rule("amount", "has_type", type="number"),
    a_rule("amount", "not_null", min_pass_rate=80),
    a_rule("note", "str_length", max_value=2),
    a_rule("note", "not_blank"),
    a_rule("id", "str_matches", pattern="id[0-9]+$"),
]


@pytest.fixture
def source(tmp_path: Path):
    with csv_source(tmp_path, COLUMNS, ROWS, FORMATS) as opened:
        yield opened


def few_valued(source: OpenSource, rules: list[Rule] = RULES) -> frozenset[str]:
    return columns_of_few_values([bind_rule(rule, source.table, source.columns) for rule in rules], source)


def test_outcomes_are_the_same_either_way(source: OpenSource, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not few_valued(source)  # too few rows to be worth it
    by_row = execute_rules(RULES, source)
    monkeypatch.setattr(by_value, "LEAST_ROWS", 0)
    assert few_valued(source) == {"code", "amount", "note", "id"}
    assert execute_rules(RULES, source).to_dict() == by_row.to_dict()
    assert not [outcome.error for outcome in by_row.outcomes if outcome.error]


def test_columns_of_many_values_are_judged_row_by_row(source: OpenSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_value, "LEAST_ROWS", 0)
    monkeypatch.setattr(by_value, "_MOST_VALUES", 20)
    assert few_valued(source) == {"code", "amount", "note"}


def test_numbers_alone_are_not_worth_it(source: OpenSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_value, "LEAST_ROWS", 0)
    cheap = [a_rule("amount", "in_range", min_value=0, max_value=5), a_rule("code", "not_null")]
    assert not few_valued(source, cheap)
