"""What versions say of their rules, said anew; the earlier counters are in the ledger."""

from profiling_pipeline.legacy_migration.session import LegacySession

_COUNT = """
UPDATE cycle_report_data_profiling_rule_versions v
SET total_rules = c.total, approved_rules = c.approved, rejected_rules = c.rejected
FROM (
    SELECT version_id, count(*) AS total, count(*) FILTER (WHERE status = 'approved') AS approved,
        count(*) FILTER (WHERE status = 'rejected') AS rejected
    FROM cycle_report_data_profiling_rules GROUP BY version_id
) c
WHERE c.version_id = v.version_id
"""
# Counters that were right need no place in the ledger.
_FORGET_RIGHT_COUNTERS = """
UPDATE legacy_migration_ledger l SET detail = nullif(l.detail - 'total_rules' - 'approved_rules' - 'rejected_rules',
    '{}')
FROM cycle_report_data_profiling_rule_versions v
WHERE l.target = 'version' AND v.version_id = l.target_id
    AND l.detail -> 'total_rules' = to_jsonb(v.total_rules) AND l.detail -> 'approved_rules' =
        to_jsonb(v.approved_rules)
    AND l.detail -> 'rejected_rules' = to_jsonb(v.rejected_rules)
"""
_TABLES = (
    "cycle_report_data_profiling_rule_versions",
    "cycle_report_data_profiling_rules",
    "cycle_report_data_profiling_rule_executions",
    "legacy_migration_ledger",
)


def count_rules(session: LegacySession) -> None:
    """Make the versions' counters say what their rules say; in one transaction."""
    with session.step("counters") as step:
        if step is not None:
            step.rows = session.execute(_COUNT)
            session.execute(_FORGET_RIGHT_COUNTERS)


def gather_statistics(session: LegacySession) -> None:
    """Let the planner know the new tables."""
    with session.step("statistics") as step:
        if step is not None:
            for table in _TABLES:
                session.execute(f"ANALYZE {table}")
                step.rows += 1
