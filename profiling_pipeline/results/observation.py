"""A run in figures: what is compared with earlier runs of the same source."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from profiling_pipeline.results.outcome import RuleOutcome
from profiling_pipeline.rules.identity import rule_identity


class FigureKind(StrEnum):
    """What is compared; rates are percentages, the distinct ratio is a share from 0 to 1."""

    ROW_COUNT = "row_count"
    NULL_RATE = "null_rate"
    DISTINCT_RATIO = "distinct_ratio"
    MEAN = "mean"
    PASS_RATE = "pass_rate"  # noqa: S105 - no password


@dataclass(frozen=True, order=True)
class FigureKey:
    """Which figure: its kind, and the column or the rule's identity that it belongs to; written `kind:subject`."""

    kind: FigureKind
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}" if self.subject else self.kind.value

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key that is written so; ValueError where that is none."""
        kind, _, subject = text.partition(":")
        return cls(FigureKind(kind), subject)


@dataclass(frozen=True)
class Figure:
    """A figure with the number of rows behind it; `deviation` is the standard deviation of what a mean is of."""

    value: float
    rows: int
    deviation: float | None = None


@dataclass(frozen=True)
class ColumnFigures:
    """A column in the figures that are compared; None where there is none."""

    null_rate: float | None = None
    distinct_ratio: float | None = None
    mean: float | None = None
    deviation: float | None = None


@dataclass(frozen=True)
class RuleFigures:
    """A rule's pass rate as a percentage, and the rows that it tested."""

    pass_rate: float
    tested: int


@dataclass(frozen=True)
class Observation:
    """A source at the time of a run: rows, columns by name, rules by identity."""

    row_count: int
    columns: Mapping[str, ColumnFigures]
    rules: Mapping[str, RuleFigures]

    def figures(self) -> dict[FigureKey, Figure]:
        """Return all figures, the row count first."""
        found = {FigureKey(FigureKind.ROW_COUNT): Figure(self.row_count, self.row_count)}
        for name, column in self.columns.items():
            present = round(self.row_count * (1 - (column.null_rate or 0) / 100))
            rates = {FigureKind.NULL_RATE: (column.null_rate, self.row_count)}
            rates[FigureKind.DISTINCT_RATIO] = (column.distinct_ratio, present)
            found |= {FigureKey(kind, name): Figure(v, rows) for kind, (v, rows) in rates.items() if v is not None}
            if column.mean is not None:
                found[FigureKey(FigureKind.MEAN, name)] = Figure(column.mean, present, column.deviation)
        for identity, rule in self.rules.items():
            found[FigureKey(FigureKind.PASS_RATE, identity)] = Figure(rule.pass_rate, rule.tested)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the observation as values that JSON knows."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return the observation that `to_dict` made these values of."""
        return cls(
            row_count=stored["row_count"],
            columns={name: ColumnFigures(**column) for name, column in stored["columns"].items()},
            rules={identity: RuleFigures(**rule) for identity, rule in stored["rules"].items()},
        )


def observed(row_count: int, columns: Mapping[str, ColumnFigures], outcomes: Iterable[RuleOutcome]) -> Observation:
    """Return what a run saw; rules without a pass rate are left out."""
    rules = {
        rule_identity(outcome.rule): RuleFigures(float(outcome.pass_rate), outcome.tested)
        for outcome in outcomes
        if outcome.pass_rate is not None
    }
    return Observation(row_count, columns, rules)
