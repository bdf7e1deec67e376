"""Executions from attribute profiles and attribute scores.

Both say how many values an attribute had and how many were missing: that is what a `not_null` rule counts, so they
become executions of such a rule, undecided, in the version of their job or in the phase's reconstructed draft.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.found import FoundTable
from profiling_pipeline.legacy_migration.pieces import in_pieces
from profiling_pipeline.legacy_migration.reading import LOCAL, Column, integer, moment, number, original, reading, text
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.reconstructed import ensure_reconstructed

PROFILE_COLUMNS = {
    "job": text("profiling_job_id"),
    "phase_id": integer(),
    "attribute_id": integer(),
    "total_values": integer(),
    "null_count": integer(),
    "duration_ms": integer("profiling_duration_ms"),
    "calculated_at": moment("calculated_at"),
    "created_at": moment(zone=LOCAL),
    "created_by_id": integer(),
    "completeness_score": number(),
    "validity_score": number(),
    "accuracy_score": number(),
    "consistency_score": number(),
    "uniqueness_score": number(),
    "overall_quality_score": number(),
    "anomaly_count": integer(),
}
_STATISTICS = (
    "null_percentage", "distinct_count", "distinct_percentage", "unique_count", "detected_data_type",
    "data_type_detected", "type_consistency", "mean_value", "median_value", "std_deviation", "percentile_25",
    "percentile_75", "min_length", "max_length", "avg_length", "pattern_coverage", "pattern_detected",
    "common_patterns",
    "distribution_type", "outliers_detected", "has_anomalies", "anomaly_types", "anomaly_rules_triggered",
    "total_rules_executed", "rules_passed", "rules_failed", "sampling_applied", "sample_size_used",
    "testing_recommendation", "risk_assessment",
    # Values of the data, which are shown of public and internal attributes only.
    "min_value", "max_value", "top_values", "value_distribution", "anomaly_examples", "outlier_examples",
)  # fmt: skip
_VALUES = "'{min_value,max_value,top_values,value_distribution,anomaly_examples,outlier_examples}'::text[]"

_PLACED = """
SELECT s.*, coalesce(v.version_id, d.version_id) AS placed_version, coalesce(v.phase_id, p.phase_id) AS placed_phase,
    a.id AS planned_id, a.attribute_name, a.information_security_classification::text IN ('Public', 'Internal') AS
        is_shown,
    coalesce(s.calculated_at, j.ended_at, s.created_at) AS executed_at,
    CASE WHEN {has_job} THEN 'legacy:job:' || s.job
        ELSE 'legacy:scores:' || s.phase_id || ':' || coalesce(to_char(s.calculated_at, 'YYYYMMDD"T"HH24MISS.US'), '?')
        END AS run,
    CASE WHEN {has_job} AND l.outcome IS NULL THEN 'job_missing' WHEN {has_job} AND v.version_id IS NULL
            THEN 'job_not_migrated'
        WHEN NOT {has_job} AND p.phase_id IS NULL THEN 'phase_missing' WHEN a.id IS NULL THEN 'attribute_missing'
        END AS problem
FROM {reading} s
LEFT JOIN legacy_migration_ledger l ON {has_job} AND l.table_id = ANY ({jobs}) AND l.legacy_key = s.job
LEFT JOIN cycle_report_data_profiling_rule_versions v ON v.version_id = l.target_id
LEFT JOIN LATERAL (
    SELECT (l.detail ->> 'completed_at')::timestamp AT TIME ZONE 'UTC' AS ended_at) j ON true
LEFT JOIN legacy_phases p ON NOT {has_job} AND p.space = {space} AND p.legacy_id = s.phase_id
LEFT JOIN LATERAL (SELECT pg_temp.new_id('version', 'draft:' || p.phase_id) AS version_id) d ON p.phase_id IS NOT NULL
LEFT JOIN cycle_report_planning_attributes a ON a.id = s.attribute_id
"""
_SLOTS = """
SELECT placed_phase AS phase_id, 'draft' AS slot, placed_version AS version_id, NULL::bigint AS version_number,
    min(created_at) AS created_at
