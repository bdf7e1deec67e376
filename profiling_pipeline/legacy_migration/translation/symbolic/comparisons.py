"""Where values compare, and where they are among others."""

from decimal import Decimal
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Choice,
    Constant,
    Expression,
    LengthOfPart,
    Match,
    Moment,
    Nanoseconds,
    Number,
    Part,
    Text,
    Truth,
    missing_of,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    both,
    comparison,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.symbolic.expressions import (
    compared,
    compared_cells,
    compared_with,
    literal,
)
from profiling_pipeline.legacy_migration.translation.symbolic.moments import Point
from profiling_pipeline.legacy_migration.translation.symbolic.parts import compare_length

MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
# Moments of whole days, against a moment with the time of day of the run.
_WITHOUT_TIME = {"<": "<=", "<=": "<=", ">": ">", ">=": ">", "==": "==", "!=": "!="}
_PYTHON: dict[str, Any] = {
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def compare(operator: str, left: Cell, right: Cell) -> Condition:
    """Return where a comparison holds; one with a missing value does not, unless it is `!=`.

    Raises:
        StopsError: Values of these kinds have no order.
    """
    if operator == "!=":
        return negated(compare("==", left, right))
    if isinstance(left, Choice):
        return either(*(both(condition, compare(operator, cell, right)) for condition, cell in left.cases))
    if isinstance(right, Choice) or (isinstance(left, Constant | Point) and not isinstance(right, Constant)):
        return compare(MIRRORED[operator], right, left)
    match left, right:
        case Constant(value=a), Constant(value=b):
            return _compare_constants(operator, a, b)
        case _, Constant(value=None):
            return NO_ROW
        case Truth(), Constant(value=bool() | int() | float() as value):
            wanted = left.true if value == 1 else both(negated(left.true), negated(left.missing))
            return wanted if operator == "==" and value in (0, 1) else _refuse_order(operator)
        case Number(), Constant(value=bool()):
            return compare(operator, left, Constant(int(right.value)))
        case Number(), Constant(value=int() | float() | Decimal() as value):
            return compared_with(left, operator, literal(value))
        case Text(), Constant(value=str() as value):
            return compared_with(left, operator, literal(value))
        case (Moment() | Nanoseconds(), Point()):
            return _compare_moment(operator, left, right)
        case LengthOfPart(), Constant(value=int() as value):
            return compare_length(operator, left, value)
        case Expression(), Expression() if type(left) is type(right):
            return compared_cells(left, operator, right)
        case Truth(), Truth() if operator == "==":
            same = both(left.true, right.true), both(negated(left.true), negated(right.true))
            return both(either(*same), negated(left.missing), negated(right.missing))
    if isinstance(left, Match | Part) or isinstance(right, Match | Part):
        raise NotRecognisedError("it compares parts of a text in a way that is not known here")
    return NO_ROW if operator == "==" else _refuse_order(operator)


def is_in(cell: Cell, values: list[Any]) -> Condition:
    """Return where a value is one of a list."""
    if isinstance(cell, Choice):
        return either(*(both(condition, is_in(each, values)) for condition, each in cell.cases))
    if isinstance(cell, Constant):
        return EVERY_ROW if any(_is_same(cell.value, value) for value in values) else NO_ROW
    has_missing = any(value is None or value != value for value in values)  # NaN is unlike itself
    if isinstance(cell, Truth):
        found = [compare("==", cell, Constant(value)) for value in (True, False) if value in values]
        return either(*found, missing_of(cell) if has_missing else NO_ROW)
    options = list(dict.fromkeys(literal(value) for value in values if _goes_with(cell, value)))
    missing = missing_of(cell) if has_missing else NO_ROW
    if not options or not isinstance(cell, Number | Text):
        return missing
    if len(options) == 1:
        return either(missing, compared(cell.sql, "==", options[0], cell.needs))
    listed = f"({', '.join(options)})"
    return either(missing, comparison(f"{cell.sql} IN {listed}", f"{cell.sql} NOT IN {listed}", cell.needs))


def _compare_moment(operator: str, left: Moment | Nanoseconds, right: Point) -> Condition:
    if isinstance(left, Nanoseconds):
        point = right.nanoseconds_sql
    else:
        operator, point = (_WITHOUT_TIME[operator] if right.has_time else operator), right.sql
    return compared_with(left, operator, point)


def _compare_constants(operator: str, left: Any, right: Any) -> Condition:
    if left is None or right is None:
        return EVERY_ROW if operator == "==" and left is right else NO_ROW
    try:
        return EVERY_ROW if _PYTHON[operator](left, right) else NO_ROW
    except TypeError as error:
        raise StopsError("it compares values that have no order") from error


def _refuse_order(operator: str) -> Condition:
    raise StopsError(f"it compares values of different kinds with {operator}")


def _is_same(left: Any, right: Any) -> bool:
    return bool(left == right) or (left is None and right is None)


def _goes_with(cell: Cell, value: Any) -> bool:
    if isinstance(cell, Number):
        return isinstance(value, int | float | Decimal) and value == value  # NaN is unlike itself
    return isinstance(value, str)
