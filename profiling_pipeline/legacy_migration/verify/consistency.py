"""States, counters and figures agree with one another, and every constraint is in force."""

from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.constraints import missing_constraints
from profiling_pipeline.legacy_migration.verify.checks import Check, nothing

_NEVER = {
    "constraints of the new tables that are not in force": """
        SELECT count(*) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE t.relnamespace = to_regnamespace(%(schema)s) AND t.relname IN (
            'cycle_report_data_profiling_rule_versions', 'cycle_report_data_profiling_rules',
            'cycle_report_data_profiling_rule_executions') AND NOT c.convalidated""",
    "versions whose counters are not those of their rules": """
        SELECT count(*) FROM cycle_report_data_profiling_rule_versions v
        LEFT JOIN (
            SELECT version_id, count(*) AS total, count(*) FILTER (WHERE status = 'approved') AS approved,
                count(*) FILTER (WHERE status = 'rejected') AS rejected
            FROM cycle_report_data_profiling_rules GROUP BY version_id
        ) c USING (version_id)
        WHERE (v.total_rules, v.approved_rules, v.rejected_rules)
            <> (coalesce(c.total, 0), coalesce(c.approved, 0), coalesce(c.rejected, 0))""",
    "phases with more than one approved version": """
        SELECT count(*) FROM (
            SELECT phase_id FROM cycle_report_data_profiling_rule_versions WHERE version_status = 'approved'
            GROUP BY phase_id HAVING count(*) > 1) several""",
    "approved rules without both approvals": """
        SELECT count(*) FROM cycle_report_data_profiling_rules
        WHERE status = 'approved' AND (tester_decision, report_owner_decision) IS DISTINCT
        FROM ('approve', 'approve')""",
    "decisions without a person": """
        SELECT count(*) FROM cycle_report_data_profiling_rules
        WHERE tester_decision IS NOT NULL AND tester_decided_by IS NULL
            OR report_owner_decision IS NOT NULL AND report_owner_decided_by IS NULL""",
    "rules of another phase than their version's": """
        SELECT count(*) FROM cycle_report_data_profiling_rules r
        JOIN cycle_report_data_profiling_rule_versions v USING (version_id) WHERE r.phase_id <> v.phase_id""",
    "executable rules that name no check": """
        SELECT count(*) FROM cycle_report_data_profiling_rules
        WHERE is_executable AND rule_code !~ '^[a-z][a-z0-9_]*$'""",
    "executions whose counts do not add up": """
        SELECT count(*) FROM cycle_report_data_profiling_rule_executions
        WHERE total_records_tested <> passed_records + failed_records""",
    "executions whose pass rate is not that of their counts": """
        SELECT count(*) FROM cycle_report_data_profiling_rule_executions
        WHERE background_job_id LIKE 'legacy:%%'
            AND pass_rate IS DISTINCT FROM pg_temp.pass_rate(passed_records, failed_records)""",
    "executions whose status is not that of their counts": """
        SELECT count(*) FROM cycle_report_data_profiling_rule_executions
        WHERE background_job_id LIKE 'legacy:%%' AND background_job_id NOT LIKE 'legacy:execution:%%' AND CASE
            WHEN failed_records > 0 THEN execution_status <> 'failed'
            WHEN passed_records > 0 THEN execution_status <> 'passed'
            ELSE execution_status NOT IN ('skipped', 'error') END""",
    "executions in error that do not say why": """
        SELECT count(*) FROM cycle_report_data_profiling_rule_executions
        WHERE background_job_id LIKE 'legacy:%%' AND background_job_id NOT LIKE 'legacy:execution:%%'
            AND execution_status = 'error' AND result_summary ->> 'error' IS NULL""",
}


def check_consistency(session: LegacySession) -> list[Check]:
    """Look for what must never be."""
    parameters = {"schema": session.database.schema}
    missing = missing_constraints(session)
    return [
        nothing("states", "constraints set aside for the migration that are not back", len(missing)),
        *(nothing("states", what, session.rows(query, parameters)[0][0]) for what, query in _NEVER.items()),
    ]
