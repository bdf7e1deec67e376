"""What surrounds a migration: the schema, the version table, and which tables are this project's to compare."""

from contextlib import nullcontext
from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import HOST_TABLES, PROFILING_TABLES, Base
from profiling_pipeline.storage.models.host import CREATED_HERE

VERSION_TABLE = "profiling_alembic_version"

_SCHEMA_CREATED_HERE = "Created by Profiling Pipeline."
# Any number that no other program takes: it makes concurrent migrations of one database wait for each other.
_LOCK = 7_205_759_403_792_793


def run_migrations(database: Database, transaction: Connection | None = None) -> None:
    """Run what Alembic was asked for in one transaction, a given one or its own: all of it or nothing."""
    with database.engine.begin() if transaction is None else nullcontext(transaction) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        own_tables = PROFILING_TABLES | tables_created_here(connection)

        def include_name(name: str | None, kind: str, parents: Any) -> bool:
            return kind != "table" or name in own_tables

        def include_object(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
            return kind != "table" or name in own_tables

        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            version_table=VERSION_TABLE,
            include_name=include_name,
            include_object=include_object,
            compare_server_default=True,
        )
        changes_anything = not context.get_context().opts.get("dont_mutate", False)
        if changes_anything:
            _create_schema(connection, database.schema)
        context.run_migrations()
        if changes_anything and not context.get_context().get_current_heads():
            _remove_traces(connection, database.schema)


def tables_created_here(connection: Connection) -> frozenset[str]:
    """Return the host tables that the migration created, because the database had none."""
    found = connection.execute(
        text(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()::text) "
            "AND relkind = 'r' AND obj_description(oid, 'pg_class') = :comment"
        ),
        {"comment": CREATED_HERE},
    )
    return frozenset(found.scalars()) & HOST_TABLES


def _create_schema(connection: Connection, schema: str) -> None:
    if connection.scalar(text("SELECT to_regnamespace(:schema)"), {"schema": schema}) is None:
        quoted = connection.dialect.identifier_preparer.quote(schema)
        connection.execute(text(f"CREATE SCHEMA {quoted}"))
        connection.execute(text(f"COMMENT ON SCHEMA {quoted} IS '{_SCHEMA_CREATED_HERE}'"))


def _remove_traces(connection: Connection, schema: str) -> None:
    """Drop the version table, and the schema if it was made for the tables and is empty again."""
    connection.execute(text(f"DROP TABLE IF EXISTS {VERSION_TABLE}"))
    made_here_and_empty = connection.scalar(
        text(
            "SELECT obj_description(oid, 'pg_namespace') = :comment "
            "AND NOT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = n.oid) "
            "FROM pg_namespace n WHERE nspname = :schema"
        ),
        {"comment": _SCHEMA_CREATED_HERE, "schema": schema},
    )
    if made_here_and_empty:
        connection.execute(text(f"DROP SCHEMA {connection.dialect.identifier_preparer.quote(schema)}"))
