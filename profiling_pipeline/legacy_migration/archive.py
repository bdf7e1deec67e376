"""Moving the legacy tables aside, in the transaction that builds this project's tables, and back again.

A table moves with its rows, indexes, sequences, grants and triggers; foreign keys and views that lead to it follow.
Types stay where they are.
"""

from psycopg import sql

from profiling_pipeline.errors import ConflictError, DatabaseSchemaError
from profiling_pipeline.legacy_migration.found import ARCHIVE, FoundTable, find_tables
from profiling_pipeline.legacy_migration.session import LegacySession, legacy_session
from profiling_pipeline.storage import migrations
from profiling_pipeline.storage.database import Database

_COMMENT = "Legacy tables of schema {}, moved here by Profiling Pipeline."
_OWN_ROWS = """
SELECT EXISTS (SELECT 1 FROM cycle_report_data_profiling_rule_versions)
    AND NOT EXISTS (SELECT 1 FROM legacy_migration_steps)
"""
# Whoever may do anything with a table needs its schema too, the owner for the checks of foreign keys.
_GRANTEES = """
SELECT DISTINCT CASE WHEN who = 0 THEN NULL ELSE pg_get_userbyid(who) END
FROM pg_class c
CROSS JOIN LATERAL (SELECT c.relowner UNION SELECT grantee FROM aclexplode(c.relacl)) AS users(who)
WHERE c.relnamespace = %(archive)s::regnamespace AND c.relkind IN ('r', 'p')
"""
_NUMBER = """
INSERT INTO legacy_migration_tables (table_id, table_name, kind, row_count, byte_count)
SELECT %(id)s, %(name)s, %(kind)s, (SELECT count(*) FROM {table}), pg_total_relation_size(%(oid)s::regclass)
ON CONFLICT DO NOTHING
"""


def has_begun(database: Database) -> bool:
    """Whether the legacy tables are in the archive already."""
    with legacy_session(database) as session, session.transaction():
        return bool(archived_tables(session))


def move_aside(session: LegacySession) -> None:
    """Move the legacy tables into the archive and build this project's tables: both or neither.

    Raises:
        DatabaseSchemaError: There is nothing to migrate, or something stands in the way.
    """
    schema = session.database.schema
    with session.transaction():
        moving = [table for table in find_tables(session.raw, schema) if table.definition.moves]
        archived = archived_tables(session)
        if not moving and not archived:
            raise DatabaseSchemaError(
                f"Schema {schema!r} has no legacy tables, so there is nothing to migrate. Set PROFILING_DATABASE_URL "
                "and PROFILING_DATABASE_SCHEMA to where the earlier system's tables are."
            )
        _make_archive(session)
        for table in moving:
            _move(session, table, ARCHIVE)
        _grant_usage(session)
        migrations.upgrade(session.database, session.connection)
        if session.rows(_OWN_ROWS)[0][0]:
            raise DatabaseSchemaError(
                "This database holds rule versions already that no migration made. The legacy rows go into empty "
                "tables only: migrate into a database, or a schema, of their own."
            )
        _number(session)
        session.load_tables()


def move_back(session: LegacySession) -> int:
    """Take back this project's tables and put the legacy ones where they were, as part of the current transaction.

    Returns:
        How many tables moved.

    Raises:
        ConflictError: There is no archive.
    """
    tables = archived_tables(session)
    if not tables:
        raise ConflictError("No legacy tables are in the archive: there is nothing to roll back.")
    migrations.downgrade(session.database, transaction=session.connection)
    for table in tables:
        _move(session, table, session.database.schema)
    left = "SELECT count(*) FROM pg_class WHERE relnamespace = %(archive)s::regnamespace"
    if session.rows(left, {"archive": ARCHIVE})[0][0] == 0:
        session.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(ARCHIVE)))
    return len(tables)


def archived_tables(session: LegacySession) -> list[FoundTable]:
    """Return the legacy tables of this project's schema that are in the archive.

    Raises:
        DatabaseSchemaError: The archive is another schema's.
    """
    query = "SELECT obj_description(to_regnamespace(%(archive)s), 'pg_namespace'), to_regnamespace(%(archive)s)"
    comment, exists = session.rows(query, {"archive": ARCHIVE})[0]
    if exists is None:
        return []
    if comment != _COMMENT.format(session.database.schema):
        raise DatabaseSchemaError(
            f"The schema {ARCHIVE} is not this project's archive of schema {session.database.schema!r} "
            f"({comment or 'it has no comment'}). Rename it, or set "
            "PROFILING_DATABASE_SCHEMA to the schema it belongs to."
        )
    return find_tables(session.raw, ARCHIVE)


def _make_archive(session: LegacySession) -> None:
    session.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(ARCHIVE)))
    comment = sql.Literal(_COMMENT.format(session.database.schema))
    session.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(ARCHIVE), comment))


def _move(session: LegacySession, table: FoundTable, schema: str) -> None:
    session.execute(sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(table.identifier, sql.Identifier(schema)))


def _grant_usage(session: LegacySession) -> None:
    for (name,) in session.rows(_GRANTEES, {"archive": ARCHIVE}):
        grantee = sql.SQL("PUBLIC") if name is None else sql.Identifier(name)
        session.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(ARCHIVE), grantee))


def _number(session: LegacySession) -> None:
    """Give each legacy table its number in the ledger, and write down what was found."""
    logs = [table for table in find_tables(session.raw, session.database.schema) if not table.definition.moves]
    for number, table in enumerate([*find_tables(session.raw, ARCHIVE), *logs], start=1):
        session.execute(
            sql.SQL(_NUMBER).format(table=table.identifier),
            {
                "id": number,
                "name": table.name,
                "kind": table.kind.value,
                "oid": table.identifier.as_string(session.raw),
            },
        )
