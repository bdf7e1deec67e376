"""What assignments make names stand for."""

import ast
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.counts import as_count
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator, evaluate_if_known
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import Count, Frame, Scope, Unknown
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Constant, Truth
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import both


def execute_assignment(evaluator: Evaluator, target: ast.expr, value: ast.expr, scope: Scope) -> None:
    """Follow an assignment; several names may be given several values at once."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        found = [evaluate_if_known(evaluator, each, scope) for each in value.elts]
        for each, part in zip(target.elts, found, strict=False):
            assign(each, part, scope)
    else:
        assign(target, evaluate_if_known(evaluator, value, scope), scope)


def assign(target: ast.expr, value: Any, scope: Scope) -> None:
    """Let a name stand for a value.

    Raises:
        NotRecognisedError: The target is no name.
    """
    match target:
        case ast.Name(id=name):
            scope[name] = value
        case ast.Tuple(elts=targets) if isinstance(value, Constant) and isinstance(value.value, list):
            if len(targets) != len(value.value):
                raise StopsError("it takes apart a list of another length")
            for each, part in zip(targets, value.value, strict=True):
                assign(each, Constant(part), scope)
        case ast.Subscript(value=ast.Name(id=name)) if isinstance(scope.get(name), Frame):
            raise NotRecognisedError("it changes the data before it counts")
        case _:
            raise NotRecognisedError("it assigns to something else than a name")


def execute_augmented(evaluator: Evaluator, name: str, operator: ast.operator, value: ast.expr, scope: Scope) -> None:
    """Follow `name += value` and the like; within a loop over rows it counts rows."""
    state = evaluator.state
    if state.row_depth and name in state.counters and isinstance(operator, ast.Add | ast.Sub):
        before, added = as_count(scope.get(name)), evaluator.evaluate(value, scope)
        if before is None:
            raise NotRecognisedError("it adds up something else than rows")
        scope[name] = before.plus(_added(state, added), -1 if isinstance(operator, ast.Sub) else 1)
        return
    if scope.get(name) is None:
        scope[name] = Unknown(f"{name} is not known")
        return
    computed = ast.BinOp(left=ast.Name(id=name, ctx=ast.Load()), op=operator, right=value)
    scope[name] = evaluate_if_known(evaluator, computed, scope)


def gather(state: State, name: str, scope: Scope) -> None:
    """Follow `name.append(x)` within a loop over rows: one more of the rows that come here."""
    counted = as_count(scope.get(name))
    if counted is None:
        raise NotRecognisedError("it gathers rows in a way that is not known here")
    scope[name] = counted.plus(Count.of(state.path))


def _added(state: State, value: Any) -> Count:
    """Return the rows that come here, each as often as a number says or where something is true of it."""
    if isinstance(value, Constant) and type(value.value) is int:
        return Count(((value.value, state.path),))
    if isinstance(value, Truth):
        return Count.of(both(state.path, value.true))
    raise NotRecognisedError("it adds up something else than rows")
