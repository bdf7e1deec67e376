"""What can be started as a whole: by sensors and schedules, from the UI, as a backfill of several phases."""

from dataclasses import asdict
from datetime import UTC, datetime

import dagster as dg

from profiling_pipeline.orchestration.failures import failures_for_people
from profiling_pipeline.orchestration.legacy_jobs import legacy_migration, legacy_rollback
from profiling_pipeline.orchestration.resources import PipelineParam
from profiling_pipeline.services.retention import delete_expired

profile_sources = dg.define_asset_job(
    "profile_sources",
    selection=["planning_data_source", "data_source_profile"],
    description="Look at the phase's data again; drafts nothing.",
)
generate_rules = dg.define_asset_job(
    "generate_rules",
    selection=["planning_data_source", "data_source_profile", "generated_rule_version"],
    description="Profile the phase's data and put the suggested rules into a new draft.",
)
regenerate_rules = dg.define_asset_job(
    "regenerate_rules",
    selection=["data_source_profile", "generated_rule_version"],
    description="Take up a rejected version in a new draft, with new suggestions where changes were requested.",
)
execute_rules = dg.define_asset_job(
    "execute_rules",
    selection=["rule_execution_results", "quality_report"],
    description="Execute the phase's approved version on its current data.",
)


@dg.op
def delete_expired_records(context: dg.OpExecutionContext, pipeline: PipelineParam) -> None:
    """Delete executions and access records that are older than the settings keep."""
    days = pipeline.settings.retention_days
    with failures_for_people(context):
        report = delete_expired(pipeline.database, days, now=datetime.now(UTC))
    context.add_output_metadata({"retention_days": days, **asdict(report), "before": report.before.isoformat()})


@dg.job(name="delete_expired")
def delete_expired_job() -> None:
    """Delete executions and access records that are older than `PROFILING_RETENTION_DAYS`."""
    delete_expired_records()


JOBS = (
    profile_sources,
    generate_rules,
    regenerate_rules,
    execute_rules,
    delete_expired_job,
    legacy_migration,
    legacy_rollback,
)
