"""One connection that migrates: alone, in steps of one transaction each, going on where an earlier one stopped."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from profiling_pipeline.errors import ConflictError, DatabaseSchemaError, DatabaseUnavailableError
from profiling_pipeline.legacy_migration import functions
from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.found import ARCHIVE, FoundTable, find_tables
from profiling_pipeline.storage.database import Database, describe_server, first_line

# Any number that no other program takes.
_LOCK = 1_431_655_765
_LONGEST_WAIT_SECONDS = 30

Progress = Callable[[str, int, int], None]
Statement = str | sql.SQL | sql.Composed

_SETTINGS = (
    # The server notices within a second that this process is gone, and undoes what it was at.
    "SET client_connection_check_interval = '1s'",
    "SET work_mem = '128MB'",
    "SET maintenance_work_mem = '256MB'",
    "SET jit = off",
    "SET lock_timeout = '30s'",
)


@dataclass
class Step:
    """A step under way: what it did so far, and how far an earlier attempt came."""

    name: str
    last_key: str | None = None
    rows: int = 0


class LegacySession:
    """The connection, the archived tables, and the account of the steps."""

    def __init__(self, database: Database, connection: Connection, zone: str, progress: Progress) -> None:
        self.database = database
        self.connection = connection
        self.zone = zone
        self.report = progress
        self.tables: list[FoundTable] = []
        self.system_user_id = 0

    @property
    def raw(self) -> psycopg.Connection[Any]:
        """The driver's connection, which takes statements composed of identifiers."""
        driver: psycopg.Connection[Any] = self.connection.connection.dbapi_connection  # type: ignore[assignment]
        return driver

    def execute(self, statement: Statement, parameters: Mapping[str, Any] | None = None) -> int:
        """Run a statement in the current transaction and return how many rows it is about."""
        return self.raw.execute(statement, parameters).rowcount

    def rows(self, statement: Statement, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run a query in the current transaction and return its rows."""
        return self.raw.execute(statement, parameters).fetchall()

    @property
    def careful_json(self) -> str:
        """Statement that makes `as_json` take anything; what is no JSON becomes null."""
        return functions.AS_JSON if self.raw.info.server_version >= 160000 else functions.AS_JSON_BEFORE_16

    def of_kind(self, *kinds: Kind) -> list[FoundTable]:
        """Return the archived tables of these kinds."""
        return [table for table in self.tables if table.kind in kinds]

    def load_tables(self) -> None:
        """Read which tables the archive holds, with their numbers."""
        numbers = dict(self.rows("SELECT table_name, table_id FROM legacy_migration_tables"))
        found = [*find_tables(self.raw, ARCHIVE), *find_tables(self.raw, self.database.schema)]
        self.tables = [replace(table, table_id=numbers[table.name]) for table in found if table.name in numbers]

    def finished_at(self, step: str) -> datetime | None:
        """Return when a step was finished."""
        rows = self.rows("SELECT finished_at FROM legacy_migration_steps WHERE step = %(step)s", {"step": step})
        return rows[0][0] if rows else None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block as one transaction."""
        with self.connection.begin():
            yield

    @contextmanager
    def step(self, name: str) -> Iterator[Step | None]:
        """Run the block as one transaction that also writes the step down; yields None where it is done already."""
        with self.transaction():
            if self.finished_at(name) is not None:
                yield None
                return
            step = Step(name)
            yield step
            self.write(step, finished=True)
        self.report(name, step.rows, step.rows)

    def write(self, step: Step, *, finished: bool) -> None:
        """Write down how far a step is."""
        self.execute(
            "INSERT INTO legacy_migration_steps (step, row_count, last_key, finished_at) "
            "VALUES (%(step)s, %(rows)s, %(last)s, CASE WHEN %(finished)s THEN clock_timestamp() END) "
            "ON CONFLICT (step) DO UPDATE SET row_count = excluded.row_count, last_key = excluded.last_key, "
            "finished_at = excluded.finished_at",
            {"step": step.name, "rows": step.rows, "last": step.last_key, "finished": finished},
        )

    @contextmanager
    def worker(self) -> Iterator["LegacySession"]:
        """Open a further session for a part of a step; the next migration waits until it has ended, too."""
        with _explained(self.database), self.database.engine.connect() as connection:
            connection.detach()
            worker = LegacySession(self.database, connection, self.zone, self.report)
            worker.tables, worker.system_user_id = self.tables, self.system_user_id
            with worker.transaction():
                _prepare(worker)
                worker.execute("SELECT pg_advisory_lock_shared(%(lock)s, hashtext(%(schema)s))", worker.worker_lock)
            yield worker

    @property
    def worker_lock(self) -> Mapping[str, Any]:
        """What workers hold, each with the others."""
        return {"lock": _LOCK + 1, "schema": self.database.schema}

    def record(self, step: str, detail: Mapping[str, Any]) -> None:
        """Write down a fact about the migration, in place of an earlier one of this name."""
        self.execute(
            "INSERT INTO legacy_migration_steps (step, detail, finished_at) VALUES (%(step)s, %(detail)s, now()) "
            "ON CONFLICT (step) DO UPDATE SET detail = excluded.detail, finished_at = now()",
            {"step": step, "detail": Jsonb(dict(detail))},
        )


@contextmanager
def legacy_session(
    database: Database, *, zone: str = "UTC", progress: Progress = lambda step, done, total: None
) -> Iterator[LegacySession]:
    """Open the one session that may migrate, verify, roll back or purge at a time.

    Raises:
        ConflictError: Another one is at work.
        DatabaseUnavailableError: The server does not answer.
    """
    with _explained(database), database.engine.connect() as connection:
        connection.detach()  # closed, not pooled: its settings, its temporary tables and its lock go with it
        session = LegacySession(database, connection, zone, progress)
        with session.transaction():
            _prepare(session)
        _wait_for_lock(session, {"lock": _LOCK, "schema": database.schema})
        # Workers of a migration that was killed may still be at their last statement.
        _wait_for_lock(session, session.worker_lock)
        with session.transaction():
            session.execute("SELECT pg_advisory_unlock(%(lock)s, hashtext(%(schema)s))", session.worker_lock)
        yield session


@contextmanager
def _explained(database: Database) -> Iterator[None]:
    """Say what the database objected to, also to statements that went to the driver."""
    where = describe_server(database.url)
    try:
        with database.translated_errors():
            yield
    except psycopg.errors.LockNotAvailable as error:
        raise ConflictError(
            "Another program is using the legacy tables, so they cannot be moved; nothing was changed. "
            "Stop the earlier system's programs, then repeat."
        ) from error
    except psycopg.OperationalError as error:
        raise DatabaseUnavailableError(
            f"The {where} does not answer: {first_line(error)}. The step it was at is undone; repeat, and the "
            "migration goes on there."
        ) from error
    except psycopg.Error as error:
        raise DatabaseSchemaError(
            f"The {where} refuses a step of the legacy migration: {first_line(error)}. That step is undone, the ones "
            "before it stand. Remove what it objects to and repeat, or roll back: profiling legacy rollback."
        ) from error


def _prepare(session: LegacySession) -> None:
    for statement in (*_SETTINGS, functions.NEW_ID, functions.RATE, functions.WORDS, session.careful_json):
        session.execute(statement)


def _wait_for_lock(session: LegacySession, lock: Mapping[str, Any]) -> None:
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while True:
        with session.transaction():
            if session.rows("SELECT pg_try_advisory_lock(%(lock)s, hashtext(%(schema)s))", lock)[0][0]:
                return
        if time.monotonic() > deadline:
            raise ConflictError(
                "Another legacy migration, verification or rollback of this database is at work. "
                "Wait until it has ended, then repeat."
            )
        time.sleep(0.2)
