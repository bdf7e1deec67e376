"""Rule texts that are functions in Python, as the earlier system called them."""

import ast
from typing import Any

from profiling_pipeline.legacy_migration.translation.columns import Columns
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.interpreter import Interpreter
from profiling_pipeline.legacy_migration.translation.python.syntax import python_tree
from profiling_pipeline.legacy_migration.translation.python.values import Closure, Frame, Scope
from profiling_pipeline.legacy_migration.translation.python.verdicts import verdict_of
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Constant
from profiling_pipeline.legacy_migration.translation.verdict import Verdict

_FIRST = ("check_rule", "check", "validate", "rule")


def verdict_of_python(text: str, column: str | None, columns: Columns) -> Verdict:
    """Return which rows pass by a rule text in Python.

    Raises:
        NotRecognisedError: It is none, or does something that is not known here.
    """
    tree = python_tree(text)
    interpreter = Interpreter(columns)
    scope: Scope = {}
    interpreter.execute(tree.body, scope)
    function = _function(scope)
    result = interpreter.call(function, _arguments(function, column))
    return verdict_of(interpreter, result)


def _function(scope: Scope) -> Closure:
    """Return the function that the earlier system called."""
    functions = {
        name: value
        for name, value in scope.items()
        if isinstance(value, Closure) and isinstance(value.node, ast.FunctionDef) and value.node.args.args
    }
    if not functions:
        raise NotRecognisedError("it defines no function of the data")
    for start in _FIRST:
        if found := next((value for name, value in functions.items() if name.startswith(start)), None):
            return found
    return list(functions.values())[-1]


def _arguments(function: Closure, column: str | None) -> list[Any]:
    parameters = function.node.args.args
    given: list[Any] = [Frame()]
    if len(parameters) > 1 and "col" in parameters[1].arg:
        if column is not None:
            given.append(Constant(column))
        elif not function.node.args.defaults:
            raise NotRecognisedError("its attribute has no column")
    return given
