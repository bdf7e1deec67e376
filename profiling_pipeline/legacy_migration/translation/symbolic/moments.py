"""Dates, times and the spans between them that a legacy text writes out or asks the clock for."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Cell, Moment, Nanoseconds, Text
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import Missing
from profiling_pipeline.rules.portable.literals import parse_date, parse_datetime

CLOCK = "It compares with the moment of the run. Here that is the day it is (UTC), without the time of day."
GUESSED_FORM = (
    "pandas took the form of the first date for the form of all. Here dates are YYYY-MM-DD (also with a time) or "
    "YYYYMMDD; anything else is no date."
)
NANOSECONDS = (
    "pandas takes numbers for nanoseconds since 1970, so that 20240131 is a moment of 1 January 1970. This is kept; "
    "a column of dates is probably what was meant."
)
_FORMATS = {"%Y-%m-%d": None, "%Y%m%d": (1, 5, 7), "%m/%d/%Y": (7, 1, 4), "%d/%m/%Y": (7, 4, 1), "%Y/%m/%d": (1, 6, 9),
            "%d-%m-%Y": (7, 4, 1), "%m-%d-%Y": (7, 1, 4), "%d.%m.%Y": (7, 4, 1)}  # fmt: skip
_NANOSECONDS_A_DAY = 86_400 * 10**9
_UNITS = {"years": "YEAR", "months": "MONTH", "weeks": "WEEK", "days": "DAY", "hours": "HOUR", "minutes": "MINUTE"}


@dataclass(frozen=True)
class Span:
    """A length of time: so many units, negative for one back."""

    amount: int
    unit: str


@dataclass(frozen=True)
class Point(Cell):
    """A moment that is the same for every row: a written one, or the day of the run, moved by spans.

    `has_time` says that the time of day of the run is part of it.
    """

    base: datetime | None  # None for the day of the run
    spans: tuple[Span, ...] = ()
    has_time: bool = False

    def moved(self, span: Span, sign: int) -> "Point":
        """Return the moment moved by a span, forwards or backwards."""
        return replace(self, spans=(*self.spans, Span(span.amount * sign, span.unit)))

    @property
    def sql(self) -> str:
        """The moment as SQL."""
        if self.base is None:
            text = "CURRENT_DATE"
        elif self.base.time() == datetime.min.time():
            text = f"DATE '{self.base.date().isoformat()}'"
        else:
            text = f"TIMESTAMP '{self.base.isoformat(sep=' ', timespec='seconds')}'"
        for span in self.spans:
            text = f"{text} {'-' if span.amount < 0 else '+'} INTERVAL '{abs(span.amount)}' {span.unit}"
        return text

    @property
    def nanoseconds_sql(self) -> str:
        """The moment as nanoseconds since 1970."""
        if self.base is not None and not self.spans:
            since = self.base - datetime(1970, 1, 1)  # noqa: DTZ001 pandas' own moments have no zone
            return str(since // timedelta(microseconds=1) * 1000)
        return f"DATE_DIFF('day', DATE '1970-01-01', {self.sql}) * {_NANOSECONDS_A_DAY}"


def point_of(value: Any) -> Point:
    """Return a written date or time.

    Raises:
        NotRecognisedError: It is none of ISO 8601.
    """
    if isinstance(value, datetime):
        return Point(value)
    if isinstance(value, date):
        return Point(datetime(value.year, value.month, value.day))  # noqa: DTZ001 as above
    if isinstance(value, str):
        if value in ("now", "today"):
            return Point(None, has_time=True)
        written = f"{value[:4]}-{value[4:6]}-{value[6:]}" if len(value) == 8 and value.isdecimal() else value
        if moment := (parse_date(written) or parse_datetime(written)):
            found = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 as above
            if found.tzinfo is None and found.microsecond == 0:
                return Point(found)
    raise NotRecognisedError("it compares with a date that is not written as YYYY-MM-DD")


def span_of(function: str, settings: dict[str, Any], arguments: list[Any]) -> Span:
    """Return what `DateOffset(years=5)`, `timedelta(days=30)` or `Timedelta('30 days')` is.

    Raises:
        NotRecognisedError: It is more than one unit of whole amount.
    """
    if function == "timedelta" and len(arguments) == 1 and not settings:
        settings, arguments = {"days": arguments[0]}, []
    if function == "Timedelta" and len(arguments) == 1 and isinstance(arguments[0], str):
        amount, _, unit = arguments[0].partition(" ")
        unit = unit if unit.endswith("s") else f"{unit}s"
        settings, arguments = {unit: int(amount)} if amount.isdecimal() and len(amount) < 10 else {}, []
    if arguments or len(settings) != 1:
        raise NotRecognisedError(f"it uses {function} with other arguments than one unit")
    [(unit, amount)] = settings.items()
    if unit not in _UNITS or type(amount) is not int or abs(amount) > 10**9:
        raise NotRecognisedError(f"it uses {function} with other arguments than one unit")
    return Span(amount, _UNITS[unit])


def read_as_moment(cell: Cell, date_format: str | None) -> Cell:
    """Return what pd.to_datetime makes of a value, missing where it is no date.

    Raises:
        NotRecognisedError: The format is not known here.
    """
    match cell:
        case Moment(sql=sql):
            # A text that is no date is there, but not as a date.
            read = f"CAST({sql} AS TIMESTAMP)"
            return replace(cell, missing=Missing(read), needs=frozenset({read}))
        case Nanoseconds():
            return cell
        case Text(sql=sql):
            return _moment(_parsed(sql, date_format))
    raise StopsError("it reads something as a date that can be none")


def _moment(sql: str) -> Moment:
    return Moment(sql, Missing(sql), frozenset({sql}))


def _parsed(text: str, date_format: str | None) -> str:
    if date_format is None:
        compact = _from_places(text, (1, 5, 7))
        return (
            f"CASE WHEN REGEXP_LIKE({text}, '^[0-9]{{8}}$') THEN TRY_CAST({compact} AS TIMESTAMP) "
            f"ELSE TRY_CAST({text} AS TIMESTAMP) END"
        )
    if date_format not in _FORMATS:
        raise NotRecognisedError(f"it reads dates in the format {date_format}")
    places = _FORMATS[date_format]
    return f"TRY_CAST({_from_places(text, places) if places else text} AS TIMESTAMP)"


def _from_places(text: str, places: tuple[int, int, int]) -> str:
    year, month, day = places
    parts = ((year, 4), (month, 2), (day, 2))
    return "CONCAT(" + ", '-', ".join(f"SUBSTRING({text}, {at}, {length})" for at, length in parts) + ")"
