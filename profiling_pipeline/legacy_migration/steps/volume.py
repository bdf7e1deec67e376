"""Rules and executions from the tables of high-volume jobs: rule sets, their results by partition, whole executions.

Patterns of anomalies name a job: they go with the first execution of that job's rule sets.
"""

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.found import FoundTable
from profiling_pipeline.legacy_migration.reading import LOCAL, Column, integer, json, moment, original, reading, text
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.texts import translate_texts
from profiling_pipeline.legacy_migration.steps.versions import ensure_reconstructed

SET_COLUMNS = {
    "job_id": text(),
    "rule_set_name": text(),
    "category": text(),
    "rules": json(),
    "execution_order": integer(),
    "created_at": moment(zone=LOCAL),
    "created_by": integer(),
}
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
# The rules of a set are JSON objects that name their attribute by id, by name or by column.
_SET_RULES = """
CREATE TEMP TABLE set_rules AS
SELECT s.legacy_key, s.rule_set_name, s.category, s.execution_order, s.created_at, s.created_by, s.rules,
    v.version_id, v.phase_id, e.place, e.rule,
    l.outcome AS job_outcome, a.id AS attribute_id,
    coalesce(e.rule ->> 'rule_code', e.rule ->> 'code', e.rule ->> 'expression', e.rule ->> 'definition', e.rule::text)
        AS rule_text,
    left(coalesce(e.rule ->> 'rule_name', e.rule ->> 'name', s.rule_set_name), 200) AS rule_name
FROM {reading} s
LEFT JOIN legacy_migration_ledger l ON l.table_id = ANY ({jobs}) AND l.legacy_key = s.job_id
LEFT JOIN cycle_report_data_profiling_rule_versions v ON v.version_id = l.target_id
LEFT JOIN workflow_phases w ON w.phase_id = v.phase_id
LEFT JOIN report_phases p ON p.cycle_id = w.cycle_id AND p.report_id = w.report_id
LEFT JOIN LATERAL jsonb_array_elements(
    CASE jsonb_typeof(s.rules) WHEN 'array' THEN s.rules ELSE jsonb_build_array(s.rules) END
) WITH ORDINALITY AS e(rule, place) ON true
LEFT JOIN LATERAL ({attribute}) a ON true
"""
# By its id where that is one, else by its name or column in the plan of the cycle's report.
_ATTRIBUTE_BY_NAME = """
SELECT coalesce(
    (SELECT a.id FROM cycle_report_planning_attributes a
     WHERE a.id = CASE WHEN w.id ~ '^[0-9]{{1,9}}$' THEN w.id::integer END),
    (SELECT n.attribute_id FROM attribute_names n WHERE n.phase_id = p.planning_id AND n.name = w.name)) AS id
FROM (SELECT
    coalesce({named} ->> 'attribute_id', {named} #>> '{{attribute_ids,0}}') AS id,
    lower(coalesce({named} ->> 'attribute_name', {named} ->> 'attribute', {named} ->> 'column',
        {named} ->> 'column_name', {named} ->> 'field', {named} #>> '{{attributes,0}}', {named} #>> '{{columns,0}}')
    ) AS name
) w WHERE jsonb_typeof({named}) = 'object'
"""
_STORE_SET_RULES = """
INSERT INTO cycle_report_data_profiling_rules (rule_id, version_id, phase_id, attribute_id, rule_name, rule_type,
    rule_description, rule_code, rule_parameters, is_executable, execution_order, severity, status,
    created_at, created_by_id, updated_at, updated_by_id)
SELECT pg_temp.new_id('rule', 'rule set:' || s.legacy_key || ':' || s.place), s.version_id, s.phase_id, s.attribute_id,
    s.rule_name || ' [' || left(s.legacy_key, 36) || '.' || s.place || ']',
    pg_temp.dimension(coalesce(s.rule ->> 'rule_type', s.category)), s.rule ->> 'description',
    coalesce(t.rule_code, s.rule_text),
    coalesce(t.parameters, '{{}}') || jsonb_build_object('origin', jsonb_strip_nulls(jsonb_build_object(
        'legacy_table', {table_name}, 'legacy_rule_id', s.legacy_key || '.' || s.place, 'rule_set', s.rule_set_name,
        'text_id', CASE WHEN t.rule_code IS NOT NULL THEN pg_temp.new_id('text', s.rule_text) END,
        'type', CASE WHEN pg_temp.dimension(coalesce(s.rule ->> 'rule_type', s.category))
            <> coalesce(s.rule ->> 'rule_type', s.category) THEN coalesce(s.rule ->> 'rule_type', s.category) END,
        'definition', s.rule)) || coalesce(t.note, '{{}}')),
    t.rule_code IS NOT NULL, (coalesce(s.execution_order, 1) * 1000 + s.place) %% 2147483647,
    pg_temp.severity(s.rule ->> 'severity'), 'pending',
    coalesce(s.created_at, now()), coalesce(u.user_id, %(system)s),
    coalesce(s.created_at, now()), coalesce(u.user_id, %(system)s)
FROM set_rules s
LEFT JOIN users u ON u.user_id = s.created_by
LEFT JOIN legacy_columns c ON c.attribute_id = s.attribute_id
LEFT JOIN translations t ON t.text_id = pg_temp.new_id('text', s.rule_text)
    AND t.column_name = coalesce(c.column_name, '') AND t.columns_id = coalesce(c.columns_id, 0)
WHERE s.version_id IS NOT NULL AND s.attribute_id IS NOT NULL AND s.rule_text IS NOT NULL
"""
# A set of several rules has results of its own: those of a rule that stands for the whole set.
_STORE_WHOLE_SETS = """
INSERT INTO cycle_report_data_profiling_rules (rule_id, version_id, phase_id, attribute_id, rule_name, rule_type,
    rule_description, rule_code, rule_parameters, is_executable, execution_order, status,
    created_at, created_by_id, updated_at, updated_by_id)
SELECT pg_temp.new_id('rule', 'whole rule set:' || legacy_key), version_id, phase_id, min(attribute_id),
    left(min(rule_set_name), 200) || ' [' || left(legacy_key, 36) || ']', pg_temp.dimension(min(category)),
    'Holds the results of a rule set as a whole, which were recorded together.', min(rules::text),
    jsonb_build_object('origin', jsonb_build_object('reconstructed', 'rule set', 'legacy_table', {table_name},
        'legacy_rule_id', legacy_key, 'untranslated', 'it stands for a whole rule set')),
    false, coalesce(min(execution_order), 1) %% 2147483, 'pending',
    coalesce(min(created_at), now()), %(system)s, coalesce(min(created_at), now()), %(system)s
FROM set_rules WHERE version_id IS NOT NULL AND attribute_id IS NOT NULL
GROUP BY legacy_key, version_id, phase_id
HAVING max(jsonb_array_length(CASE jsonb_typeof(rules) WHEN 'array' THEN rules ELSE '[1]' END)) > 1
"""
_ACCOUNT_FOR_SETS = """
INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, target, target_id, reason, detail)
SELECT %(table_id)s, s.legacy_key, CASE WHEN f.rule_id IS NOT NULL THEN 'migrated' ELSE 'rejected' END,
    CASE WHEN f.rule_id IS NOT NULL THEN 'rule' END, f.rule_id,
    CASE WHEN f.rule_id IS NOT NULL THEN NULL WHEN f.job_outcome IS NULL THEN 'job_missing'
        WHEN f.version_id IS NULL THEN 'job_not_migrated' ELSE 'no_rules' END,
    {original} || CASE WHEN f.unplaced IS NULL THEN '{{}}' ELSE jsonb_build_object('rules_of_no_attribute',
        f.unplaced) END
FROM {reading} s
JOIN (
    SELECT legacy_key, min(job_outcome) AS job_outcome, (array_agg(version_id))[1] AS version_id,
        (array_agg(pg_temp.new_id('rule', 'rule set:' || legacy_key || ':' || place) ORDER BY place)
            FILTER (WHERE version_id IS NOT NULL AND attribute_id IS NOT NULL AND rule_text IS NOT NULL))[1] AS rule_id,
        jsonb_agg(place ORDER BY place) FILTER (WHERE attribute_id IS NULL AND place IS NOT NULL) AS unplaced
    FROM set_rules GROUP BY legacy_key
) f USING (legacy_key)
"""
_RUN_OF_PARTITIONS = "'legacy:job:' || coalesce(s.job_id, '?') || ':' || s.partition_id"
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
    SELECT s.new_execution_id, s.new_rule_id, {run} || CASE WHEN s.place > 1 THEN '#' || s.place ELSE '' END,
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


