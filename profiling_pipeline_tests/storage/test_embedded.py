"""One server for all processes of a checkout, whatever happens to any of them."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from profiling_pipeline.errors import DatabaseUnavailableError
from profiling_pipeline.storage.embedded import EmbeddedServer

_HOLD = """
import sys
from pathlib import Path
from profiling_pipeline.storage.embedded import EmbeddedServer
EmbeddedServer(Path(sys.argv[1])).hold()
print("held", flush=True)
sys.stdin.read()
"""


class Holder:
    """Another process that holds the server until it is told to end."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def wait_until_held(self) -> "Holder":
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"
        return self

    def end(self) -> None:
        self.process.communicate()
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def own_server(server_folder: Path) -> Iterator[EmbeddedServer]:
    """A server that nobody has started."""
    server = EmbeddedServer(server_folder / "home" / "postgres")
    yield server
    server.stop()


@pytest.fixture
def holder(own_server: EmbeddedServer) -> Iterator[Callable[[], Holder]]:
    """Start holders; those that still live end with the test."""
    with ExitStack() as ends:

        def start() -> Holder:
            holder = Holder(own_server.folder)
            ends.callback(holder.kill)
            return holder

        yield start


def _postmaster(server: EmbeddedServer) -> int:
    return int((server.folder / "postmaster.pid").read_text().split()[0])


def _connect(server: EmbeddedServer) -> psycopg.Connection:
    return psycopg.connect(server.url("postgres").replace("+psycopg", ""), autocommit=True)


def _remember(server: EmbeddedServer) -> None:
    with _connect(server) as connection:
        connection.execute("CREATE TABLE remembered AS SELECT 1")


def _remembers(server: EmbeddedServer) -> bool:
    with _connect(server) as connection:
        return connection.execute("SELECT * FROM remembered").fetchall() == [(1,)]


def _kill_postmaster(server: EmbeddedServer) -> None:
    postmaster = psutil.Process(_postmaster(server))
    postmaster.kill()
    while _lives(postmaster.pid):
        time.sleep(0.005)


