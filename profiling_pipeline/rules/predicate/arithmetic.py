"""Numbers that are computed with, and dates that are moved or taken from one another."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from profiling_pipeline.rules.portable import numbers
from profiling_pipeline.rules.predicate.functions import DATES, NUMBERS, date_difference
from profiling_pipeline.rules.predicate.operands import Operand
from profiling_pipeline.rules.predicate.syntax import IntervalLiteral
from profiling_pipeline.rules.predicate.tokens import refuse
from profiling_pipeline.sources.model import ColumnKind

_OPERATIONS: dict[str, Callable[[ir.NumericValue, ir.NumericValue], ir.NumericValue]] = {
    "+": numbers.add,
    "-": numbers.subtract,
    "*": numbers.multiply,
    "/": numbers.divide,
    "%": numbers.remainder,
}
_LONGEST_INTERVALS = {
    "YEAR": 4_000, "QUARTER": 16_000, "MONTH": 48_000, "WEEK": 200_000, "DAY": 1_400_000, "HOUR": 30_000_000,
    "MINUTE": 999_999_999, "SECOND": 999_999_999,
}  # fmt: skip


def computed(operator: str, left: Operand, right: Operand) -> ir.Value:
    """Return a sum, difference, product, quotient or remainder; the difference of two dates in days."""
    if operator == "-" and left.kind is right.kind is ColumnKind.DATE:
        return date_difference(right.value, left.value, "DAY")
    return _OPERATIONS[operator](left.of_kind(NUMBERS), right.of_kind(NUMBERS))


def shifted(operator: str, operand: Operand, interval: IntervalLiteral) -> ir.Value:
    """Return a date or time moved by an interval; a date moved by whole days stays a date."""
    if interval.amount > _LONGEST_INTERVALS[interval.unit]:
        refuse("The interval is too long. Use a shorter one", interval.position)
    moment = operand.of_kind(DATES)
    amount, unit = (interval.amount * 3, "M") if interval.unit == "QUARTER" else (interval.amount, interval.unit)
    duration = ibis.interval(amount, unit if unit == "M" else unit.lower())
    is_day = moment.type().is_date() and unit in {"YEAR", "M", "MONTH", "WEEK", "DAY"}
    moment = moment.cast("timestamp") if moment.type().is_date() else moment
    moved = moment + duration if operator == "+" else moment - duration
    return moved.cast("date") if is_day else moved
