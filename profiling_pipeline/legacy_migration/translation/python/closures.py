"""Functions that a rule text defines."""

import ast
from collections.abc import Sequence
from typing import Any

from profiling_pipeline.legacy_migration.translation import limits
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.values import Closure, Scope
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Cell, Constant, chosen
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import NO_ROW, Condition, either


def call_closure(evaluator: Evaluator, function: Closure, arguments: Sequence[Any]) -> Any:
    """Return what a function of the text gives."""
    state = evaluator.state
    if state.call_depth >= limits.MOST_CALLS:
        raise NotRecognisedError("its functions call one another too deeply")
    node = function.node
    scope = {**function.scope, **_parameters(evaluator, function, arguments)}
    if isinstance(node, ast.Lambda):
        return evaluator.evaluate(node.body, scope)
    with state.within_closure() as returned:
        evaluator.execute(node.body, scope)
    if state.path != NO_ROW:
        returned.append((state.path, Constant(None)))
    state.path = either(*(condition for condition, _ in returned))
    return _one_of(returned)


def _one_of(returned: list[tuple[Condition, Any]]) -> Any:
    """Return what a function gives that returns at several places."""
    if len(returned) == 1:
        return returned[0][1]
    if not returned:
        raise StopsError("its function always stops with an error")
    if not all(isinstance(value, Cell) for _, value in returned):
        raise NotRecognisedError("it returns different things")
    return chosen(returned)


def _parameters(evaluator: Evaluator, function: Closure, arguments: Sequence[Any]) -> Scope:
    spec = function.node.args
    if spec.vararg or spec.kwonlyargs or spec.posonlyargs:
        raise NotRecognisedError("its function takes arguments in a way that is not known here")
    missing = len(spec.args) - len(arguments)
    if missing < 0 or missing > len(spec.defaults):
        raise StopsError("its function is called with the wrong number of arguments")
    scope = {parameter.arg: argument for parameter, argument in zip(spec.args, arguments, strict=False)}
    defaults = spec.defaults[-missing:] if missing else []
    for parameter, default in zip(spec.args[len(arguments) :], defaults, strict=True):
        scope[parameter.arg] = evaluator.evaluate(default, function.scope)
    return scope
