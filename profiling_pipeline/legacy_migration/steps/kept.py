"""The rows that stay in the archive, each with its reason; files are matched to the planning data source first."""

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.reading import integer, reading, text
from profiling_pipeline.legacy_migration.session import LegacySession

_FILE_COLUMNS = {
    "phase_id": integer(),
    "file_name": text(),
    "file_path": text(),
    "file_size": integer(),
    "row_count": integer(),
    "column_count": integer(),
}
_KEEP = """
INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, reason)
SELECT {table_id}, s.legacy_key, 'archived', {reason} FROM {reading} s
"""
# A source that is a file, of the Planning phase of the same cycle and report; the same file name if there are several.
_KEEP_FILES = """
INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, reason, detail)
SELECT {table_id}, s.legacy_key, 'archived', 'kept_in_archive', jsonb_strip_nulls(jsonb_build_object(
    'planning_data_source_id', d.id, 'file_name', s.file_name, 'row_count', s.row_count, 'column_count', s.column_count,
    'mismatch', CASE
        WHEN p.phase_id IS NULL THEN 'the phase has no row in workflow_phases'
        WHEN d.id IS NULL THEN 'planning has no data source that is a file'
        WHEN d.path IS NULL THEN 'the planning data source names no file'
        WHEN NOT d.same_name THEN 'planning names the file ' || d.path END))
FROM {reading} s
LEFT JOIN legacy_phases l ON l.space = {space} AND l.legacy_id = s.phase_id
LEFT JOIN workflow_phases p ON p.phase_id = l.phase_id
LEFT JOIN report_phases r ON r.cycle_id = p.cycle_id AND r.report_id = p.report_id
LEFT JOIN LATERAL (
    SELECT d.id, f.path, coalesce(f.path IN (s.file_path, s.file_name)
        OR substring(f.path FROM '[^/]+$') IN (s.file_name, substring(s.file_path FROM '[^/]+$')), false) AS same_name
    FROM cycle_report_planning_data_sources d
    CROSS JOIN LATERAL (SELECT coalesce(pg_temp.as_json(d.connection_config::text) ->> 'file_path',
        pg_temp.as_json(d.connection_config::text) ->> 'path') AS path) f
    WHERE d.phase_id = r.planning_id AND upper(d.source_type::text) LIKE '%FILE%'
    ORDER BY 3 DESC, d.id LIMIT 1
) d ON true
"""


def account_for_kept(session: LegacySession) -> None:
    """Write down the rows that are not migrated, each table in one transaction."""
    for table in session.tables:
        if table.definition.kept_because is None:
            continue
        with session.step(f"kept {table.name}") as step:
            if step is None:
                continue
            is_file = table.kind is Kind.FILES
            statement = sql.SQL(_KEEP_FILES if is_file else _KEEP).format(
                table_id=sql.Literal(table.table_id),
                reading=reading(table, _FILE_COLUMNS if is_file else {}, session.zone),
                reason=sql.Literal("kept_in_archive" if table.definition.moves else "stays_in_place"),
                space=sql.Literal(table.phase_table),
            )
            step.rows = session.execute(statement)
