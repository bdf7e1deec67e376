"""Indexes and constraints of the new tables: set aside while the bulk goes in, and built again from all of it at once.

PostgreSQL checks the same either way, but row by row it takes most of a migration's time. What is set aside is written
down in the transaction that does it, so an interrupted migration knows what to build.
"""

from psycopg import sql

from profiling_pipeline.legacy_migration import pieces
from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.session import LegacySession

ASIDE = "constraints set aside"
_BACK = "constraints built again"

# Rules keep their primary key: results look their rules up by it.
_FIND_CONSTRAINTS = """
SELECT t.relname, c.conname, pg_get_constraintdef(c.oid), true
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
WHERE t.relnamespace = to_regnamespace(%(schema)s) AND (
    t.relname = 'cycle_report_data_profiling_rule_executions' AND c.contype IN ('p', 'u', 'f')
    OR t.relname = 'cycle_report_data_profiling_rules' AND c.contype IN ('u', 'f'))
ORDER BY c.contype = 'f', t.relname, c.conname
"""
_FIND_INDEXES = """
SELECT t.relname, c.relname, pg_get_indexdef(i.indexrelid), false
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
WHERE t.relnamespace = to_regnamespace(%(schema)s)
    AND t.relname IN ('cycle_report_data_profiling_rule_executions', 'cycle_report_data_profiling_rules')
    AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))
ORDER BY c.relname
"""
_ASIDE = """
SELECT item ->> 'table', item ->> 'name', item ->> 'definition', (item ->> 'is_constraint')::boolean
FROM legacy_migration_steps, jsonb_array_elements(detail -> 'items') item WHERE step = %(step)s
"""
_IS_THERE = """
SELECT EXISTS (
    SELECT 1 FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE c.conname = %(name)s AND t.relname = %(table)s AND t.relnamespace = to_regnamespace(%(schema)s)
) OR to_regclass(%(name)s) IS NOT NULL
"""
_BULK = "SELECT coalesce(sum(row_count), 0) FROM legacy_migration_tables WHERE kind = ANY (%(kinds)s)"


def set_constraints_aside(session: LegacySession) -> None:
    """Drop what is checked or ordered row by row, in one transaction, where there are rows enough for that to pay."""
    with session.transaction():
        rows = session.rows(_BULK, {"kinds": [Kind.RULES.value, Kind.RULE_HISTORY.value, Kind.RESULTS.value]})[0][0]
        if rows <= pieces.ROWS_AT_ONCE or session.finished_at(ASIDE) is not None:
            return
        schema = {"schema": session.database.schema}
        found = [*session.rows(_FIND_CONSTRAINTS, schema), *session.rows(_FIND_INDEXES, schema)]
        for table, name, _, is_constraint in found:
            drop = "ALTER TABLE {table} DROP CONSTRAINT {name}" if is_constraint else "DROP INDEX {name}"
            session.execute(sql.SQL(drop).format(table=sql.Identifier(table), name=sql.Identifier(name)))
        items = [
            {"table": table, "name": name, "definition": definition, "is_constraint": is_constraint}
            for table, name, definition, is_constraint in found
        ]
        session.record(ASIDE, {"items": items})


def build_constraints(session: LegacySession) -> None:
    """Build again what was set aside, each in a transaction of its own; foreign keys last, which need the rest."""
    with session.transaction():
        if session.finished_at(ASIDE) is None or session.finished_at(_BACK) is not None:
            return
        items = sorted(session.rows(_ASIDE, {"step": ASIDE}), key=lambda item: item[2].startswith("FOREIGN KEY"))
    for number, (table, name, definition, is_constraint) in enumerate(items, start=1):
        with session.transaction():
            if not _is_there(session, table, name):
                # The definition is what PostgreSQL itself made of it.
                build = "ALTER TABLE {table} ADD CONSTRAINT {name} " if is_constraint else ""
                named = sql.SQL(build).format(table=sql.Identifier(table), name=sql.Identifier(name))
                session.execute(named + sql.SQL(definition))
        session.report("indexes and constraints", number, len(items))
    with session.transaction():
        session.record(_BACK, {})


def missing_constraints(session: LegacySession) -> list[str]:
    """Return the names of what was set aside and is not there, in the current transaction."""
    return [name for table, name, _, _ in session.rows(_ASIDE, {"step": ASIDE}) if not _is_there(session, table, name)]


def _is_there(session: LegacySession, table: str, name: str) -> bool:
    parameters = {"table": table, "name": name, "schema": session.database.schema}
    return bool(session.rows(_IS_THERE, parameters)[0][0])
