import socket
import subprocess
import sys

import dagster as dg
import psutil
import pytest
from dagster._core.launcher import WorkerStatus

from profiling_pipeline.orchestration.launcher import PROCESS_TAG, WatchedRunLauncher, this_process


def health(tags: dict[str, str]) -> WorkerStatus:
    with dg.DagsterInstance.ephemeral() as instance:
        launcher = WatchedRunLauncher()
        launcher.register_instance(instance)
        run = dg.DagsterRun(job_name="any", status=dg.DagsterRunStatus.STARTED, tags=tags)
        instance.add_run(run)
        return launcher.check_run_worker_health(run).status


def test_a_run_of_this_process_is_alive() -> None:
    assert health({PROCESS_TAG: this_process()}) is WorkerStatus.RUNNING


def test_a_run_of_a_process_that_ended_is_not_found() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = f"{socket.gethostname()}/{child.pid}/{psutil.Process(child.pid).create_time():.2f}"
    assert health({PROCESS_TAG: process}) is WorkerStatus.RUNNING
    child.communicate(b"\n")
    assert health({PROCESS_TAG: process}) is WorkerStatus.NOT_FOUND


def test_a_later_process_with_the_same_number_is_another() -> None:
    host, pid, _ = this_process().split("/")
    assert health({PROCESS_TAG: f"{host}/{pid}/1.00"}) is WorkerStatus.NOT_FOUND


def test_nothing_is_concluded_about_another_machine() -> None:
    assert health({PROCESS_TAG: "elsewhere/1/1.00"}) is WorkerStatus.RUNNING


def test_a_run_whose_code_server_is_gone_is_not_found(tmp_path: object) -> None:
    grpc_info = f'{{"host": "localhost", "socket": "{tmp_path}/gone"}}'
    assert health({".dagster/grpc_info": grpc_info}) is WorkerStatus.NOT_FOUND


@pytest.mark.parametrize("tags", [{}, {"dagster/partition": "1"}])
def test_a_run_that_does_not_say_where_it_executes_is_left_alone(tags: dict[str, str]) -> None:
    assert health(tags) is WorkerStatus.RUNNING
