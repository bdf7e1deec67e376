"""What the results mean, for people who do not read tables of rules."""

from collections.abc import Sequence

import dagster as dg

from profiling_pipeline.orchestration.failures import failures_for_people
from profiling_pipeline.orchestration.metadata import markdown_table, numbers
from profiling_pipeline.orchestration.partitions import phase_of, profiling_phases
from profiling_pipeline.orchestration.resources import PipelineParam
from profiling_pipeline.orchestration.runs import effect_id, review_url
from profiling_pipeline.orchestration.trend import trend_image
from profiling_pipeline.plurals import counted
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.services.results import VersionResults, VersionRun, phase_results, version_runs

WORST_RULES = 15
RUNS_SHOWN = 30


@dg.asset(group_name="results", kinds={"markdown"}, deps=["rule_execution_results"], partitions_def=profiling_phases)
def quality_report(context: dg.AssetExecutionContext, pipeline: PipelineParam) -> dg.MaterializeResult:
    """Scores, the worst rules and the trend of the version that the run executed, else of the phase's approved one."""
    with failures_for_people(context):
        run_id = effect_id(context.instance, context.run)
        results = phase_results(pipeline.database, phase_of(context.partition_key), run_id)
        history = version_runs(pipeline.database, results.version_id)[:RUNS_SHOWN]
    return dg.MaterializeResult(
        metadata={
            **numbers({"overall_score": results.scores.overall, "grade": results.scores.grade}),
            "failed_rules": len(_not_passed(results.outcomes)),
            "review": dg.MetadataValue.url(review_url(pipeline.settings, results.version_id)),
            "report": dg.MetadataValue.md(_report(results, history)),
        }
    )


def _report(results: VersionResults, history: Sequence[VersionRun]) -> str:
    overall = results.scores.overall
    score = "no score" if overall is None else f"{overall:.2f}, grade {results.scores.grade}"
    oldest_first = [(run.executed_at, float(run.overall)) for run in reversed(history) if run.overall is not None]
    trend = [f"## The last {len(oldest_first)} executions", trend_image(oldest_first)] if len(oldest_first) > 1 else []
    return "\n\n".join(
        [
            f"# Phase {results.phase_id}, version {results.version_number}: {score}",
            f"{counted(results.rows, 'row')}, executed {results.executed_at:%Y-%m-%d %H:%M} UTC, "
            f"{counted(len(results.outcomes), 'rule')}.",
            "## Scores",
            _scores(results),
            "## Rules that do not pass",
            _worst(_not_passed(results.outcomes), "Every rule passes."),
            *_warned(results.outcomes),
            *trend,
        ]
    )


def _scores(results: VersionResults) -> str:
    rows = [
        (dimension, score.score, score.counted, score.not_counted)
        for dimension, score in results.scores.dimensions.items()
    ]
    return markdown_table(["Dimension", "Score", "Rules", "Not counted"], rows)


def _warned(outcomes: Sequence[RuleOutcome]) -> list[str]:
    warned = [outcome for outcome in outcomes if outcome.is_warning]
    return ["## Rules that pass with a warning", _worst(warned, "")] if warned else []


def _worst(outcomes: Sequence[RuleOutcome], otherwise: str) -> str:
    bad = sorted(outcomes, key=lambda o: (-o.rule.severity.weight, -o.failed, o.rule.name))
    if not bad:
        return otherwise
    rows = [(o.rule.name, o.rule.attribute, o.rule.severity, o.failed, o.pass_rate, o.note) for o in bad[:WORST_RULES]]
    more = f"\n\nAnd {len(bad) - WORST_RULES:,} more." if len(bad) > WORST_RULES else ""
    return markdown_table(["Rule", "Attribute", "Severity", "Failed", "Pass rate", "Note"], rows) + more


def _not_passed(outcomes: Sequence[RuleOutcome]) -> list[RuleOutcome]:
    return [o for o in outcomes if o.status in {ExecutionStatus.FAILED, ExecutionStatus.ERROR}]
