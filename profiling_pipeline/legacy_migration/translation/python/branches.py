"""Paths that part and come together again: `if` and `try`."""

import ast
from dataclasses import dataclass
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.counts import as_count
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import Count, Flag, Scope, Unknown
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Cell, chosen
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    both,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conversions import truthiness


@dataclass
class _Branch:
    """What names stand for at the end of a branch, and on which condition a row comes there."""

    scope: Scope
    path: Condition


def execute_if(evaluator: Evaluator, node: ast.If, scope: Scope) -> None:
    """Follow an `if` along both branches, or along the one that all rows take."""
    state = evaluator.state
    decided = decide(state, evaluator.evaluate(node.test, scope))
    if isinstance(decided, bool):
        evaluator.execute(node.body if decided else node.orelse, scope)
        return
    before = state.path
    then = _follow(evaluator, node.body, scope, both(before, decided))
    otherwise = _follow(evaluator, node.orelse, scope, both(before, negated(decided)))
    state.path = either(then.path, otherwise.path)
    _merge(state, scope, decided, then, otherwise)


def decide(state: State, value: Any) -> bool | Condition:
    """Return which way all rows go at a branch, or on which condition a row goes the first.

    Raises:
        NotRecognisedError: The branch depends on something else.
    """
    if isinstance(value, Flag):
        if state.row_depth:
            raise NotRecognisedError("it asks of all rows while it looks at one")
        # Where no row is concerned, the counts within are zero.
        return not value.is_negated
    condition = truthiness(value) if isinstance(value, Cell) else None
    if condition in (EVERY_ROW, NO_ROW):
        return condition == EVERY_ROW
    if condition is None or not state.row_depth:
        raise NotRecognisedError("it branches on something that is not known here")
    return condition


def execute_try(evaluator: Evaluator, node: ast.Try, scope: Scope) -> None:
    """Follow a `try`, its first handler for the rows that stopped with an error, and what comes after both."""
    state = evaluator.state
    raised_before, state.raised = state.raised, NO_ROW
    tried = _Branch(_tried(evaluator, node.body, scope), NO_ROW)
    evaluator.execute(node.orelse, tried.scope)
    tried.path = state.path
    caught, state.raised = state.raised, raised_before
    handled = _Branch(dict(scope), caught)
    state.path = caught
    if caught != NO_ROW and node.handlers:
        handler = node.handlers[0]
        if handler.name:
            handled.scope[handler.name] = Unknown("an error's message")
        evaluator.execute(handler.body, handled.scope)
        handled.path = state.path
    state.path = either(tried.path, handled.path)
    _merge(state, scope, negated(caught), tried, handled)
    evaluator.execute(node.finalbody, scope)


def _tried(evaluator: Evaluator, body: list[ast.stmt], scope: Scope) -> Scope:
    """Follow what is tried and return its names; `state.raised` says which rows stopped with an error there."""
    state = evaluator.state
    before, returned, tried = state.path, len(state.returned), dict(scope)
    try:
        evaluator.execute(body, tried)
    except StopsError:
        if not state.row_depth:
            # The whole text stopped, and went on with what is written for that.
            del state.returned[returned:]
            state.path, state.raised = NO_ROW, before
            return dict(scope)
        state.raised = either(state.raised, state.path)
        state.path = NO_ROW
    return tried


def _follow(evaluator: Evaluator, body: list[ast.stmt], scope: Scope, path: Condition) -> _Branch:
    evaluator.state.path = path
    inner = dict(scope)
    evaluator.execute(body, inner)
    return _Branch(inner, evaluator.state.path)


def _merge(state: State, scope: Scope, condition: Condition, first: _Branch, second: _Branch) -> None:
    """Bring together what names stand for after two branches, for rows that came along either."""
    if not state.row_depth:
        scope.update(second.scope if first.path == NO_ROW else first.scope)
        return
    for name in {**first.scope, **second.scope}:
        one, other = first.scope.get(name), second.scope.get(name)
        if isinstance(one, Count) or isinstance(other, Count):
            scope[name] = _merged_count(one, other, scope.get(name))
        elif one is other or one == other or second.path == NO_ROW:
            scope[name] = one if second.path != NO_ROW or one is not None else other
        elif first.path == NO_ROW:
            scope[name] = other
        elif isinstance(one, Cell) and isinstance(other, Cell):
            scope[name] = chosen([(condition, one), (negated(condition), other)])
        else:
            scope[name] = Unknown("something that only some rows have")


def _merged_count(one: Any, other: Any, base: Any) -> Count:
    """Return a number of rows that both branches added to, each for its own rows."""
    counted, more, before = as_count(one), as_count(other), as_count(base)
    if counted is None or more is None or before is None:
        raise NotRecognisedError("it counts in a way that is not known here")
    return counted.plus(more).plus(before, -1) if counted != more else counted
