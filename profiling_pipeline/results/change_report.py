"""How a run's figures compare with earlier runs, and what people said of the unusual ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from profiling_pipeline.plurals import agreeing, counted
from profiling_pipeline.results.observation import FigureKey, FigureKind
from profiling_pipeline.results.unusual_change import Change, Sensitivity
from profiling_pipeline.results.usual_range import LEAST_HISTORY

_MOST_NAMED = 3


class MarkVerdict(StrEnum):
    """What a person says of an unusual figure: it was to be expected, or it was a fault indeed."""

    EXPECTED = "expected"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Mark:
    """What a person said of an unusual figure: who, when, and why."""

    verdict: MarkVerdict
    marked_by_id: int
    marked_at: datetime
    note: str

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return the mark that is stored so."""
        return cls(
            MarkVerdict(stored["verdict"]),
            stored["marked_by_id"],
            datetime.fromisoformat(stored["marked_at"]),
            stored["note"],
        )


@dataclass(frozen=True)
class ChangeReport:
    """The figures of a run that could be judged, unusual ones first, and how many earlier runs there were to go by."""

    run_id: str
    observed_at: datetime
    sensitivity: Sensitivity
    earlier_runs: int
    changes: tuple[Change, ...]
    marks: Mapping[FigureKey, Mark] = field(default_factory=dict)

    @property
    def unusual(self) -> tuple[Change, ...]:
        """The unusual figures, the farthest out foremost."""
        return tuple(change for change in self.changes if change.is_unusual)

    @property
    def unmarked(self) -> tuple[Change, ...]:
        """The unusual figures that nobody has said anything of."""
        return tuple(change for change in self.unusual if change.key not in self.marks)

    @property
    def summary(self) -> str:
        """The report in a sentence or two."""
        if self.sensitivity is Sensitivity.OFF:
            return "Not looked for: the version's sensitivity is off."
        if not self.changes:
            return (
                f"No verdict before {LEAST_HISTORY} executions to compare with: "
                f"there {agreeing(self.earlier_runs, 'is', 'are')} {self.earlier_runs:,}."
            )
        if not self.unusual:
            compared = counted(len(self.changes), "figure is", "figures are")
            return f"Nothing unusual: {compared} as {counted(self.earlier_runs, 'earlier run')} had them."
        named = "; ".join(change.sentence for change in self.unusual[:_MOST_NAMED])
        more = len(self.unusual) - _MOST_NAMED
        return f"Unusual: {named}{f'; and {more:,} more' if more > 0 else ''}."

    def of_rule(self, identity: str, columns: tuple[str, ...]) -> tuple[Change, ...]:
        """Return what is unusual about a rule: its own pass rate, and the columns that it reads."""

        def concerns(key: FigureKey) -> bool:
            return key.subject == identity if key.kind is FigureKind.PASS_RATE else key.subject in columns

        return tuple(change for change in self.unusual if concerns(change.key))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as values that JSON knows."""
        return {
            "sensitivity": self.sensitivity.value,
            "earlier_runs": self.earlier_runs,
            "figures_compared": len(self.changes),
            "summary": self.summary,
            "unusual": [{**change.to_dict(), "mark": self.marks.get(change.key)} for change in self.unusual],
        }
