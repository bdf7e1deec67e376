"""What an attribute's data type and format code declare, and reading text as that."""

import re

from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat

_KINDS = {
    "string": ColumnKind.TEXT,
    "text": ColumnKind.TEXT,
    "integer": ColumnKind.INTEGER,
    "decimal": ColumnKind.NUMBER,
    "number": ColumnKind.NUMBER,
    "date": ColumnKind.DATE,
    "datetime": ColumnKind.DATETIME,
    "boolean": ColumnKind.BOOLEAN,
    "json": ColumnKind.TEXT,
}
_TEXT_CODE = re.compile(r"C(\d+)")
_NUMBER_CODE = re.compile(r"N(\d+)(?:\.(\d+))?")
_DATE_CODE = re.compile(r"(?:DATE(?:TIME)?\s+)?([YMDHS:/\-. T]*Y[YMDHS:/\-. T]*)")
_DATE_PARTS = (("YYYY", "%Y"), ("MM", "%m"), ("DD", "%d"), ("HH", "%H"), ("SS", "%S"))


def declared_format(data_type: str | None, format_code: str | None) -> DeclaredFormat | None:
    """Return what a data type (`Decimal`) and a format code (`N12.2`) declare; None where neither says anything known.

    `C18` is text of at most 18 characters, `N6.5` a number with 6 digits before and 5 after the point, `N12` one
    without decimals, `Date YYYYMMDD` a date. The data type decides the kind, the code where there is no type.
    """
    kind = _KINDS.get((data_type or "").strip().casefold())
    code = " ".join((format_code or "").split()).upper()
    if match := _TEXT_CODE.fullmatch(code):
        return DeclaredFormat(kind or ColumnKind.TEXT, max_length=int(match[1]))
    if match := _NUMBER_CODE.fullmatch(code):
        digits, decimals = int(match[1]), int(match[2] or 0)
        of_code = ColumnKind.NUMBER if decimals else ColumnKind.INTEGER
        return DeclaredFormat(kind or of_code, max_digits=digits, max_decimals=decimals)
    if (match := _DATE_CODE.fullmatch(code)) and kind not in {ColumnKind.INTEGER, ColumnKind.NUMBER}:
        date_format = _strptime_text(match[1])
        of_code = ColumnKind.DATETIME if "%H" in date_format else ColumnKind.DATE
        return DeclaredFormat(kind or of_code, date_format=date_format)
    return DeclaredFormat(kind) if kind else None


def _strptime_text(code: str) -> str:
    """Return `YYYYMMDD HH:MM:SS` as `%Y%m%d %H:%M:%S`; MM after HH is minutes."""
    date, hours, rest = code.partition("HH")
    text = date + hours + rest.replace("MM", "%M")
    for part, directive in _DATE_PARTS:
        text = text.replace(part, directive)
    return text
