"""One number for many rules: the severity-weighted mean of their pass rates."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.rule import Dimension

_CENT = Decimal("0.01")
_GRADES = ((Decimal(95), "A"), (Decimal(85), "B"), (Decimal(70), "C"), (Decimal(50), "D"))
_NOT_COUNTED = frozenset({ExecutionStatus.ERROR, ExecutionStatus.SKIPPED})


@dataclass(frozen=True)
class DimensionScore:
    """A dimension's score from 0 to 100 (None when no rule counted), and how many rules did and did not count."""

    score: Decimal | None
    counted: int
    not_counted: int


@dataclass(frozen=True)
class Scores:
    """Scores from 0 to 100 of one execution, None or absent where no rule counted."""

    overall: Decimal | None = None
    grade: str | None = None
    dimensions: dict[Dimension, DimensionScore] = field(default_factory=dict)
    attributes: dict[str, Decimal] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the overall score and that of each dimension as numbers."""
        scored = {name.value: float(d.score) for name, d in self.dimensions.items() if d.score is not None}
        return {"overall": float(self.overall) if self.overall is not None else None, **scored}


def score_outcomes(outcomes: Sequence[RuleOutcome]) -> Scores:
    """Score rules by dimension and by attribute.

    A dimension's score is the severity-weighted mean of its rules' pass rates; rules in error or skipped do not count.
    The overall score is the mean of the dimensions' scores, an attribute's that of its own dimensions' scores.
    """
    by_dimension: dict[Dimension, list[RuleOutcome]] = defaultdict(list)
    by_attribute: dict[str, list[RuleOutcome]] = defaultdict(list)
    for outcome in outcomes:
        by_attribute[outcome.rule.attribute].append(outcome)
        if outcome.rule.dimension:
            by_dimension[outcome.rule.dimension].append(outcome)
    dimensions = {name: _dimension_score(by_dimension[name]) for name in Dimension if name in by_dimension}
    overall = _mean_of_dimensions(outcomes)
    attributes = {name: score for name, of in by_attribute.items() if (score := _mean_of_dimensions(of)) is not None}
    return Scores(overall, grade(overall), dimensions, attributes)


def grade(score: Decimal | None) -> str | None:
    """Return the grade of a score: A from 95, B from 85, C from 70, D from 50, else F."""
    if score is None:
        return None
    return next((letter for least, letter in _GRADES if score >= least), "F")


def _mean_of_dimensions(outcomes: Sequence[RuleOutcome]) -> Decimal | None:
    by_dimension: dict[Dimension | None, list[RuleOutcome]] = defaultdict(list)
    for outcome in outcomes:
        by_dimension[outcome.rule.dimension].append(outcome)
    scores = [score for group in by_dimension.values() if (score := _weighted_mean(group)) is not None]
    return _rounded(sum(scores, Decimal(0)) / len(scores)) if scores else None


def _dimension_score(outcomes: Sequence[RuleOutcome]) -> DimensionScore:
    not_counted = sum(outcome.status in _NOT_COUNTED for outcome in outcomes)
    return DimensionScore(_rounded(_weighted_mean(outcomes)), len(outcomes) - not_counted, not_counted)


def _weighted_mean(outcomes: Iterable[RuleOutcome]) -> Decimal | None:
    weighted, weights = Decimal(0), 0
    for outcome in outcomes:
        if outcome.status not in _NOT_COUNTED and outcome.pass_rate is not None:
            weight = outcome.rule.severity.weight
            weighted, weights = weighted + outcome.pass_rate * weight, weights + weight
    return weighted / weights if weights else None


def _rounded(score: Decimal | None) -> Decimal | None:
    return score.quantize(_CENT, ROUND_HALF_UP) if score is not None else None
