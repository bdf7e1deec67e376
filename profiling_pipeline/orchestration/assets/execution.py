"""The phase's approved rules, run on its data."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import dagster as dg

from profiling_pipeline.approval.lifecycle import VersionStatus
from profiling_pipeline.errors import NotFoundError
from profiling_pipeline.orchestration.checks import check_specs, dimension_results, unusual_change_result
from profiling_pipeline.orchestration.failures import failures_for_people
from profiling_pipeline.orchestration.metadata import ROW_COUNT, Metadata, escape, markdown_table, numbers, table
from profiling_pipeline.orchestration.partitions import phase_of, profiling_phases
from profiling_pipeline.orchestration.pools import DATA_SOURCES
from profiling_pipeline.orchestration.progress import progress_logger
from profiling_pipeline.orchestration.resources import Pipeline, PipelineParam
from profiling_pipeline.orchestration.runs import effect_id, review_url, run_url
from profiling_pipeline.plurals import counted
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.services.runs import VersionExecution, execute_version
from profiling_pipeline.services.versions import list_versions

SAMPLED_RULES = 10
SAMPLED_ROWS = 5

_WORST_FIRST = (ExecutionStatus.ERROR, ExecutionStatus.FAILED, ExecutionStatus.PASSED, ExecutionStatus.SKIPPED)


@dg.asset(
    group_name="results",
    kinds={"postgres", "duckdb"},
    deps=["generated_rule_version"],
    partitions_def=profiling_phases,
    check_specs=check_specs(),
    pool=DATA_SOURCES,
)
def rule_execution_results(context: dg.AssetExecutionContext, pipeline: PipelineParam) -> dg.MaterializeResult:
    """Outcome of every approved rule of the phase on its current data."""
    phase_id = phase_of(context.partition_key)
    with failures_for_people(context):
        execution = execute_version(
            pipeline.database,
            pipeline.settings,
            _approved_version(pipeline, phase_id),
            run_id=effect_id(context.instance, context.run),
            executed_by_id=pipeline.system_user_id,
            reason=f"execute approved rules, Dagster run {context.run.run_id}",
            progress=progress_logger(context, "Rules executed"),
        )
    outcomes = execution.report.outcomes
    return dg.MaterializeResult(
        metadata={**_counts(execution), **_links(context, pipeline, execution), **_details(outcomes)},
        check_results=[
            *dimension_results(outcomes, execution.scores),
            unusual_change_result(execution.changes),
        ],
    )


def _approved_version(pipeline: Pipeline, phase_id: int) -> UUID:
    approved = list_versions(pipeline.database, phase_id=phase_id, status=VersionStatus.APPROVED)
    if not approved:
        raise NotFoundError(
            f"Phase {phase_id} has no approved version, so there is nothing to execute. "
            f"Submit and approve one in the review app, {pipeline.settings.review_url}."
        )
    return approved[0].version_id


def _counts(execution: VersionExecution) -> Metadata:
    statuses = Counter(outcome.status for outcome in execution.report.outcomes)
    scores = execution.scores
    return {
        ROW_COUNT: execution.report.rows,
        "rules": len(execution.report.outcomes),
        **{f"{status}_rules": statuses[status] for status in ExecutionStatus},
        "warned_rules": sum(outcome.is_warning for outcome in execution.report.outcomes),
        **numbers({"overall_score": scores.overall, "grade": scores.grade}),
        **numbers({f"{name}_score": score.score for name, score in scores.dimensions.items()}),
        "engine": execution.report.engine,
        "elapsed_ms": execution.report.elapsed_ms,
        "results_stored": execution.stored,
        "results_stored_by_earlier_attempt": execution.already_stored,
    }


def _links(context: dg.AssetExecutionContext, pipeline: Pipeline, execution: VersionExecution) -> Metadata:
    return {
        "version": f"{execution.phase_id}:{execution.version_number}",
        "review": dg.MetadataValue.url(review_url(pipeline.settings, execution.version_id)),
        "run": dg.MetadataValue.url(run_url(pipeline.settings, context.run.run_id)),
        "results_run_id": execution.run_id,
    }


def _details(outcomes: Sequence[RuleOutcome]) -> Metadata:
    ordered = sorted(outcomes, key=_worst_first)
    failing = [outcome for outcome in ordered if outcome.failed_rows]
    columns = "status rule failed pass_rate severity dimension tested passed skipped check attribute note"
    return {
        "rules_with_results": table(columns.split(), map(_row, ordered)),
        **({"failed_samples": dg.MetadataValue.md(_samples(failing))} if failing else {}),
    }


def _worst_first(outcome: RuleOutcome) -> tuple[int, bool, int, int, str]:
    rule = outcome.rule
    return _WORST_FIRST.index(outcome.status), not outcome.is_warning, -rule.severity.weight, -outcome.failed, rule.name


def _row(outcome: RuleOutcome) -> tuple[object, ...]:
    rule = outcome.rule
    note = outcome.note
    if note is None and outcome.observed is not None:
        note = f"observed {outcome.observed}"
    return (
        outcome.status, rule.name, outcome.failed, outcome.pass_rate, rule.severity, rule.dimension,
        outcome.tested, outcome.passed, outcome.skipped, rule.check, rule.attribute, note,
    )  # fmt: skip


def _samples(failing: Sequence[RuleOutcome]) -> str:
    """Return a few failed rows of the worst rules; values were masked by classification when they were sampled."""
    parts = []
    for outcome in failing[:SAMPLED_RULES]:
        sample = outcome.failed_rows[:SAMPLED_ROWS]
        columns = list(dict.fromkeys(name for row in sample for name in row))
        rows = [[row.get(name) for name in columns] for row in sample]
        heading = f"**{escape(outcome.rule.name)}**: {outcome.failed:,} failed"
        parts.append(f"{heading}\n\n{markdown_table([escape(name) for name in columns], rows)}")
    if len(failing) > SAMPLED_RULES:
        parts.append(f"And {counted(len(failing) - SAMPLED_RULES, 'more rule')} with failed rows: see the review app.")
    return "\n\n".join(parts)
