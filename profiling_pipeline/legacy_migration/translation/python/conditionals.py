"""Expressions of which only a part is looked at in each row: `and`, `or` and `x if c else y`."""

import ast
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.branches import decide
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.values import Conditional, Flag, Scope
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Constant,
    Match,
    Truth,
    chosen,
    is_truth,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    both,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conversions import truthiness
from profiling_pipeline.legacy_migration.translation.verdict import ShareAtMost


def short_circuit(evaluator: Evaluator, node: ast.BoolOp, scope: Scope) -> Any:
    """Return `a and b` or `a or b`; the second is only looked at in rows where the first does not decide."""
    is_and = isinstance(node.op, ast.And)
    first = evaluator.evaluate(node.values[0], scope)
    for follows in node.values[1:]:
        if isinstance(first, Cell):
            first = _joined_cells(evaluator, first, follows, scope, is_and=is_and)
        else:
            first = _joined_flags(first, evaluator.evaluate(follows, scope), is_and=is_and)
    return first


def _joined_cells(evaluator: Evaluator, first: Cell, node: ast.expr, scope: Scope, *, is_and: bool) -> Any:
    condition = truthiness(first)
    goes_on = condition if is_and else negated(condition)
    (second,) = _along(evaluator, [(goes_on, node)], scope, rest=negated(goes_on))
    if not isinstance(second, Cell | None):
        return _joined_flags(first, second, is_and=is_and)
    follows = second if second is not None else Truth(NO_ROW)
    if not _is_yes_no(first):
        return chosen([(goes_on, follows), (negated(goes_on), first)])
    if not _is_yes_no(follows):
        return chosen([(goes_on, follows), (negated(goes_on), Truth(NO_ROW if is_and else negated(goes_on)))])
    other = truthiness(follows)
    return Truth(both(condition, other) if is_and else either(condition, other))


def _joined_flags(first: Any, second: Any, *, is_and: bool) -> Any:
    for one, other in ((first, second), (second, first)):
        if isinstance(one, Flag) and one.condition == EVERY_ROW:  # there are rows
            return other if is_and is not one.is_negated else one
        if isinstance(one, Constant) and isinstance(one.value, bool):
            return other if one.value is is_and else one
    raise NotRecognisedError("it joins what is true of all rows")


def conditional(evaluator: Evaluator, node: ast.IfExp, scope: Scope) -> Any:
    """Return what `x if c else y` gives."""
    tested = evaluator.evaluate(node.test, scope)
    if isinstance(tested, Flag) and isinstance(tested.condition, ShareAtMost):
        return _by_flag(evaluator, tested, node, scope)
    if isinstance(tested, Flag) and not evaluator.state.row_depth:
        if tested.condition == EVERY_ROW:  # whether there are rows at all
            return evaluator.evaluate(node.orelse if tested.is_negated else node.body, scope)
        return _by_flag(evaluator, tested, node, scope)
    decided = decide(evaluator.state, tested)
    if isinstance(decided, bool):
        return evaluator.evaluate(node.body if decided else node.orelse, scope)
    one, other = _along(evaluator, [(decided, node.body), (negated(decided), node.orelse)], scope)
    cases = [(decided, one), (negated(decided), other)]
    return chosen([(condition, cell) for condition, cell in cases if isinstance(cell, Cell)])


def _by_flag(evaluator: Evaluator, flag: Flag, node: ast.IfExp, scope: Scope) -> Conditional:
    return Conditional(flag, evaluator.evaluate(node.body, scope), evaluator.evaluate(node.orelse, scope))


def _along(
    evaluator: Evaluator, ways: list[tuple[Condition, ast.expr]], scope: Scope, rest: Condition = NO_ROW
) -> list[Any]:
    """Return what expressions stand for, each in the rows of a condition; None where no row comes to one.

    Rows of `rest` come to none of them and go on. Where an expression stops with an error, nothing follows.
    """
    state = evaluator.state
    before, results, paths = state.path, [], [both(state.path, rest)]
    for condition, node in ways:
        state.path = both(before, condition)
        result = None
        if state.path != NO_ROW:
            try:
                result = evaluator.evaluate(node, scope)
            except StopsError:
                if not state.row_depth:
                    raise
                state.stop_where(EVERY_ROW)
        results.append(result)
        paths.append(state.path)
    state.path = either(*paths)
    return results


def _is_yes_no(value: Cell) -> bool:
    return isinstance(value, Match) or is_truth(value)
