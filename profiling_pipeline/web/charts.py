"""Figures of a history as the points of an inline SVG drawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from profiling_pipeline.results.change_history import SeenFigure

WIDTH, HEIGHT = 640, 160
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 22
_LEFT_OF_FIGURES = 76  # for marks such as 1,234,567


@dataclass(frozen=True)
class Point:
    """One figure in the drawing's own coordinates; `kind` is a class of its looks."""

    x: float
    y: float
    value: Decimal | float
    at: datetime
    text: str
    kind: str = ""


@dataclass(frozen=True)
class LineChart:
    """A line over time; `gridlines` are heights with what they stand for, `band` the corners of an area behind it."""

    points: tuple[Point, ...]
    gridlines: tuple[tuple[float, str], ...]
    band: tuple[tuple[float, float], ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT

    @property
    def path(self) -> str:
        """The line as the `points` of an SVG polyline."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)

    @property
    def area(self) -> str:
        """The band as the `points` of an SVG polygon."""
        return " ".join(f"{x},{y}" for x, y in self.band)


def line_chart(figures: Sequence[tuple[datetime, Decimal | None]]) -> LineChart | None:
    """Return a chart of percentages, oldest first and evenly spaced; None with nothing to draw.

    The scale ends at 100 and starts at the ten below the least figure, so that small changes are seen.
    """
    known = [(at, value) for at, value in figures if value is not None]
    if not known:
        return None
    floor = min(90, int(min(value for _, value in known) // 10) * 10)
    places = _places(len(known), _LEFT)
    points = tuple(
        Point(x, _height(float(value), floor, 100), value, at, str(value))
        for x, (at, value) in zip(places, known, strict=True)
    )
    marks = (100, (100 + floor) // 2, floor)
    return LineChart(points, tuple((_height(mark, floor, 100), str(mark)) for mark in marks))


def history_chart(history: Sequence[SeenFigure], shown: Callable[[float], str]) -> LineChart | None:
    """Return a chart of a figure with the band of what was usual at each run; None with nothing to draw.

    The scale holds all figures; a band that reaches far beyond them is cut off there.

    Args:
        history: The figure, oldest first.
        shown: Writes a figure.
    """
    if not history:
        return None
    least, most = min(seen.value for seen in history), max(seen.value for seen in history)
    bounds = [bound for seen in history if seen.usual for bound in (seen.usual.low, seen.usual.high)]
    span = (most - least) or max(map(abs, (*bounds, least)), default=1.0) * 0.1 or 1.0
    low = max(min((least, *bounds)), least - span)
    high = min(max((most, *bounds)), most + span)
    if high == low:
        low, high = low - span / 2, high + span / 2
    places = _places(len(history), _LEFT_OF_FIGURES)
    points = tuple(
        Point(x, _height(seen.value, low, high), seen.value, seen.at, _told(seen, shown), _kind(seen))
        for x, seen in zip(places, history, strict=True)
    )
    marks = (high, (low + high) / 2, low)
    return LineChart(
        points,
        tuple((_height(mark, low, high), shown(mark)) for mark in marks),
        band=_band(places, history, low, high),
        left=_LEFT_OF_FIGURES,
    )


def _band(
    places: Sequence[float], history: Sequence[SeenFigure], low: float, high: float
) -> tuple[tuple[float, float], ...]:
    """Return the upper bounds of what was usual from left to right, then the lower ones back."""
    known = [(x, seen.usual) for x, seen in zip(places, history, strict=True) if seen.usual]
    upper = [(x, _height(min(max(usual.high, low), high), low, high)) for x, usual in known]
    lower = [(x, _height(min(max(usual.low, low), high), low, high)) for x, usual in known]
    return (*upper, *reversed(lower))


def _told(seen: SeenFigure, shown: Callable[[float], str]) -> str:
    usual = f", usual {shown(seen.usual.low)} to {shown(seen.usual.high)}" if seen.usual else ""
    return f"{shown(seen.value)}{usual}{', marked as expected' if seen.is_expected else ''}"


def _kind(seen: SeenFigure) -> str:
    if not seen.is_unusual:
        return ""
    return "expected" if seen.is_expected else "unusual"


def _places(count: int, left: int) -> list[float]:
    step = (WIDTH - left - _RIGHT) / max(count - 1, 1)
    return [round(left + number * step, 1) for number in range(count)]


def _height(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low)
    return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)
