"""What happens by the clock."""

from collections.abc import Iterator

import dagster as dg

from profiling_pipeline.orchestration.jobs import delete_expired_job, execute_rules
from profiling_pipeline.orchestration.partitions import PARTITIONS, PHASE_TAG, REASON_TAG, VERSION_TAG, partition_key
from profiling_pipeline.orchestration.resources import PipelineParam
from profiling_pipeline.services.phases import list_phases
from profiling_pipeline.settings import Settings


def build_schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    """Return the schedules at the times that the settings name, in UTC."""

    @dg.schedule(
        job=execute_rules,
        cron_schedule=settings.reexecution_cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def reexecute_approved_versions(
        context: dg.ScheduleEvaluationContext, pipeline: PipelineParam
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        """Execute every approved version again, one run for each phase."""
        if reason := pipeline.reason_to_wait:
            yield dg.SkipReason(reason)
            return
        scheduled = f"{context.scheduled_execution_time:%Y-%m-%dT%H:%M}"
        known = set(context.instance.get_dynamic_partitions(PARTITIONS))
        requested = False
        for phase in list_phases(pipeline.database):
            key = partition_key(phase.phase_id)
            if phase.approved_version_id is None or key not in known:
                continue  # a phase that is no partition yet is one at the next tick of new_profiling_phases
            requested = True
            yield dg.RunRequest(
                run_key=f"{phase.approved_version_id}:{scheduled}",
                partition_key=key,
                tags={PHASE_TAG: key, VERSION_TAG: str(phase.approved_version_id), REASON_TAG: "schedule"},
            )
        if not requested:
            yield dg.SkipReason("No phase has an approved version.")

    delete_expired_results = dg.ScheduleDefinition(
        name="delete_expired_results",
        job=delete_expired_job,
        cron_schedule=settings.retention_cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return [reexecute_approved_versions, delete_expired_results]