def migrate_rule_sets(session: LegacySession) -> None:
    """Migrate rule sets, each table in one transaction."""
    for table in session.of_kind(Kind.RULE_SETS):
        with session.step(f"rule sets of {table.name}") as step:
            if step is None:
                continue
            session.execute("DROP TABLE IF EXISTS pg_temp.set_rules")
            session.execute(_composed(session, table, _SET_RULES, SET_COLUMNS, named="e.rule"))
            translate_texts(
                session, sql.SQL("SELECT rule_text, attribute_id FROM set_rules WHERE attribute_id IS NOT NULL")
            )
            for statement in (_STORE_SET_RULES, _STORE_WHOLE_SETS):
                session.execute(_composed(session, table, statement, {}), _parameters(session, table))
            account = _composed(session, table, _ACCOUNT_FOR_SETS, {})
            step.rows = session.execute(account, _parameters(session, table))


def migrate_volume_results(session: LegacySession) -> None:
    """Migrate results by partition with the patterns of their jobs, then whole executions, in a transaction each."""
    with session.step("partition results") as step:
        if step is not None:
            session.execute(_PATTERNS)
            for table in session.of_kind(Kind.PATTERNS):
                session.execute(_composed(session, table, _READ_PATTERNS, {"job_id": text()}))
            for table in session.of_kind(Kind.PARTITION_RESULTS):
                statement = _composed(session, table, _PARTITION_RESULTS, PARTITION_RESULT_COLUMNS)
                step.rows += session.execute(statement, _parameters(session, table))
            session.execute(_ACCOUNT_FOR_OTHER_PATTERNS)
    for table in session.of_kind(Kind.EXECUTIONS):
        with session.step(f"executions of {table.name}") as step:
            if step is not None:
                step.rows = _migrate_whole_executions(session, table)


