"""Starts runs, and can tell whether the process of a run still exists.

Dagster's default launcher answers no health checks: a run whose worker went down together with its code server (a
reboot, an out-of-memory kill of the whole group) would stay "started" for ever and keep its place in the queue.
"""

import os
import socket

import psutil
from dagster import DagsterRun, deserialize_value
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult

PROCESS_TAG = "profiling/process"
_ANSWER_SECONDS = 20


class WatchedRunLauncher(DefaultRunLauncher):
    """Dagster's default launcher with a health check.

    A run that a code server started is asked of that server; one that a command executes in its own process carries the
    process in a tag.
    """

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether run monitoring may ask for the state of workers."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Return whether the process that executes the run is there."""
        if process := run.tags.get(PROCESS_TAG):
            return _in_process_health(process)
        client = self._get_grpc_client_for_termination(run.run_id)  # type: ignore[no-untyped-call]  # as in Dagster
        if client is None:
            return CheckRunHealthResult(WorkerStatus.RUNNING, "The run does not say where it executes.")
        try:
            reply = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id), timeout=_ANSWER_SECONDS)
        except DagsterUserCodeUnreachableError:
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "The code server that started the run is gone.")
        if deserialize_value(reply, CanCancelExecutionResult).can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "The code server has no process for the run.")


def this_process() -> str:
    """Return a name for the current process that no later process has: host, process id and start time."""
    return f"{socket.gethostname()}/{os.getpid()}/{psutil.Process().create_time():.2f}"


def _in_process_health(process: str) -> CheckRunHealthResult:
    host, pid, started = process.split("/")
    if host != socket.gethostname():
        return CheckRunHealthResult(WorkerStatus.RUNNING, f"The run executes on {host}, out of sight from here.")
    try:
        is_alive = f"{psutil.Process(int(pid)).create_time():.2f}" == started
    except psutil.NoSuchProcess:
        is_alive = False
    if is_alive:
        return CheckRunHealthResult(WorkerStatus.RUNNING)
    return CheckRunHealthResult(WorkerStatus.NOT_FOUND, f"Process {pid} that executed the run is gone.")
