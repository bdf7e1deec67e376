"""From what a rule text in Python returns to the rows that pass."""

from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.values import (
    Conditional,
    Count,
    Flag,
    Record,
    Series,
)
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Constant, Truth, as_truth
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    both,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.verdict import ShareAtMost, Verdict

_PASSED = ("passed", "passed_count", "pass_count", "passed_records", "valid", "valid_count", "success_count")
_FAILED = ("failed", "failed_count", "fail_count", "failed_records", "invalid", "invalid_count", "error_count",
           "violations", "failures")  # fmt: skip
_TOTAL = ("total", "total_count", "total_records", "count", "total_rows")
_ALL_OR_NONE = "The text said only of all rows together whether they pass; here the rows are counted."
_FAILED_ALL = "Where one row was wrong, the text counted all rows as failed; here only the wrong ones are."


def verdict_of(evaluator: Evaluator, result: Any) -> Verdict:
    """Return which rows pass by what a text returns: a dictionary of counts, a column of truth values or one of them.

    Raises:
        NotRecognisedError: The counts are not known here, or are no numbers of rows.
    """
    match result:
        case Record():
            return _of_counts(evaluator, result)
        case Series(cell=cell, rows=rows):
            truth = as_truth(cell)
            if both(rows, truth.missing) != NO_ROW:
                evaluator.state.note("For rows without a value the text gave neither true nor false; here they fail.")
            return Verdict(truth.true, rows)
        case Flag(condition=ShareAtMost() as share, is_negated=False):
            return Verdict(share)
        case Flag(condition=condition) if not isinstance(condition, ShareAtMost):
            if not result.is_negated:
                raise NotRecognisedError("it only asks whether some row is as demanded")
            evaluator.state.note(_ALL_OR_NONE)
            return Verdict(negated(condition))
        case Truth():
            return Verdict(result.true)
    raise NotRecognisedError("it returns something else than counts of rows")


def _of_counts(evaluator: Evaluator, record: Record) -> Verdict:
    asked = {
        name: _asked(record, names) for name, names in (("passed", _PASSED), ("failed", _FAILED), ("total", _TOTAL))
    }
    if asked["passed"] is None and asked["failed"] is None:
        raise NotRecognisedError("it returns no numbers of passed and failed rows")
    found = {name: evaluator.evaluate(node, dict(record.scope)) for name, node in asked.items() if node is not None}
    if all(isinstance(value, Constant) and value.value == 0 for value in found.values()):
        raise NotRecognisedError("it tests nothing: it returns zeros, for a column that the source does not have")
    total = _count(found["total"]) if "total" in found else Count.of(EVERY_ROW)
    for name in ("passed", "failed"):
        if isinstance(found.get(name), Conditional):
            return _all_or_none(evaluator, found[name], total, is_passed=name == "passed")
    counts = {name: _count(found[name]) for name in ("passed", "failed") if name in found}
    return _from_counts(evaluator, counts.get("passed"), counts.get("failed"), total)


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


def _all_or_none(evaluator: Evaluator, conditional: Conditional, total: Count, *, is_passed: bool) -> Verdict:
    if_true, if_false = _count(conditional.if_true), _count(conditional.if_false)
    flag = conditional.flag if is_passed else conditional.flag.turned()
    if (if_true, if_false) == (Count(), total):
        flag = flag.turned()
    elif (if_true, if_false) != (total, Count()):
        raise NotRecognisedError("it returns other counts by a decision about all rows")
    condition = flag.condition
    evaluator.state.note(_FAILED_ALL)
    if isinstance(condition, ShareAtMost):
        if flag.is_negated:
            raise NotRecognisedError("it demands that one value dominates")
        return Verdict(condition)
    if not flag.is_negated:
        raise NotRecognisedError("it only asks whether some row is as demanded")
    return Verdict(negated(condition))


def _from_counts(evaluator: Evaluator, passed: Count | None, failed: Count | None, total: Count) -> Verdict:
    tested = _rows(evaluator, total, "tested")
    if passed is None and failed is not None:
        passed = total.plus(failed, -1)
    if passed is None:
        raise NotRecognisedError("it returns no number of passed rows")
    if failed is not None and _summed(passed.plus(failed)) != _summed(total):
        # Rows that are neither are not tested.
        tested = both(tested, either(_rows(evaluator, passed, "passed"), _rows(evaluator, failed, "failed")))
    elif failed is not None:
        return Verdict(negated(_rows(evaluator, failed, "failed")), tested)
    return Verdict(_rows(evaluator, passed, "passed"), tested)


def _summed(count: Count) -> tuple[dict[Condition, int], int]:
    times: dict[Condition, int] = {}
    for factor, condition in count.terms:
        if condition != NO_ROW:
            times[condition] = times.get(condition, 0) + factor
    return {condition: factor for condition, factor in times.items() if factor}, count.constant


def _rows(evaluator: Evaluator, count: Count, what: str) -> Condition:
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
                evaluator.state.note(f"Some rows counted twice as {what}, so that the numbers could exceed all rows.")
        rows = either(rows, condition)
    for condition in taken:
        if both(negated(rows), condition) != NO_ROW:
            evaluator.state.note(
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
