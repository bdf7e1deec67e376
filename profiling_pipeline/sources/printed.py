"""What DuckDB prints typed values as, and texts read fast because they are printed so.

Most values of a file are written as their type prints. Then printing the value proves that the text reads as it, which
costs less than a pattern, and the text need not be kept: it can be printed again.
"""

import ibis
import ibis.expr.types as ir

from profiling_pipeline.sources.model import ColumnKind
from profiling_pipeline.sources.readable import INTEGER_DIGITS, iso_text
from profiling_pipeline.sources.text_types import TextType

_MOST_TRIMMED = 4  # zeros at the end of a number, that it may be written without
_DAY, _MOMENT = len("2000-01-01"), len("2000-01-01 00:00:00")


def printed(value: ir.Column, kind: TextType) -> ir.StringColumn | None:
    """Return what a column's values are printed as; None where there is no telling how they are written."""
    if kind.declared.kind is ColumnKind.NUMBER:
        decimals, fewest = kind.number_type, kind.fewest_decimals
        if not decimals.is_decimal() or decimals.scale is None or fewest is None:
            return None
        trimmed = decimals.scale - fewest
        return _without_zeros(value.cast("string"), trimmed, fewest) if trimmed <= _MOST_TRIMMED else None
    if kind.declared.date_format is not None:
        return value.strftime(kind.declared.date_format)
    return value.cast("string")


def read_fast(text: ir.StringColumn, kind: TextType) -> ir.Column:
    """Return what texts are cast to; of any use only where `is_as_printed`."""
    target = kind.read(text).type()
    is_day = kind.declared.kind in {ColumnKind.DATE, ColumnKind.DATETIME}
    return (iso_text(text, kind.declared.date_format) if is_day else text).try_cast(target)


def is_as_printed(value: ir.Column, text: ir.StringColumn, kind: TextType) -> ir.BooleanValue:
    """Return whether a value that was `read_fast` is printed as its text, and so is what a patient reading gives."""
    as_printed = printed(value, kind)
    if as_printed is None:
        return ibis.literal(False)
    same = as_printed == text
    match kind.declared.kind:
        case ColumnKind.INTEGER if value.type().is_integer():
            return same & (text.length() <= INTEGER_DIGITS)
        case ColumnKind.DATE | ColumnKind.DATETIME:
            # Of fixed length, so neither infinite nor beyond the year 9999; the year zero is not for all engines.
            iso = iso_text(text, kind.declared.date_format)
            length = _DAY if kind.declared.kind is ColumnKind.DATE else _MOMENT
            return same & (iso.length() == length) & ~iso.startswith("0000")
    return same


def _without_zeros(number: ir.StringColumn, zeros: int, fewest: int) -> ir.StringColumn:
    """Return decimals with up to so many zeros at their end left out, and a point after which nothing would stand."""
    left_out = {count: count if count < zeros or fewest else count + 1 for count in range(zeros, 0, -1)}
    shorter = [
        (number.endswith("0" * count), number.left(number.length() - characters))
        for count, characters in left_out.items()
    ]
    return ibis.cases(*shorter, else_=number) if shorter else number
