"""The interpreter of rule texts in Python: which part of it follows which statement and expression."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from profiling_pipeline.legacy_migration.translation import limits
from profiling_pipeline.legacy_migration.translation.columns import Columns
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.attributes import attribute, lookup
from profiling_pipeline.legacy_migration.translation.python.calls import call, invoke
from profiling_pipeline.legacy_migration.translation.python.comparisons import compare_chain
from profiling_pipeline.legacy_migration.translation.python.conditionals import conditional, short_circuit
from profiling_pipeline.legacy_migration.translation.python.loops import comprehension
from profiling_pipeline.legacy_migration.translation.python.operators import binary, unary
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.statements import execute_statement
from profiling_pipeline.legacy_migration.translation.python.subscripts import subscript
from profiling_pipeline.legacy_migration.translation.python.syntax import described
from profiling_pipeline.legacy_migration.translation.python.values import Closure, Known, Record, Scope, Unknown
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Constant
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import NO_ROW


class Interpreter:
    """Follows one text, on one assumption of what the columns hold: the `Evaluator` of all parts."""

    def __init__(self, columns: Columns) -> None:
        self.state = State(columns)

    def execute(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        """Follow statements; those that no row comes to are passed over."""
        for statement in statements:
            if self.state.path == NO_ROW:
                return
            self.state.step()
            execute_statement(self, statement, scope)

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """Return what an expression stands for.

        Raises:
            NotRecognisedError: It is not known here.
            StopsError: It always stops with an error.
        """
        self.state.step()
        match node:
            case ast.Constant(value=value):
                return Constant(value)
            case ast.Name(id=name):
                return lookup(name, scope)
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return self._list(elements, scope)
            case ast.Dict(keys=keys, values=values):
                return _record(keys, values, scope)
            case ast.UnaryOp(op=operator, operand=operand):
                return unary(self.state, operator, self.evaluate(operand, scope))
            case ast.BoolOp():
                return short_circuit(self, node, scope)
            case ast.BinOp(left=left, op=operator, right=right):
                return binary(self.state, operator, self.evaluate(left, scope), self.evaluate(right, scope))
            case ast.Compare():
                return compare_chain(self, node, scope)
            case ast.IfExp():
                return conditional(self, node, scope)
            case ast.Attribute(value=owner, attr=attr):
                return attribute(self.state, self.evaluate(owner, scope), attr)
            case ast.Subscript(value=owner, slice=index):
                return subscript(self, self.evaluate(owner, scope), index, scope)
            case ast.Call():
                return call(self, node, scope)
            case ast.Lambda():
                return Closure(node, scope)
            case ast.ListComp(elt=element, generators=[part]) | ast.GeneratorExp(elt=element, generators=[part]):
                return comprehension(self, element, part, scope)
            case ast.SetComp(elt=element, generators=[part]):
                return comprehension(self, element, part, scope)
            case ast.JoinedStr():
                return Unknown("a text that is put together")
        raise NotRecognisedError(f"it uses {described(node)}")

    def call(self, function: Any, given: Sequence[Any], named: Mapping[str, Any] | None = None) -> Any:
        """Return what a function, of the text or known here, gives for arguments.

        Raises:
            NotRecognisedError: It is not known here.
            StopsError: It always stops with an error.
        """
        return invoke(self, function, given, named or {})

    def _list(self, elements: list[ast.expr], scope: Scope) -> Constant:
        if len(elements) > limits.MOST_ELEMENTS:
            raise NotRecognisedError("it has a long list")
        values = [self.evaluate(element, scope) for element in elements]
        if all(isinstance(value, Known) for value in values):
            return Constant(values)
        if not all(isinstance(value, Constant) for value in values):
            raise NotRecognisedError("it has a list of something else than plain values")
        return Constant([value.value for value in values])


def _record(keys: list[ast.expr | None], values: list[ast.expr], scope: Scope) -> Record:
    nodes = {
        key.value: value
        for key, value in zip(keys, values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    return Record(nodes, dict(scope))
