"""What is not in the language is refused, with its place."""

import time

import ibis
import ibis.expr.types as ir
import pytest

from profiling_pipeline.errors import PredicateError
from profiling_pipeline.rules.predicate import compile_predicate, parse_predicate

COLUMNS = ("AMOUNT", "name", "day", "ok", "Total", "TOTAL")


@pytest.fixture(scope="module")
def table() -> ir.Table:
    types = dict(zip(COLUMNS, ("int64", "string", "date", "boolean"), strict=False))
    return ibis.duckdb.connect().create_table("data", schema=ibis.schema(types | {"row number": "int64"}))


@pytest.mark.parametrize(
    ("text", "position", "named"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("SELECT 1", 0, "SELECT"),
        ("AMOUNT > 0; DROP TABLE data", 10, "Statements"),
        ("AMOUNT > 0 -- and more", 11, "Comments"),
        ("AMOUNT /* all */ > 0", 7, "Comments"),
        ("AMOUNT IN (SELECT 1)", 11, "list of literals"),
        ("AMOUNT = (SELECT 1)", 10, "subqueries"),
        ("AMOUNT > (WITH x AS (SELECT 1) SELECT 1)", 10, "subqueries"),
        ("EXISTS (SELECT 1)", 0, "EXISTS"),
        ("read_csv('/etc/passwd') IS NULL", 0, "read_csv"),
        ("pg_read_file('/etc/passwd') = 'x'", 0, "pg_read_file"),
        ("getenv('HOME') = name", 0, "getenv"),
        ("SUM(AMOUNT) > 5", 0, "SUM"),
        ("COUNT(*) > 5", 0, "COUNT"),
        ("ROW_NUMBER() OVER () > 1", 0, "ROW_NUMBER"),
        ("AMOUNT OVER () > 1", 7, "OVER"),
        ("AMOUNT::int > 1", 6, "CAST"),
        ("name || 'x' = 'y'", 5, "CONCAT"),
        ("AMOUNT != 0", 7, "<>"),
        ("AMOUNT == 0", 8, "="),
        ("AMOUNT ~ 'x'", 7, "tilde"),
        ("AMOUNT @> 1", 7, "commercial at"),
        ("data.AMOUNT > 0", 4, "full stop"),
        ("$1 > 0", 0, "dollar"),
        ("AMOUNT > ?", 9, "question mark"),
        ("{{AMOUNT}} > 0", 0, "curly"),
        ("AMOUNT > 0 \N{CYRILLIC CAPITAL LETTER O}R ok", 11, "not allowed"),
        ("\N{CYRILLIC CAPITAL LETTER A}MOUNT > 0", 0, "AMOUNT"),
        ("name = \N{LEFT SINGLE QUOTATION MARK}x\N{RIGHT SINGLE QUOTATION MARK}", 7, "quotation mark"),
        ("AMOUNT \N{GREATER-THAN OR EQUAL TO} 1", 7, "greater-than"),
        ("AMOUNT > \N{ARABIC-INDIC DIGIT THREE}", 9, "arabic"),
        ("AMOUNT >\N{NO-BREAK SPACE}1", 8, "no-break space"),
        ("AMOUNT > 1\N{NULL}", 10, "not allowed"),
        ("AMOUNT \N{LATIN SMALL LETTER DOTLESS I}s NULL", 7, "not allowed"),
        ("name = 'open", 7, "never closed"),
        ("(AMOUNT > 0", 11, ")"),
        ("AMOUNT > 0)", 10, ")"),
        ("AMOUNT > 0 AND", 14, "too early"),
        ("AMOUNT 5", 7, "5"),
        ("AMOUNT > 1e", 10, "e"),
        ("AMOUNT > 1 > 2", 11, "chain"),
        ("AMOUNT IS TRUE", 10, "NULL"),
        ("AMOUNT IN ()", 11, ")"),
        ("AMOUNT IN (AMOUNT)", 11, "literals"),
        ("AMOUNT IN (1, 2", 15, ")"),
        ("CASE AMOUNT WHEN 1 THEN ok END", 5, "CASE WHEN"),
        ("CASE WHEN ok THEN ok", 20, "END"),
        ("CAST(AMOUNT AS BLOB) = 'x'", 15, "BLOB"),
        ("CAST(AMOUNT AS DECIMAL(99, 1)) = 1", 0, "DECIMAL"),
        ("CAST(AMOUNT AS DECIMAL(-1)) = 1", 23, "-"),
        ("EXTRACT(CENTURY FROM day) = 1", 8, "CENTURY"),
        ("day + INTERVAL 'x' DAY > day", 15, "INTERVAL"),
        ("day + INTERVAL 9999999 YEAR > day", 6, "too long"),
        ("INTERVAL 3 DAY = day", 0, "INTERVAL"),
        # names and types
        ("missing > 1", 0, "missing"),
        ("total > 1", 0, "any of"),
        ('"row number" > 1', 0, "row number"),
        ("1 = 1", 0, "no column"),
        ("AMOUNT", 0, "condition"),
        ("AMOUNT AND ok", 0, "condition"),
        ("NOT name", 4, "condition"),
        ("name = 5", 5, "name (text)"),
        ("AMOUNT = '5'", 7, "'5' (text)"),
        ("AMOUNT IN (1, 'x')", 7, "'x'"),
        ("day > 5", 4, "day (date)"),
        ("day > 'soon'", 6, "soon"),
        ("day = DATE '2024-02-30'", 6, "2024-02-30"),
        ("ok > FALSE", 3, "order"),
        ("ok = 1", 3, "ok (boolean)"),
        ("AMOUNT + name > 1", 9, "name (text)"),
        ("AMOUNT LIKE 'x'", 0, "AMOUNT (integer)"),
        ("name LIKE name", 10, "text in quotes"),
        ("CASE WHEN ok THEN 1 ELSE 'x' END = 1", 0, "do not compare"),
        ("ROUND(AMOUNT, AMOUNT) = 1", 14, "whole number"),
        ("ROUND(AMOUNT, 99) = 1", 0, "ROUND"),
        ("LEFT(name) = 'x'", 0, "2 arguments"),
        ("LEFT(name, -1) = 'x'", 0, "a length from 0"),
        ("SUBSTRING(name, 0) = 'x'", 0, "SUBSTRING"),
        ("REGEXP_LIKE(name, '(')", 0, "regular expression"),
        ("DATE_DIFF('week', day, day) = 1", 0, "DATE_DIFF"),
        ("CAST(AMOUNT AS DATE) = day", 0, "cannot be cast"),
        ("GREATEST(name, 'x') = 'x'", 0, "GREATEST"),
        ("NULLIF(AMOUNT) = 1", 0, "NULLIF"),
        ("COALESCE(NULL, NULL) = AMOUNT", 0, "NULL"),
        ("AMOUNT > 1e400", 9, "out of range"),
        ("AMOUNT > 1e999999999", 9, "out of range"),
    ],
)
def test_refused(table: ir.Table, text: str, position: int, named: str) -> None:
    with pytest.raises(PredicateError) as refusal:
        compile_predicate(text, table, COLUMNS)

    assert refusal.value.position == position
    assert named in str(refusal.value)
    assert f"character {position + 1}" in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000 + "1" + ")" * 1999,
        "NOT " * 900 + "ok",
        "- " * 1900 + "1 > 0",
        "ABS(" * 900 + "1",
        "CASE WHEN " * 390 + "ok",
        "ok IMPLIES " * 300 + "ok",
        "CAST(" * 700 + "1",
    ],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(PredicateError, match="nested deeper than 50"):
        parse_predicate(text)


@pytest.mark.parametrize(
    "text",
    [
        "+".join(["AMOUNT"] * 500) + " > 0",
        "ROUND(" * 12 + "AMOUNT / 3" + ", 2)" * 12 + " > 0",
        "POWER(" * 10 + "AMOUNT" + ", 2)" * 10 + " > 0",
    ],
)
def test_what_would_compile_to_something_huge_is_refused(table: ir.Table, text: str) -> None:
    started = time.monotonic()

    with pytest.raises(PredicateError, match="too complex"):
        compile_predicate(text, table, COLUMNS)
    assert time.monotonic() - started < 5


def test_no_text_exhausts_the_stack() -> None:
    nest = "ok OR ok AND AMOUNT = AMOUNT + AMOUNT * -("
    deepest = nest * 24 + "1" + ")" * 24

    with pytest.raises(PredicateError, match="too complex"):
        parse_predicate(deepest)


def test_a_megabyte_is_refused_at_once() -> None:
    started = time.monotonic()

    with pytest.raises(PredicateError, match="4000 are allowed"):
        parse_predicate("name = '" + "x" * 1_000_000 + "'")
    assert time.monotonic() - started < 0.1