def _migrate_whole_executions(session: LegacySession, table: FoundTable) -> int:
    parameters = _parameters(session, table)
    session.execute("DROP TABLE IF EXISTS pg_temp.whole_executions")
    session.execute(_composed(session, table, _WHOLE_EXECUTIONS, _EXECUTION_COLUMNS, named="s.profiling_criteria"))
    ensure_reconstructed(session, sql.SQL(_WHOLE_SLOTS))
    session.execute(_STORE_WHOLE_RULES, parameters)
    session.execute(_composed(session, table, _STORE_WHOLE_EXECUTIONS, {}), parameters)
    return session.execute(_composed(session, table, _ACCOUNT_FOR_WHOLE, {}), parameters)


def _parameters(session: LegacySession, table: FoundTable) -> dict[str, object]:
    return {
        "table_id": table.table_id,
        "system": session.system_user_id,
        "sets": [found.table_id for found in session.of_kind(Kind.RULE_SETS)],
        "jobs": [found.table_id for found in session.of_kind(Kind.VOLUME_JOBS)],
    }


def _composed(
    session: LegacySession, table: FoundTable, statement: str, columns: dict[str, Column], named: str = "NULL::jsonb"
) -> sql.Composed:
    return sql.SQL(statement).format(
        reading=reading(table, columns, session.zone),
        original=original(table),
        table_name=sql.Literal(table.name),
        table_id=sql.Literal(table.table_id),
        jobs=sql.Literal([found.table_id for found in session.of_kind(Kind.VOLUME_JOBS)]),
        run=sql.SQL(_RUN_OF_PARTITIONS),
        attribute=sql.SQL(_ATTRIBUTE_BY_NAME).format(named=sql.SQL(named)),
    )
