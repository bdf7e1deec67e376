"""What comes of numbers that are computed with."""

from decimal import Decimal

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Choice,
    Constant,
    Number,
    Truth,
    as_truth,
    each_case,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import EVERY_ROW, NO_ROW, either, negated
from profiling_pipeline.legacy_migration.translation.symbolic.expressions import compared_with, literal


def compute(operator: str, left: Cell, right: Cell) -> Cell:
    """Return a sum, difference, product, quotient or remainder of numbers.

    Raises:
        NotRecognisedError: It is none.
    """
    if isinstance(left, Choice):
        return each_case(left, lambda cell: compute(operator, cell, right))
    if isinstance(right, Choice):
        return each_case(right, lambda cell: compute(operator, left, cell))
    numbers = [cell for cell in (left, right) if isinstance(cell, Number)]
    if not numbers or not all(_is_number(cell) for cell in (left, right)):
        raise StopsError("it computes with what is no number")
    sql = f"({_operand(left)} {operator} {_operand(right)})"
    missing = either(*(cell.missing for cell in numbers))
    needs = frozenset().union(*(cell.needs for cell in numbers))
    if operator in "/%":
        if isinstance(right, Number):
            raise NotRecognisedError("it divides by a column")
        if isinstance(right, Constant) and right.value == 0:
            raise NotRecognisedError("it divides by zero")
    return Number(sql, missing, needs, operator == "/" or any(each.is_float for each in numbers) or _has_float(right))


def whole_part(cell: Cell) -> Cell:
    """Return a number without its decimals."""
    match cell:
        case Choice():
            return each_case(cell, whole_part)
        case Constant(value=int() | float() as value):
            return Constant(int(value))
        case Number() if cell.is_whole or not cell.is_float:
            return Number(cell.sql, cell.missing, cell.needs, is_float=False)
        case Number():
            sql = f"CASE WHEN {cell.sql} < 0 THEN CEIL({cell.sql}) ELSE FLOOR({cell.sql}) END"
            return Number(sql, cell.missing, cell.needs, is_float=False)
    raise StopsError("it takes the whole part of what is no number")


def is_whole(cell: Cell) -> Truth:
    """Return where a number has no decimals."""
    match cell:
        case Choice():
            return as_truth(each_case(cell, is_whole))
        case Constant(value=int() | float() as value):
            return Truth(EVERY_ROW if float(value).is_integer() else NO_ROW)
        case Number() if cell.is_whole or not cell.is_float:
            return Truth(negated(cell.missing))
        case Number():
            return Truth(compared_with(cell, "==", f"FLOOR({cell.sql})"))
    raise StopsError("it asks whether something is whole that is no number")


def rounded(cell: Cell, decimals: int) -> Cell:
    """Return a number rounded to some decimals."""
    if isinstance(cell, Choice):
        return each_case(cell, lambda each: rounded(each, decimals))
    if isinstance(cell, Constant) and isinstance(cell.value, int | float):
        return Constant(round(cell.value, decimals))
    if not isinstance(cell, Number) or not 0 <= decimals <= 15:
        raise NotRecognisedError("it rounds in a way that is not known here")
    return Number(f"ROUND({cell.sql}, {decimals})", cell.missing, cell.needs, cell.is_float)


def absolute(number: Number) -> Number:
    """Return a number without its sign."""
    return Number(f"ABS({number.sql})", number.missing, number.needs, number.is_float)


def floor(number: Number) -> Number:
    """Return a number rounded down."""
    return Number(f"FLOOR({number.sql})", number.missing, number.needs, number.is_float)


def ceiling(number: Number) -> Number:
    """Return a number rounded up."""
    return Number(f"CEIL({number.sql})", number.missing, number.needs, number.is_float)


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, Number) or (isinstance(cell, Constant) and isinstance(cell.value, int | float | Decimal))


def _has_float(cell: Cell) -> bool:
    return isinstance(cell, Constant) and isinstance(cell.value, float)


def _operand(cell: Cell) -> str:
    return cell.sql if isinstance(cell, Number) else literal(cell.value)  # type: ignore[attr-defined]  # as just asked
