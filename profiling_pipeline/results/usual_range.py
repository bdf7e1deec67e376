"""What earlier figures lead to expect of the next one.

The middle is a median, the spread a median absolute deviation, so that odd figures in the past hardly move either. A
trend and the weekday are taken into account where they explain most of how the past figures differ.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from statistics import fmean, median

LEAST_HISTORY = 5
MOST_HISTORY = 90  # older figures say little about the next one

_NORMAL_SPREAD = 1.4826  # standard deviations of a normal distribution in its median absolute deviation
_FEW_POINTS = 14  # widens the range of few points; fits what the spread of 5 to 90 normal figures does (see the docs)
_EXPLAINS = 0.6  # a trend or the weekday counts when it leaves at most this share of the differences
_LEAST_FOR_TREND = 10
_SECONDS_OF_DAY = 86_400


@dataclass(frozen=True)
class PastFigure:
    """A figure of an earlier run, and what was thought of it.

    `is_unusual` is the verdict of its own run; a person may have said since that it was to be expected, or that it was
    a fault indeed.
    """

    value: float
    at: datetime
    is_unusual: bool = False
    is_expected: bool = False
    is_fault: bool = False

    @property
    def is_usual(self) -> bool:
        """Whether later figures are compared with this one."""
        return not self.is_fault and (self.is_expected or not self.is_unusual)


@dataclass(frozen=True)
class UsualRange:
    """The range in which a figure is usual, both ends included.

    `middle` is what was expected, `points` the number of past figures that it rests on, `unit` one robust standard
    deviation (more for few points).
    """

    low: float
    middle: float
    high: float
    unit: float
    points: int
    is_seasonal: bool = False
    has_trend: bool = False

    def __contains__(self, figure: float) -> bool:
        return self.low <= figure <= self.high

    def distance(self, figure: float) -> float:
        """Return how many units the figure lies above the middle, below it if negative."""
        return (figure - self.middle) / self.unit if self.unit else 0.0


@dataclass(frozen=True)
class _Model:
    """What is expected now, and by how much each past figure differs from what would have been expected of it."""

    expected: float
    rests: list[float]
    has_trend: bool = False
    is_seasonal: bool = False
    of_the_weekday: tuple[float, ...] = ()  # its own rests: some weekdays vary more than others

    @property
    def spread(self) -> float:
        """The robust standard deviation of the rests."""
        return _NORMAL_SPREAD * max(median(map(abs, rests)) for rests in (self.rests, self.of_the_weekday) if rests)

    @property
    def cost(self) -> float:
        """What the model leaves, dearer with each of its parts."""
        return fmean(map(abs, self.rests)) / _EXPLAINS ** (self.has_trend + self.is_seasonal)


def usual_range(
    history: Sequence[PastFigure], at: datetime, *, deviations: float, least_change: float
) -> UsualRange | None:
    """Return where a figure of a given time is usual, None with fewer than five past figures to go by.

    Figures that were unusual are left out, unless at least five of them in a row agree on a new level: then that level
    is what is usual from there on. The same goes for five of one weekday, such as Saturdays in a young history.

    Args:
        history: Earlier figures, oldest first, without the one in question.
        at: When the figure in question was taken; its weekday is that in UTC.
        deviations: Robust standard deviations from the middle that are still usual.
        least_change: Distance from the middle that is usual in any case: figures that never moved have no spread.
    """
    points = _baseline(history, at)
    if len(points) < LEAST_HISTORY:
        return None
    model = _best_model(points, at)
    spread = model.spread * (1 + _FEW_POINTS / (len(points) - 2))
    unit = max(spread, least_change / deviations)
    return UsualRange(
        low=model.expected - deviations * unit,
        middle=model.expected,
        high=model.expected + deviations * unit,
        unit=unit,
        points=len(points),
        is_seasonal=model.is_seasonal,
        has_trend=model.has_trend,
    )


def _baseline(history: Sequence[PastFigure], at: datetime) -> list[PastFigure]:
    """Return the newest past figures that count."""
    if not any(point.is_unusual or point.is_fault for point in history):
        return list(history[-MOST_HISTORY:])
    usual = [point for point in history if point.is_usual]
    level = _new_level(history, usual)
    if level:
        history = history[history.index(level[0]) :]
        usual = [point for point in history if point.is_usual or point in level]
    accepted = _new_level([point for point in history if point.at.weekday() == at.weekday()], usual)
    return [point for point in history if point in usual or point in accepted][-MOST_HISTORY:]


def _new_level(history: Sequence[PastFigure], usual: Sequence[PastFigure]) -> list[PastFigure]:
    """Return the newest row of unusual figures that is long enough and agrees on another level than the usual one."""
    rows = [list(row) for is_odd, row in groupby(history, lambda p: p.is_unusual and not p.is_fault) if is_odd]
    for row in reversed(rows):
        level = median(point.value for point in row[-LEAST_HISTORY:])
        apart = max(abs(point.value - level) for point in row[-LEAST_HISTORY:])
        before = [point.value for point in usual if point.at < row[0].at]
        if len(row) >= LEAST_HISTORY and (not before or apart <= abs(level - median(before)) / 2):
            return row[-LEAST_HISTORY:]
    return []


def _best_model(points: Sequence[PastFigure], at: datetime) -> _Model:
    """Return the model that leaves the least, where each of its parts has to explain much of the differences."""
    middle = median(point.value for point in points)
    plain = _Model(middle, [point.value - middle for point in points])
    if not any(plain.rests):
        return plain
    trend = _with_trend(plain, points, at)
    models = (plain, trend, _with_weekday(plain, points, at), trend and _with_weekday(trend, points, at))
    return min((model for model in models if model), key=lambda model: model.cost)


def _with_trend(model: _Model, points: Sequence[PastFigure], at: datetime) -> _Model | None:
    """Return the model with a straight line: Tukey's resistant one, through the medians of the first and last third."""
    third = len(points) // 3
    days = [(point.at - at).total_seconds() / _SECONDS_OF_DAY for point in points]
    if len(points) < _LEAST_FOR_TREND or days[-third] <= days[third - 1]:
        return None
    slope = (median(model.rests[-third:]) - median(model.rests[:third])) / (
        median(days[-third:]) - median(days[:third])
    )
    rests = [rest - slope * day for rest, day in zip(model.rests, days, strict=True)]
    now = median(rests)
    return replace(model, expected=model.expected + now, rests=[rest - now for rest in rests], has_trend=True)


def _with_weekday(model: _Model, points: Sequence[PastFigure], at: datetime) -> _Model | None:
    """Return the model with each weekday's median taken out, of those weekdays that have enough figures."""
    by_day: dict[int, list[float]] = defaultdict(list)
    for point, rest in zip(points, model.rests, strict=True):
        by_day[point.at.weekday()].append(rest)
    known = {day: (median(own), own) for day, own in by_day.items() if len(own) >= LEAST_HISTORY}
    if at.weekday() not in known or len(known) < 2:
        return None
    rests = [rest - usual for usual, own in known.values() for rest in own]
    usual, own = known[at.weekday()]
    return replace(
        model,
        expected=model.expected + usual,
        rests=rests,
        is_seasonal=True,
        of_the_weekday=tuple(rest - usual for rest in own),
    )
