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
from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.found import ARCHIVE, FoundTable, find_tables
from profiling_pipeline.storage.database import Database, describe_server, first_line

# Any number that no other program takes.
_LOCK = 1_431_655_765
_LONGEST_WAIT_SECONDS = 30
ROWS_AT_ONCE = 100_000

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
# A UUID of version 8 from a kind and a key, the same for ever: so a second migration makes the same rows.
_NEW_ID = """
CREATE OR REPLACE FUNCTION pg_temp.new_id(kind text, key text) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT overlay(overlay(left(encode(sha256(convert_to(kind || chr(31) || key, 'UTF8')), 'hex'), 32)
        placing '8' from 13) placing '8' from 17)::uuid
$$
"""
# What looks like JSON is taken for it: for the bulk, which is done again with care where that is wrong.
_AS_JSON_AT_ONCE = """
CREATE OR REPLACE FUNCTION pg_temp.as_json(value text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE left(ltrim(value, E' \\n\\r\\t'), 1) WHEN '{' THEN value::jsonb WHEN '[' THEN value::jsonb
        WHEN '"' THEN (value::jsonb #>> '{}')::jsonb
        ELSE CASE WHEN value ~ '^(-?[0-9]|true$|false$)' THEN value::jsonb END END
$$
"""
# Statement by statement, for a planner that knows the value may work out a cast in a branch that is never taken.
_AS_JSON = """
CREATE OR REPLACE FUNCTION pg_temp.as_json(value text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    found jsonb;
BEGIN
    IF value IS NULL OR NOT pg_input_is_valid(value, 'jsonb') THEN
        RETURN NULL;
    END IF;
    found := nullif(value::jsonb, 'null');
    IF jsonb_typeof(found) = 'string' AND pg_input_is_valid(found #>> '{}', 'jsonb') THEN
        RETURN (found #>> '{}')::jsonb;
    END IF;
    RETURN found;
END
$$
"""
_AS_JSON_BEFORE_16 = """
CREATE OR REPLACE FUNCTION pg_temp.as_json(value text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    found jsonb;
BEGIN
    found := nullif(value::jsonb, 'null');
    IF jsonb_typeof(found) = 'string' THEN
        BEGIN
            RETURN (found #>> '{}')::jsonb;
        EXCEPTION WHEN data_exception THEN
            RETURN found;
        END;
    END IF;
    RETURN found;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$
"""

# As `results.outcome.pass_rate`: with two decimals, never 100.00 with a failure and never 0.00 with a pass.
_RATE = """
CREATE OR REPLACE FUNCTION pg_temp.pass_rate(passed bigint, failed bigint) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN passed + failed > 0 THEN greatest(
        least(round(100.0 * passed / (passed + failed), 2), CASE WHEN failed > 0 THEN 99.99 ELSE 100 END),
        CASE WHEN passed > 0 THEN 0.01 ELSE 0 END) END
$$
"""
# Words of the earlier system, and the nearest of this one's.
_WORDS = """
CREATE OR REPLACE FUNCTION pg_temp.decision(word text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE lower(word) WHEN 'approve' THEN 'approve' WHEN 'approved' THEN 'approve' WHEN 'reject' THEN 'reject'
        WHEN 'rejected' THEN 'reject' WHEN 'request_changes' THEN 'request_changes'
        WHEN 'needs_revision' THEN 'request_changes' END
$$;
CREATE OR REPLACE FUNCTION pg_temp.severity(word text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE lower(word) WHEN 'low' THEN 'low' WHEN 'info' THEN 'low' WHEN 'high' THEN 'high'
        WHEN 'critical' THEN 'high'
        WHEN 'error' THEN 'high' ELSE 'medium' END
$$;
CREATE OR REPLACE FUNCTION pg_temp.dimension(word text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN lower(word) IN ('completeness', 'validity', 'accuracy', 'consistency', 'uniqueness')
        THEN lower(word)
        WHEN lower(word) IN ('not_null', 'null', 'mandatory') THEN 'completeness'
        WHEN lower(word) IN ('unique', 'duplicate') THEN 'uniqueness'
        WHEN lower(word) IN ('anomaly', 'outlier', 'distribution') THEN 'accuracy'
        WHEN lower(word) IN ('referential', 'cross_field', 'relationship') THEN 'consistency'
        ELSE 'validity' END
$$
"""


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
        return _AS_JSON if self.raw.info.server_version >= 160000 else _AS_JSON_BEFORE_16

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
            self._write(step, finished=True)
        self.report(name, step.rows, step.rows)

    def batches(self, name: str, table: FoundTable, run: Callable[[Mapping[str, Any]], int]) -> None:
        """Run a step over a table in pieces, each in a transaction of its own; `run` gets the bounds of its keys."""
        with self.transaction():
            if self.finished_at(name) is not None:
                return
            found = self.rows(
                "SELECT last_key, row_count FROM legacy_migration_steps WHERE step = %(step)s", {"step": name}
            )
            step = Step(name, *(found[0] if found else ()))
            bounds = self._bounds(table, step.last_key)
            total = self.rows(sql.SQL("SELECT count(*) FROM {}").format(table.identifier))[0][0]
        for position, high in enumerate(bounds):
            is_last = position == len(bounds) - 1
            piece = {"low": step.last_key, "high": None if is_last else high}
            try:
                rows = self._run_piece(step, run, piece, is_last=is_last, json=_AS_JSON_AT_ONCE)
            except psycopg.DataError:  # something only looks like JSON
                rows = self._run_piece(step, run, piece, is_last=is_last, json=self.careful_json)
            step.rows, step.last_key = step.rows + rows, high
            self.report(name, step.rows, total)

    def _run_piece(
        self,
        step: Step,
        run: Callable[[Mapping[str, Any]], int],
        piece: Mapping[str, Any],
        *,
        is_last: bool,
        json: str,
    ) -> int:
        with self.transaction():
            self.execute(json)
            rows = run(piece)
            self.execute(self.careful_json)
            self._write(Step(step.name, piece["high"], step.rows + rows), finished=is_last)
        return rows

    def _bounds(self, table: FoundTable, after: str | None) -> list[str | None]:
        """Return the last key of each piece of the table, None for the one that ends the table."""
        query = sql.SQL(
            "SELECT k::text FROM (SELECT {key} AS k, row_number() OVER (ORDER BY {key}) AS n FROM {table} "
            "WHERE %(after)s::{type} IS NULL OR {key} > %(after)s::{type}) numbered WHERE n %% %(size)s = 0 ORDER BY k"
        ).format(key=table.key_value, table=table.identifier, type=sql.SQL(table.key_type))
        return [row[0] for row in self.rows(query, {"after": after, "size": ROWS_AT_ONCE})] + [None]

    def _write(self, step: Step, *, finished: bool) -> None:
        self.execute(
            "INSERT INTO legacy_migration_steps (step, row_count, last_key, finished_at) "
            "VALUES (%(step)s, %(rows)s, %(last)s, CASE WHEN %(finished)s THEN clock_timestamp() END) "
            "ON CONFLICT (step) DO UPDATE SET row_count = excluded.row_count, last_key = excluded.last_key, "
            "finished_at = excluded.finished_at",
            {"step": step.name, "rows": step.rows, "last": step.last_key, "finished": finished},
        )

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
        lock = {"lock": _LOCK, "schema": database.schema}
        _wait_for_lock(session, lock)
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
    for setting in _SETTINGS:
        session.execute(setting)
    session.execute(_NEW_ID)
    session.execute(_RATE)
    session.execute(_WORDS)
    session.execute(session.careful_json)


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
