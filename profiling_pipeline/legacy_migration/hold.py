"""Whether anything may happen by itself yet: not before the earlier system's rows are here, and verified."""

from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from profiling_pipeline.errors import ConflictError
from profiling_pipeline.legacy_migration.found import find_tables
from profiling_pipeline.legacy_migration.migrate import FINISHED, VERIFIED
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.migrations import require_current

_IS_BUILT = text("SELECT to_regclass('legacy_migration_steps') IS NOT NULL")
_STATE = text(
    "SELECT count(*), count(*) FILTER (WHERE step = :finished), "
    "count(*) FILTER (WHERE step = :verified AND detail ->> 'passed' = 'true') FROM legacy_migration_steps"
)


def has_unmigrated_tables(database: Database) -> bool:
    """Whether legacy tables are where this project's own tables go.

    Raises:
        DatabaseUnavailableError: The server does not answer.
    """
    with database.session() as session:
        return not session.scalar(_IS_BUILT) and _has_legacy_tables(session, database.schema)


def require_migrated(database: Database) -> None:
    """Make sure that no legacy tables are left where this release's own tables are to be.

    Raises:
        ConflictError: The legacy tables have not moved.
        DatabaseSchemaError: There are no tables of this release.
    """
    if has_unmigrated_tables(database):
        raise ConflictError("The legacy tables are not migrated yet. Migrate first: profiling legacy migrate.")
    require_current(database)


def reason_to_wait(database: Database) -> str | None:
    """Return why runs must not start by themselves, None where nothing speaks against them.

    A run in the middle of a migration would work on half of the rows, and one before its verification would stand in
    the way of a rollback.

    Raises:
        DatabaseUnavailableError: The server does not answer.
    """
    with database.session() as session:
        if not session.scalar(_IS_BUILT):
            if _has_legacy_tables(session, database.schema):
                return "The earlier system's tables are here and not migrated: start the job legacy_migration."
            return None
        begun, finished, verified = session.execute(_STATE, {"finished": FINISHED, "verified": VERIFIED}).one()
    if not begun or verified:
        return None
    state = "not verified" if finished else "not finished"
    return f"The legacy migration is {state}: start the job legacy_migration, or legacy_rollback."


def _has_legacy_tables(session: Session, schema: str) -> bool:
    driver: psycopg.Connection[Any] = session.connection().connection.dbapi_connection  # type: ignore[assignment]
    return any(table.definition.moves for table in find_tables(driver, schema))
