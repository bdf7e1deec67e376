"""Executions from the results of single rules: the bulk of what there is.

Counts decide. What does not add up is kept as it was in `result_summary`, and the execution is an error; a stored
success that tested nothing is skipped, or an error where the row shows that nothing ran. Runs were not recorded and are
told apart by time: a pause of more than ten seconds in a phase ends one.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.found import FoundTable
from profiling_pipeline.legacy_migration.pieces import in_pieces
from profiling_pipeline.legacy_migration.reading import (
    LOCAL,
    flag,
    integer,
    json,
    moment,
    number,
    original,
    reading,
    text,
)
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.json_members import json_object, json_text, plain, quoted
from profiling_pipeline.legacy_migration.steps.lookups import build_lookups
from profiling_pipeline.legacy_migration.steps.rebuilt import load_rebuilt, rule_reference

_PAUSE = "10 seconds"

RESULT_COLUMNS = {
    "phase_id": integer(),
    "rule_id": text(),
    "attribute_id": integer(),
    "execution_status": text(),
    "execution_time_ms": integer(),
    "executed_at": moment(),
    "passed_count": integer(),
    "failed_count": integer(),
    "total_count": integer(),
    "pass_rate": number(),
    "result_summary": json(),
    "failed_records": json(),
    "result_details": text(),
    "quality_impact": number(),
    "severity": text(),
    "has_anomaly": flag(),
    "anomaly_description": text(),
    "anomaly_marked_by": integer(),
    "anomaly_marked_at": moment(),
    "created_at": moment(zone=LOCAL),
    "created_by_id": integer(),
    "updated_at": moment(zone=LOCAL),
    "updated_by_id": integer(),
}
# `run_starts` holds the first moment of each run of a phase, and its number; `repeats` the results of a rule that
# its run has already.
_RUNS = """
CREATE TEMP TABLE run_starts AS
SELECT phase_id, executed_at AS started_at, row_number() OVER (PARTITION BY phase_id ORDER BY executed_at) AS number
FROM (
    SELECT phase_id, executed_at, lag(executed_at) OVER (PARTITION BY phase_id ORDER BY executed_at) AS before
    FROM {reading} s
) moments
WHERE before IS NULL OR executed_at - before > {pause}::interval;
CREATE INDEX ON run_starts (phase_id, started_at);
ANALYZE run_starts
"""
_RUN_OF = """
(SELECT r.number FROM run_starts r
 WHERE r.phase_id = s.phase_id AND r.started_at <= s.executed_at ORDER BY r.started_at DESC LIMIT 1)
