"""A sample of what was migrated, read as people read it: through the services."""

from uuid import UUID

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.reading import reading
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.results import RESULT_COLUMNS
from profiling_pipeline.legacy_migration.verify.checks import Check
from profiling_pipeline.services.results import rule_history
from profiling_pipeline.services.versions import get_version

_SAMPLES = 20
_LONGEST_HISTORY = 100_000

_VERSIONS = """
SELECT version_id, version_number, version_status, (
    SELECT count(*) FROM cycle_report_data_profiling_rules r WHERE r.version_id = v.version_id)
FROM cycle_report_data_profiling_rule_versions v
WHERE total_rules <= 5000 ORDER BY total_rules = 0, hashtext(version_id::text) LIMIT %(samples)s
"""
_SAMPLE = """
SELECT l.legacy_key, n.rule_id FROM (
    SELECT legacy_key, target_id FROM legacy_migration_ledger
    WHERE table_id = %(table_id)s AND outcome = 'migrated' AND NOT coalesce(detail ? 'counts', false)
    ORDER BY hashtext(legacy_key) LIMIT %(samples)s
) l
JOIN cycle_report_data_profiling_rule_executions n ON n.execution_id = l.target_id
"""
_ORIGINAL = """
SELECT s.executed_at, coalesce(s.passed_count, 0), coalesce(s.failed_count, 0) FROM {reading} s
WHERE s.legacy_place = %(key)s::{type}
"""


def check_rereading(session: LegacySession) -> list[Check]:
    """Read versions with their rules, and the history of the rules of some results."""
    checks = []
    for version_id, number, status, rules in session.rows(_VERSIONS, {"samples": _SAMPLES}):
        view = get_version(session.database, version_id)
        found = f"{view.version_number} {view.version_status}, {len(view.rules)} rules"
        checks.append(Check("services", f"version {version_id}", f"{number} {status}, {rules} rules", found))
    for table in session.of_kind(Kind.RESULTS):
        original = sql.SQL(_ORIGINAL).format(
            reading=reading(table, RESULT_COLUMNS, session.zone), type=sql.SQL(table.key_type)
        )
        for key, rule_id in session.rows(_SAMPLE, {"table_id": table.table_id, "samples": _SAMPLES}):
            expected = [
                f"{executed_at.isoformat()}: {passed} passed, {failed} failed"
                for executed_at, passed, failed in session.rows(original, {"key": key})
            ]
            reread = [result for result in expected if result in _history(session, rule_id)]
            checks.append(Check("services", f"{table.name} {key}", str(expected), str(reread)))
    return checks


def _history(session: LegacySession, rule_id: UUID) -> set[str]:
    return {
        f"{execution.executed_at.isoformat()}: {execution.outcome.passed} passed, {execution.outcome.failed} failed"
        for execution in rule_history(session.database, rule_id, _LONGEST_HISTORY)
    }
