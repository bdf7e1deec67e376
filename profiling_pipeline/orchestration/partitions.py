"""One partition for each Data Profiling phase, and the tags that runs carry."""

import dagster as dg

PARTITIONS = "profiling_phases"
profiling_phases = dg.DynamicPartitionsDefinition(name=PARTITIONS)

PHASE_TAG = "profiling/phase"
VERSION_TAG = "profiling/version"
REASON_TAG = "profiling/reason"


def partition_key(phase_id: int) -> str:
    """Return the partition of a phase."""
    return str(phase_id)


def phase_of(partition_key: str) -> int:
    """Return the phase that a partition stands for."""
    if not partition_key.isdecimal():
        raise dg.Failure(
            f"Partition '{partition_key}' is not the number of a phase. Delete it from the partitions in the UI; "
            "the sensor new_profiling_phases adds the phases' own.",
            allow_retries=False,
        )
    return int(partition_key)
