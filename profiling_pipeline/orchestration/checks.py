"""The asset checks: one for each dimension, one for unusual change. Single rules are in the asset's metadata."""

import warnings
from collections.abc import Mapping, Sequence
from statistics import median

import dagster as dg

from profiling_pipeline.orchestration.metadata import numbers, table
from profiling_pipeline.orchestration.partitions import profiling_phases
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.results.scores import Scores
from profiling_pipeline.results.usual_range import LEAST_HISTORY, UsualRange, usual_range
from profiling_pipeline.rules.rule import Dimension, Severity

CHECKED_ASSET = "rule_execution_results"
UNUSUAL_CHANGE = "unusual_change"
ROWS = "rows"
OVERALL = "overall"

# Changes that are usual in any case: a share of the rows, points of a score.
ROWS_TOLERANCE = 0.05
SCORE_TOLERANCE = 1.0

_NOT_PASSED = frozenset({ExecutionStatus.FAILED, ExecutionStatus.ERROR})


def check_specs() -> list[dg.AssetCheckSpec]:
    """Return the checks that are declared for the results; what is not declared cannot be reported."""
    described = {dimension.value: f"No {dimension.value} rule fails." for dimension in Dimension}
    described[UNUSUAL_CHANGE] = "Rows and scores are within what earlier executions of the version lead to expect."
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)  # partitions of checks are a preview in Dagster 1.13
        return [
            dg.AssetCheckSpec(name, asset=CHECKED_ASSET, description=text, partitions_def=profiling_phases)
            for name, text in described.items()
        ]


def dimension_results(outcomes: Sequence[RuleOutcome], scores: Scores) -> list[dg.AssetCheckResult]:
    """Return one check result for each dimension, whether it has rules or not."""
    return [_dimension_result(dimension, outcomes, scores) for dimension in Dimension]


def _dimension_result(dimension: Dimension, outcomes: Sequence[RuleOutcome], scores: Scores) -> dg.AssetCheckResult:
    own = [outcome for outcome in outcomes if outcome.rule.dimension is dimension]
    bad = [outcome for outcome in own if outcome.status in _NOT_PASSED]
    is_grave = any(outcome.rule.severity is Severity.HIGH for outcome in bad)
    score = scores.dimensions.get(dimension)
    return dg.AssetCheckResult(
        check_name=dimension.value,
        passed=not bad,
        severity=dg.AssetCheckSeverity.ERROR if is_grave else dg.AssetCheckSeverity.WARN,
        description=f"{len(bad):,} of {len(own):,} rules do not pass." if own else "The version has no such rule.",
        metadata={
            "rules": len(own),
            "failed_rules": len(bad),
            **numbers({"score": score.score if score else None}),
            **({"rules_not_passed": _not_passed(bad)} if bad else {}),
        },
    )


def _not_passed(outcomes: Sequence[RuleOutcome]) -> dg.TableMetadataValue:
    ordered = sorted(outcomes, key=lambda outcome: (-outcome.rule.severity.weight, outcome.rule.name))
    return table(
        ["rule", "attribute", "severity", "status", "failed", "pass_rate", "error"],
        [(o.rule.name, o.rule.attribute, o.rule.severity, o.status, o.failed, o.pass_rate, o.error) for o in ordered],
    )


def unusual_change_result(figures: Sequence[Mapping[str, float | None]]) -> dg.AssetCheckResult:
    """Compare the newest figures of a version with those of its earlier executions.

    Args:
        figures: Of each execution, newest first: `rows` and the scores by name; None where there is no figure.
    """
    newest, *earlier = figures
    compared = {name: _compare(name, newest, earlier) for name in newest}
    judged = {name: entry for name, entry in compared.items() if entry is not None}
    unusual = sorted(name for name, (figure, usual) in judged.items() if figure not in usual)
    if not judged:
        text = f"Not enough history: {len(earlier)} earlier executions, {LEAST_HISTORY} are needed."
    elif unusual:
        text = f"Unusual: {', '.join(unusual)}. The data, or what writes it, has changed."
    else:
        text = f"As {len(earlier)} earlier executions lead to expect."
    rows = [(name, figure, usual.low, usual.high, name not in unusual) for name, (figure, usual) in judged.items()]
    return dg.AssetCheckResult(
        check_name=UNUSUAL_CHANGE,
        passed=not unusual,
        severity=dg.AssetCheckSeverity.WARN,
        description=text,
        metadata={
            "earlier_executions": len(earlier),
            **({"compared": table(["figure", "now", "usual_from", "usual_to", "usual"], rows)} if rows else {}),
        },
    )


def _compare(
    name: str, newest: Mapping[str, float | None], earlier: Sequence[Mapping[str, float | None]]
) -> tuple[float, UsualRange] | None:
    figure = newest[name]
    history = [past for run in earlier if (past := run.get(name)) is not None]
    if figure is None or not history:
        return None
    least_width = ROWS_TOLERANCE * median(history) if name == ROWS else SCORE_TOLERANCE
    usual = usual_range(history, least_width=least_width)
    return None if usual is None else (figure, usual)
