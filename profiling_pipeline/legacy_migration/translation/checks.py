"""From the rows that pass to the check that passes the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profiling_pipeline.exchange.sql_text import name_sql
from profiling_pipeline.legacy_migration.translation.columns import Columns
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    Holds,
    Missing,
    Present,
    Repeated,
    alternatives,
    both,
    demands,
    negated,
    parts_of,
    written,
)
from profiling_pipeline.legacy_migration.translation.verdict import ShareAtMost, Verdict

_GAPS_NOT_TESTED = "Rows without a value counted as passed; here they are not tested."
_KINDS = (
    ("REGEXP_LIKE", "a pattern"), ("LENGTH(", "a length"), ("AS TIMESTAMP", "a date"), ("DATE '", "a date"),
    ("CURRENT_DATE", "a date"), ("TIMESTAMP '", "a date"), ("ROUND(", "decimals"), ("FLOOR(", "whole numbers"),
    (" IN (", "a set of values"), ("TRY_CAST(", "numbers"),
)  # fmt: skip


@dataclass(frozen=True)
class StatedCheck:
    """A check with its parameters, and a predicate for the same if there is one."""

    check: str
    parameters: Mapping[str, Any]
    predicate: str | None = None


def check_of(verdict: Verdict, column: str | None, columns: Columns) -> tuple[StatedCheck, str]:
    """Return the check that passes and fails the rows of a verdict, and what it is in a few words.

    Raises:
        NotRecognisedError: No check does.
    """
    if isinstance(verdict.passed, ShareAtMost):
        return _share_at_most(verdict.passed, column)
    own = column or next(iter(columns.read), None)
    if own is None:
        raise NotRecognisedError("it is about no column")
    sql = name_sql(own)
    if any(isinstance(part, Repeated) for part in parts_of(verdict.passed)):
        return _unique(verdict.passed, verdict.tested, own, columns)
    where = {} if verdict.tested == EVERY_ROW else {"where": written(verdict.tested, sql)}
    passed = _assuming(verdict.passed, verdict.tested)
    predicate = written(passed, sql)
    if passed in (EVERY_ROW, NO_ROW):
        kind = f"nothing: {'every' if passed == EVERY_ROW else 'no'} row passes"
        return StatedCheck("expression", {"predicate": predicate, **where}, predicate), kind
    if column is not None and passed == Present(sql):
        return StatedCheck("not_null", where, predicate), "missing values"
    if column is not None and _is_not_blank(passed, sql):
        return StatedCheck("not_blank", where, predicate), "missing and blank values"
    return StatedCheck("expression", {"predicate": predicate, **where}, predicate), _kind_of(passed)


def _assuming(condition: Condition, tested: Condition) -> Condition:
    """Return a condition without what is true of all tested rows anyway."""
    if tested == EVERY_ROW:
        return condition
    given = set(demands(tested))
    rest = [part for part in demands(both(condition, tested)) if part not in given]
    return both(*rest)


def _is_not_blank(condition: Condition, sql: str) -> bool:
    parts = demands(condition)
    texts = (sql, f"CAST({sql} AS VARCHAR)")
    blank = {f"TRIM({text}) <> ''" for text in texts}
    return len(parts) == 2 and parts[0] == Present(sql) and isinstance(parts[1], Holds) and parts[1].sql in blank


def _unique(passed: Condition, tested: Condition, own: str, columns: Columns) -> tuple[StatedCheck, str]:
    found = [part for part in alternatives(passed) if isinstance(part, Repeated)]
    if len(found) != 1 or found[0].is_repeated:
        raise NotRecognisedError("it mixes repeated values with other conditions")
    repeated = found[0]
    gaps = {Missing(name_sql(column)) for column in repeated.columns}
    if not {part for part in alternatives(passed) if part != repeated} <= gaps:
        raise NotRecognisedError("it mixes repeated values with other conditions")
    if tested not in (EVERY_ROW, both(*(negated(gap) for gap in sorted(gaps, key=lambda gap: gap.sql)))):
        raise NotRecognisedError("it looks for repeated values among some of the rows")
    if own not in repeated.columns:
        raise NotRecognisedError(f"it is about the column {repeated.columns[0]}, not its attribute's")
    has_gaps = passed == repeated and tested == EVERY_ROW
    if tested == EVERY_ROW and not has_gaps:
        columns.note(_GAPS_NOT_TESTED)
    others = [column for column in repeated.columns if column != own]
    parameters = {"with": others, "first_passes": repeated.keep != "none", "nulls_are_equal": has_gaps}
    return StatedCheck("unique", {name: value for name, value in parameters.items() if value}), "repeated values"


def _share_at_most(share: ShareAtMost, column: str | None) -> tuple[StatedCheck, str]:
    if column is not None and share.column != column:
        raise NotRecognisedError(f"it is about the column {share.column}, not its attribute's")
    if share.excludes_bound:
        raise NotRecognisedError("it demands a share below its bound")
    if not 0 < share.max_share <= 1:
        raise NotRecognisedError("it demands a share that is none")
    return StatedCheck("value_share_at_most", {"max_share": share.max_share}), "a value that dominates"


def _kind_of(condition: Condition) -> str:
    columns = {part.sql for part in parts_of(condition) if isinstance(part, Missing | Present) and "(" not in part.sql}
    texts = " ".join(part.sql for part in parts_of(condition) if isinstance(part, Holds))
    if len(columns) > 1:
        return "several columns"
    found = next((kind for word, kind in _KINDS if word in texts), None)
    if found:
        return found
    return "a range" if any(mark in texts for mark in ("<", ">")) else "a value" if texts else "missing values"