"""
# `OFFSET 0` keeps each stage a stage of its own, so that nothing is worked out twice, without storing its wide rows.
_MIGRATE = """
WITH found AS (
    SELECT s.*, p.phase_id AS placed_phase, pg_temp.as_json(s.result_details) AS details,
        a.information_security_classification::text IN ('Public', 'Internal') AS is_shown, {run_of} AS run_number,
        c.source_field AS planned_field, c.pde_code AS planned_code
    FROM {reading} s
    LEFT JOIN legacy_phases p ON p.space = {space} AND p.legacy_id = s.phase_id
    LEFT JOIN cycle_report_planning_attributes a ON a.id = s.attribute_id
    LEFT JOIN legacy_columns c ON c.attribute_id = s.attribute_id
    OFFSET 0
), unpacked AS (
    SELECT s.*, s.details -> 'metadata' ->> 'rule_code_executed' AS executed_text,
        s.details ->> 'dataframe_shape' AS data_shape
    FROM found s OFFSET 0
), placed AS (
    SELECT s.*, r.rule_id AS new_rule_id, r.rule_type AS dimension, r.severity AS rule_severity,
        CASE WHEN b.rule_id IS NULL AND s.executed_text <> coalesce(t.rule_text, r.rule_code)
            THEN s.executed_text END AS other_text
    FROM unpacked s
    LEFT JOIN LATERAL (
        SELECT b.rule_id FROM rebuilt b
        WHERE b.legacy_rule_id = s.rule_id AND b.phase_id = s.placed_phase AND b.attribute_id = s.attribute_id
        ORDER BY b.text_id = pg_temp.new_id('text', s.executed_text) DESC NULLS LAST, b.first_at <= s.executed_at DESC,
            CASE WHEN b.first_at <= s.executed_at THEN b.first_at END DESC NULLS LAST, b.first_at
        LIMIT 1
    ) b ON true
    LEFT JOIN cycle_report_data_profiling_rules r ON r.rule_id = coalesce(b.rule_id, {rule})
    LEFT JOIN legacy_rule_texts t ON t.text_id = (r.rule_parameters #>> '{{origin,text_id}}')::uuid
    OFFSET 0
), judged AS (
    SELECT s.*, CASE WHEN new_rule_id IS NOT NULL THEN NULL WHEN placed_phase IS NULL THEN 'phase_missing'
            ELSE 'attribute_missing' END AS problem,
        CASE
            WHEN passed_count < 0 OR failed_count < 0 OR total_count < 0 THEN 'impossible'
            WHEN coalesce(passed_count, 0) + coalesce(failed_count, 0) > coalesce(total_count, 0) THEN 'impossible'
            WHEN coalesce(passed_count, 0) + coalesce(failed_count, 0) > 0 THEN 'counted'
            WHEN coalesce(total_count, 0) > 0 THEN 'impossible'
            ELSE 'nothing' END AS counts,
        details IS NULL AND result_details IS NOT NULL AS is_failure_text,
        details -> 'metadata' = '{{}}' AND details ->> 'execution_engine' = 'unknown' AS is_hidden_failure,
        jsonb_typeof(failed_records) = 'array' AND failed_records <> '[]' AND is_shown IS TRUE AS shows_samples,
        lower(execution_status) NOT IN ('success', 'completed', 'passed', 'skipped') AS says_failure
    FROM placed s OFFSET 0
), counted AS (
    SELECT s.*, CASE counts
            WHEN 'impossible' THEN 'error'
            WHEN 'counted' THEN CASE WHEN failed_count > 0 THEN 'failed' ELSE 'passed' END
            ELSE CASE WHEN is_failure_text OR is_hidden_failure OR says_failure THEN 'error' ELSE 'skipped' END
            END AS status,
        CASE counts
            WHEN 'impossible' THEN 'The counts do not add up: see legacy_counts.'
            WHEN 'nothing' THEN CASE WHEN is_failure_text THEN result_details
                WHEN is_hidden_failure THEN 'Nothing ran, although it was stored as a success.'
                WHEN says_failure THEN 'The execution was stored as ' || execution_status || '.' END END AS error,
        CASE WHEN counts <> 'impossible' THEN coalesce(passed_count, 0) END AS passed,
        CASE WHEN counts <> 'impossible' THEN coalesce(failed_count, 0) END AS failed,
        CASE WHEN counts <> 'impossible' THEN pg_temp.pass_rate(coalesce(passed_count, 0), coalesce(failed_count, 0))
            END AS rate,
        greatest(coalesce(total_count, 0) - coalesce(passed_count, 0) - coalesce(failed_count, 0), 0) AS skipped
    FROM judged s OFFSET 0
), final AS MATERIALIZED (
    SELECT f.legacy_key, f.legacy_place, f.problem, f.new_rule_id, f.status, f.executed_at, f.passed, f.failed, f.rate,
        pg_temp.new_id('execution', {table_name} || ':' || f.legacy_key) AS new_execution_id,
        'legacy:' || f.phase_id || ':' || coalesce(f.run_number::text, '?') || coalesce('#' || d.place, '') AS run,
        CASE WHEN f.execution_time_ms >= 0 THEN f.execution_time_ms END AS time_ms,
        {scores} AS scores, {summary} AS summary,
        CASE WHEN f.has_anomaly OR f.anomaly_description IS NOT NULL OR f.anomaly_marked_by IS NOT NULL
            OR f.shows_samples
                OR f.is_shown AND f.details -> 'anomaly_details' <> '[]' THEN
            nullif(jsonb_strip_nulls(jsonb_build_object(
                'failed_rows', CASE WHEN f.shows_samples THEN f.failed_records END,
                'anomalies', CASE WHEN f.is_shown THEN nullif(f.details -> 'anomaly_details', '[]') END,
                'mark', CASE WHEN f.has_anomaly OR f.anomaly_description IS NOT NULL OR f.anomaly_marked_by IS NOT NULL
                    THEN jsonb_build_object('by', coalesce(m.user_id, CASE WHEN f.anomaly_marked_by IS NOT NULL
                        THEN %(system)s END), 'at', f.anomaly_marked_at, 'note', f.anomaly_description) END)), '{{}}')
            END AS anomaly,
        coalesce(f.created_at, f.executed_at, now()) AS made_at, coalesce(u.user_id, %(system)s) AS made_by,
        nullif({detail}, '{{}}') AS detail
    FROM counted f
    LEFT JOIN users u ON u.user_id = f.created_by_id
    LEFT JOIN users m ON m.user_id = f.anomaly_marked_by
    LEFT JOIN repeats d ON d.legacy_key = f.legacy_key
), stored AS (
    INSERT INTO cycle_report_data_profiling_rule_executions (execution_id, rule_id, background_job_id, execution_status,
        executed_at, execution_time_ms, total_records_tested, passed_records, failed_records, pass_rate, quality_scores,
        result_summary, anomaly_details, created_at, created_by_id)
    SELECT new_execution_id, new_rule_id, run, status, executed_at, time_ms, passed + failed, passed, failed, rate,
        scores, summary, anomaly, made_at, made_by
    FROM final WHERE problem IS NULL
)
INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, target, target_id, reason, detail)
SELECT %(table_id)s, s.legacy_key, CASE WHEN s.problem IS NULL THEN 'migrated' ELSE 'rejected' END,
    CASE WHEN s.problem IS NULL THEN 'execution' END, CASE WHEN s.problem IS NULL THEN s.new_execution_id END,
    s.problem, CASE WHEN s.problem IS NOT NULL THEN {original} ELSE s.detail END
