"""Values that people write in rules, as Ibis literals that fit a column, without losing a digit."""

import re
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from profiling_pipeline.errors import RuleError
from profiling_pipeline.sources.model import ColumnKind, kind_of

_MOST_DIGITS = 38  # of exact numbers that every engine holds
_LARGEST_FLOAT = Decimal(sys.float_info.max)
_INT64 = range(-(2**63), 2**63)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?")


def number_literal(value: int | Decimal) -> ir.NumericScalar:
    """Return an exact number, or a binary one where it needs more digits than exact numbers have.

    Raises:
        RuleError: It is larger than any number can be.
    """
    if isinstance(value, int) and value in _INT64:
        return ibis.literal(value, "int64")
    number = Decimal(value)
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or len(digits) + max(exponent, 0) > _MOST_DIGITS or -exponent > _MOST_DIGITS:
        return float_literal(number)
    scale = max(-exponent, 0)
    plain = Decimal(format(number, "f"))  # without an exponent, which engines read as a binary number
    return ibis.literal(plain, dt.Decimal(max(len(plain.as_tuple().digits), scale, 1), scale))


def float_literal(value: int | Decimal) -> ir.FloatingScalar:
    """Return a binary number of 64 bits.

    Raises:
        RuleError: It is larger than any number can be.
    """
    if not -_LARGEST_FLOAT <= value <= _LARGEST_FLOAT:
        raise RuleError(f"The number {Decimal(value):.3g} is out of range. Use a smaller one.")
    return ibis.literal(float(value), "float64")


def parse_date(text: str) -> date | None:
    """Return the ISO 8601 date (`2024-02-29`) that `text` is, None where it is none."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def parse_datetime(text: str) -> datetime | None:
    """Return the ISO 8601 date and time that `text` is (a date alone means its midnight), None where it is none."""
    try:
        return datetime.fromisoformat(text) if _DATE.fullmatch(text) or _DATETIME.fullmatch(text) else None
    except ValueError:
        return None


def literal_for(value: bool | int | Decimal | str, dtype: dt.DataType, what: str) -> ir.Scalar:
    """Return a rule's value as a literal that compares with columns of type `dtype`; `what` names the column.

    Raises:
        RuleError: The value cannot be compared with such a column.
    """
    kind = kind_of(dtype)
    if isinstance(value, bool):
        if kind is ColumnKind.BOOLEAN:
            return ibis.literal(value)
    elif isinstance(value, int | Decimal):
        if dtype.is_floating():
            return float_literal(value)
        if kind in {ColumnKind.INTEGER, ColumnKind.NUMBER}:
            return number_literal(value)
    elif kind is ColumnKind.TEXT:
        return ibis.literal(value)
    elif kind is ColumnKind.DATE and (day := parse_date(value)):
        return ibis.literal(day)
    elif kind is ColumnKind.DATETIME and (moment := parse_datetime(value)):
        return ibis.literal(_as_zoned(moment, dtype), dtype)
    raise RuleError(f"{_shown(value)} cannot be compared with {what}, which holds {_HOLDS[kind]}.")


def _as_zoned(moment: datetime, dtype: dt.DataType) -> datetime:
    """Return `moment` with a zone where the column has one (UTC unless written), without one where it has none."""
    has_zone = bool(getattr(dtype, "timezone", None))
    if has_zone and moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    if not has_zone and moment.tzinfo is not None:
        return moment.astimezone(UTC).replace(tzinfo=None)
    return moment


def _shown(value: object) -> str:
    return f"The text '{value}'" if isinstance(value, str) else f"The value {value}"


_HOLDS = {
    ColumnKind.TEXT: "text (write the value in quotes)",
    ColumnKind.INTEGER: "whole numbers",
    ColumnKind.NUMBER: "numbers",
    ColumnKind.DATE: "dates (write YYYY-MM-DD)",
    ColumnKind.DATETIME: "dates with times (write YYYY-MM-DD HH:MM:SS)",
    ColumnKind.BOOLEAN: "true and false",
    ColumnKind.OTHER: "values that rules cannot compare",
}
