"""How well rules that were generated from a dirty table alone find its wrong cells."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from profiling_pipeline.evaluation.cells import CellTruth, FlaggedRule, Marks, compare_cells, flag_cells
from profiling_pipeline.rules.binding import bind_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import OpenSource

EXAMPLES = 5  # cells shown of each rule and column

Propose = Callable[[OpenSource], Sequence[Rule]]


@dataclass(frozen=True)
class Score:
    """Cells that are wrong, flagged, and both, with the shares in per cent that follow; None where undefined."""

    wrong: int
    flagged: int
    found: int

    @property
    def precision(self) -> float | None:
        """Share of the flagged cells that are wrong."""
        return _share(self.found, self.flagged)

    @property
    def recall(self) -> float | None:
        """Share of the wrong cells that are flagged."""
        return _share(self.found, self.wrong)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        return _share(2 * self.found, self.wrong + self.flagged)

    def to_dict(self) -> dict[str, Any]:
        """Return counts and shares."""
        return {**asdict(self), "precision": self.precision, "recall": self.recall, "f1": self.f1}


@dataclass(frozen=True)
class Cell:
    """One cell as an example; rows count from 1."""

    row: int
    column: str
    value: str
    right_value: str


@dataclass(frozen=True)
class RuleScore:
    """What one rule flagged, with examples of right cells among it."""

    rule: Rule
    flagged: int
    found: int
    false_positives: tuple[Cell, ...]


@dataclass(frozen=True)
class Evaluation:
    """Scores over all cells, by column and by check, and the rules that made them."""

    dirty: str
    clean: str
    rows: int
    overall: Score
    columns: dict[str, Score]
    checks: dict[str, Score]
    rules: tuple[RuleScore, ...]
    missed: tuple[Cell, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as plain values."""
        return {
            "dirty": self.dirty,
            "clean": self.clean,
            "rows": self.rows,
            "overall": self.overall.to_dict(),
            "columns": [{"column": name, **score.to_dict()} for name, score in self.columns.items()],
            "checks": [{"check": name, **score.to_dict()} for name, score in self.checks.items()],
            "rules": [
                {
                    "name": each.rule.name,
                    "attribute": each.rule.attribute,
                    "check": each.rule.check,
                    "parameters": dict(each.rule.parameters),
                    "flagged": each.flagged,
                    "found": each.found,
                    "false_positives": [asdict(cell) for cell in each.false_positives],
                }
                for each in self.rules
            ],
            "missed": [asdict(cell) for cell in self.missed],
        }


def evaluate(
    dirty: OpenSource, clean: OpenSource, propose: Propose, progress: Callable[[int, int], None] | None = None
) -> Evaluation:
    """Have rules proposed for the dirty table, run them on it, and compare what they flag with the clean table.

    Args:
        dirty: A file with errors; `propose` sees nothing else.
        clean: The same rows without them.
        propose: Makes rules that can run on the source.
        progress: Told of rules run and their number.

    Raises:
        InvalidInputError: The files are not aligned.
    """
    truth = compare_cells(dirty, clean)
    bound = [bind_rule(rule, dirty.table, dirty.columns) for rule in propose(dirty)]
    flagged = flag_cells(bound, dirty, truth.rows, progress)
    union = {name: _union(truth, [rule for rule in flagged if rule.bound.column == name]) for name in truth.dirty}
    columns = {name: _score(truth.wrong[name], union[name]) for name in truth.dirty}
    return Evaluation(
        dirty=dirty.name,
        clean=clean.name,
        rows=truth.rows,
        overall=_sum(columns.values()),
        columns=columns,
        checks={
            check: _score_of_check(truth, flagged, check) for check in sorted({r.bound.rule.check for r in flagged})
        },
        rules=tuple(_rule_score(truth, rule) for rule in flagged),
        missed=tuple(cell for name in truth.dirty for cell in _cells(truth, name, truth.wrong[name] & ~union[name])),
    )


def _score_of_check(truth: CellTruth, flagged: Sequence[FlaggedRule], check: str) -> Score:
    """Return the score of a check's rules alone, against the wrong cells of all columns."""
    rules = [rule for rule in flagged if rule.bound.rule.check == check]
    return _sum(
        _score(wrong, _union(truth, [rule for rule in rules if rule.bound.column == name]))
        for name, wrong in truth.wrong.items()
    )


def _rule_score(truth: CellTruth, flagged: FlaggedRule) -> RuleScore:
    wrong = truth.wrong[flagged.bound.column]
    return RuleScore(
        rule=flagged.bound.rule,
        flagged=int(flagged.rows.sum()),
        found=int((flagged.rows & wrong).sum()),
        false_positives=tuple(_cells(truth, flagged.bound.column, flagged.rows & ~wrong)),
    )


def _union(truth: CellTruth, flagged: Sequence[FlaggedRule]) -> Marks:
    marks = np.zeros(truth.rows, dtype=bool)
    for rule in flagged:
        marks |= rule.rows
    return marks


def _score(wrong: Marks, flagged: Marks) -> Score:
    return Score(int(wrong.sum()), int(flagged.sum()), int((wrong & flagged).sum()))


def _sum(scores: "Sequence[Score] | Any") -> Score:
    parts = list(scores)
    return Score(sum(p.wrong for p in parts), sum(p.flagged for p in parts), sum(p.found for p in parts))


def _cells(truth: CellTruth, column: str, marks: Marks) -> list[Cell]:
    dirty, clean = truth.dirty[column], truth.clean[column]
    return [Cell(int(row) + 1, column, dirty[row], clean[row]) for row in np.flatnonzero(marks)[:EXAMPLES]]


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None
