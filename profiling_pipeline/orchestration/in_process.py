"""Runs executed here and now, in the caller's process, and kept like any other: the UI shows them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dagster as dg

from profiling_pipeline.errors import ProfilingError
from profiling_pipeline.orchestration.build import build_definitions
from profiling_pipeline.orchestration.home import prepare_dagster_home
from profiling_pipeline.orchestration.launcher import PROCESS_TAG, this_process
from profiling_pipeline.orchestration.partitions import PARTITIONS, PHASE_TAG, partition_key
from profiling_pipeline.orchestration.resources import Pipeline
from profiling_pipeline.orchestration.sensors import MOST_LOOKED_AT, approved_rule_versions
from profiling_pipeline.services.phases import profiling_phase
from profiling_pipeline.services.runs import unexecuted_versions
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.connect import ensure_environment
from profiling_pipeline.storage.database import Database

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def materialize_phase(database: Database, settings: Settings, phase_id: int, assets: Sequence[str]) -> str:
    """Materialise assets of a phase and return the run's id.

    Raises:
        ProfilingError: The one that failed the run.
    """
    with database.session() as session:
        profiling_phase(session, phase_id)  # a partition that stands for no phase would stay in the UI
    key = partition_key(phase_id)
    definitions = _definitions(database, settings)
    with _instance(settings) as instance:
        instance.add_dynamic_partitions(PARTITIONS, [key])
        return _execute(
            definitions.resolve_implicit_global_asset_job_def(),
            instance,
            partition_key=key,
            asset_selection=[dg.AssetKey(name) for name in assets],
            tags={PHASE_TAG: key},
        )


def execute_approvals(database: Database, settings: Settings) -> list[str]:
    """Let the sensor look for approved versions, execute what it asks for as the daemon would, return the runs' ids.

    Raises:
        ProfilingError: The one that failed a run.
    """
    definitions = _definitions(database, settings)
    job = definitions.resolve_job_def("execute_rules")
    with _instance(settings) as instance:
        instance.add_dynamic_partitions(PARTITIONS, _approved_phases(database))
        with dg.build_sensor_context(instance, resources=definitions.resources) as context:
            asked = approved_rule_versions(context)
        requests = asked.run_requests if isinstance(asked, dg.SensorResult) else None
        return [_execute(job, instance, partition_key=r.partition_key, tags=r.tags) for r in requests or []]


def _approved_phases(database: Database) -> list[str]:
    return [partition_key(phase_id) for _, phase_id, _ in unexecuted_versions(database, MOST_LOOKED_AT)]


def _definitions(database: Database, settings: Settings) -> dg.Definitions:
    return build_definitions({"pipeline": Pipeline(settings, database)})


@contextmanager
def _instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    ensure_environment(settings)
    prepare_dagster_home(settings)
    with dg.DagsterInstance.get() as instance:
        yield instance


def _execute(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    *,
    tags: Mapping[str, str],
    partition_key: str | None,
    asset_selection: Sequence[dg.AssetKey] | None = None,
) -> str:
    try:
        result = job.execute_in_process(
            run_config=_QUIET,
            instance=instance,
            partition_key=partition_key,
            tags={**tags, PROCESS_TAG: this_process()},
            asset_selection=asset_selection,
        )
    except dg.Failure as failure:
        if isinstance(failure.__cause__, ProfilingError):
            raise failure.__cause__ from failure
        raise
    return result.run_id
