from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG, WILL_RETRY_TAG

from profiling_pipeline.orchestration.attempts import MOST_ATTEMPTS, PAUSE, Attempts
from profiling_pipeline.orchestration.partitions import REASON_TAG, VERSION_TAG

NOW = datetime.now(UTC)
LATER = NOW + PAUSE + timedelta(hours=1)


@dg.op
def nothing() -> None:
    pass


@dg.job
def some_job() -> None:
    nothing()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def add_run(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus, parent: dg.DagsterRun | None = None, **tags: str
) -> dg.DagsterRun:
    root = parent.root_run_id or parent.run_id if parent else None
    return instance.create_run_for_job(
        some_job,
        status=status,
        parent_run_id=parent.run_id if parent else None,
        root_run_id=root,
        tags={REASON_TAG: "approval", VERSION_TAG: "v1", **tags},
    )


def next_number(instance: dg.DagsterInstance, now: datetime = LATER) -> int | None:
    return Attempts(instance, "approval", VERSION_TAG, ["v1", "v2"]).next_number("v1", now)


def test_the_first_attempt_is_due_at_once(instance: dg.DagsterInstance) -> None:
    assert next_number(instance, NOW) == 1


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
def test_a_run_that_is_under_way_is_waited_for(instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> None:
    add_run(instance, status)
    assert next_number(instance) is None


def test_a_run_whose_worker_died_is_left_to_the_daemon(instance: dg.DagsterInstance) -> None:
    died = add_run(instance, dg.DagsterRunStatus.FAILURE, **{WILL_RETRY_TAG: "true"})
    assert next_number(instance) is None
    retry = add_run(instance, dg.DagsterRunStatus.FAILURE, died, **{WILL_RETRY_TAG: "false"})
    instance.add_run_tags(died.run_id, {AUTO_RETRY_RUN_ID_TAG: retry.run_id})
    assert next_number(instance) == 2


def test_a_failed_run_is_tried_again_after_a_pause(instance: dg.DagsterInstance) -> None:
    add_run(instance, dg.DagsterRunStatus.FAILURE)
    assert next_number(instance, datetime.now(UTC)) is None
    assert next_number(instance, datetime.now(UTC) + PAUSE) == 2


def test_after_the_last_attempt_it_is_given_up(instance: dg.DagsterInstance) -> None:
    for _ in range(MOST_ATTEMPTS):
        add_run(instance, dg.DagsterRunStatus.FAILURE)
    attempts = Attempts(instance, "approval", VERSION_TAG, ["v1", "v2"])
    assert attempts.next_number("v1", LATER) is None
    assert attempts.given_up(["v1", "v2"]) == ["v1"]
    assert attempts.next_number("v2", LATER) == 1


def test_runs_for_another_reason_do_not_count(instance: dg.DagsterInstance) -> None:
    add_run(instance, dg.DagsterRunStatus.FAILURE, **{REASON_TAG: "schedule"})
    assert next_number(instance, NOW) == 1
