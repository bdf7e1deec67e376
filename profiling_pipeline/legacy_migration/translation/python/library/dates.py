"""Dates and times: the clock, written moments, spans, texts read as dates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call, Function, plain
from profiling_pipeline.legacy_migration.translation.python.library.conversions import read_from
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import Series
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Choice,
    Constant,
    Moment,
    Nanoseconds,
    Number,
    Text,
    missing_of,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import NO_ROW, both, negated
from profiling_pipeline.legacy_migration.translation.symbolic.conversions import as_text
from profiling_pipeline.legacy_migration.translation.symbolic.moments import (
    GUESSED_FORM,
    NANOSECONDS,
    Point,
    Span,
    point_of,
    read_as_moment,
    span_of,
)

SPANS = frozenset({"timedelta", "Timedelta", "DateOffset", "relativedelta"})
_NOW = frozenset({"pd.Timestamp.now", "datetime.now", "datetime.datetime.now", "pd.Timestamp.today", "datetime.today",
                  "datetime.datetime.today", "datetime.utcnow", "datetime.datetime.utcnow",
                  "pd.Timestamp.utcnow"})  # fmt: skip
_TODAY = frozenset({"date.today", "datetime.date.today"})


def date_part(series: Series, name: str) -> Series:
    """Return the year, month or day of a column of dates.

    Raises:
        NotRecognisedError: It is none.
    """
    cell = series.cell
    if isinstance(cell, Moment):
        return Series(Number(f"{name.upper()}({cell.sql})", cell.missing, cell.needs, is_float=True), series.rows)
    raise NotRecognisedError(f"it uses .dt.{name}")


def _clock(_: Evaluator, call: Call) -> Any:
    if call.name in _NOW:
        return Point(None, has_time=True)
    return Point(None) if call.name in _TODAY else NotImplemented


def _span(_: Evaluator, call: Call) -> Span:
    settings = {name: plain(value) for name, value in call.named.items()}
    return span_of(call.short_name, settings, [plain(each) for each in call.given])


def _moment(_: Evaluator, call: Call) -> Any:
    if call.short_name == "Timestamp" and len(call.given) == 1 and isinstance(call.given[0], Constant):
        return point_of(call.given[0].value)
    if not call.given or not all(type(plain(each)) is int for each in call.given):
        return NotImplemented
    try:
        return point_of(datetime(*map(plain, call.given)))  # noqa: DTZ001 pandas' moments have no zone
    except (TypeError, ValueError, OverflowError) as error:
        raise StopsError("it makes a date that cannot be") from error


def _to_datetime(evaluator: Evaluator, call: Call) -> Any:
    if len(call.given) != 1:
        return NotImplemented
    given = call.given[0]
    if isinstance(given, Constant):
        return point_of(given.value)
    date_format = call.plain("format", None)
    is_coerced = call.plain("errors", "raise") == "coerce"
    cell = given.cell if isinstance(given, Series) else given
    read = _read(evaluator.state, cell, date_format)
    unreadable = both(negated(missing_of(cell)), missing_of(read))
    return read_from(evaluator.state, given, read, NO_ROW if is_coerced else unreadable, "date")


def _read(state: State, cell: Any, date_format: str | None) -> Cell:
    if isinstance(cell, Number) and date_format is None:
        state.note(NANOSECONDS)
        return Nanoseconds(cell.sql, cell.missing, cell.needs)
    if isinstance(cell, Number):
        cell = as_text(cell)
    if date_format is None and isinstance(cell, Text):
        state.note(GUESSED_FORM)
    return read_as_moment(cell, date_format)


def _strptime(evaluator: Evaluator, call: Call) -> Any:
    match call.given:
        case [Moment() as moment, Constant(value=str())] if moment.text:
            return moment
        case [Choice(), Constant(value=str())]:
            raise NotRecognisedError("it reads one of several things as a date")
        case [Cell() as cell, Constant(value=str() as date_format)]:
            read = read_as_moment(cell, date_format)
            evaluator.state.stop_where(missing_of(read))
            return read
    return NotImplemented


FUNCTIONS: Mapping[str, Function] = {
    "to_datetime": _to_datetime, "strptime": _strptime,
    **dict.fromkeys(("now", "today", "utcnow"), _clock),
    **dict.fromkeys(("Timestamp", "datetime", "date"), _moment),
    **dict.fromkeys(SPANS, _span),
}  # fmt: skip
