"""What operators of a rule text give: +, -, &, | and the like."""

import ast
from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation import limits
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.counts import as_count, as_shares, repeated_count
from profiling_pipeline.legacy_migration.translation.python.series import elementwise
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.syntax import described
from profiling_pipeline.legacy_migration.translation.python.values import (
    Conditional,
    Count,
    Distinct,
    Flag,
    Frequencies,
    Series,
)
from profiling_pipeline.legacy_migration.translation.symbolic.arithmetic import compute
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Cell, Constant, Truth, as_truth
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import both, either, negated
from profiling_pipeline.legacy_migration.translation.symbolic.conversions import truthiness
from profiling_pipeline.legacy_migration.translation.symbolic.moments import Point, Span

_ARITHMETIC: Mapping[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%",
}  # fmt: skip


def unary(state: State, operator: ast.unaryop, operand: Any) -> Any:
    """Return what `-x`, `+x`, `not x` or `~x` gives."""
    match operator, operand:
        case ast.Not(), Flag():
            return operand.turned()
        case ast.Not(), Cell():
            return Truth(negated(truthiness(operand)))
        case ast.Invert(), Series(cell=cell, rows=rows):
            truth = as_truth(cell)
            state.stop_where(both(rows, truth.missing))
            return Series(Truth(both(negated(truth.true), negated(truth.missing)), truth.missing), rows)
        case ast.Invert(), Truth():
            return Truth(negated(operand.true))
        case ast.USub(), Constant(value=int() | float() as value):
            return Constant(-value)
        case ast.UAdd(), Constant(value=int() | float()):
            return operand
        case ast.USub(), Count():
            return Count().plus(operand, -1)
        case ast.USub(), Cell():
            return compute("-", Constant(0), operand)
        case ast.USub(), Series(cell=Truth()):
            return unary(state, ast.Invert(), operand)
        case ast.USub(), Series(cell=cell, rows=rows):
            return Series(compute("-", Constant(0), cell), rows)
    raise NotRecognisedError("it negates something that is not known here")


def binary(state: State, operator: ast.operator, left: Any, right: Any) -> Any:
    """Return what `x + y`, `x & y` and the like give."""
    if isinstance(operator, ast.BitAnd | ast.BitOr):
        return _masks(isinstance(operator, ast.BitAnd), left, right)
    word = _ARITHMETIC.get(type(operator))
    if word is None:
        raise NotRecognisedError(f"it computes with {described(operator)}")
    if isinstance(left, Constant) and isinstance(right, Constant):
        return _constant_arithmetic(word, left.value, right.value)
    if isinstance(left, Point) and isinstance(right, Span) and word in "+-":
        return left.moved(right, -1 if word == "-" else 1)
    if isinstance(left, Count | Constant) and isinstance(right, Count | Constant) and word in "+-":
        one, other = as_count(left), as_count(right)
        if one is not None and other is not None:
            return one.plus(other, -1 if word == "-" else 1)
    if isinstance(left, Conditional):
        ways = [binary(state, operator, way, right) for way in (left.if_true, left.if_false)]
        return Conditional(left.flag, *ways)
    if isinstance(right, Conditional):
        ways = [binary(state, operator, left, way) for way in (right.if_true, right.if_false)]
        return Conditional(right.flag, *ways)
    if isinstance(left, Count) and word == "-" and isinstance(right, Distinct):
        return repeated_count(left, right)
    if isinstance(left, Frequencies) and word == "/":
        return as_shares(left, right)
    return _arithmetic(state, word, left, right)


def _arithmetic(state: State, word: str, left: Any, right: Any) -> Cell | Series:
    def computed(one: Cell, other: Cell) -> Cell:
        state.columns.learn(one, other)
        return compute(word, one, other)

    if isinstance(left, Series) or isinstance(right, Series):
        return elementwise(computed, left, right)
    if isinstance(left, Cell) and isinstance(right, Cell):
        return computed(left, right)
    raise NotRecognisedError("it computes with something that is not known here")


def _masks(is_and: bool, left: Any, right: Any) -> Cell | Series:
    def joined(one: Cell, other: Cell) -> Cell:
        first, second = as_truth(one), as_truth(other)
        return Truth(both(first.true, second.true) if is_and else either(first.true, second.true))

    if isinstance(left, Series) or isinstance(right, Series):
        return elementwise(joined, left, right)
    if isinstance(left, Cell) and isinstance(right, Cell):
        return joined(left, right)
    raise NotRecognisedError("it joins something that is not known here")


def _constant_arithmetic(word: str, left: Any, right: Any) -> Constant:
    """Return what plain numbers come to, or two lists or short texts together.

    Raises:
        NotRecognisedError: They are something else, or too large.
    """
    if isinstance(left, list) and isinstance(right, list) and word == "+":
        if len(left) + len(right) > limits.MOST_ELEMENTS:
            raise NotRecognisedError("it has a long list")
        return Constant(left + right)
    if isinstance(left, str) and isinstance(right, str) and word == "+" and len(left) + len(right) < 2_000:
        return Constant(left + right)
    if not all(type(each) in (int, float) and abs(each) < 10**30 for each in (left, right)):
        raise NotRecognisedError("it computes with something that is not known here")
    if word in "/%" and right == 0:
        raise StopsError("it divides by zero")
    results = {
        "+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right, "/": lambda: left / right,
        "%": lambda: left % right,
    }  # fmt: skip
    return Constant(results[word]())
