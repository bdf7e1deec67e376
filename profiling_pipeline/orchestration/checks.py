"""The asset checks: one for each dimension, one for unusual change. Single rules are in the asset's metadata."""

import warnings
from collections.abc import Sequence

import dagster as dg

from profiling_pipeline.orchestration.metadata import numbers, table, table_if_any
from profiling_pipeline.orchestration.partitions import profiling_phases
from profiling_pipeline.plurals import agreeing, counted
from profiling_pipeline.results.change_report import ChangeReport
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.results.scores import Scores
from profiling_pipeline.results.unusual_change import Change
from profiling_pipeline.rules.rule import Dimension, Severity

CHECKED_ASSET = "rule_execution_results"
UNUSUAL_CHANGE = "unusual_change"

_NOT_PASSED = frozenset({ExecutionStatus.FAILED, ExecutionStatus.ERROR})


def check_specs() -> list[dg.AssetCheckSpec]:
    """Return the checks that are declared for the results; what is not declared cannot be reported."""
    described = {dimension.value: f"No {dimension.value} rule fails." for dimension in Dimension}
    described[UNUSUAL_CHANGE] = "Rows, columns and pass rates are as earlier executions on the source had them."
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
    warned = [outcome for outcome in own if outcome.is_warning]
    is_grave = any(outcome.rule.severity is Severity.HIGH for outcome in bad)
    score = scores.dimensions.get(dimension)
    return dg.AssetCheckResult(
        check_name=dimension.value,
        passed=not bad,
        severity=dg.AssetCheckSeverity.ERROR if is_grave else dg.AssetCheckSeverity.WARN,
        description=_said(own, bad, warned),
        metadata={
            "rules": len(own),
            "failed_rules": len(bad),
            "warned_rules": len(warned),
            **numbers({"score": score.score if score else None}),
            **({"rules_not_passed": _listed(bad)} if bad else {}),
            **({"rules_with_a_warning": _listed(warned)} if warned else {}),
        },
    )


def _said(own: Sequence[RuleOutcome], bad: Sequence[RuleOutcome], warned: Sequence[RuleOutcome]) -> str:
    if not own:
        return "The version has no such rule."
    warning = f" {counted(len(warned), 'passes', 'pass')} with a warning." if warned else ""
    return f"{len(bad):,} of {counted(len(own), 'rule')} {agreeing(len(bad), 'does', 'do')} not pass.{warning}"


def _listed(outcomes: Sequence[RuleOutcome]) -> dg.TableMetadataValue:
    ordered = sorted(outcomes, key=lambda outcome: (-outcome.rule.severity.weight, outcome.rule.name))
    return table(
        ["rule", "attribute", "severity", "status", "failed", "pass_rate", "note"],
        [(o.rule.name, o.rule.attribute, o.rule.severity, o.status, o.failed, o.pass_rate, o.note) for o in ordered],
    )


def unusual_change_result(report: ChangeReport | None) -> dg.AssetCheckResult:
    """Say how the figures of a run compare with those of earlier runs; None for a run from before these were kept."""
    if report is None:
        return dg.AssetCheckResult(
            check_name=UNUSUAL_CHANGE, passed=True, description="This run was stored before its figures were kept."
        )
    rows = [_compared(change) for change in report.changes]
    columns = ["unusual", "what", "now", "usual_from", "usual_to", "deviations", "runs", "in_words"]
    return dg.AssetCheckResult(
        check_name=UNUSUAL_CHANGE,
        passed=not report.unusual,
        severity=dg.AssetCheckSeverity.WARN,
        description=report.summary,
        metadata={
            "earlier_executions": report.earlier_runs,
            "sensitivity": report.sensitivity.value,
            "figures_compared": len(report.changes),
            "unusual_figures": len(report.unusual),
            **table_if_any("compared", columns, rows),
        },
    )


def _compared(change: Change) -> tuple[object, ...]:
    usual = change.usual
    return (
        change.is_unusual,
        change.label,
        change.now,
        usual.low,
        usual.high,
        round(change.distance, 1),
        usual.points,
        change.sentence if change.is_unusual else "",
    )
