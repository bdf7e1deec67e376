"""Rule texts that are functions in Python, as the earlier system called them."""

import ast
from typing import Any

from profiling_pipeline.legacy_migration.translation.cells import Constant
from profiling_pipeline.legacy_migration.translation.interpreter import Interpreter
from profiling_pipeline.legacy_migration.translation.limits import python_tree
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.outcome import Verdict, verdict_of
from profiling_pipeline.legacy_migration.translation.source import Columns
from profiling_pipeline.legacy_migration.translation.values import Frame, Function

_FIRST = ("check_rule", "check", "validate", "rule")


def verdict_of_python(text: str, column: str | None, columns: Columns) -> Verdict:
    """Return which rows pass by a rule text in Python.

    Raises:
        NotRecognisedError: It is none, or does something that is not known here.
    """
    tree = python_tree(text)
    interpreter = Interpreter(columns)
    names: dict[str, Any] = {}
    interpreter.block(tree.body, names)
    function = _function(names)
    result = interpreter.follow(function, _arguments(function, column))
    return verdict_of(interpreter, result)


def _function(names: dict[str, Any]) -> Function:
    """Return the function that the earlier system called."""
    functions = {
        name: value
        for name, value in names.items()
        if isinstance(value, Function) and isinstance(value.node, ast.FunctionDef) and value.node.args.args
    }
    if not functions:
        raise NotRecognisedError("it defines no function of the data")
    for start in _FIRST:
        if found := next((value for name, value in functions.items() if name.startswith(start)), None):
            return found
    return list(functions.values())[-1]


def _arguments(function: Function, column: str | None) -> list[Any]:
    parameters = function.node.args.args
    given: list[Any] = [Frame()]
    if len(parameters) > 1 and "col" in parameters[1].arg:
        if column is not None:
            given.append(Constant(column))
        elif not function.node.args.defaults:
            raise NotRecognisedError("its attribute has no column")
    return given
