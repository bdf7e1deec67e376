"""A figure over the runs of a source, with what was usual at each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from profiling_pipeline.results.observation import FigureKey
from profiling_pipeline.results.unusual_change import PastRun, Sensitivity, deviations_for, usual_figure
from profiling_pipeline.results.usual_range import UsualRange


@dataclass(frozen=True)
class SeenFigure:
    """A figure of one run; `usual` is what the runs before it lead to expect, None with too few of them."""

    at: datetime
    value: float
    usual: UsualRange | None
    is_unusual: bool
    is_expected: bool


def figure_history(
    key: FigureKey, runs: Sequence[PastRun], sensitivity: Sensitivity, shown: int = 30
) -> list[SeenFigure]:
    """Return a figure as the newest runs saw it, oldest first.

    Args:
        key: Which figure.
        runs: Runs of one source, oldest first.
        sensitivity: For which the usual ranges are taken; nothing is usual where it is off.
        shown: How many runs to return at most; those before them are what the first ones are compared with.
    """
    seen = []
    for number in range(max(0, len(runs) - shown), len(runs)):
        run, before = runs[number], runs[:number]
        if key not in run.figures:
            continue
        deviations = deviations_for(sensitivity, len(run.figures))
        is_watched = sensitivity is not Sensitivity.OFF
        usual = usual_figure(key, run.at, before, deviations, sensitivity.patience) if is_watched else None
        seen.append(SeenFigure(run.at, run.figures[key].value, usual, key in run.unusual, key in run.expected))
    return seen