def _lives(pid: int) -> bool:
    """Whether a process runs; where nobody collects it, a dead one keeps its number."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _processes_of(server: EmbeddedServer) -> list[psutil.Process]:
    return [psutil.Process(_postmaster(server)), *psutil.Process(_postmaster(server)).children(recursive=True)]


def test_it_starts_stops_and_keeps_its_data(own_server: EmbeddedServer) -> None:
    assert not own_server.is_running()
    own_server.hold()
    assert own_server.is_running()
    _remember(own_server)
    assert own_server.stop()
    assert not own_server.is_running()
    assert not own_server.stop()
    own_server.hold()
    assert _remembers(own_server)


def test_it_orders_text_as_duckdb_does_and_knows_unicode_letters(own_server: EmbeddedServer) -> None:
    own_server.hold()
    with _connect(own_server) as connection:
        query = "SELECT string_agg(v, '' ORDER BY v), upper('äß') FROM (VALUES ('b'), ('B'), ('a'), ('ä')) AS t (v)"
        assert connection.execute(query).fetchone() == ("Babä", "Äß")


def test_two_hundred_connections_are_no_problem(own_server: EmbeddedServer) -> None:
    own_server.hold()
    with ExitStack() as connections:
        for _ in range(200):
            connections.enter_context(_connect(own_server))


def test_processes_share_it_and_the_last_one_stops_it(own_server: EmbeddedServer, holder: Callable[[], Holder]) -> None:
    first, second = holder().wait_until_held(), holder().wait_until_held()
    postmaster = _postmaster(own_server)
    first.end()
    assert own_server.is_running()
    assert _postmaster(own_server) == postmaster
    second.end()
    assert not own_server.is_running()
    assert not _lives(postmaster)


def test_processes_that_start_at_once_get_one_server(own_server: EmbeddedServer, holder: Callable[[], Holder]) -> None:
    holders = [holder() for _ in range(4)]
    for each in holders:
        each.wait_until_held()
    assert own_server.is_running()
    for each in holders:
        each.end()
    assert not own_server.is_running()


def test_a_killed_holder_is_not_waited_for(own_server: EmbeddedServer, holder: Callable[[], Holder]) -> None:
    holder().wait_until_held().kill()
    assert own_server.is_running()
    holder().wait_until_held().end()
    assert not own_server.is_running()


def test_a_holder_whose_number_went_to_another_process_is_not_waited_for(
    own_server: EmbeddedServer, holder: Callable[[], Holder]
) -> None:
    own_server.hold()
    stale = [{"pid": os.getpid(), "started": 1.0}, {"pid": os.getppid(), "started": 1.0}]
    own_server.folder.with_name("postgres.holders").write_text(json.dumps(stale))
    holder().wait_until_held().end()
    assert not own_server.is_running()


def test_unreadable_holders_are_no_holders(own_server: EmbeddedServer, holder: Callable[[], Holder]) -> None:
    own_server.hold()
    own_server.folder.with_name("postgres.holders").write_text("[{")
    holder().wait_until_held().end()
    assert not own_server.is_running()


def test_a_killed_server_is_started_again_with_its_data(own_server: EmbeddedServer) -> None:
    own_server.hold()
    _remember(own_server)
    _kill_postmaster(own_server)
    own_server.hold()
    assert _remembers(own_server)


def test_backends_that_outlive_a_killed_server_are_ended(own_server: EmbeddedServer) -> None:
    own_server.hold()
    _remember(own_server)
    connection = _connect(own_server)
    pid = connection.info.backend_pid
    connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000000)")
    _kill_postmaster(own_server)
    assert _lives(pid)
    own_server.hold()
    assert not _lives(pid)
    assert _remembers(own_server)
    connection.close()


def test_everything_killed_at_once_leaves_nothing_in_the_way(
    own_server: EmbeddedServer, holder: Callable[[], Holder]
) -> None:
    killed = holder().wait_until_held()
    _remember(own_server)
    processes = _processes_of(own_server)
    killed.kill()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    while any(_lives(process.pid) for process in processes):
        time.sleep(0.005)
    own_server.hold()
    assert _remembers(own_server)
    own_server.release()
    assert not own_server.is_running()


def test_a_server_number_that_went_to_another_process_is_not_in_the_way(own_server: EmbeddedServer) -> None:
    own_server.hold()
    _remember(own_server)
    lines = (own_server.folder / "postmaster.pid").read_text().splitlines()
    own_server.stop()
    with subprocess.Popen(["sleep", "60"]) as other:
        (own_server.folder / "postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        shutil.copy(own_server.folder / "postmaster.pid", own_server.folder / ".s.PGSQL.5432.lock")
        assert not own_server.is_running()
        own_server.hold()
        assert _remembers(own_server)
        assert other.poll() is None
        other.kill()


def test_a_half_written_process_file_is_not_in_the_way(own_server: EmbeddedServer) -> None:
    own_server.hold()
    own_server.stop()
    (own_server.folder / "postmaster.pid").write_text("")
    own_server.hold()
    assert own_server.is_running()


@pytest.mark.parametrize("delay", [0.05, 0.2, 0.4, 0.6])
def test_a_start_killed_half_way_is_done_again(
    own_server: EmbeddedServer, holder: Callable[[], Holder], delay: float
) -> None:
    killed = holder()
    while not own_server.folder.with_name("postgres.lock").exists():
        time.sleep(0.005)
    time.sleep(delay)
    killed.kill()
    own_server.hold()
    _remember(own_server)
    assert _remembers(own_server)


def test_a_deleted_folder_is_made_anew(own_server: EmbeddedServer) -> None:
    own_server.hold()
    left_alone = _postmaster(own_server)
    deleted = own_server.folder.with_name("deleted")
    own_server.folder.rename(deleted)  # at once: the server itself removes files of its folder as it ends
    shutil.rmtree(deleted, ignore_errors=True)
    own_server.hold()
    assert own_server.is_running()
    assert not _lives(left_alone)


def test_a_deleted_home_is_not_made_anew_by_a_holder_that_ends(
    own_server: EmbeddedServer, holder: Callable[[], Holder]
) -> None:
    held = holder().wait_until_held()
    own_server.stop()
    shutil.rmtree(own_server.folder.parent)
    held.end()
    assert not own_server.folder.parent.exists()


def test_stop_does_not_ask_the_holders(own_server: EmbeddedServer, holder: Callable[[], Holder]) -> None:
    held = holder().wait_until_held()
    assert own_server.stop()
    own_server.hold()
    held.end()
    assert own_server.is_running()


def test_a_child_keeps_it_running_when_it_was_registered(own_server: EmbeddedServer) -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        own_server.hold()
        own_server.hold(child.pid)
        own_server.release()
        assert own_server.is_running()
        child.kill()
        child.wait()
        own_server.release()
        assert not own_server.is_running()


def test_a_child_that_has_ended_holds_nothing(own_server: EmbeddedServer) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    own_server.hold()
    own_server.hold(ended.pid)
    own_server.release()
    assert not own_server.is_running()


@pytest.mark.parametrize("name", ["x" * 120, "two words, $HOME 'quoted' \"twice\" ü"])
def test_any_checkout_path_will_do(server_folder: Path, name: str) -> None:
    server = EmbeddedServer(server_folder / name / "postgres")
    server.hold()
    try:
        with _connect(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert EmbeddedServer(server_folder / name / "postgres").url("a") == server.url("a")
        socket_folder = server.socket_folder
        assert socket_folder.stat().st_mode & 0o077 == 0
    finally:
        server.stop()
    assert socket_folder == server.folder or not socket_folder.exists()


def test_the_same_folder_by_another_name_is_the_same_server(own_server: EmbeddedServer, server_folder: Path) -> None:
    own_server.hold()
    (server_folder / "link").symlink_to(own_server.folder.parent)
    other = EmbeddedServer(server_folder / "link" / "postgres")
    assert other.is_running()
    assert other.url("a") == own_server.url("a")


def test_data_of_another_release_are_refused_with_the_servers_reason(own_server: EmbeddedServer) -> None:
    own_server.hold()
    own_server.stop()
    (own_server.folder / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(DatabaseUnavailableError, match="did not start: database files are incompatible") as caught:
        own_server.hold()
    assert str(own_server.log) in str(caught.value)


def test_a_home_that_cannot_be_is_explained(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(DatabaseUnavailableError, match=r"cannot use the folder .*PROFILING_HOME"):
        EmbeddedServer(tmp_path / "home" / "postgres").hold()


def test_a_setting_that_the_server_refuses_is_explained(server_folder: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match='did not start: invalid value for parameter "max_connections"'):
        EmbeddedServer(server_folder / "home" / "postgres", {"max_connections": "many"}).hold()


def test_variables_meant_for_other_servers_are_ignored(
    own_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("PGDATA", "/nowhere"), ("PGPORT", "1"), ("PGOPTIONS", "-c x=y")):
        monkeypatch.setenv(name, value)
    own_server.hold()
    monkeypatch.undo()
    with _connect(own_server) as connection:
        assert connection.execute("SHOW port").fetchone() == ("5432",)
