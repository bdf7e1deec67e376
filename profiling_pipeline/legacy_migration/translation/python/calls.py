"""What calls in a rule text give: of its own functions, of those of Python and its libraries, and of methods."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.closures import call_closure
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call
from profiling_pipeline.legacy_migration.translation.python.library.functions import call_known
from profiling_pipeline.legacy_migration.translation.python.library.methods import call_method_of
from profiling_pipeline.legacy_migration.translation.python.series import true_rows
from profiling_pipeline.legacy_migration.translation.python.values import (
    BoundMethod,
    Closure,
    Flag,
    Known,
    Scope,
    Series,
    every,
)
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Constant
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import either, negated


def call(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Any:
    """Return what a call gives."""
    if any(isinstance(each, ast.Starred) for each in node.args) or any(each.arg is None for each in node.keywords):
        raise NotRecognisedError("it calls something with arguments that are not written out")
    function = evaluator.evaluate(node.func, scope)
    given = [evaluator.evaluate(each, scope) for each in node.args]
    if isinstance(function, Known) and function.name in ("any", "all") and len(node.args) == 1:
        return _any_or_all(function.name, given[0])
    named = {str(each.arg): evaluator.evaluate(each.value, scope) for each in node.keywords}
    return invoke(evaluator, function, given, named)


def invoke(evaluator: Evaluator, function: Any, given: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """Return what a function gives for some arguments."""
    match function:
        case Closure():
            if named:
                raise NotRecognisedError("it calls its own function with named arguments")
            return call_closure(evaluator, function, given)
        case Known(name=name):
            return call_known(evaluator, Call(name, given, named))
        case BoundMethod(owner=owner, name=name):
            return call_method_of(evaluator, owner, Call(name, given, named))
    raise NotRecognisedError("it calls something that is not known here")


def _any_or_all(name: str, found: Any) -> Flag | Constant:
    match found:
        case Series():
            rows = true_rows(found)
            return Flag(rows) if name == "any" else every(either(negated(found.rows), rows))
        case Constant(value=list() as values):
            return Constant(any(values) if name == "any" else all(values))
    raise NotRecognisedError(f"it uses {name}() of something that is not known here")