FROM ({placed}) placed WHERE problem IS NULL GROUP BY 1, 3
"""
_RULES = """
INSERT INTO cycle_report_data_profiling_rules (rule_id, version_id, phase_id, attribute_id, rule_name, rule_type,
    rule_description, rule_code, rule_parameters, status, created_at, created_by_id, updated_at, updated_by_id)
SELECT pg_temp.new_id('rule', 'profile:' || placed_version || ':' || attribute_id), placed_version, placed_phase,
    attribute_id, left(min(attribute_name), 200) || ': not null, by attribute profiles [' || attribute_id || ']',
    'completeness', 'Holds the counts of the earlier system''s profiles of this attribute.', 'not_null',
    '{{"origin": {{"reconstructed": "attribute profile"}}}}', 'pending',
    coalesce(min(created_at), now()), %(system)s, coalesce(min(created_at), now()), %(system)s
FROM ({placed}) placed WHERE problem IS NULL
GROUP BY placed_version, placed_phase, attribute_id
ON CONFLICT (rule_id) DO NOTHING
"""
_REPEATS = """
CREATE TEMP TABLE profile_repeats AS
SELECT legacy_key, place FROM (
    SELECT legacy_key, row_number() OVER (PARTITION BY run, attribute_id ORDER BY legacy_place) AS place
    FROM ({placed}) placed WHERE problem IS NULL
) numbered WHERE place > 1;
CREATE INDEX ON profile_repeats (legacy_key);
ANALYZE profile_repeats
"""
_MIGRATE = """
WITH final AS MATERIALIZED (
    SELECT s.*, CASE WHEN s.total_values < 0 OR s.null_count < 0 OR s.null_count > coalesce(s.total_values, 0)
        THEN 'impossible'
            WHEN s.total_values > 0 AND s.null_count IS NOT NULL THEN 'counted' ELSE 'nothing' END AS counts,
        pg_temp.new_id('rule', 'profile:' || s.placed_version || ':' || s.attribute_id) AS new_rule_id,
        pg_temp.new_id('execution', {table_name} || ':' || s.legacy_key) AS new_execution_id
    FROM ({placed}) s
), rated AS MATERIALIZED (
    SELECT f.*, CASE WHEN counts = 'counted' THEN
        pg_temp.pass_rate(total_values - null_count, null_count) END AS rate
    FROM final f
), stored AS (
    INSERT INTO cycle_report_data_profiling_rule_executions (execution_id, rule_id, background_job_id, execution_status,
        executed_at, execution_time_ms, total_records_tested, passed_records, failed_records, pass_rate, quality_scores,
        result_summary, anomaly_details, created_at, created_by_id)
    SELECT f.new_execution_id, f.new_rule_id, f.run || coalesce('#' || r.place, ''),
        CASE f.counts WHEN 'impossible' THEN 'error' WHEN 'nothing' THEN 'skipped'
            ELSE CASE WHEN f.null_count > 0 THEN 'failed' ELSE 'passed' END END,
        f.executed_at, CASE WHEN f.duration_ms >= 0 THEN f.duration_ms END,
        CASE f.counts WHEN 'counted' THEN f.total_values WHEN 'nothing' THEN 0 END,
        CASE f.counts WHEN 'counted' THEN f.total_values - f.null_count WHEN 'nothing' THEN 0 END,
        CASE f.counts WHEN 'counted' THEN f.null_count WHEN 'nothing' THEN 0 END,
        f.rate,
        jsonb_strip_nulls(jsonb_build_object('dimension', 'completeness', 'weight', 2, 'score', f.rate,
            'reported', jsonb_build_object('completeness', f.completeness_score, 'validity', f.validity_score,
                'accuracy', f.accuracy_score, 'consistency', f.consistency_score, 'uniqueness', f.uniqueness_score,
                'overall', f.overall_quality_score))),
        jsonb_strip_nulls(jsonb_build_object('rows', CASE WHEN f.counts = 'counted' THEN f.total_values END,
            'skipped_records', CASE WHEN f.counts = 'counted' THEN 0 END,
            'error', CASE WHEN f.counts = 'impossible' THEN 'The counts do not add up: see legacy_counts.' END,
            'legacy_counts', CASE WHEN f.counts <> 'counted' THEN
                jsonb_build_object('total_values', f.total_values, 'null_count', f.null_count) END,
            'statistics', nullif(CASE WHEN f.is_shown THEN f.further ELSE f.further - {values} END, '{{}}'))),
        CASE WHEN f.anomaly_count > 0 THEN jsonb_build_object('anomaly_count', f.anomaly_count) END,
        coalesce(f.created_at, f.executed_at, now()), coalesce(u.user_id, %(system)s)
    FROM rated f
    LEFT JOIN users u ON u.user_id = f.created_by_id
    LEFT JOIN profile_repeats r ON r.legacy_key = f.legacy_key
    WHERE f.problem IS NULL
)
INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, target, target_id, reason, detail)
SELECT %(table_id)s, s.legacy_key, CASE WHEN s.problem IS NULL THEN 'migrated' ELSE 'rejected' END,
    CASE WHEN s.problem IS NULL THEN 'execution' END, CASE WHEN s.problem IS NULL
        THEN s.new_execution_id END, s.problem,
    CASE WHEN s.problem IS NOT NULL THEN {original} ELSE nullif(jsonb_strip_nulls(jsonb_build_object(
        'counts', CASE WHEN s.counts <> 'counted' THEN
            jsonb_build_object('total_values', s.total_values, 'null_count', s.null_count) END,
        'values_withheld', CASE WHEN s.is_shown IS NOT TRUE AND s.further ?| {values} THEN true END,
        'created_by_id', CASE WHEN NOT EXISTS (SELECT 1 FROM users u WHERE u.user_id = s.created_by_id)
            THEN s.created_by_id END)), '{{}}') END
