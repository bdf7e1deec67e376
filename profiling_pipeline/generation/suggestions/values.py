"""Profiled figures as numbers, days and JSON values, whatever type the engine returned them in."""

from datetime import date, datetime
from decimal import Decimal
from math import ceil, floor, isfinite, log10
from typing import Any

_DATE_FORMATS = {"99999999": "%Y%m%d", "9999-99-99": "%Y-%m-%d", "9999/99/99": "%Y/%m/%d", "9999.99.99": "%Y.%m.%d"}
_PLAUSIBLE_YEARS = range(1900, 2101)


def as_number(value: Any) -> float | None:
    """Return a finite number, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def as_day(value: Any) -> date | None:
    """Return the day of a date, timestamp or ISO 8601 text, None for anything else."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None


def as_json(value: Any) -> Any:
    """Return a value that JSON can hold: whole numbers as integers, others as they print."""
    if isinstance(value, Decimal | float) and as_number(value) is not None:
        return int(value) if value == int(value) else float(value)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def date_format_of(text: str) -> str | None:
    """Return the strptime format in which a text is a plausible day, None where it is not one."""
    shape = "".join("9" if character in "0123456789" else character for character in text)
    day_format = _DATE_FORMATS.get(shape)
    if day_format is None:
        return None
    try:
        day = datetime.strptime(text, day_format)  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return None
    return day_format if day.year in _PLAUSIBLE_YEARS else None


def rounding_step(spread: float, *, whole: bool) -> float:
    """Return the power of ten to which limits of values that spread so far are rounded."""
    step = 10.0 ** floor(log10(spread / 10)) if spread / 10 > 0 else 1.0
    return max(step, 1.0) if whole else step


def round_up(value: float, step: float) -> int | float:
    """Return the multiple of `step`, a power of ten, at or above a value."""
    return _multiple(ceil, value, step)


def round_down(value: float, step: float) -> int | float:
    """Return the multiple of `step`, a power of ten, at or below a value."""
    return _multiple(floor, value, step)


def _multiple(rounding: Any, value: float, step: float) -> int | float:
    decimals = max(0, -floor(log10(step)))
    rounded = round(rounding(round(value / step, 9)) * step, decimals)
    return int(rounded) if rounded == int(rounded) else rounded
