"""Figures of a history as the points of an inline SVG drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

WIDTH, HEIGHT = 640, 160
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 22


@dataclass(frozen=True)
class Point:
    """One figure in the drawing's own coordinates."""

    x: float
    y: float
    value: Decimal
    at: datetime


@dataclass(frozen=True)
class LineChart:
    """A line of percentages over time; `gridlines` are heights with the percentage they stand for."""

    points: tuple[Point, ...]
    gridlines: tuple[tuple[float, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT

    @property
    def path(self) -> str:
        """The line as the `points` of an SVG polyline."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)


def line_chart(figures: Sequence[tuple[datetime, Decimal | None]]) -> LineChart | None:
    """Return a chart of percentages, oldest first and evenly spaced; None with nothing to draw.

    The scale ends at 100 and starts at the ten below the least figure, so that small changes are seen.
    """
    known = [(at, value) for at, value in figures if value is not None]
    if not known:
        return None
    floor = min(90, int(min(value for _, value in known) // 10) * 10)
    step = (WIDTH - _LEFT - _RIGHT) / max(len(known) - 1, 1)
    points = tuple(
        Point(round(_LEFT + number * step, 1), _height(value, floor), value, at)
        for number, (at, value) in enumerate(known)
    )
    marks = (100, (100 + floor) // 2, floor)
    return LineChart(points, tuple((_height(Decimal(mark), floor), mark) for mark in marks))


def _height(value: Decimal, floor: int) -> float:
    share = (float(value) - floor) / (100 - floor)
    return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)
