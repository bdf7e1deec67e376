"""What the parts of the interpreter may ask of it."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import Scope, Unknown


class Evaluator(Protocol):
    """Follows a text's statements and expressions with values that stand for what the columns hold."""

    state: State

    def execute(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        """Follow statements, which may change what names stand for."""

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """Return what an expression stands for.

        Raises:
            NotRecognisedError: It is not known here.
            StopsError: It always stops with an error.
        """

    def call(self, function: Any, given: Sequence[Any], named: Mapping[str, Any] | None = None) -> Any:
        """Return what a function, of the text or known here, gives for arguments.

        Raises:
            NotRecognisedError: It is not known here.
            StopsError: It always stops with an error.
        """


def evaluate_if_known(evaluator: Evaluator, node: ast.expr, scope: Scope) -> Any:
    """Return what an expression stands for; what is not known here may never be asked for."""
    state = evaluator.state
    path, raised = state.path, state.raised
    try:
        return evaluator.evaluate(node, scope)
    except StopsError:
        raise
    except NotRecognisedError as error:
        state.path, state.raised = path, raised
        return Unknown(str(error))
