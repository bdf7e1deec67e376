"""How often a sensor has asked for the same work, read from the runs' tags.

A run key dedupes for ever, so it ends with the number of the attempt; a run that failed for good is tried again after a
while, a few times, and stays visible as failed runs and in the sensor's ticks after that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import dagster as dg
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG, WILL_RETRY_TAG

from profiling_pipeline.orchestration.partitions import REASON_TAG

MOST_ATTEMPTS = 3
PAUSE = timedelta(minutes=10)


class Attempts:
    """What has been tried for each of some things that a tag names."""

    def __init__(self, instance: dg.DagsterInstance, reason: str, tag: str, values: Iterable[str]) -> None:
        """Read the runs with this reason whose `tag` has one of the values."""
        self._tag = tag
        self._runs: Mapping[str, list[dg.RunRecord]] = defaultdict(list)
        if wanted := list(values):
            for record in instance.get_run_records(dg.RunsFilter(tags={REASON_TAG: reason, tag: wanted})):
                self._runs[record.dagster_run.tags[tag]].append(record)

    def next_number(self, value: str, now: datetime) -> int | None:
        """Return the number of the attempt that is due, counted from 1; None while none is, or none is left."""
        records = self._runs.get(value, [])
        attempts = sum(record.dagster_run.parent_run_id is None for record in records)
        if any(_is_open(record.dagster_run) for record in records) or attempts >= MOST_ATTEMPTS:
            return None
        return None if records and now < _last_end(records) + PAUSE else attempts + 1

    def given_up(self, values: Iterable[str]) -> list[str]:
        """Return those for which no attempt is left and none is under way."""
        return [value for value in values if self._is_given_up(self._runs.get(value, []))]

    def _is_given_up(self, records: Sequence[dg.RunRecord]) -> bool:
        attempts = sum(record.dagster_run.parent_run_id is None for record in records)
        return attempts >= MOST_ATTEMPTS and not any(_is_open(record.dagster_run) for record in records)


def _is_open(run: dg.DagsterRun) -> bool:
    """Return whether the run works or waits, or the daemon is about to start a dead worker's run again."""
    will_retry = run.tags.get(WILL_RETRY_TAG) == "true" and AUTO_RETRY_RUN_ID_TAG not in run.tags
    return run.status not in FINISHED_STATUSES or will_retry


def _last_end(records: Sequence[dg.RunRecord]) -> datetime:
    return max(record.update_timestamp for record in records)
