"""Whatever dies in the middle of an approval, the state is the one before it or the one after it."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from uuid import UUID

import psutil
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, event

from profiling_pipeline.approval.lifecycle import VersionStatus
from profiling_pipeline.errors import DatabaseUnavailableError
from profiling_pipeline.services.versions import list_versions
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.embedded import EmbeddedServer
from profiling_pipeline.storage.migrations import upgrade
from profiling_pipeline_tests.services.planned import Planned, a_planned_phase

BEFORE = {"approved": 1, "pending_approval": 1}
AFTER = {"approved": 1, "superseded": 1}


def statuses(planned: Planned) -> dict[str, int]:
    """Return how many versions are in each state, after checking that each one's rules and counters agree with it."""
    versions = list_versions(planned.database, phase_id=planned.phase_id)
    for version in versions:
        rules = Counter(rule.status for rule in planned.rules(version.version_id).values())
        expected = {"submitted": 3} if version.version_status == VersionStatus.PENDING_APPROVAL else {"approved": 3}
        assert rules == expected
        assert version.approved_rules == rules["approved"]
        approvals = [row for row in planned.audit(version.version_id) if row.action == "approve_rule_version"]
        assert len(approvals) == (version.version_status != VersionStatus.PENDING_APPROVAL)
    return dict(Counter(version.version_status for version in versions))


@contextmanager
def connection_cut_at(database: Database, step: int) -> Iterator[Callable[[], bool]]:
    """Cut the connection right before its step with that number, a statement or the commit; yields whether it was."""
    steps, was_cut = count(), []

    def cut(connection: Connection) -> None:
        if not was_cut and next(steps) == step:
            was_cut.append(True)
            backend = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
            maintenance = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
            with psycopg.connect(maintenance, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])

    def before_statement(connection: Connection, *_: object) -> None:
        cut(connection)

    event.listen(database.engine, "before_cursor_execute", before_statement)
    event.listen(database.engine, "commit", cut)
    try:
        yield lambda: bool(was_cut)
    finally:
        event.remove(database.engine, "before_cursor_execute", before_statement)
        event.remove(database.engine, "commit", cut)


def test_a_connection_cut_at_any_step_of_an_approval_leaves_the_state_before_it(database: Database) -> None:
    planned = a_planned_phase(database)
    planned.approved()
    version_id = planned.pending()
    for step in count():
        with connection_cut_at(database, step) as was_cut:
            if not _approve(planned, version_id):
                assert was_cut()
                assert statuses(planned) == BEFORE
                continue
        assert not was_cut()
        break
    assert step > 8
    assert statuses(planned) == AFTER


def _approve(planned: Planned, version_id: UUID) -> bool:
    try:
        planned.review.approve(version_id, planned.owner)
    except DatabaseUnavailableError:
        return False
    return True


@pytest.fixture
def own_server(server_folder: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(server_folder / "postgres")
    server.hold()
    yield server
    server.release()


def test_a_killed_server_leaves_the_state_before_an_approval_and_the_approval_can_be_repeated(
    own_server: EmbeddedServer,
) -> None:
    database = Database(own_server.url("postgres"))
    upgrade(database)
    planned = a_planned_phase(database)
    planned.approved()
    version_id = planned.pending()
    assert _approve_while_the_server_is_killed(own_server, planned, version_id) is False
    own_server.hold()
    assert statuses(planned) == BEFORE
    planned.review.approve(version_id, planned.owner)
    assert statuses(planned) == AFTER
    database.close()


def _approve_while_the_server_is_killed(server: EmbeddedServer, planned: Planned, version_id: UUID) -> bool:
    """Return whether the approval went through; the server is killed while it waits for the version's lock."""
    answers: list[bool] = []
    approval = Thread(target=lambda: answers.append(_approve(planned, version_id)))
    blocker = psycopg.connect(server.url("postgres").replace("+psycopg", ""))
    blocker.execute(
        "SELECT 1 FROM cycle_report_data_profiling_rule_versions WHERE version_id = %s FOR UPDATE", [version_id]
    )
    approval.start()
    _wait_for_a_waiting_lock(server)
    _kill(server)
    approval.join(30)
    blocker.close()
    return answers[0]


def _wait_for_a_waiting_lock(server: EmbeddedServer) -> None:
    deadline = monotonic() + 30
    url = server.url("postgres").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        waiting = sql.SQL("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        while monotonic() < deadline:
            found = connection.execute(waiting).fetchone()
            if found and found[0]:
                return
            sleep(0.05)
    raise AssertionError("nobody waits for a lock")


def _kill(server: EmbeddedServer) -> None:
    """Kill the server and all of its processes at once, as a machine that loses power does."""
    postmaster = psutil.Process(int((server.folder / "postmaster.pid").read_text().splitlines()[0]))
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=30)
