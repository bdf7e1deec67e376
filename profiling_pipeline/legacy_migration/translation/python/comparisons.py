"""What comparisons of a rule text give: ==, <, in, is and the like."""

import ast
from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.counts import compare_counts
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.series import elementwise
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import (
    ColumnNames,
    Count,
    Distinct,
    Flag,
    Frequencies,
    Known,
    Scope,
    Series,
)
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Choice,
    Constant,
    Moment,
    Nanoseconds,
    Number,
    Text,
    Truth,
    as_truth,
    missing_of,
)
from profiling_pipeline.legacy_migration.translation.symbolic.comparisons import MIRRORED, compare, is_in
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import NO_ROW, Condition, both, negated
from profiling_pipeline.legacy_migration.translation.symbolic.conversions import truthiness
from profiling_pipeline.legacy_migration.translation.symbolic.moments import CLOCK, Point, point_of
from profiling_pipeline.legacy_migration.translation.symbolic.texts import contains

_OPERATORS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_DTYPES = {"float": "float64", "int": "int64", "str": "object", "object": "object", "bool": "bool",
           "np.float64": "float64", "np.int64": "int64"}  # fmt: skip


def compare_chain(evaluator: Evaluator, node: ast.Compare, scope: Scope) -> Any:
    """Return what `a < b <= c` gives."""
    sides = [evaluator.evaluate(each, scope) for each in (node.left, *node.comparators)]
    found = [
        _compared(evaluator.state, one, operator, other)
        for one, operator, other in zip(sides, node.ops, sides[1:], strict=False)
    ]
    if len(found) == 1:
        return found[0]
    if not all(isinstance(each, Cell) for each in found):
        raise StopsError("it chains comparisons of columns")
    return Truth(both(*(truthiness(each) for each in found)))


def tested(state: State, operator: str, left: Cell, right: Cell) -> Condition:
    """Return where a comparison holds, and learn from it what columns hold."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Moment | Nanoseconds) and isinstance(other, Constant) and isinstance(other.value, str):
            left, right, operator = one, point_of(other.value), operator if one is left else MIRRORED[operator]
            break
    if any(isinstance(each, Point) and each.base is None for each in (left, right)):
        state.note(CLOCK)
    state.columns.learn(left, right)
    return compare(operator, left, right)


def _compared(state: State, left: Any, operator: ast.cmpop, right: Any) -> Any:
    if isinstance(operator, ast.In | ast.NotIn):
        found = _contained(state, left, right)
        return _turned(found) if isinstance(operator, ast.NotIn) else found
    if isinstance(operator, ast.Is | ast.IsNot):
        same = _is_same(left, right)
        return _turned(same) if isinstance(operator, ast.IsNot) else same
    word = _OPERATORS[type(operator)]
    if isinstance(left, Count | Frequencies | Distinct) or isinstance(right, Count | Frequencies | Distinct):
        return compare_counts(word, left, right)
    if isinstance(left, Flag) and word in ("==", "!=") and right in (Constant(True), Constant(False)):
        return left if right.value is (word == "==") else left.turned()
    if isinstance(left, Series) or isinstance(right, Series):
        return elementwise(lambda a, b: Truth(tested(state, word, a, b)), left, right)
    if isinstance(left, Known) or isinstance(right, Known):
        left, right = (_dtype_name(each) if isinstance(each, Known) else each for each in (left, right))
    if isinstance(left, Cell) and isinstance(right, Cell):
        if state.row_depth and word not in ("==", "!="):
            _stop_without_value(state, left, right)
        return Truth(tested(state, word, left, right))
    raise NotRecognisedError("it compares something that is not known here")


def _stop_without_value(state: State, *cells: Cell) -> None:
    """None has no order, unlike NaN."""
    for cell in cells:
        if isinstance(cell, Text):
            state.stop_where(cell.missing)


def _dtype_name(known: Known) -> Constant:
    return Constant(_DTYPES.get(known.name, known.name))


def _turned(found: Constant | Truth) -> Constant | Truth:
    return Constant(not found.value) if isinstance(found, Constant) else Truth(negated(found.true))


def _contained(state: State, left: Any, right: Any) -> Constant | Truth:
    match left, right:
        case (Constant(value=str() as name), ColumnNames()):
            return Constant(state.columns.find(name) is not None)
        case (Constant(), Constant(value=list() as values)):
            return Constant(left.value in values)
        case (Constant(value=str() as part), Constant(value=str() as text)):
            return Constant(part in text)
        case (Cell(), Constant(value=list() as values)):
            state.columns.learn(left, *map(Constant, values[:3]))
            return Truth(is_in(left, values))
        case (Constant(value=str() as part), Text() | Choice() as text):
            return Truth(contains(text, part))
    raise NotRecognisedError("it looks something up in a way that is not known here")


def _is_same(left: Any, right: Any) -> Truth:
    if isinstance(right, Constant) and right.value is None and isinstance(left, Cell):
        if isinstance(left, Number):
            return Truth(NO_ROW)  # it is NaN
        return Truth(missing_of(left))
    if isinstance(right, Constant) and isinstance(right.value, bool) and isinstance(left, Cell):
        truth = as_truth(left)
        return Truth(truth.true if right.value else both(negated(truth.true), negated(truth.missing)))
    raise NotRecognisedError("it asks whether things are the same object")
