"""A sample of what was migrated, read as people read it: through the services."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.found import FoundTable
from profiling_pipeline.legacy_migration.reading import Column, reading
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.partition_results import PARTITION_RESULT_COLUMNS
from profiling_pipeline.legacy_migration.steps.profiles import PROFILE_COLUMNS
from profiling_pipeline.legacy_migration.steps.results import RESULT_COLUMNS
from profiling_pipeline.legacy_migration.steps.rules import RULE_COLUMNS
from profiling_pipeline.legacy_migration.verify.checks import Check
from profiling_pipeline.plurals import counted
from profiling_pipeline.services.results import rule_history
from profiling_pipeline.services.versions import VersionView, get_version

_SAMPLES = 20
_LONGEST_HISTORY = 100_000
_THERE = "in the history of its rule"
_MOST_RULES = 1_000  # of a version that is read: a page with more of them takes seconds

_VERSIONS = """
SELECT version_id, version_number, version_status, (
    SELECT count(*) FROM cycle_report_data_profiling_rules r WHERE r.version_id = v.version_id)
FROM cycle_report_data_profiling_rule_versions v
WHERE total_rules <= %(most)s ORDER BY total_rules = 0, hashtext(version_id::text) LIMIT %(samples)s
"""
# Rules of few versions, each of which is read as a whole.
_RULES = """
SELECT l.legacy_key, r.rule_id, r.version_id
FROM cycle_report_data_profiling_rules r
JOIN legacy_migration_ledger l ON l.table_id = %(table_id)s
    AND l.legacy_key = r.rule_parameters #>> '{origin,legacy_rule_id}' AND l.target_id = r.rule_id
WHERE r.version_id = ANY (%(versions)s) ORDER BY hashtext(l.legacy_key) LIMIT %(samples)s
"""
_RULE = """
SELECT concat_ws(', ', s.attribute_id, pg_temp.dimension(s.rule_type), pg_temp.severity(s.severity),
    s.rule_description)
FROM {reading} s WHERE s.legacy_place = %(key)s::{type}
"""
_EXECUTIONS = """
SELECT l.legacy_key, n.rule_id FROM (
    SELECT legacy_key, target_id FROM legacy_migration_ledger
    WHERE table_id = %(table_id)s AND outcome = 'migrated' AND NOT coalesce(detail ? 'counts', false)
    ORDER BY hashtext(legacy_key) LIMIT %(samples)s
) l
JOIN cycle_report_data_profiling_rule_executions n ON n.execution_id = l.target_id
"""
_RESULT = """
SELECT {moment}, coalesce({passed}, 0), coalesce({failed}, 0) FROM {reading} s WHERE s.legacy_place = %(key)s::{type}
"""
# Columns; when it was, where the row says so; what passed; what failed.
_RESULTS: Mapping[Kind, tuple[Mapping[str, Column], str, str, str]] = {
    Kind.RESULTS: (RESULT_COLUMNS, "s.executed_at", "s.passed_count", "s.failed_count"),
    Kind.ATTRIBUTE_RESULTS: (PROFILE_COLUMNS, "s.calculated_at", "s.total_values - s.null_count", "s.null_count"),
    Kind.ATTRIBUTE_SCORES: (PROFILE_COLUMNS, "s.calculated_at", "s.total_values - s.null_count", "s.null_count"),
    Kind.PARTITION_RESULTS: (PARTITION_RESULT_COLUMNS, "NULL", "s.records_passed", "s.records_failed"),
}


def check_rereading(session: LegacySession) -> list[Check]:
    """Read versions with their rules, and the histories that some results went into."""
    sampled = session.rows(_VERSIONS, {"samples": _SAMPLES, "most": _MOST_RULES})
    views = {version_id: get_version(session.database, version_id) for version_id, *_ in sampled}
    checks = []
    for version_id, number, status, rules in sampled:
        view = views[version_id]
        found = f"{view.version_number} {view.version_status}, {counted(len(view.rules), 'rule')}"
        checks.append(Check("services", f"version {version_id}", f"{number} {status}, {counted(rules, 'rule')}", found))
    for table in session.of_kind(Kind.RULES, Kind.RULE_HISTORY):
        checks += _rules(session, table, views)
    for table in session.of_kind(*_RESULTS):
        checks += _executions(session, table)
    return checks


def _rules(session: LegacySession, table: FoundTable, views: Mapping[UUID, VersionView]) -> Iterator[Check]:
    shown = {rule.rule_id: rule for view in views.values() for rule in view.rules}
    parameters = {"table_id": table.table_id, "versions": list(views), "samples": _SAMPLES}
    original = sql.SQL(_RULE).format(reading=reading(table, RULE_COLUMNS, session.zone), type=sql.SQL(table.key_type))
    for key, rule_id, _ in session.rows(_RULES, parameters):
        rule = shown[rule_id]
        found = [str(rule.attribute_id), rule.rule_type, rule.severity, rule.rule_description]
        reread = ", ".join(part for part in found if part is not None)
        for (expected,) in session.rows(original, {"key": key}):
            yield Check("services", f"{table.name} {key}", expected, reread)


def _executions(session: LegacySession, table: FoundTable) -> Iterator[Check]:
    columns, *expressions = _RESULTS[table.kind]
    moment, passed, failed = map(sql.SQL, expressions)
    original = sql.SQL(_RESULT).format(
        reading=reading(table, columns, session.zone), type=sql.SQL(table.key_type),
        moment=moment, passed=passed, failed=failed,
    )  # fmt: skip
    for key, rule_id in session.rows(_EXECUTIONS, {"table_id": table.table_id, "samples": _SAMPLES}):
        history = rule_history(session.database, rule_id, _LONGEST_HISTORY)
        for executed_at, passes, failures in session.rows(original, {"key": key}):
            reread = any(
                (execution.outcome.passed, execution.outcome.failed) == (passes, failures)
                and executed_at in {None, execution.executed_at}
                for execution in history
            )
            what = f"{table.name} {key}: {passes} passed, {failures} failed"
            yield Check("services", what, _THERE, _THERE if reread else "not there")
