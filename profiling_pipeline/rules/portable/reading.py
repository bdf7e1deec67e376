"""Texts that read as values of a type: patterns that decide it alike on every engine, and casts guarded by them.

Dates are checked by pattern down to the leap day, so that no engine is ever asked to read a day that does not exist.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.portable.literals import number_literal
from profiling_pipeline.rules.portable.numbers import as_float, round_half_away
from profiling_pipeline.rules.portable.text import matches
from profiling_pipeline.sources.float_text import float_text
from profiling_pipeline.sources.model import ColumnKind, kind_of

INTEGER = r"[+-]?[0-9]+"
NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
BOOLEAN = "[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Tt]|[Ff]|[Yy][Ee][Ss]|[Nn][Oo]|[Yy]|[Nn]|[01]"
TRUE = "[Tt][Rr][Uu][Ee]|[Tt]|[Yy][Ee][Ss]|[Yy]|1"
UUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"

_MONTH_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LONG_MONTHS, _SHORT_MONTHS = (1, 3, 5, 7, 8, 10, 12), (4, 6, 9, 11)
_YEARS = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_BY_FOUR = "(?:0[48]|[2468][048]|[13579][26])"
_LEAP_YEARS = f"(?:[0-9]{{2}}{_BY_FOUR}|{_BY_FOUR}00)"
_TIME_PARTS = {"%H": "(?:[01][0-9]|2[0-3])", "%M": "[0-5][0-9]", "%S": "[0-5][0-9]", "%f": "[0-9]{1,6}"}
_DIRECTIVE = re.compile(r"%.?", re.DOTALL)
DIRECTIVES = ("%Y", "%y", "%m", "%b", "%d", *_TIME_PARTS, "%%")


def date_pattern(date_format: str) -> str:
    """Return the pattern of the texts that are real dates (or times) in a strptime format.

    Every part has its full width: `%d` is two digits. `%b` is an English month of three letters, in any case.

    Raises:
        RuleError: The format uses a directive that is not known here, one twice, or a day without its month.
    """
    directives = [found for found in _DIRECTIVE.findall(date_format) if found != "%%"]
    if unknown := [found for found in directives if found not in DIRECTIVES]:
        raise RuleError(f"The date format '{date_format}' has {unknown[0]}. Use only {', '.join(DIRECTIVES)}.")
    if not directives:
        raise RuleError(f"The date format '{date_format}' has no directive. Write one such as %Y-%m-%d.")
    parts = [{"%y": "%Y", "%b": "%m"}.get(found, found) for found in directives]
    if len(set(parts)) < len(parts) or ("%d" in parts and "%m" not in parts):
        raise RuleError(f"The date format '{date_format}' names a part twice, or a day without a month. Correct it.")
    cases = _calendar() if "%d" in parts else [_months(*range(1, 13))]
    return "|".join(_filled(date_format, {**case, **_TIME_PARTS}) for case in cases)


def _calendar() -> list[dict[str, str]]:
    """Return the kinds of days there are: years, months and days that go together."""
    return [
        _months(*_LONG_MONTHS) | {"%d": "(?:0[1-9]|[12][0-9]|3[01])"},
        _months(*_SHORT_MONTHS) | {"%d": "(?:0[1-9]|[12][0-9]|30)"},
        _months(2) | {"%d": "(?:0[1-9]|1[0-9]|2[0-8])"},
        _months(2) | {"%d": "29", "%Y": _LEAP_YEARS, "%y": "(?:00|" + _BY_FOUR.removeprefix("(?:")},
    ]


def _months(*numbers: int) -> dict[str, str]:
    names = ("".join(f"[{letter.upper()}{letter.lower()}]" for letter in _MONTH_NAMES[n - 1]) for n in numbers)
    return {
        "%Y": _YEARS,
        "%y": "[0-9]{2}",
        "%m": f"(?:{'|'.join(f'{n:02}' for n in numbers)})",
        "%b": f"(?:{'|'.join(names)})",
    }


def _filled(date_format: str, patterns: Mapping[str, str]) -> str:
    """Return the format with its directives replaced and everything else standing for itself."""
    pieces = []
    at = 0
    for found in _DIRECTIVE.finditer(date_format):
        pieces += [re.escape(date_format[at : found.start()]), patterns.get(found.group(), "%")]
        at = found.end()
    return "".join([*pieces, re.escape(date_format[at:])])


ISO_DATE = date_pattern("%Y-%m-%d")
BASIC_DATE = date_pattern("%Y%m%d")
_TIME = rf"[T ]{_TIME_PARTS['%H']}:{_TIME_PARTS['%M']}(?::{_TIME_PARTS['%S']}(?:\.[0-9]{{1,6}})?)?"
ISO_DATETIME = f"(?:{ISO_DATE}){_TIME}"
ZONE = "(?:Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])?"


def reads_as(text: ir.StringValue, pattern: str, engine: str) -> ir.BooleanValue:
    """Return where the whole text matches."""
    return matches(text, f"(?:{pattern})$", engine, at_start=True)


def today() -> date:
    """Return the day it is (UTC), the same for every engine."""
    return datetime.now(UTC).date()


def cast(value: ir.Value, target: dt.DataType, engine: str) -> ir.Value:
    """Return `value` as another type; null, never an error, where it cannot be.

    Texts may have white space around them. Numbers are rounded half away from zero.

    Raises:
        RuleError: No value of the one type can be cast to the other.
    """
    source, kind = kind_of(value.type()), kind_of(target)
    if kind is ColumnKind.TEXT:
        return float_text(value, engine) if value.type().is_floating() else value.cast("string")
    if source is ColumnKind.TEXT:
        return _from_text(value.strip(), target, engine)
    if source in {ColumnKind.INTEGER, ColumnKind.NUMBER} and kind in {ColumnKind.INTEGER, ColumnKind.NUMBER}:
        return _as_number(value, target)
    if source is kind or {source, kind} == {ColumnKind.DATE, ColumnKind.DATETIME}:
        return value.cast(target)
    if source is ColumnKind.BOOLEAN and kind is ColumnKind.INTEGER:
        return ibis.cases((value, 1), (~value, 0), else_=ibis.null("int64")).cast("int64")
    raise RuleError(f"A value of kind {source} cannot be cast to {kind}. Compare it as it is.")


def _from_text(text: ir.StringValue, target: dt.DataType, engine: str) -> ir.Value:
    match kind_of(target):
        case ColumnKind.INTEGER:
            return _guarded(text, r"[+-]?0*[0-9]{1,18}", target, engine)
        case ColumnKind.NUMBER if target.is_decimal():
            digits = target.precision - target.scale
            wide = dt.Decimal(target.precision + 1, target.scale)
            number = _guarded(text, rf"[+-]?0*(?:[0-9]{{1,{digits}}}(?:\.[0-9]*)?|\.[0-9]+)", wide, engine)
            return _fitted(number, target, 10**digits)
        case ColumnKind.NUMBER:
            sane = r"[+-]?(?:[0-9]{1,100}(?:\.[0-9]{0,100})?|\.[0-9]{1,100})(?:[eE][+-]?[0-9]{1,2})?"
            return _guarded(text, sane, target, engine)
        case ColumnKind.DATE:
            return _guarded(text, ISO_DATE, target, engine)
        case ColumnKind.DATETIME:
            return _guarded(text, f"{ISO_DATETIME}|{ISO_DATE}", target, engine)
    known = reads_as(text, BOOLEAN, engine)
    return ibis.ifelse(known, reads_as(text, TRUE, engine), ibis.null("boolean"))


def _guarded(text: ir.StringValue, pattern: str, target: dt.DataType, engine: str) -> ir.Value:
    readable = ibis.ifelse(reads_as(text, pattern, engine), text, ibis.null("string"))
    return readable.cast(target)


def _as_number(value: ir.NumericValue, target: dt.DataType) -> ir.NumericValue:
    if target.is_floating():
        return as_float(value)
    if target.is_integer():
        is_whole = value.type().is_integer()
        return value.cast(target) if is_whole else _fitted(round_half_away(value, 0), target, 2**63)
    return _fitted(round_half_away(value, target.scale), target, 10 ** (target.precision - target.scale))


def _fitted(value: ir.NumericValue, target: dt.DataType, limit: int) -> ir.NumericValue:
    """Return `value` in a narrower type, null where it is not below `limit` (and above its negative)."""
    lowest, highest = number_literal(-limit), number_literal(limit)
    if value.type().is_floating():
        lowest, highest = as_float(lowest), as_float(highest)
    fits = (value > lowest) & (value < highest)
    return ibis.ifelse(fits, value, ibis.null(value.type())).cast(target)
