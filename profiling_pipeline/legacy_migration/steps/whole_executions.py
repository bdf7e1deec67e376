"""Executions that were recorded as a whole, without results of single rules."""

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.found import FoundTable
from profiling_pipeline.legacy_migration.reading import LOCAL, integer, json, moment, text
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.reconstructed import ensure_reconstructed
from profiling_pipeline.legacy_migration.steps.volume import composed, parameters_of

_EXECUTION_COLUMNS = {
    "cycle_id": integer(),
    "report_id": integer(),
    "execution_type": text(),
    "start_time": moment(),
    "status": text(),
    "profiling_criteria": json(),
    "total_records_profiled": integer(),
    "execution_time_seconds": integer(),
    "rules_passed": integer(),
    "rules_failed": integer(),
    "error_message": text(),
    "created_at": moment(zone=LOCAL),
    "created_by_id": integer("created_by_id", "created_by"),
}
_WHOLE_EXECUTIONS = """
CREATE TEMP TABLE whole_executions AS
SELECT s.*, p.phase_id AS placed_phase, a.id AS attribute_id,
    pg_temp.new_id('version', 'draft:' || p.phase_id) AS placed_version,
    pg_temp.new_id('rule', 'whole execution:' || p.phase_id || ':' || a.id) AS new_rule_id,
    CASE WHEN p.phase_id IS NULL THEN 'phase_missing' WHEN a.id IS NULL THEN 'names_no_attribute' END AS problem
FROM {reading} s
LEFT JOIN report_phases p ON p.cycle_id = s.cycle_id AND p.report_id = s.report_id
LEFT JOIN LATERAL ({attribute}) a ON true
"""
_WHOLE_SLOTS = """
SELECT placed_phase AS phase_id, 'draft' AS slot, placed_version AS version_id, NULL::bigint AS version_number,
    min(created_at) AS created_at
FROM whole_executions WHERE problem IS NULL GROUP BY 1, 3
"""
_STORE_WHOLE_RULES = """
INSERT INTO cycle_report_data_profiling_rules (rule_id, version_id, phase_id, attribute_id, rule_name, rule_type,
    rule_description, rule_code, rule_parameters, is_executable, status, created_at, created_by_id, updated_at,
    updated_by_id)
SELECT w.new_rule_id, w.placed_version, w.placed_phase, w.attribute_id,
    left(min(a.attribute_name), 200) || ': whole executions [' || w.attribute_id || ']', 'validity',
    'Holds executions that were recorded as a whole.', 'Whole profiling executions.',
    '{"origin": {"reconstructed": "whole execution", "untranslated": "it stands for whole executions"}}', false,
    'pending', coalesce(min(w.created_at), now()), %(system)s, coalesce(min(w.created_at), now()), %(system)s
FROM whole_executions w JOIN cycle_report_planning_attributes a ON a.id = w.attribute_id
WHERE w.problem IS NULL GROUP BY w.new_rule_id, w.placed_version, w.placed_phase, w.attribute_id
ON CONFLICT (rule_id) DO NOTHING
"""
_STORE_WHOLE_EXECUTIONS = """
INSERT INTO cycle_report_data_profiling_rule_executions (execution_id, rule_id, background_job_id, execution_status,
    executed_at, execution_time_ms, quality_scores, result_summary, created_at, created_by_id)
SELECT pg_temp.new_id('execution', {table_name} || ':' || w.legacy_key), w.new_rule_id, 'legacy:execution:' ||
    w.legacy_key,
    CASE WHEN w.error_message IS NOT NULL OR lower(w.status) IN ('failed', 'error', 'cancelled') THEN 'error'
        WHEN w.rules_failed > 0 THEN 'failed' WHEN w.rules_passed > 0 THEN 'passed' ELSE 'skipped' END,
    w.start_time, CASE WHEN w.execution_time_seconds BETWEEN 0 AND 2147483 THEN w.execution_time_seconds * 1000 END,
    '{{"dimension": "validity", "weight": 2, "score": null}}',
    jsonb_strip_nulls(jsonb_build_object('rows', w.total_records_profiled, 'error', w.error_message,
        'whole_execution', {original})),
    coalesce(w.created_at, w.start_time, now()), coalesce(u.user_id, %(system)s)
FROM whole_executions w
JOIN {reading} s ON s.legacy_key = w.legacy_key
LEFT JOIN users u ON u.user_id = w.created_by_id
WHERE w.problem IS NULL
"""
_ACCOUNT_FOR_WHOLE = """
INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, target, target_id, reason, detail)
SELECT %(table_id)s, s.legacy_key,
    CASE s.problem WHEN 'phase_missing' THEN 'rejected' WHEN 'names_no_attribute' THEN 'archived' ELSE 'migrated' END,
    CASE WHEN s.problem IS NULL THEN 'execution' END,
    CASE WHEN s.problem IS NULL THEN pg_temp.new_id('execution', {table_name} || ':' || s.legacy_key) END, s.problem,
    CASE WHEN s.problem = 'phase_missing' THEN {original} END
FROM whole_executions s
"""


def migrate_whole_executions(session: LegacySession) -> None:
    """Migrate whole executions, each table in one transaction."""
    for table in session.of_kind(Kind.EXECUTIONS):
        with session.step(f"executions of {table.name}") as step:
            if step is not None:
                step.rows = _migrate(session, table)


def _migrate(session: LegacySession, table: FoundTable) -> int:
    parameters = parameters_of(session, table)
    session.execute("DROP TABLE IF EXISTS pg_temp.whole_executions")
    session.execute(composed(session, table, _WHOLE_EXECUTIONS, _EXECUTION_COLUMNS, named="s.profiling_criteria"))
    ensure_reconstructed(session, sql.SQL(_WHOLE_SLOTS))
    session.execute(_STORE_WHOLE_RULES, parameters)
    session.execute(composed(session, table, _STORE_WHOLE_EXECUTIONS, {}), parameters)
    return session.execute(composed(session, table, _ACCOUNT_FOR_WHOLE, {}), parameters)
