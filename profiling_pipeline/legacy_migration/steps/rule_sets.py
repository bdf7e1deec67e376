"""Rules from the rule sets of high-volume jobs."""

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.reading import LOCAL, integer, json, moment, text
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.texts import translate_texts
from profiling_pipeline.legacy_migration.steps.volume import composed, parameters_of

SET_COLUMNS = {
    "job_id": text(),
    "rule_set_name": text(),
    "category": text(),
    "rules": json(),
    "execution_order": integer(),
    "created_at": moment(zone=LOCAL),
    "created_by": integer(),
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


def migrate_rule_sets(session: LegacySession) -> None:
    """Migrate rule sets, each table in one transaction."""
    for table in session.of_kind(Kind.RULE_SETS):
        with session.step(f"rule sets of {table.name}") as step:
            if step is None:
                continue
            session.execute("DROP TABLE IF EXISTS pg_temp.set_rules")
            session.execute(composed(session, table, _SET_RULES, SET_COLUMNS, named="e.rule"))
            translate_texts(
                session, sql.SQL("SELECT rule_text, attribute_id FROM set_rules WHERE attribute_id IS NOT NULL")
            )
            for statement in (_STORE_SET_RULES, _STORE_WHOLE_SETS):
                session.execute(composed(session, table, statement, {}), parameters_of(session, table))
            account = composed(session, table, _ACCOUNT_FOR_SETS, {})
            step.rows = session.execute(account, parameters_of(session, table))