FROM rated s
"""


def migrate_profiles(session: LegacySession) -> None:
    """Migrate attribute profiles and scores, a piece at a time."""
    for table in session.of_kind(Kind.ATTRIBUTE_RESULTS, Kind.ATTRIBUTE_SCORES):
        name = f"profiles of {table.name}"
        parameters = {"system": session.system_user_id, "table_id": table.table_id}
        with session.transaction():
            if session.finished_at(name) is not None:
                continue
            placed = _placed(session, table, bounded=False)
            if table.kind is Kind.ATTRIBUTE_SCORES:
                ensure_reconstructed(session, sql.SQL(_SLOTS).format(placed=placed))
            session.execute(sql.SQL(_RULES).format(placed=placed), parameters)
            session.execute("DROP TABLE IF EXISTS pg_temp.profile_repeats")
            session.execute(sql.SQL(_REPEATS).format(placed=placed))
        statement = sql.SQL(_MIGRATE).format(
            placed=_placed(session, table, bounded=True),
            table_name=sql.Literal(table.name),
            original=original(table),
            values=sql.SQL(_VALUES),
        )
        in_pieces(session, name, table, partial(_migrate, statement, parameters))


def _migrate(
    statement: sql.Composed, parameters: Mapping[str, Any], session: LegacySession, bounds: Mapping[str, Any]
) -> int:
    return session.execute(statement, {**bounds, **parameters})


def _placed(session: LegacySession, table: FoundTable, *, bounded: bool) -> sql.Composed:
    columns: dict[str, Column] = dict(PROFILE_COLUMNS)
    return sql.SQL(_PLACED).format(
        reading=reading(table, columns, session.zone, bounded=bounded, further=_STATISTICS),
        has_job=sql.Literal(table.kind is Kind.ATTRIBUTE_RESULTS),
        jobs=sql.Literal([job.table_id for job in session.of_kind(Kind.JOBS)]),
        space=sql.Literal(table.phase_table),
    )
