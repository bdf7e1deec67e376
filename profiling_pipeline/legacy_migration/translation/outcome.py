"""From the counts that a legacy text returns to the check that comes to the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profiling_pipeline.exchange.sql_text import name_sql
from profiling_pipeline.legacy_migration.translation.cells import Cell, Constant, Truth, as_truth
from profiling_pipeline.legacy_migration.translation.conditions import (
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
    either,
    negated,
    parts_of,
    written,
)
from profiling_pipeline.legacy_migration.translation.interpreter import Interpreter
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.source import Columns
from profiling_pipeline.legacy_migration.translation.values import (
    Count,
    Depends,
    Flag,
    Rarer,
    Record,
    Series,
)

_PASSED = ("passed", "passed_count", "pass_count", "passed_records", "valid", "valid_count", "success_count")
_FAILED = ("failed", "failed_count", "fail_count", "failed_records", "invalid", "invalid_count", "error_count",
           "violations", "failures")  # fmt: skip
_TOTAL = ("total", "total_count", "total_records", "count", "total_rows")
_ALL_OR_NONE = "The text said only of all rows together whether they pass; here the rows are counted."
_GAPS_NOT_TESTED = "Rows without a value counted as passed; here they are not tested."
_FAILED_ALL = "Where one row was wrong, the text counted all rows as failed; here only the wrong ones are."


@dataclass(frozen=True)
class Verdict:
    """Which rows pass: of those of `tested`, the ones of `passed`; the others fail."""

    passed: Condition | Rarer
    tested: Condition = EVERY_ROW


def verdict_of(interpreter: Interpreter, result: Any) -> Verdict:
    """Return which rows pass by what a text returns: a dictionary of counts, a column of truth values or one of them.

    Raises:
        NotRecognisedError: The counts are not known here, or are no numbers of rows.
    """
    match result:
        case Record():
            return _of_counts(interpreter, result)
        case Series(cell=cell, rows=rows) if isinstance(cell, Cell):
            truth = as_truth(cell)
            if both(rows, truth.missing) != NO_ROW:
                interpreter.note("For rows without a value the text gave neither true nor false; here they fail.")
            return Verdict(truth.true, rows)
        case Flag(condition=Rarer() as rarer, is_negated=False):
            return Verdict(rarer)
        case Flag(condition=condition) if not isinstance(condition, Rarer):
            if not result.is_negated:
                raise NotRecognisedError("it only asks whether some row is as demanded")
            interpreter.note(_ALL_OR_NONE)
            return Verdict(negated(condition))
        case Truth():
            return Verdict(result.true)
    raise NotRecognisedError("it returns something else than counts of rows")


def _of_counts(interpreter: Interpreter, record: Record) -> Verdict:
    asked = {
        name: _asked(record, names) for name, names in (("passed", _PASSED), ("failed", _FAILED), ("total", _TOTAL))
    }
    if asked["passed"] is None and asked["failed"] is None:
        raise NotRecognisedError("it returns no numbers of passed and failed rows")
    found = {name: interpreter.value(node, dict(record.names)) for name, node in asked.items() if node is not None}
    if all(isinstance(value, Constant) and value.value == 0 for value in found.values()):
        raise NotRecognisedError("it tests nothing: it returns zeros, for a column that the source does not have")
    total = _count(found["total"]) if "total" in found else Count(((1, EVERY_ROW),))
    for name in ("passed", "failed"):
        if isinstance(found.get(name), Depends):
            return _all_or_none(interpreter, found[name], total, is_passed=name == "passed")
    counts = {name: _count(found[name]) for name in ("passed", "failed") if name in found}
    return _from_counts(interpreter, counts.get("passed"), counts.get("failed"), total)


def _asked(record: Record, names: tuple[str, ...]) -> Any:
    nodes: Mapping[str, Any] = {key.casefold().replace(" ", "_"): node for key, node in record.nodes.items()}
    return next((nodes[name] for name in names if name in nodes), None)


def _count(value: Any) -> Count:
    match value:
        case Count():
            return Count(tuple((factor, condition) for condition, factor in _summed(value)[0].items()), value.constant)
        case Constant(value=int() as number):
            return Count(constant=number)
    raise NotRecognisedError("it returns something else than numbers of rows")


def _all_or_none(interpreter: Interpreter, depends: Depends, total: Count, *, is_passed: bool) -> Verdict:
    if_true, if_false = _count(depends.if_true), _count(depends.if_false)
    flag = depends.flag if is_passed else depends.flag.turned()
    if (if_true, if_false) == (Count(), total):
        flag = flag.turned()
    elif (if_true, if_false) != (total, Count()):
        raise NotRecognisedError("it returns other counts by a decision about all rows")
    condition = flag.condition
    interpreter.note(_FAILED_ALL)
    if isinstance(condition, Rarer):
        if flag.is_negated:
            raise NotRecognisedError("it demands that one value dominates")
        return Verdict(condition)
    if not flag.is_negated:
        raise NotRecognisedError("it only asks whether some row is as demanded")
    return Verdict(negated(condition))


def _from_counts(interpreter: Interpreter, passed: Count | None, failed: Count | None, total: Count) -> Verdict:
    tested = _rows(interpreter, total, "tested")
    if passed is None and failed is not None:
        passed = total.plus(failed, -1)
    if passed is None:
        raise NotRecognisedError("it returns no number of passed rows")
    if failed is not None and _summed(passed.plus(failed)) != _summed(total):
        # Rows that are neither are not tested.
        tested = both(tested, either(_rows(interpreter, passed, "passed"), _rows(interpreter, failed, "failed")))
    elif failed is not None:
        return Verdict(negated(_rows(interpreter, failed, "failed")), tested)
    return Verdict(_rows(interpreter, passed, "passed"), tested)


def _summed(count: Count) -> tuple[dict[Condition, int], int]:
    times: dict[Condition, int] = {}
    for factor, condition in count.terms:
        if condition != NO_ROW:
            times[condition] = times.get(condition, 0) + factor
    return {condition: factor for condition, factor in times.items() if factor}, count.constant


def _rows(interpreter: Interpreter, count: Count, what: str) -> Condition:
    """Return the rows that a number counts; where it counts some twice or takes some off, the difference is named."""
    times, constant = _summed(count)
    if constant or any(abs(factor) != 1 for factor in times.values()):
        raise NotRecognisedError(f"the number of {what} rows is no number of rows of some kind")
    rows: Condition = NO_ROW
    added = [condition for condition, factor in times.items() if factor > 0]
    taken = [condition for condition, factor in times.items() if factor < 0]
    for condition in sorted(added, key=lambda each: each != EVERY_ROW):
        again = both(rows, condition)
        if again != NO_ROW:
            rows, taken = _cancelled(rows, condition, taken)
            if both(rows, condition) != NO_ROW and again not in taken:
                interpreter.note(f"Some rows counted twice as {what}, so that the numbers could exceed all rows.")
        rows = either(rows, condition)
    for condition in taken:
        if both(negated(rows), condition) != NO_ROW:
            interpreter.note(
                f"Some rows were taken off the number of {what} rows without having been among them, so that the "
                "numbers were wrong by as many rows; here each row is counted once."
            )
        rows = both(rows, negated(condition))
    return rows


def _cancelled(rows: Condition, condition: Condition, taken: list[Condition]) -> tuple[Condition, list[Condition]]:
    """Take off rows before others are added, where the text added first: `all - a + b`."""
    left = [each for each in taken if both(rows, each) == NO_ROW]
    for each in taken:
        if each not in left:
            rows = both(rows, negated(each))
    return rows, left


@dataclass(frozen=True)
class Stated:
    """A check with its parameters, and a predicate for the same if there is one."""

    check: str
    parameters: Mapping[str, Any]
    predicate: str | None = None


def stated(verdict: Verdict, column: str | None, columns: Columns) -> tuple[Stated, str]:
    """Return the check that passes and fails the rows of a verdict, and what it is in a few words.

    Raises:
        NotRecognisedError: No check does.
    """
    if isinstance(verdict.passed, Rarer):
        return _rarer(verdict.passed, column)
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
        return Stated("expression", {"predicate": predicate, **where}, predicate), kind
    if column is not None and passed == Present(sql):
        return Stated("not_null", where, predicate), "missing values"
    if column is not None and _is_not_blank(passed, sql):
        return Stated("not_blank", where, predicate), "missing and blank values"
    return Stated("expression", {"predicate": predicate, **where}, predicate), _kind_of(passed)


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


def _unique(passed: Condition, tested: Condition, own: str, columns: Columns) -> tuple[Stated, str]:
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
        columns.differences[_GAPS_NOT_TESTED] = None
    others = [column for column in repeated.columns if column != own]
    parameters = {"with": others, "first_passes": repeated.keep != "none", "nulls_are_equal": has_gaps}
    return Stated("unique", {name: value for name, value in parameters.items() if value}), "repeated values"


def _rarer(rarer: Rarer, column: str | None) -> tuple[Stated, str]:
    if column is not None and rarer.column != column:
        raise NotRecognisedError(f"it is about the column {rarer.column}, not its attribute's")
    if rarer.excludes_bound:
        raise NotRecognisedError("it demands a share below its bound")
    if not 0 < rarer.max_share <= 1:
        raise NotRecognisedError("it demands a share that is none")
    return Stated("value_share_at_most", {"max_share": rarer.max_share}), "a value that dominates"


_KINDS = (
    ("REGEXP_LIKE", "a pattern"), ("LENGTH(", "a length"), ("AS TIMESTAMP", "a date"), ("DATE '", "a date"),
    ("CURRENT_DATE", "a date"), ("TIMESTAMP '", "a date"), ("ROUND(", "decimals"), ("FLOOR(", "whole numbers"),
    (" IN (", "a set of values"), ("TRY_CAST(", "numbers"),
)  # fmt: skip


def _kind_of(condition: Condition) -> str:
    columns = {part.sql for part in parts_of(condition) if isinstance(part, Missing | Present) and "(" not in part.sql}
    texts = " ".join(part.sql for part in parts_of(condition) if isinstance(part, Holds))
    if len(columns) > 1:
        return "several columns"
    found = next((kind for word, kind in _KINDS if word in texts), None)
    if found:
        return found
    return "a range" if any(mark in texts for mark in ("<", ">")) else "a value" if texts else "missing values"
