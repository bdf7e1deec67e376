"""The daemon with its code server and run workers, as `profiling dev` starts them, on a real instance in PostgreSQL."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar
from uuid import UUID

import dagster as dg
import psutil
import pytest
from sqlalchemy import func, select, text

from profiling_pipeline.orchestration.home import WORKSPACE_FILE
from profiling_pipeline.orchestration.partitions import VERSION_TAG
from profiling_pipeline.storage.models import RuleExecutionRow, RuleRow
from profiling_pipeline_tests.orchestration.conftest import RULES, Review

SECONDS = 120.0  # a loaded machine may take that long; an idle one needs a tenth
_ResultT = TypeVar("_ResultT")


@pytest.mark.timeout(400)
def test_approvals_are_executed_whatever_dies(review: Review, dagster_home: dict[str, str], tmp_path: Path) -> None:
    # Approved while nothing runs: executed once the daemon is up.
    missed = review.approved()
    with daemon(dagster_home, tmp_path / "first.log"):
        wait_for(lambda: executed(review, missed), "the version approved while the daemon was down")

        # Approved while it runs.
        seen = review.approved()
        wait_for(lambda: executed(review, seen), "the version approved while the daemon was up")
        wait_for(lambda: succeeded(seen), "the run's success")
        check_is_shown(review, seen)

        # The worker is killed in the middle of storing: the daemon starts another, which stores everything once.
        with held_results(review) as is_storing:
            killed = review.approved()
            wait_for(is_storing, "the worker to store results")
            os.kill(worker_of(killed), signal.SIGKILL)
        wait_for(lambda: succeeded(killed), "the retried run")
        assert executed(review, killed)

    for version_id in (missed, seen, killed):
        assert executions_of_each_rule(review, version_id) == [1] * len(RULES)
    with dg.DagsterInstance.get() as instance:
        first, retry = runs_of(instance, killed)
        assert (first.status, retry.status) == (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS)
        assert retry.parent_run_id == first.run_id


@contextmanager
def daemon(environment: dict[str, str], log: Path) -> Iterator[None]:
    """Run Dagster's daemon while the block runs."""
    command = [Path(sys.executable).parent / "dagster-daemon", "run", "-w", WORKSPACE_FILE]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT, cwd=log.parent)
        family = [psutil.Process(process.pid)]
        try:
            yield
        except AssertionError as error:
            error.add_note(log.read_text()[-8000:])
            raise
        finally:
            family += family[0].children(recursive=True)
            process.send_signal(signal.SIGINT)
            _, alive = psutil.wait_procs(family, timeout=30)
            for left in alive:
                left.kill()
            process.wait()


@contextmanager
def held_results(review: Review) -> Iterator[Callable[[], bool]]:
    """Let nobody store results while the block runs; yields a function that tells whether somebody waits to."""
    table = RuleExecutionRow.__tablename__
    with review.database.session() as holder:
        holder.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))

        def somebody_waits() -> bool:
            with review.database.session() as session:
                waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST(:t AS regclass)")
                return bool(session.scalar(waiting, {"t": table}))

        yield somebody_waits


def wait_for(condition: Callable[[], _ResultT], what: str) -> _ResultT:
    """Return the condition's first true value."""
    end = monotonic() + SECONDS
    while monotonic() < end:
        if found := condition():
            return found
        sleep(0.5)
    pytest.fail(f"Waited {SECONDS} s in vain for {what}.")


def executed(review: Review, version_id: UUID) -> bool:
    return bool(sum(executions_of_each_rule(review, version_id)))


def executions_of_each_rule(review: Review, version_id: UUID) -> list[int]:
    statement = (
        select(func.count(RuleExecutionRow.execution_id))
        .select_from(RuleRow)
        .outerjoin(RuleExecutionRow, RuleExecutionRow.rule_id == RuleRow.rule_id)
        .where(RuleRow.version_id == version_id)
        .group_by(RuleRow.rule_id)
    )
    with review.database.session() as session:
        return list(session.scalars(statement))


def runs_of(instance: dg.DagsterInstance, version_id: UUID) -> list[dg.DagsterRun]:
    """Return the runs for a version, oldest first."""
    return list(instance.get_runs(dg.RunsFilter(tags={VERSION_TAG: str(version_id)})))[::-1]


def succeeded(version_id: UUID) -> bool:
    with dg.DagsterInstance.get() as instance:
        return any(run.is_success for run in runs_of(instance, version_id))


def worker_of(version_id: UUID) -> int:
    with dg.DagsterInstance.get() as instance:
        (run,) = runs_of(instance, version_id)
        events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
        pids = [e.dagster_event.engine_event_data.metadata.get("pid") for e in events if e.dagster_event]
        return int(next(str(pid.value) for pid in pids if pid is not None))


def check_is_shown(review: Review, version_id: UUID) -> None:
    with dg.DagsterInstance.get() as instance:
        (run,) = runs_of(instance, version_id)
        event = instance.get_latest_materialization_event(dg.AssetKey("rule_execution_results"))
        assert event is not None
        assert event.run_id == run.run_id
        assert event.asset_materialization is not None
        assert event.asset_materialization.partition == review.key
        assert event.asset_materialization.metadata["version"].value == f"{review.phase_id}:2"
