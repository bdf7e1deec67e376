"""Text read as numbers, dates and truth values, alike on every engine and never raising.

Engines disagree on what text they cast: some round `1.5` to an integer, take spaces, or stop the query at 30 February.
So the text is compared with a pattern first, and only what fits is cast.
"""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat

INTEGER_DIGITS, MOST_DIGITS = 18, 38  # that surely fit into 64 bits, and into a decimal
INTEGER = r"^[+-]?[0-9]{1,18}$"
LONG_INTEGER = r"^[+-]?[0-9]{1,38}$"
_PLAIN = r"^[+-]?([0-9]{1,38}(\.[0-9]{0,38})?|\.[0-9]{1,38})"
PLAIN_NUMBER = f"{_PLAIN}$"
# So few digits that every engine can hold any of these numbers.
NUMBER = f"{_PLAIN}([eE][+-]?[0-9]{{1,2}})?$"
BOOLEAN = r"^(true|false|TRUE|FALSE|True|False)$"
TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
# Every day of the Gregorian calendar and no other, so that a cast cannot fail on any engine.
_DAY = (
    r"([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    r"|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
)
DATE = f"^{_DAY}$"
DATETIME = f"^{_DAY}([ T]{TIME})?$"
_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}


def typed(text: ir.StringColumn, declared: DeclaredFormat, number_type: dt.DataType) -> ir.Column:
    """Return a text column read as its declared kind, null where the text does not read so.

    Numbers become `number_type`, null where it is a decimal of too few digits; whole numbers that are declared longer
    than an integer can be become decimals. Dates are read by their format, ISO 8601 where there is none.
    """
    match declared.kind:
        case ColumnKind.INTEGER:
            if (declared.max_digits or 0) > INTEGER_DIGITS:
                return _guarded(text, LONG_INTEGER, dt.Decimal(MOST_DIGITS, 0))
            return _guarded(text, INTEGER, dt.int64)
        case ColumnKind.NUMBER:
            is_bounded = number_type.is_decimal() and number_type.precision
            return _guarded(text, PLAIN_NUMBER if is_bounded else NUMBER, number_type)
        case ColumnKind.DATE:
            return _guarded(iso_text(text, declared.date_format), DATE, dt.date)
        case ColumnKind.DATETIME:
            return _guarded(iso_text(text, declared.date_format), DATETIME, dt.Timestamp(scale=6))
        case ColumnKind.BOOLEAN:
            return _guarded(text, BOOLEAN, dt.boolean)
        case _:
            return text


def iso_text(text: ir.StringColumn, date_format: str | None) -> ir.StringColumn:
    """Return dates in a fixed-width strptime format as ISO 8601 text; text of another length becomes null."""
    if date_format is None:
        return text
    places, position, index = {}, 0, 0
    literals: list[tuple[int, str]] = []
    while index < len(date_format):
        if date_format[index] == "%":
            part = date_format[index + 1]
            places[part] = text.substr(position, _WIDTHS[part])
            position, index = position + _WIDTHS[part], index + 2
        else:
            literals.append((position, date_format[index]))
            position, index = position + 1, index + 1
    fits = text.length() == position
    for place, character in literals:
        fits = fits & (text.substr(place, 1) == character)
    first = places.get("d", ibis.literal("01"))
    iso = places.get("Y", ibis.literal("")) + "-" + places.get("m", ibis.literal("01")) + "-" + first
    if "H" in places:
        minutes, seconds = places.get("M", ibis.literal("00")), places.get("S", ibis.literal("00"))
        iso = iso + " " + places["H"] + ":" + minutes + ":" + seconds
    return fits.ifelse(iso, ibis.null("string"))


def _guarded(text: ir.StringColumn, pattern: str, target: dt.DataType) -> ir.Column:
    fits = text.re_search(pattern)
    if target.is_temporal():
        # PostgreSQL has no year zero.
        fits = fits & ~text.startswith("0000")
    readable = fits.ifelse(text, ibis.null("string"))
    return readable.try_cast(target) if target.is_decimal() and target.precision else readable.cast(target)
