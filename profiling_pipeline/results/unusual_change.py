"""Comparing a run's figures with those of earlier runs of the same source."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import log10, sqrt
from statistics import median
from typing import Any, Self

from profiling_pipeline.plurals import counted
from profiling_pipeline.results.observation import Figure, FigureKey, FigureKind
from profiling_pipeline.results.usual_range import PastFigure, UsualRange, usual_range

_ROWS_THAT_MAY_DIFFER = 3
_KINDS = list(FigureKind)
_ROWS = FigureKey(FigureKind.ROW_COUNT)
_HIGHEST = {FigureKind.NULL_RATE: 100.0, FigureKind.PASS_RATE: 100.0, FigureKind.DISTINCT_RATIO: 1.0}


class Sensitivity(StrEnum):
    """How small a change is unusual; a setting of the rule version."""

    OFF = "off"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def deviations(self) -> float:
        """Robust standard deviations that are usual where one figure is compared."""
        return {Sensitivity.LOW: 5.0, Sensitivity.HIGH: 2.5}.get(self, 3.5)

    @property
    def patience(self) -> float:
        """By how much the changes that are usual in any case are multiplied."""
        return {Sensitivity.LOW: 2.0, Sensitivity.HIGH: 0.5}.get(self, 1.0)


DEFAULT_SENSITIVITY = Sensitivity.MEDIUM


@dataclass(frozen=True)
class PastRun:
    """An earlier run of the same source: its figures, which were unusual, which of these expected or faults indeed."""

    at: datetime
    figures: Mapping[FigureKey, Figure]
    unusual: frozenset[FigureKey] = frozenset()
    expected: frozenset[FigureKey] = frozenset()
    faults: frozenset[FigureKey] = frozenset()


@dataclass(frozen=True)
class Change:
    """A figure beside what was usual; `label` is what people call it."""

    key: FigureKey
    label: str
    now: float
    usual: UsualRange

    @property
    def is_unusual(self) -> bool:
        """Whether the figure lies outside its usual range."""
        return self.now not in self.usual

    @property
    def direction(self) -> str:
        """Whether it is higher or lower than expected."""
        return "up" if self.now > self.usual.middle else "down"

    @property
    def distance(self) -> float:
        """How many robust standard deviations it lies above what was expected, negative for below."""
        return self.usual.distance(self.now)

    def shown(self, value: float) -> str:
        """Return a figure of this kind as people read it."""
        return shown_figure(self.key.kind, value)

    @property
    def sentence(self) -> str:
        """The change in words."""
        now, low, high = map(self.shown, (self.now, self.usual.low, self.usual.high))
        basis = "median"
        if self.usual.is_seasonal or self.usual.has_trend:
            parts = [("weekday", self.usual.is_seasonal), ("trend", self.usual.has_trend)]
            basis = " and ".join(name for name, is_part in parts if is_part)
        unit = " %" if self.key.kind in {FigureKind.NULL_RATE, FigureKind.PASS_RATE} else ""
        return (
            f"{self.label} is {now}{unit}, usually {low}–{high}{unit} ({basis} of {counted(self.usual.points, 'run')})"
        )

    def order(self) -> tuple[bool, float, int, str]:
        """Return what sorts unusual figures first, the farthest out foremost, the others by kind."""
        return not self.is_unusual, -abs(self.distance) * self.is_unusual, _KINDS.index(self.key.kind), self.key.subject

    def to_dict(self) -> dict[str, Any]:
        """Return the change as values that JSON knows, with what follows from it."""
        usual = self.usual
        return {
            "figure": str(self.key),
            "label": self.label,
            "observed": self.now,
            "usual_from": usual.low,
            "expected": usual.middle,
            "usual_to": usual.high,
            "distance": round(self.distance, 2),
            "direction": self.direction,
            "points": usual.points,
            "seasonal": usual.is_seasonal,
            "trend": usual.has_trend,
            "sentence": self.sentence,
        }

    def stored(self) -> dict[str, Any]:
        """Return what `from_stored` needs beside the key: a run stores hundreds of these."""
        return {"label": self.label, "now": self.now, **asdict(self.usual)}

    @classmethod
    def from_stored(cls, key: str, stored: Mapping[str, Any]) -> Self:
        """Return the change that is stored so under its key."""
        own = {"label", "now"}
        usual = UsualRange(**{name: value for name, value in stored.items() if name not in own})
        return cls(FigureKey.parse(key), stored["label"], stored["now"], usual)


def changes(
    figures: Mapping[FigureKey, Figure],
    at: datetime,
    history: Sequence[PastRun],
    sensitivity: Sensitivity,
    rule_names: Mapping[str, str],
) -> list[Change]:
    """Compare each figure of a run with the same figure of earlier runs.

    Args:
        figures: What the run saw.
        at: When.
        history: Earlier runs of the same source, oldest first.
        sensitivity: How small a change is unusual.
        rule_names: Names of rules by their identity.

    Returns:
        The figures with enough history, unusual ones first, the farthest out of them foremost.
    """
    if sensitivity is Sensitivity.OFF:
        return []
    deviations = deviations_for(sensitivity, len(figures))
    usual = {key: usual_figure(key, at, history, deviations, sensitivity.patience) for key in figures}
    growth = _growth(figures.get(_ROWS), usual.get(_ROWS))
    found = [
        Change(key, label_of(key, rule_names), figure.value, _with_growth(expected, key.kind, growth))
        for key, figure in figures.items()
        if (expected := usual[key]) is not None
    ]
    return sorted(found, key=Change.order)


def deviations_for(sensitivity: Sensitivity, compared: int) -> float:
    """Return the robust standard deviations that are usual: the more figures are compared, the more, a tenth for ten.

    So the chance that a run raises a false alarm hardly grows with the number of its columns and rules.
    """
    return sensitivity.deviations * (1 + log10(max(compared, 1)) / 10)


def usual_figure(
    key: FigureKey, at: datetime, history: Sequence[PastRun], deviations: float, patience: float
) -> UsualRange | None:
    """Return where a figure of a time is usual, within what is possible for its kind; None with too little history."""
    past = [(run, run.figures[key]) for run in history if key in run.figures]
    points = [_past_figure(key, run, figure) for run, figure in past]
    known = [figure for point, (_, figure) in zip(points, past, strict=True) if point.is_usual]
    if not known:
        known = [figure for _, figure in past]
    if not known:
        return None
    usual = usual_range(points, at, deviations=deviations, least_change=_least_change(key.kind, known, patience))
    if usual is None:
        return None
    is_signed = key.kind is FigureKind.MEAN
    low = usual.low if is_signed else max(usual.low, 0.0)
    return replace(usual, low=low, high=min(usual.high, _HIGHEST.get(key.kind, usual.high)))


def label_of(key: FigureKey, rule_names: Mapping[str, str]) -> str:
    """Return what people call a figure."""
    if key.kind is FigureKind.ROW_COUNT:
        return "row count"
    if key.kind is FigureKind.PASS_RATE:
        return f"pass rate of rule '{rule_names.get(key.subject, key.subject)}'"
    return f"{key.kind.replace('_', ' ')} of {key.subject}"


def shown_figure(kind: FigureKind, value: float) -> str:
    """Return a figure with as many digits as tell it from its neighbours."""
    if kind is FigureKind.ROW_COUNT:
        return f"{value:,.0f}"
    if kind is FigureKind.MEAN:
        return f"{value:,.6g}"
    decimals = 4 if kind is FigureKind.DISTINCT_RATIO else 2
    text = f"{value:.{decimals}f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text


def _growth(rows: Figure | None, usual: UsualRange | None) -> float:
    """Return how many times as many rows there are as expected; 1 where their number is usual."""
    if rows is None or usual is None or rows.value in usual or not rows.value or usual.middle <= 0:
        return 1.0
    return rows.value / usual.middle


def _with_growth(usual: UsualRange, kind: FigureKind, growth: float) -> UsualRange:
    """Return a distinct ratio's range widened to what follows from the rows alone: as many values in other rows."""
    if kind is not FigureKind.DISTINCT_RATIO:
        return usual
    return replace(usual, low=min(usual.low, usual.low / growth), high=min(max(usual.high, usual.high / growth), 1.0))


def _past_figure(key: FigureKey, run: PastRun, figure: Figure) -> PastFigure:
    return PastFigure(
        value=figure.value,
        at=run.at,
        is_unusual=key in run.unusual,
        is_expected=key in run.expected,
        is_fault=key in run.faults,
    )


def _least_change(kind: FigureKind, past: Sequence[Figure], patience: float) -> float:
    """Return the distance from the middle that is usual in any case: small in practice, or a matter of three rows."""
    middle = median(figure.value for figure in past)
    rows = max(median(figure.rows for figure in past), 1)
    if kind is FigureKind.ROW_COUNT:
        return max(patience * 0.05 * middle, _ROWS_THAT_MAY_DIFFER)
    if kind is FigureKind.MEAN:
        deviation = median(figure.deviation or 0.0 for figure in past)
        return max(patience * 0.1, _ROWS_THAT_MAY_DIFFER / sqrt(rows)) * deviation + 1e-9 * abs(middle)
    if kind is FigureKind.DISTINCT_RATIO:
        return max(patience * 0.05, _ROWS_THAT_MAY_DIFFER / rows)
    return max(patience * 0.5, 100 * _ROWS_THAT_MAY_DIFFER / rows)
