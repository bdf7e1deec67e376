"""What the project notices: each sensor compares what is with what should be, and asks for the runs in between.

State is read afresh at every tick, so a missed tick, a restart or a second daemon loses nothing. A run key made of what
the run is for, why, and the number of the attempt makes sure that it is asked for once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from profiling_pipeline.orchestration.attempts import MOST_ATTEMPTS, Attempts
from profiling_pipeline.orchestration.jobs import execute_rules, generate_rules, regenerate_rules
from profiling_pipeline.orchestration.partitions import (
    PARTITIONS,
    PHASE_TAG,
    REASON_TAG,
    VERSION_TAG,
    partition_key,
    profiling_phases,
)
from profiling_pipeline.orchestration.resources import PipelineParam
from profiling_pipeline.services.phases import list_phases
from profiling_pipeline.services.regeneration import versions_to_regenerate
from profiling_pipeline.services.runs import unexecuted_versions

SECONDS_BETWEEN_TICKS = 5
MOST_REQUESTS = 20  # of one tick; the others are asked for at the next
MOST_LOOKED_AT = 1000

NEW_PHASE = "new phase"
APPROVAL = "approval"
REJECTION = "rejection"


@dg.sensor(
    job=generate_rules,
    minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def new_profiling_phases(context: dg.SensorEvaluationContext, pipeline: PipelineParam) -> dg.SensorResult:
    """Data Profiling phases with a planned source: new ones become partitions, those without a version get a draft.

    A partition's first run is asked for at the tick after the one that added it.
    """
    if reason := pipeline.reason_to_wait:
        return dg.SensorResult(skip_reason=reason)
    planned = [phase for phase in list_phases(pipeline.database) if phase.data_source is not None]
    known = set(context.instance.get_dynamic_partitions(PARTITIONS))
    new = [key for phase in planned if (key := partition_key(phase.phase_id)) not in known]
    without_version = [
        _Work(key, key)
        for phase in planned
        if phase.latest_version_number is None and (key := partition_key(phase.phase_id)) in known
    ]
    result = _ask_for(context, NEW_PHASE, PHASE_TAG, without_version)
    if not new:
        return result
    added = [profiling_phases.build_add_request(new)]
    if result.run_requests:
        return dg.SensorResult(result.run_requests, dynamic_partitions_requests=added)
    return dg.SensorResult(skip_reason=f"New phases: {', '.join(new)}.", dynamic_partitions_requests=added)


@dg.sensor(
    job=execute_rules,
    minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def approved_rule_versions(context: dg.SensorEvaluationContext, pipeline: PipelineParam) -> dg.SensorResult:
    """Approved versions that were never executed: each is executed once."""
    if reason := pipeline.reason_to_wait:
        return dg.SensorResult(skip_reason=reason)
    approved = [
        _Work(partition_key(phase_id), str(version_id))
        for version_id, phase_id, _ in unexecuted_versions(pipeline.database, MOST_LOOKED_AT)
    ]
    return _ask_for(context, APPROVAL, VERSION_TAG, approved)


@dg.sensor(
    job=regenerate_rules,
    minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def rejected_rule_versions(context: dg.SensorEvaluationContext, pipeline: PipelineParam) -> dg.SensorResult:
    """Rejected versions with requested changes that nobody took up: those rules are suggested anew in a new draft."""
    if reason := pipeline.reason_to_wait:
        return dg.SensorResult(skip_reason=reason)
    rejected = [
        _Work(
            partition_key(phase_id),
            str(version_id),
            {"ops": {"profile_and_draft": {"config": {"rejected_version_id": str(version_id)}}}},
        )
        for version_id, phase_id in versions_to_regenerate(pipeline.database, MOST_LOOKED_AT)
    ]
    return _ask_for(context, REJECTION, VERSION_TAG, rejected)


SENSORS = (new_profiling_phases, approved_rule_versions, rejected_rule_versions)


@dataclass(frozen=True)
class _Work:
    """A run that should happen: in which partition, and the phase or version it is for."""

    partition: str
    subject: str
    run_config: Mapping[str, Any] = field(default_factory=dict)


def _ask_for(context: dg.SensorEvaluationContext, reason: str, tag: str, works: Sequence[_Work]) -> dg.SensorResult:
    """Return requests for what is due; for what has been given up, say so at every tick."""
    known = set(context.instance.get_dynamic_partitions(PARTITIONS))
    attempts = Attempts(context.instance, reason, tag, [work.subject for work in works])
    now = datetime.now(UTC)
    due = [
        (work, number)
        for work in works
        if work.partition in known and (number := attempts.next_number(work.subject, now)) is not None
    ]
    requests = [
        dg.RunRequest(
            run_key=f"{work.subject}:{reason}:{number}",
            run_config=work.run_config,
            partition_key=work.partition,
            tags={tag: work.subject, PHASE_TAG: work.partition, REASON_TAG: reason},
        )
        for work, number in due[:MOST_REQUESTS]
    ]
    return dg.SensorResult(requests) if requests else dg.SensorResult(skip_reason=_why_nothing(works, attempts))


def _why_nothing(works: Sequence[_Work], attempts: Attempts) -> str:
    given_up = attempts.given_up(work.subject for work in works)
    if given_up:
        return (
            f"Given up after {MOST_ATTEMPTS} failed runs: {', '.join(given_up)}. "
            "The runs say why; correct that and start the job by hand."
        )
    return "The runs asked for earlier are under way." if works else "Nothing new."