FROM final s
"""
# What of the details has a place of its own.
_KNOWN_DETAILS = """ARRAY['metadata', 'data_source', 'execution_engine', 'dataframe_shape', 'statistical_summary',
    'source_field', 'source_type', 'execution_mode', 'pde_code', 'anomaly_details']"""
_COUNTS = {"passed": plain("f.passed_count"), "failed": plain("f.failed_count"), "total": plain("f.total_count")}
_SHAPE = "'^[0-9]{1,15} rows x [0-9]{1,9} columns$'"
_SCORES = {
    "dimension": quoted("f.dimension"),
    "score": "coalesce(f.rate::text, 'null')",
    "weight": "CASE f.rule_severity WHEN 'high' THEN '3' WHEN 'medium' THEN '2' ELSE '1' END",
}
_SUMMARY = {
    "source": quoted("f.details ->> 'data_source'"),
    "engine": quoted("f.details ->> 'execution_engine'"),
    "error": quoted("f.error"),
    "rows": "CASE WHEN f.data_shape ~ '^[0-9]{1,15} rows ' THEN split_part(f.data_shape, ' ', 1)::bigint::text "
    "WHEN f.counts = 'counted' THEN f.total_count::text END",
    "skipped_records": "CASE WHEN f.counts = 'counted' THEN f.skipped::text END",
    "legacy_counts": "CASE WHEN f.counts = 'impossible' THEN "
    + json_text(_COUNTS | {"pass_rate": plain("f.pass_rate")}) + " END",
    "reported": plain(
        "jsonb_strip_nulls(nullif(CASE WHEN jsonb_typeof(f.result_summary) = 'object' THEN f.result_summary "
        "ELSE '{}' END || CASE WHEN f.quality_impact IS NULL THEN '{}' "
        "ELSE ('{\"quality_impact\": ' || f.quality_impact || '}')::jsonb END, '{}'))"
    ),
    "statistics": plain(
        "CASE WHEN f.is_shown THEN jsonb_strip_nulls(nullif(f.details -> 'statistical_summary', '{}')) END"
    ),
    "data_shape": quoted(f"CASE WHEN f.data_shape !~ {_SHAPE} THEN f.data_shape END"),
    "columns": f"CASE WHEN f.data_shape ~ {_SHAPE} THEN split_part(f.data_shape, ' ', 4)::integer::text END",
    "source_type": quoted("f.details ->> 'source_type'"),
    # What planning says is not repeated.
    "source_field": quoted("nullif(f.details ->> 'source_field', f.planned_field)"),
    "pde_code": quoted("nullif(f.details ->> 'pde_code', f.planned_code)"),
    "mode": quoted("nullif(f.details ->> 'execution_mode', 'real')"),
    "other_rule_text": quoted("f.other_text"),
    "details": quoted(
        "CASE WHEN f.details IS NULL AND f.error IS DISTINCT FROM f.result_details THEN f.result_details "
        "WHEN jsonb_typeof(f.details) <> 'object' THEN f.details::text "
        f"WHEN f.details - {_KNOWN_DETAILS} <> '{{}}' THEN (f.details - {_KNOWN_DETAILS})::text END"
    ),
}  # fmt: skip
_DETAIL = {
    "execution_status": quoted(
        "CASE WHEN f.status NOT IN ('passed', 'failed') OR lower(f.execution_status) <> 'success' "
        "THEN f.execution_status END"
    ),
    "pass_rate": "CASE WHEN round(f.pass_rate, 2) IS DISTINCT FROM coalesce(f.rate, 0) THEN f.pass_rate::text END",
    "counts": "CASE WHEN f.counts = 'impossible' OR f.counts = 'counted' AND f.skipped > 0 THEN "
    + json_text(_COUNTS) + " END",
    "severity": quoted(
        "CASE WHEN pg_temp.severity(f.severity) IS DISTINCT FROM f.rule_severity "
        "OR pg_temp.severity(f.severity) <> f.severity THEN f.severity END"
    ),
    "result_summary": "CASE WHEN jsonb_typeof(f.result_summary) <> 'object' THEN "
    "jsonb_strip_nulls(f.result_summary)::text END",
    "execution_time_ms": "CASE WHEN f.execution_time_ms < 0 THEN f.execution_time_ms::text END",
    "failed_records_withheld": "CASE WHEN f.failed_records <> '[]' AND NOT f.shows_samples THEN CASE "
    "jsonb_typeof(f.failed_records) WHEN 'array' THEN jsonb_array_length(f.failed_records)::text ELSE '1' END END",
    "statistics_withheld": "CASE WHEN f.is_shown IS NOT TRUE "
    "AND jsonb_strip_nulls(f.details -> 'statistical_summary') <> '{}' THEN 'true' END",
    "updated_at": quoted("CASE WHEN f.updated_at <> f.created_at THEN f.updated_at END"),
    "updated_by_id": "CASE WHEN f.updated_by_id <> f.created_by_id THEN f.updated_by_id::text END",
    "created_by_id": "CASE WHEN u.user_id IS NULL THEN f.created_by_id::text END",
    "anomaly_marked_by": "CASE WHEN m.user_id IS NULL THEN f.anomaly_marked_by::text END",
}  # fmt: skip
_REPEATS = """
CREATE TEMP TABLE repeats AS
WITH moments AS (
    SELECT s.*, executed_at - lag(executed_at) OVER (PARTITION BY phase_id ORDER BY executed_at) > {pause}::interval
        AS is_start
    FROM {reading} s
), told_apart AS (
    SELECT s.*, count(*) FILTER (WHERE is_start) OVER (PARTITION BY phase_id ORDER BY executed_at) AS run FROM moments s
)
SELECT legacy_key, place FROM (
    SELECT legacy_key, row_number() OVER (
        PARTITION BY phase_id, rule_id, run ORDER BY executed_at, legacy_place) AS place
    FROM told_apart
) numbered WHERE place > 1;
CREATE INDEX ON repeats (legacy_key);
ANALYZE repeats
"""
_MOMENTS = {name: RESULT_COLUMNS[name] for name in ("phase_id", "rule_id", "executed_at")}


def migrate_results(session: LegacySession) -> None:
    """Migrate the rows of all tables of results, a piece at a time."""
    for table in session.of_kind(Kind.RESULTS):
        run = partial(_migrate, _statement(session, table), table.table_id)
        in_pieces(session, f"results of {table.name}", table, run, partial(_prepare, table))


def _migrate(statement: sql.Composed, table_id: int, session: LegacySession, bounds: Mapping[str, Any]) -> int:
    return session.execute(statement, {**bounds, "system": session.system_user_id, "table_id": table_id})


def _prepare(table: FoundTable, session: LegacySession) -> None:
    build_lookups(session)
    load_rebuilt(session)
    _tell_runs_apart(session, table)


def _tell_runs_apart(session: LegacySession, table: FoundTable) -> None:
    moments = reading(table, _MOMENTS, session.zone)
    session.execute("DROP TABLE IF EXISTS pg_temp.run_starts, pg_temp.repeats")
    for statement in (_RUNS, _REPEATS):
        session.execute(sql.SQL(statement).format(reading=moments, pause=sql.Literal(_PAUSE)))


def _statement(session: LegacySession, table: FoundTable) -> sql.Composed:
    return sql.SQL(_MIGRATE).format(
        reading=reading(table, RESULT_COLUMNS, session.zone, bounded=True),
        space=sql.Literal(table.phase_table),
        rule=rule_reference(session, table),
        run_of=sql.SQL(_RUN_OF),
        table_name=sql.Literal(table.name),
        original=original(table),
        scores=sql.SQL(json_object(_SCORES)),
        summary=sql.SQL(json_object(_SUMMARY)),
        detail=sql.SQL(json_object(_DETAIL)),
    )
