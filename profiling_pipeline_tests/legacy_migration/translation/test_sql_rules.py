"""Rule texts in SQL: what they count, and what they leave open."""

from typing import Any

import pytest

from profiling_pipeline.legacy_migration.translation import Certainty, Translation, Untranslated, translate

COLUMNS = ("amount", "state", "Credit Line", "limit_amount")


def predicate(text: str, column: str | None = "amount") -> Any:
    found = translate(text, column, COLUMNS)
    assert isinstance(found, Translation), found
    assert found.certainty is not Certainty.GUESSED
    return found.parameters.get("predicate", (found.check, dict(found.parameters)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT COUNT(*) FROM {table} WHERE {column} IS NULL", ("not_null", {})),
        ("select count(*) from loans where amount is null;", ("not_null", {})),
        ("SELECT COUNT(*) - COUNT({column}) AS missing FROM {table}", ("not_null", {})),
        ("SELECT COUNT(*) - COUNT(Credit Line) AS missing FROM {table}", '"Credit Line" IS NOT NULL'),
        ("SELECT COUNT(*) FROM {table} WHERE {column} < 0", "amount IS NULL OR amount >= 0"),
        (
            "SELECT COUNT(*) FROM {table} WHERE {column} NOT BETWEEN 1 AND 10",
            "amount IS NULL OR amount BETWEEN 1 AND 10",
        ),
        (
            "SELECT * FROM {table} WHERE state NOT IN ('CA', 'NY') OR state IS NULL",
            "state IS NOT NULL AND state IN ('CA', 'NY')",
        ),
        (
            "SELECT COUNT(*) FROM {table} WHERE NOT REGEXP_LIKE(state, '^[A-Z]{2}$')",
            "state IS NULL OR REGEXP_LIKE(state, '^[A-Z]{2}$')",
        ),
        (
            "SELECT SUM(CASE WHEN amount > limit_amount THEN 1 ELSE 0 END) AS failed, COUNT(*) AS total FROM {table}",
            "amount IS NULL OR limit_amount IS NULL OR amount <= limit_amount",
        ),
        ("SELECT COUNT(CASE WHEN {column} >= 0 THEN 1 END) AS passed FROM t", "amount IS NOT NULL AND amount >= 0"),
        ("SELECT COUNT(*) FILTER (WHERE state = '') AS bad FROM t", "state IS NULL OR state <> ''"),
        (
            "SELECT {column}, COUNT(*) FROM {table} GROUP BY {column} HAVING COUNT(*) > 1",
            ("unique", {"nulls_are_equal": True}),
        ),
        (
            "SELECT amount, state FROM t WHERE amount IS NOT NULL AND state IS NOT NULL "
            "GROUP BY amount, state HAVING COUNT(*) > 1",
            ("unique", {"with": ["state"]}),
        ),
    ],
)
def test_what_it_counts(text: str, expected: object) -> None:
    assert predicate(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT COUNT(*) FROM {table} WHERE {column} > :most", ":most"),
        ("SELECT COUNT(*) FROM {child_table} WHERE {column} IS NULL", "{child_table}"),
        ("SELECT COUNT(*) FROM {table}", "counts all rows"),
        ("SELECT AVG({column}) FROM {table}", "no number of rows"),
        ("SELECT COUNT(*) FROM {table} WHERE my_function({column}) = 1", "cannot be said in rules"),
        ("SELECT {column} FROM {table} GROUP BY {column} HAVING SUM(1) > 5", "something else than repeated values"),
    ],
)
def test_what_it_leaves_open(text: str, reason: str) -> None:
    found = translate(text, "amount", COLUMNS)
    assert isinstance(found, Untranslated)
    assert reason in found.reason
