"""Many checks in one aggregate query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import ibis.expr.types as ir
import psycopg

from profiling_pipeline.errors import SourceUnavailableError
from profiling_pipeline.rules.binding import BoundRule
from profiling_pipeline.rules.checks.base import FigureCheck, GroupCheck, RowCheck
from profiling_pipeline.sources.model import OpenSource

# PostgreSQL answers with at most 1,664 columns; each rule asks for two.
RULES_AT_ONCE = 800


@dataclass(frozen=True)
class Counts:
    """What one rule's query came to: rows of the two classes that are not skipped, or a figure, or why neither."""

    passed: int = 0
    failed: int = 0
    observed: Any = None
    error: str | None = None


def count_rows(source: OpenSource) -> int:
    """Return the number of rows of the source."""
    return int(_answer(source, source.table.aggregate(rows=source.table.count()))["rows"])


def count_fused(rules: Sequence[BoundRule], source: OpenSource) -> list[Counts]:
    """Test row and figure checks in as few passes as the engine allows, one for up to 800 rules.

    When a query fails, halves of its rules are tried, so that only a rule that fails alone is in error.

    Raises:
        SourceUnavailableError: The data's server has stopped answering.
    """
    counts: list[Counts] = []
    for start in range(0, len(rules), RULES_AT_ONCE):
        counts.extend(_count_together(rules[start : start + RULES_AT_ONCE], source))
    return counts


def count_group(rule: BoundRule, check: GroupCheck, source: OpenSource) -> Counts:
    """Test a check that brings a query of its own.

    Raises:
        SourceUnavailableError: The data's server has stopped answering.
    """
    table = source.table if rule.where is None else source.table.filter(rule.where)
    try:
        answer = _answer(source, check.tested(table, rule.column))
    except SourceUnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - engines raise what they like
        return Counts(error=explained(error))
    tested, failed = int(answer["tested"] or 0), int(answer["failed"] or 0)
    return Counts(passed=tested - failed, failed=failed)


def rows_failing(rule: BoundRule, table: ir.Table) -> ir.Table:
    """Return the rows of the source that fail a row or group check."""
    if isinstance(rule.check, GroupCheck):
        return rule.check.failing(table if rule.where is None else table.filter(rule.where), rule.column)
    fails = ~_output(rule, table)
    return table.filter(fails if rule.where is None else fails & rule.where)


def _count_together(rules: Sequence[BoundRule], source: OpenSource) -> list[Counts]:
    aggregates: dict[str, ir.Value] = {}
    for number, rule in enumerate(rules):
        aggregates.update({f"{number} {name}": value for name, value in _aggregates(rule, source.table).items()})
    if not aggregates:
        return []
    try:
        answer = _answer(source, source.table.aggregate(**aggregates))
    except SourceUnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - engines raise what they like; the guilty rule gets the message
        if len(rules) == 1:
            return [Counts(error=explained(error))]
        middle = len(rules) // 2
        return [*_count_together(rules[:middle], source), *_count_together(rules[middle:], source)]
    return [_counts(rule, number, answer) for number, rule in enumerate(rules)]


def _aggregates(rule: BoundRule, table: ir.Table) -> dict[str, ir.Value]:
    if isinstance(rule.check, FigureCheck):
        return {"observed": rule.check.observe(table[rule.column], table)}
    output = _output(rule, table)
    failed = ~output if rule.where is None else ~output & rule.where
    passed = output if rule.where is None else output & rule.where
    return {"passed": table.count(where=passed), "failed": table.count(where=failed)}


def _output(rule: BoundRule, table: ir.Table) -> ir.BooleanValue:
    """Return what the rule's Pandera check says of each row: true, false, or null where it is undefined."""
    if not isinstance(rule.check, RowCheck):
        raise TypeError(f"{rule.check.name} is no check of rows")
    return rule.check.to_pandera(rule.column)(table, rule.column).check_output


def _counts(rule: BoundRule, number: int, answer: Mapping[str, Any]) -> Counts:
    if isinstance(rule.check, FigureCheck):
        observed = answer[f"{number} observed"]
        is_nan = isinstance(observed, float) and isnan(observed)
        return Counts(observed=None if is_nan else observed)
    return Counts(passed=int(answer[f"{number} passed"]), failed=int(answer[f"{number} failed"]))


def _answer(source: OpenSource, query: ir.Table) -> dict[str, Any]:
    """Return the only row of a query."""
    return rows_of(source, query)[0]


def rows_of(source: OpenSource, query: ir.Table) -> list[dict[str, Any]]:
    """Run a query and return its rows as plain Python values.

    Raises:
        SourceUnavailableError: The data's server has stopped answering.
    """
    try:
        rows: list[dict[str, Any]] = query.to_pyarrow().to_pylist()
    except psycopg.OperationalError as error:
        if source.connection.con.broken:
            raise SourceUnavailableError(
                f"The connection to {source.name} broke off: {_first_line(error)}. Try again."
            ) from error
        raise
    except psycopg.Error:
        source.connection.con.rollback()
        raise
    return rows


def explained(error: Exception) -> str:
    """Return what an engine says about a query that failed, in one line."""
    return f"The query failed: {_first_line(error)}. Check the rule's parameters against the column's values."


def _first_line(error: Exception) -> str:
    return next((line.strip().rstrip(".") for line in str(error).splitlines() if line.strip()), type(error).__name__)
