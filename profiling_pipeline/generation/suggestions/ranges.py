"""Rules on how large a number may be, from quantiles and not from extremes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import floor, inf, log10
from typing import Any

import numpy as np

from profiling_pipeline.generation.bulk import bulk_of, plausible
from profiling_pipeline.generation.statistics import FORM_SHARE, Fence, is_supported, lower_fence, upper_fence
from profiling_pipeline.generation.suggestions.subject import Subject, count, share
from profiling_pipeline.generation.suggestions.values import (
    as_json,
    as_number,
    round_down,
    round_up,
    rounding_step,
)
from profiling_pipeline.profiling.sample import ColumnSample, Numbers
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import ColumnKind

_Limit = int | float | None

_REPEATED = 3  # rows, from which on their number says something
_FAR = 2  # times the distance of a limit from the median, from where on a value is surely wrong
_APART = 0.5  # times the way from the last 1 % to a limit, without any value: what comes then does not go on from there
_RARE_BEYOND = 0.002  # share of values at most, that may be right and still lie beyond a limit
_FEWEST_ROWS = 100  # below, a 1 % quantile is a single value
_NUMERIC = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})


@dataclass(frozen=True)
class Quantiles:
    """Quantiles and extremes as numbers; the name says the percentage."""

    minimum: float
    q01: float
    q05: float
    q25: float
    q50: float
    q75: float
    q95: float
    q99: float
    maximum: float
    values: Numbers | None = None  # all of them, where they are at hand

    @property
    def is_mostly_one_value(self) -> bool:
        """Whether about half of the values are the same, so that quantiles do not show how the others thin out."""
        return self.q05 == self.q50 or self.q25 == self.q75 or self.q50 == self.q95


def suggest(subject: Subject) -> Iterable[Rule]:
    """Yield limits that nearly all values keep, wide enough that values of the same kind do not pass them by chance."""
    if subject.column.present < _FEWEST_ROWS:
        return
    if subject.column.kind in _NUMERIC and not subject.is_identifier:
        yield from _numbers(subject)


def _numbers(subject: Subject) -> Iterable[Rule]:
    known = quantiles_of(subject, as_number) if subject.data is None else _quantiles_of_bulk(subject.data)
    if known is None or not 0 < known.q99 - known.q01 < inf:
        return
    rows = subject.readable
    whole = subject.column.kind is ColumnKind.INTEGER
    step = rounding_step(known.q99 - known.q01, whole=whole)
    low, high = _low(known, rows, step), _high(known, rows, step)
    if subject.data is None:
        outside = (low is not None and known.minimum < low) + (high is not None and known.maximum > high)
        share_outside, holding = f"at most {outside} %", rows * (1 - outside / 100)
    else:
        low, high = _without_meant(subject.data, low, high)
        beyond = _beyond(subject.data, low, high)
        outside, holding, share_outside = len(beyond), rows - len(beyond), share(len(beyond), rows)
    if (low is None and high is None) or not is_supported(holding, subject.seen, FORM_SHARE):
        return
    name, check, parameters = _bounded(low, high)
    because = _evidence(subject, known, share_outside if outside else "")
    yield subject.rule(name, check, parameters, because=because, holding=holding, tested=subject.seen)


def _quantiles_of_bulk(data: ColumnSample) -> Quantiles | None:
    bulk = bulk_of(data.values)
    if not len(bulk):
        return None
    levels = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
    return replace(Quantiles(*np.quantile(bulk, levels).tolist()), values=bulk)


def _beyond(data: ColumnSample, low: float | None, high: float | None) -> Numbers:
    values = data.values
    return values[(values < (-inf if low is None else low)) | (values > (inf if high is None else high))]


def _without_meant(data: ColumnSample, low: _Limit, high: _Limit) -> tuple[_Limit, _Limit]:
    """Return the limits without one beyond which a value is about as frequent as others are, so that it is meant."""
    different, counts = np.unique(plausible(data.values), return_counts=True)
    if not len(counts) or np.median(counts) < _REPEATED:
        return low, high
    meant = different[counts >= np.median(counts) / 3]
    if low is not None and (meant < low).any():
        low = None
    if high is not None and (meant > high).any():
        high = None
    return low, high


def _low(known: Quantiles, rows: int, step: float) -> int | float | None:
    if known.q01 >= 0 and _ends_at_zero(known, rows):
        fence = None if known.is_mostly_one_value else _lower_fence(known, rows)
        return max(0, _settled_low(known, fence, step)) if fence else 0
    if known.minimum == known.q01:  # at least 1 % sit exactly at the end
        return round_down(known.minimum, step)
    fence = None if known.is_mostly_one_value else _lower_fence(known, rows)
    return _settled_low(known, fence, step) if fence else None


def _high(known: Quantiles, rows: int, step: float) -> int | float | None:
    if known.maximum == known.q99:
        return round_up(known.maximum, step)
    if known.is_mostly_one_value:
        return None
    fence = upper_fence(known.q50, known.q75, known.q95, known.q99, rows, floor=known.q05)
    if fence is None:
        return None
    if known.maximum > fence.value:
        return round_up(fence.value if _is_far(known.maximum, fence, known) else known.maximum, step)
    room = 0 if fence.is_wall else known.maximum - known.q99
    return _snapped(known, round_up(min(fence.value, known.maximum + room), step))


def _lower_fence(known: Quantiles, rows: int) -> Fence | None:
    return lower_fence(known.q50, known.q25, known.q05, known.q01, rows)


def _settled_low(known: Quantiles, fence: Fence, step: float) -> int | float:
    """Return the fence, or a limit nearer to the values where the smallest is as expected."""
    if known.minimum < fence.value:
        return round_down(fence.value if _is_far(known.minimum, fence, known) else known.minimum, step)
    room = 0 if fence.is_wall else known.q01 - known.minimum
    return round_down(max(fence.value, known.minimum - room), step)


def _is_far(extreme: float, fence: Fence, known: Quantiles) -> bool:
    """Return whether values beyond a limit are surely wrong: far beyond, several and apart, or too many to be rare."""
    if known.values is None or fence.is_wall:
        return True
    is_high = extreme > fence.value
    is_beyond = known.values > fence.value if is_high else known.values < fence.value
    beyond, within = known.values[is_beyond], known.values[~is_beyond]
    is_alone = len(beyond) <= _RARE_BEYOND * len(known.values)
    if not is_alone or abs(extreme - known.q50) > _FAR * abs(fence.value - known.q50):
        return True
    last, tail = (within.max(), known.q99) if is_high else (within.min(), known.q01)
    widest_gap = np.diff(np.sort(np.append(beyond, last))).max()
    return bool(len(beyond) >= _REPEATED and widest_gap > _APART * abs(fence.value - tail))


def _ends_at_zero(known: Quantiles, rows: int) -> bool:
    """Return whether values that are nearly all 0 or more are meant to be: they do not thin out towards 0."""
    fence = _lower_fence(known, rows)
    return (
        known.minimum >= 0 or known.q01 == 0 or fence is None or fence.is_wall or fence.value >= 0 or _is_skewed(known)
    )


def _snapped(known: Quantiles, limit: int | float) -> int | float:
    """Return 1 or 100 for a limit just above it that no value passes: shares and percentages end there."""
    for end in (1, 100):
        if known.q01 >= 0 and known.maximum <= end < limit <= 1.25 * end and known.q99 > end / 2:
            return end
    return limit


def _is_skewed(known: Quantiles) -> bool:
    return known.q95 - known.q50 > 1.3 * (known.q50 - known.q05)


def _bounded(low: int | float | None, high: int | float | None) -> tuple[str, str, dict[str, Any]]:
    if low is None:
        return f"is at most {high:,}", "less_than_or_equal_to", {"max_value": high}
    if high is None:
        name = "is not negative" if low == 0 else f"is at least {low:,}"
        return name, "greater_than_or_equal_to", {"min_value": low}
    return f"is between {low:,} and {high:,}", "in_range", {"min_value": low, "max_value": high}


def _evidence(subject: Subject, known: Quantiles, outside: str) -> str:
    column = subject.column
    whole = column.kind is ColumnKind.INTEGER
    low, high = _figure(known.q01, whole), _figure(known.q99, whole)
    middle = f"98 % of {count(column.present)} values are between {low} and {high}"
    extremes = f"the smallest is {subject.quote(column.minimum)}, the largest {subject.quote(column.maximum)}"
    if not outside:
        which = "All readable" if column.unreadable else "All"
        return f"{which} values keep the limits: {middle}, {extremes}."
    return (
        f"{middle}, {extremes}. The limits leave room beyond the quantiles and leave the extreme values out: "
        f"{outside} of the values."
    )


def _figure(number: float, whole: bool) -> str:
    size = floor(log10(abs(number))) if number else 0
    return f"{as_json(round(number, 0 if whole else max(0, 4 - size))):,}"


def quantiles_of(subject: Subject, read: Any) -> Quantiles | None:
    """Return the figures as numbers, None where one is missing, not finite, or out of order."""
    column = subject.column
    quantiles: Mapping[str, Any] = column.quantiles or {}
    levels = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")
    figures = [read(column.minimum), *(read(quantiles.get(level)) for level in levels), read(column.maximum)]
    if any(figure is None for figure in figures) or figures[1:-1] != sorted(figures[1:-1]):
        return None
    return Quantiles(*figures)
