"""The functions of the predicate language: what each takes, and what it becomes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import ibis
import ibis.expr.types as ir

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.portable import numbers
from profiling_pipeline.rules.portable.patterns import check_pattern
from profiling_pipeline.rules.portable.text import matches, substring
from profiling_pipeline.sources.model import ColumnKind

NUMBERS = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
DATES = frozenset({ColumnKind.DATE, ColumnKind.DATETIME})
TEXT = frozenset({ColumnKind.TEXT})
_LONGEST_TEXT = 2**30  # characters


@dataclass(frozen=True)
class Function:
    """A function of fixed arguments: `kinds` are those of its values, which come first, then come literals.

    `build` gets the values, the literals as Python values, and the engine's name.
    """

    kinds: tuple[frozenset[ColumnKind], ...]
    build: Callable[..., ir.Value]
    literals: tuple[type, ...] = ()
    optional: int = 0  # how many of the literals may be left out


def _round(value: ir.NumericValue, decimals: int = 0, *, engine: str) -> ir.NumericValue:
    _demand(0 <= decimals <= 15, "ROUND takes 0 to 15 decimals")
    return numbers.round_half_away(value, decimals)


def _substring(text: ir.StringValue, start: int, length: int | None = None, *, engine: str) -> ir.StringValue:
    _demand(
        1 <= start <= _LONGEST_TEXT and (length is None or 0 <= length <= _LONGEST_TEXT),
        "SUBSTRING starts at 1 or later, with a length from 0 to a billion",
    )
    return substring(text, start, _LONGEST_TEXT if length is None else length)


def _left(text: ir.StringValue, length: int, *, engine: str) -> ir.StringValue:
    _demand(0 <= length <= _LONGEST_TEXT, "LEFT takes a length from 0 to a billion")
    return substring(text, 1, length)


def _right(text: ir.StringValue, length: int, *, engine: str) -> ir.StringValue:
    _demand(0 <= length <= _LONGEST_TEXT, "RIGHT takes a length from 0 to a billion")
    return text.right(length)


def _regexp_like(text: ir.StringValue, pattern: str, *, engine: str) -> ir.BooleanValue:
    return matches(text, check_pattern(pattern), engine)


def extract(moment: ir.DateValue | ir.TimestampValue, unit: str) -> ir.IntegerValue:
    """Return a part of a date or time as a whole number."""
    if moment.type().is_date() and unit in {"HOUR", "MINUTE", "SECOND"}:
        return ibis.ifelse(moment.isnull(), ibis.null("int64"), 0).cast("int64")
    parts = {
        "YEAR": "year", "QUARTER": "quarter", "MONTH": "month", "DAY": "day", "HOUR": "hour", "MINUTE": "minute",
        "SECOND": "second",
    }  # fmt: skip
    _demand(unit in parts, f"{unit} cannot be extracted")
    part: ir.IntegerValue = getattr(moment, parts[unit])()
    return part.cast("int64")


def _part(moment: ir.DateValue | ir.TimestampValue, *, engine: str, unit: str) -> ir.IntegerValue:
    return extract(moment, unit)


def date_difference(start: ir.Value, end: ir.Value, unit: str) -> ir.IntegerValue:
    """Return how many days, months or years begin after `start` up to `end`; times of day do not matter."""
    start, end = start.cast("date"), end.cast("date")
    if unit == "DAY":
        return end.delta(start, unit="day").cast("int64")
    years = extract(end, "YEAR") - extract(start, "YEAR")
    if unit == "YEAR":
        return years
    _demand(unit == "MONTH", "DATE_DIFF counts 'day', 'month' or 'year'")
    return years * 12 + extract(end, "MONTH") - extract(start, "MONTH")


def concatenate(texts: Sequence[ir.StringValue]) -> ir.StringValue:
    """Return texts joined; null counts as empty."""
    joined, *more = [text.coalesce("") for text in texts]
    for text in more:
        joined = joined + text
    return joined


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuleError(otherwise)


def _plain(build: Callable[..., ir.Value]) -> Callable[..., ir.Value]:
    """Return `build` for those functions that are the same everywhere."""
    return lambda *values, engine: build(*values)


FUNCTIONS = {
    "ABS": Function((NUMBERS,), _plain(numbers.absolute)),
    "ROUND": Function((NUMBERS,), _round, (int,), optional=1),
    "CEIL": Function((NUMBERS,), _plain(numbers.ceil)),
    "FLOOR": Function((NUMBERS,), _plain(numbers.floor)),
    "SQRT": Function((NUMBERS,), _plain(numbers.square_root)),
    "POWER": Function((NUMBERS, NUMBERS), _plain(numbers.power)),
    "LENGTH": Function((TEXT,), _plain(lambda text: text.length().cast("int64"))),
    "UPPER": Function((TEXT,), _plain(lambda text: text.upper())),
    "LOWER": Function((TEXT,), _plain(lambda text: text.lower())),
    "TRIM": Function((TEXT,), _plain(lambda text: text.strip())),
    "SUBSTRING": Function((TEXT,), _substring, (int, int), optional=1),
    "REPLACE": Function((TEXT,), _plain(lambda text, old, new: text.replace(old, new)), (str, str)),
    "LEFT": Function((TEXT,), _left, (int,)),
    "RIGHT": Function((TEXT,), _right, (int,)),
    "REGEXP_LIKE": Function((TEXT,), _regexp_like, (str,)),
    "YEAR": Function((DATES,), partial(_part, unit="YEAR")),
    "MONTH": Function((DATES,), partial(_part, unit="MONTH")),
    "DAY": Function((DATES,), partial(_part, unit="DAY")),
}
