"""What is done for each row, or for each value of a list: loops, comprehensions, functions that are applied."""

import ast
from typing import Any

from profiling_pipeline.legacy_migration.translation import limits
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.assignments import assign
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.values import Count, Scope, Series, Tuples
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Cell, Constant
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import both
from profiling_pipeline.legacy_migration.translation.symbolic.conversions import truthiness


def execute_for(evaluator: Evaluator, node: ast.For, scope: Scope) -> None:
    """Follow a loop: over a short list time by time, over rows once for all of them."""
    state = evaluator.state
    found = evaluator.evaluate(node.iter, scope)
    if isinstance(found, Constant) and isinstance(found.value, list):
        if len(found.value) > limits.MOST_ITERATIONS:
            raise NotRecognisedError("it goes through a long list")
        for each in found.value:
            assign(node.target, Constant(each), scope)
            evaluator.execute(node.body, scope)
        return
    if not isinstance(found, Series | Tuples) or state.row_depth:
        raise NotRecognisedError("it goes through something else than the rows")
    before, inner = state.path, dict(scope)
    _bind(node.target, _each(found), inner)
    returned = len(state.returned)
    with state.row_by_row(found.rows, counters=scope):
        evaluator.execute(node.body, inner)
    if len(state.returned) > returned:
        raise NotRecognisedError("it ends at the first row of some kind")
    state.path = before
    scope.update({name: value for name, value in inner.items() if name in scope and isinstance(value, Count)})


def comprehension(evaluator: Evaluator, element: ast.expr, part: ast.comprehension, scope: Scope) -> Constant | Series:
    """Return the list that a comprehension makes of plain values, or the column that it makes of rows."""
    source = evaluator.evaluate(part.iter, scope)
    if isinstance(source, Constant) and isinstance(source.value, list) and len(source.value) <= limits.MOST_ITERATIONS:
        return Constant([_made_of(evaluator, each, element, part, scope) for each in source.value])
    if not isinstance(source, Series | Tuples):
        raise NotRecognisedError("it goes through something else than the rows")
    state = evaluator.state
    before, inner = state.path, dict(scope)
    _bind(part.target, _each(source), inner)
    with state.row_by_row(both(before, source.rows)):
        for test in part.ifs:
            state.path = both(state.path, truthiness(evaluator.evaluate(test, inner)))
        made = evaluator.evaluate(element, inner)
    rows, state.path = state.path, before
    if not isinstance(made, Cell):
        raise NotRecognisedError("it makes a list of something that is not known here")
    return Series(made, rows)


def _made_of(evaluator: Evaluator, value: Any, element: ast.expr, part: ast.comprehension, scope: Scope) -> Any:
    if part.ifs:
        raise NotRecognisedError("it picks from a list")
    made = evaluator.evaluate(element, {**scope, getattr(part.target, "id", "_"): Constant(value)})
    if not isinstance(made, Constant):
        raise NotRecognisedError("it makes a list of something else than plain values")
    return made.value


def apply_to_rows(evaluator: Evaluator, function: Any, series: Series) -> Series:
    """Return what a function gives for each value of a column."""
    state = evaluator.state
    before = state.path
    with state.row_by_row(series.rows):
        result = evaluator.call(function, [series.cell])
    state.path = before
    if not isinstance(result, Cell):
        raise NotRecognisedError("its function gives something that is not known here")
    return Series(result, series.rows)


def _each(rows: Series | Tuples) -> Cell | tuple[Any, ...]:
    return rows.cell if isinstance(rows, Series) else rows.parts


def _bind(target: ast.expr, value: Cell | tuple[Any, ...], scope: Scope) -> None:
    if isinstance(target, ast.Tuple) and isinstance(value, tuple):
        for each, part in zip(target.elts, value, strict=False):
            _bind(each, part, scope)
    elif isinstance(target, ast.Name):
        scope[target.id] = value
    else:
        raise NotRecognisedError("it goes through the rows in a way that is not known here")
