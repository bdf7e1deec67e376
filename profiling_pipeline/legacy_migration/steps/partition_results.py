"""Executions from the results of rule sets by partition.

Patterns of anomalies name a job: they go with the first execution of that job's rule sets.
"""

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.reading import integer, json, text
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.volume import composed, parameters_of

PARTITION_RESULT_COLUMNS = {
    "partition_id": text(),
    "rule_set_id": text(),
    "records_evaluated": integer(),
    "records_passed": integer(),
    "records_failed": integer(),
    "anomalies": json(),
    "statistics": json(),
    "anomaly_count": integer(),
    "execution_time_ms": integer(),
    "memory_used_mb": integer(),
}
_PARTITION_RESULTS = """
WITH placed AS MATERIALIZED (
    SELECT s.*, r.rule_id AS new_rule_id, r.rule_type AS dimension, r.created_at AS rule_created_at, j.job_id,
        a.information_security_classification::text IN ('Public', 'Internal') AS is_shown,
        CASE WHEN s.records_passed < 0 OR s.records_failed < 0 OR s.records_evaluated < 0
                OR s.records_passed + s.records_failed > s.records_evaluated
                OR s.records_passed + s.records_failed = 0 AND s.records_evaluated > 0 THEN 'impossible'
            WHEN s.records_passed + s.records_failed > 0 THEN 'counted' ELSE 'nothing' END AS counts,
        row_number() OVER (PARTITION BY s.rule_set_id, s.partition_id ORDER BY s.legacy_key) AS place,
        r.rule_id IS NOT NULL AND row_number() OVER (PARTITION BY j.job_id, r.rule_id IS NOT NULL
            ORDER BY s.legacy_key) = 1
            AS is_first_of_job,
        pg_temp.new_id('execution', {table_name} || ':' || s.legacy_key) AS new_execution_id
    FROM {reading} s
    LEFT JOIN legacy_migration_ledger l ON l.table_id = ANY (%(sets)s) AND l.legacy_key = s.rule_set_id
    LEFT JOIN LATERAL (SELECT l.detail ->> 'job_id' AS job_id) j ON true
    LEFT JOIN LATERAL (
        SELECT r.* FROM cycle_report_data_profiling_rules r
        WHERE r.rule_id IN (pg_temp.new_id('rule', 'whole rule set:' || s.rule_set_id), l.target_id)
        ORDER BY r.rule_id = l.target_id LIMIT 1) r ON true
    LEFT JOIN cycle_report_planning_attributes a ON a.id = r.attribute_id
), rated AS MATERIALIZED (
    SELECT p.*, CASE WHEN counts = 'counted' THEN
        pg_temp.pass_rate(records_passed, records_failed) END AS rate
    FROM placed p
), stored AS (
    INSERT INTO cycle_report_data_profiling_rule_executions (execution_id, rule_id, background_job_id, execution_status,
        executed_at, execution_time_ms, total_records_tested, passed_records, failed_records, pass_rate, quality_scores,
        result_summary, anomaly_details, created_at, created_by_id)
    SELECT s.new_execution_id, s.new_rule_id, 'legacy:job:' || coalesce(s.job_id, '?') || ':' || s.partition_id
            || CASE WHEN s.place > 1 THEN '#' || s.place ELSE '' END,
        CASE s.counts WHEN 'impossible' THEN 'error' WHEN 'nothing' THEN 'skipped'
            ELSE CASE WHEN s.records_failed > 0 THEN 'failed' ELSE 'passed' END END,
        coalesce(q.ended_at, s.rule_created_at), CASE WHEN s.execution_time_ms >= 0 THEN s.execution_time_ms END,
        CASE s.counts WHEN 'counted' THEN s.records_passed + s.records_failed WHEN 'nothing' THEN 0 END,
        CASE s.counts WHEN 'counted' THEN s.records_passed WHEN 'nothing' THEN 0 END,
        CASE s.counts WHEN 'counted' THEN s.records_failed WHEN 'nothing' THEN 0 END, s.rate,
        jsonb_build_object('dimension', s.dimension, 'weight', 2, 'score', s.rate),
        jsonb_strip_nulls(jsonb_build_object('rows', CASE WHEN s.counts = 'counted' THEN s.records_evaluated END,
            'skipped_records', CASE WHEN s.counts = 'counted' THEN
                s.records_evaluated - s.records_passed - s.records_failed END,
            'error', CASE WHEN s.counts = 'impossible' THEN 'The counts do not add up: see legacy_counts.' END,
            'legacy_counts', CASE WHEN s.counts = 'impossible' THEN jsonb_build_object('evaluated', s.records_evaluated,
                'passed', s.records_passed, 'failed', s.records_failed) END,
            'partition', s.partition_id, 'memory_mb', s.memory_used_mb, 'statistics', s.statistics)),
        nullif(jsonb_strip_nulls(jsonb_build_object(
            'anomaly_count', CASE WHEN s.anomaly_count > 0 THEN s.anomaly_count END,
            'anomalies', CASE WHEN s.is_shown THEN s.anomalies END,
            'patterns', CASE WHEN s.is_first_of_job THEN (
                SELECT jsonb_agg(CASE WHEN s.is_shown THEN n.pattern ELSE n.pattern - 'sample_record_ids' END
                    ORDER BY n.legacy_key)
                FROM job_patterns n WHERE n.job_id = s.job_id) END)), '{{}}'),
        coalesce(q.ended_at, s.rule_created_at), %(system)s
    FROM rated s
    LEFT JOIN LATERAL (
        SELECT (d.detail ->> 'end_time')::timestamptz AS ended_at FROM legacy_migration_ledger d
        WHERE d.table_id = ANY (%(jobs)s) AND d.legacy_key = s.job_id) q ON true
    WHERE s.new_rule_id IS NOT NULL
), patterns AS (
    INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, target, target_id)
    SELECT n.table_id, n.legacy_key, 'migrated', 'execution', s.new_execution_id
    FROM rated s JOIN job_patterns n ON n.job_id = s.job_id WHERE s.is_first_of_job
)
INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, target, target_id, reason, detail)
SELECT %(table_id)s, s.legacy_key, CASE WHEN s.new_rule_id IS NOT NULL THEN 'migrated' ELSE 'rejected' END,
    CASE WHEN s.new_rule_id IS NOT NULL THEN 'execution' END, CASE WHEN s.new_rule_id IS NOT NULL
        THEN s.new_execution_id END,
    CASE WHEN s.new_rule_id IS NULL THEN 'rule_set_missing' END,
    CASE WHEN s.new_rule_id IS NULL THEN {original} ELSE nullif(jsonb_strip_nulls(jsonb_build_object(
        'counts', CASE WHEN s.counts = 'impossible' THEN jsonb_build_object('evaluated', s.records_evaluated,
            'passed', s.records_passed, 'failed', s.records_failed) END,
        'values_withheld', CASE WHEN s.anomalies IS NOT NULL AND s.is_shown IS NOT TRUE THEN true END)), '{{}}') END
FROM rated s
"""
_PATTERNS = """
CREATE TEMP TABLE IF NOT EXISTS job_patterns (table_id smallint, legacy_key text, job_id text, pattern jsonb);
TRUNCATE pg_temp.job_patterns
"""
_READ_PATTERNS = """
INSERT INTO job_patterns SELECT {table_id}::smallint, s.legacy_key, s.job_id, {original} FROM {reading} s
"""
_ACCOUNT_FOR_OTHER_PATTERNS = """
INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, reason)
SELECT table_id, legacy_key, 'archived', 'no_execution' FROM job_patterns p
WHERE NOT EXISTS (
    SELECT 1 FROM legacy_migration_ledger l WHERE l.table_id = p.table_id AND l.legacy_key = p.legacy_key)
"""


def migrate_partition_results(session: LegacySession) -> None:
    """Migrate results by partition with the patterns of their jobs, in one transaction."""
    with session.step("partition results") as step:
        if step is None:
            return
        session.execute(_PATTERNS)
        for table in session.of_kind(Kind.PATTERNS):
            session.execute(composed(session, table, _READ_PATTERNS, {"job_id": text()}))
        for table in session.of_kind(Kind.PARTITION_RESULTS):
            statement = composed(session, table, _PARTITION_RESULTS, PARTITION_RESULT_COLUMNS)
            step.rows += session.execute(statement, parameters_of(session, table))
        session.execute(_ACCOUNT_FOR_OTHER_PATTERNS)
