"""Every legacy row is in the ledger once, every target is there, and nothing is there that came from nowhere."""

from psycopg import sql

from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.reconstructed import RECONSTRUCTED
from profiling_pipeline.legacy_migration.verify.checks import Check, nothing

_GROUP = "rows"
_ROWS = """
SELECT (SELECT count(*) FROM {table}), (SELECT count(*) FROM legacy_migration_ledger WHERE table_id = {id}),
    (SELECT count(*) FROM {table} t JOIN legacy_migration_ledger l ON l.table_id = {id} AND l.legacy_key = {key})
"""
_TARGETS = {
    "version": ("cycle_report_data_profiling_rule_versions", "version_id"),
    "rule": ("cycle_report_data_profiling_rules", "rule_id"),
    "execution": ("cycle_report_data_profiling_rule_executions", "execution_id"),
}
_MISSING = """
SELECT count(*) FROM legacy_migration_ledger l
WHERE l.target = {target} AND NOT EXISTS (SELECT 1 FROM {table} n WHERE n.{key} = l.target_id)
"""
# What the migration made says so: by the name of its run, by its origin, by the mark of a reconstructed version.
_FROM_NOWHERE = {
    "executions of legacy runs that the ledger does not know": """
        SELECT count(*) FROM cycle_report_data_profiling_rule_executions e
        WHERE e.background_job_id LIKE 'legacy:%%' AND NOT EXISTS (
            SELECT 1 FROM legacy_migration_ledger l WHERE l.target = 'execution' AND l.target_id = e.execution_id)""",
    "rules that are neither legacy rules nor made for legacy results": """
        SELECT count(*) FROM cycle_report_data_profiling_rules r
        WHERE r.rule_parameters #> '{origin,legacy_table}' IS NULL
            AND r.rule_parameters #> '{origin,reconstructed}' IS NULL AND NOT EXISTS (
            SELECT 1 FROM audit_logs a WHERE a.new_values ->> 'key' = r.rule_id::text)""",
    "versions that are neither legacy versions nor reconstructed": """
        SELECT count(*) FROM cycle_report_data_profiling_rule_versions v
        WHERE v.workflow_execution_id IS DISTINCT FROM %(mark)s AND NOT EXISTS (
            SELECT 1 FROM legacy_migration_ledger l WHERE l.target = 'version' AND l.target_id = v.version_id)
            AND NOT EXISTS (SELECT 1 FROM audit_logs a WHERE a.new_values ->> 'key' = v.version_id::text)""",
}


def check_accounting(session: LegacySession) -> list[Check]:
    """Compare each legacy table with the ledger, and the ledger with the new tables."""
    checks = []
    recorded = dict(session.rows("SELECT table_id, row_count FROM legacy_migration_tables"))
    for table in session.tables:
        query = sql.SQL(_ROWS).format(table=table.identifier, id=sql.Literal(table.table_id), key=table.key_text)
        rows, accounted, matched = session.rows(query)[0]
        # A table that stays in place goes on growing; what was there when the migration began is accounted for.
        expected = rows if table.definition.moves else recorded[table.table_id]
        checks.append(Check(_GROUP, f"{table.name}: rows and ledger entries", str(expected), str(accounted)))
        checks.append(Check(_GROUP, f"{table.name}: rows found by their ledger entry", str(expected), str(matched)))
    checks.append(Check(_GROUP, "legacy tables that are still there", str(len(recorded)), str(len(session.tables))))
    for target, (name, key) in _TARGETS.items():
        missing = sql.SQL(_MISSING).format(
            target=sql.Literal(target), table=sql.Identifier(name), key=sql.Identifier(key)
        )
        checks.append(nothing(_GROUP, f"ledger entries whose {target} is gone", session.rows(missing)[0][0]))
    for what, query_text in _FROM_NOWHERE.items():
        checks.append(nothing(_GROUP, what, session.rows(query_text, {"mark": RECONSTRUCTED})[0][0]))
    return checks
