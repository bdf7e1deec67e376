"""What the steps look up: which phase a legacy phase is, and which column an attribute has."""

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.session import LegacySession

# `legacy_phases` maps the phase ids of a table (a "space") to those of workflow_phases; `report_phases` finds the
# phase of
# a cycle's report.
_PHASES = """
CREATE TEMP TABLE IF NOT EXISTS legacy_phases (space text, legacy_id bigint, phase_id integer, PRIMARY KEY (space,
    legacy_id));
CREATE TEMP TABLE IF NOT EXISTS report_phases (
    cycle_id bigint, report_id bigint, phase_id integer, planning_id integer, PRIMARY KEY (cycle_id, report_id));
TRUNCATE pg_temp.legacy_phases, pg_temp.report_phases;
INSERT INTO report_phases
SELECT cycle_id, report_id, min(phase_id) FILTER (WHERE phase_name::text = 'Data Profiling'),
    min(phase_id) FILTER (WHERE phase_name::text = 'Planning')
FROM workflow_phases GROUP BY cycle_id, report_id;
INSERT INTO legacy_phases SELECT 'workflow_phases', phase_id, phase_id FROM workflow_phases
"""
_INTEGER_AGE_PHASES = """
INSERT INTO legacy_phases
SELECT 'data_profiling_phases', d.phase_id, r.phase_id
FROM {table} d JOIN report_phases r USING (cycle_id, report_id)
WHERE r.phase_id IS NOT NULL
ON CONFLICT DO NOTHING
"""
# An attribute's column as planning names it, and the number of the set of columns of its plan: their names, each with
# the type and the format code that are declared of it.
_COLUMNS = r"""
CREATE TEMP TABLE IF NOT EXISTS legacy_columns (
    attribute_id integer PRIMARY KEY, column_name text, columns_id integer, source_field text, pde_code text,
    declared jsonb);
CREATE TEMP TABLE IF NOT EXISTS legacy_column_sets (columns_id integer PRIMARY KEY, columns jsonb);
TRUNCATE pg_temp.legacy_columns, pg_temp.legacy_column_sets;
INSERT INTO legacy_columns
SELECT DISTINCT ON (a.id) a.id,
    coalesce(nullif(a.source_column, ''), substring(m.source_field FROM '[^.]+$'), nullif(m.pde_code, '')),
    coalesce(a.phase_id, 0), m.source_field, m.pde_code, jsonb_build_array(a.data_type::text, a.validation_rules)
FROM cycle_report_planning_attributes a
LEFT JOIN cycle_report_planning_pde_mappings m ON m.attribute_id = a.id
ORDER BY a.id, m.id DESC;
INSERT INTO legacy_column_sets
SELECT min(columns_id), columns
FROM (
    SELECT columns_id, jsonb_object_agg(column_name, declared ORDER BY attribute_id DESC) AS columns
    FROM legacy_columns WHERE column_name IS NOT NULL GROUP BY columns_id
) sets
GROUP BY columns
"""
_JOIN_EQUAL_SETS = """
WITH sets AS (
    SELECT columns_id, jsonb_object_agg(column_name, declared ORDER BY attribute_id DESC) AS columns
    FROM legacy_columns WHERE column_name IS NOT NULL GROUP BY columns_id)
UPDATE legacy_columns c SET columns_id = s.columns_id
FROM sets JOIN legacy_column_sets s USING (columns)
WHERE c.columns_id = sets.columns_id
"""
# The attributes of a plan by their names and by their columns, the first where several are called the same.
_NAMES = """
CREATE TEMP TABLE IF NOT EXISTS attribute_names (
    phase_id integer, name text, attribute_id integer, PRIMARY KEY (phase_id, name));
TRUNCATE pg_temp.attribute_names;
INSERT INTO attribute_names
SELECT a.phase_id, n.name, min(a.id)
FROM cycle_report_planning_attributes a
LEFT JOIN legacy_columns c ON c.attribute_id = a.id
CROSS JOIN LATERAL (VALUES (lower(a.attribute_name)), (lower(c.column_name))) AS n(name)
WHERE a.phase_id IS NOT NULL AND n.name IS NOT NULL
GROUP BY a.phase_id, n.name;
ANALYZE attribute_names
"""
_RULE_PLACES = """
CREATE TEMP TABLE IF NOT EXISTS rule_evidence (
    legacy_rule_id text PRIMARY KEY, version_id uuid, tester_id integer, tester_at timestamptz,
    owner_id integer, owner_at timestamptz);
TRUNCATE pg_temp.rule_evidence
"""
# The only place where the earlier system wrote down which rules a version had: what it handed to a report owner.
_ASSIGNMENTS = """
INSERT INTO rule_evidence
SELECT DISTINCT ON (rule.id) rule.id, v.version_id, t.user_id, a.assigned_at, o.user_id, a.completed_at
FROM (
    SELECT from_user_id, completed_by_user_id, assigned_at::timestamptz, completed_at::timestamptz,
        pg_temp.as_json(context_data::text) AS context, pg_temp.as_json(completion_data::text) AS completion
    FROM {table} WHERE assignment_type::text = 'Rule Approval'
) a
JOIN cycle_report_data_profiling_rule_versions v ON v.version_id::text = a.context ->> 'version_id'
CROSS JOIN LATERAL jsonb_array_elements_text(
    CASE jsonb_typeof(a.context -> 'approved_rule_ids') WHEN 'array' THEN a.context -> 'approved_rule_ids' ELSE '[]' END
) AS rule(id)
LEFT JOIN users t ON t.user_id = a.from_user_id
LEFT JOIN users o ON o.user_id = a.completed_by_user_id
    AND a.completion ->> 'rules_approved' = jsonb_array_length(a.context -> 'approved_rule_ids')::text
ORDER BY rule.id, a.assigned_at DESC
ON CONFLICT DO NOTHING
"""
_HAS_ASSIGNMENTS = """
SELECT count(*) = 6 FROM pg_attribute
WHERE attrelid = to_regclass('universal_assignments') AND attname IN (
    'assignment_type', 'context_data', 'completion_data', 'from_user_id', 'completed_by_user_id', 'assigned_at')
"""


def build_lookups(session: LegacySession) -> None:
    """Build the session's temporary tables, in the current transaction."""
    session.execute(_PHASES)
    for table in session.of_kind(Kind.PHASES):
        session.execute(sql.SQL(_INTEGER_AGE_PHASES).format(table=table.identifier))
    session.execute(_COLUMNS)
    session.execute(_JOIN_EQUAL_SETS)
    session.execute(_NAMES)
    session.execute(_RULE_PLACES)


def build_evidence(session: LegacySession) -> None:
    """Find out which rules the versions had, once the versions are there; in the current transaction."""
    session.execute(_RULE_PLACES)
    if session.rows(_HAS_ASSIGNMENTS)[0][0]:
        session.execute(sql.SQL(_ASSIGNMENTS).format(table=sql.Identifier("universal_assignments")))
