"""Rules that are gone, rebuilt from what their results recorded: text, attribute and severity.

Several texts of one legacy rule become several rules; the newest keeps the legacy id. A rule goes into the version that
the evidence names, with the decisions that it names, else into the phase's reconstructed draft.
"""

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.found import FoundTable
from profiling_pipeline.legacy_migration.reading import integer, moment, reading, text
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.lookups import build_evidence
from profiling_pipeline.legacy_migration.steps.reconstructed import ensure_reconstructed
from profiling_pipeline.legacy_migration.steps.rules import new_rule_id
from profiling_pipeline.legacy_migration.steps.texts import translate_texts

_COLUMNS = {
    "phase_id": integer(),
    "rule_id": text(),
    "attribute_id": integer(),
    "severity": text(),
    "executed_at": moment(),
    "result_details": text(),
}
_ORPHANS = """
CREATE TEMP TABLE IF NOT EXISTS orphans (
    legacy_rule_id text, phase_id integer, attribute_id integer, rule_text text, severity text, first_at timestamptz,
    last_at timestamptz, rule_id uuid, version_id uuid, slot text, place bigint);
TRUNCATE pg_temp.orphans
"""
_COLLECT = """
INSERT INTO orphans (legacy_rule_id, phase_id, attribute_id, rule_text, severity, first_at, last_at)
SELECT s.rule_id, p.phase_id, s.attribute_id, d.executed, (array_agg(s.severity ORDER BY s.executed_at DESC))[1],
    min(s.executed_at), max(s.executed_at)
FROM {reading} s
JOIN legacy_phases p ON p.space = {space} AND p.legacy_id = s.phase_id
JOIN cycle_report_planning_attributes a ON a.id = s.attribute_id
CROSS JOIN LATERAL (
    SELECT pg_temp.as_json(s.result_details) -> 'metadata' ->> 'rule_code_executed' AS executed) d
WHERE NOT EXISTS (SELECT 1 FROM cycle_report_data_profiling_rules r WHERE r.rule_id = {rule})
GROUP BY s.rule_id, p.phase_id, s.attribute_id, d.executed
"""
# What ran without its text being recorded was the rule of a recorded text, where there is one.
_FORGET_UNKNOWN = """
DELETE FROM orphans o WHERE rule_text IS NULL AND EXISTS (
    SELECT 1 FROM orphans k WHERE k.legacy_rule_id = o.legacy_rule_id AND k.phase_id = o.phase_id
    AND k.attribute_id = o.attribute_id AND k.rule_text IS NOT NULL)
"""
_PLACE = """
UPDATE orphans o SET place = ranked.place,
    rule_id = CASE WHEN ranked.place = 1 AND o.legacy_rule_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        THEN o.legacy_rule_id::uuid
        ELSE pg_temp.new_id('rule', concat_ws(':', 'rebuilt', o.phase_id, o.attribute_id, o.legacy_rule_id,
            o.rule_text))
        END,
    version_id = coalesce(v.version_id, pg_temp.new_id('version', 'draft:' || o.phase_id)),
    slot = CASE WHEN v.version_id IS NULL THEN 'draft' END
FROM (
    SELECT ctid, row_number() OVER (PARTITION BY legacy_rule_id ORDER BY last_at DESC, rule_text, attribute_id) AS place
    FROM orphans
) ranked
JOIN orphans self ON self.ctid = ranked.ctid
LEFT JOIN rule_evidence e ON e.legacy_rule_id = self.legacy_rule_id
LEFT JOIN cycle_report_data_profiling_rule_versions v ON v.version_id = e.version_id AND v.phase_id = self.phase_id
WHERE o.ctid = ranked.ctid
"""
_SLOTS = """
SELECT phase_id, slot, version_id, NULL::bigint AS version_number, min(first_at) AS created_at
FROM orphans WHERE slot IS NOT NULL GROUP BY 1, 2, 3
"""
_STORE = """
INSERT INTO cycle_report_data_profiling_rules (rule_id, version_id, phase_id, attribute_id, rule_name, rule_type,
    rule_description, rule_code, rule_parameters, is_executable, severity, tester_decision, tester_decided_by,
    tester_decided_at, report_owner_decision, report_owner_decided_by, report_owner_decided_at, status,
    created_at, created_by_id, updated_at, updated_by_id)
SELECT o.rule_id, o.version_id, o.phase_id, o.attribute_id,
    left(a.attribute_name, 180) || ': rule ' || left(o.legacy_rule_id, 36)
        || CASE WHEN o.place > 1 THEN ' (earlier text ' || (o.place - 1) || ')' ELSE '' END,
    coalesce(t.dimension, 'validity'),
    'Rebuilt from its results: the row of the rule itself was gone.',
    coalesce(t.rule_code, o.rule_text, 'The text of this rule was not recorded.'),
    coalesce(t.parameters, '{}') || jsonb_build_object('origin', jsonb_strip_nulls(jsonb_build_object(
        'reconstructed', true, 'legacy_rule_id', o.legacy_rule_id, 'text_id', pg_temp.new_id('text', o.rule_text),
        'first_executed_at', to_char(o.first_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.USOF'),
        'severity', CASE WHEN pg_temp.severity(o.severity) <> o.severity THEN o.severity END))
        || coalesce(t.note, CASE WHEN o.rule_text IS NULL
            THEN '{"untranslated": "its text was not recorded"}'::jsonb END, '{}')),
    t.rule_code IS NOT NULL, pg_temp.severity(o.severity),
    CASE WHEN d.tester THEN 'approve' END, CASE WHEN d.tester THEN e.tester_id END, CASE WHEN d.tester
        THEN e.tester_at END,
    CASE WHEN d.owner THEN 'approve' END, CASE WHEN d.owner THEN e.owner_id END, CASE WHEN d.owner THEN e.owner_at END,
    CASE WHEN d.tester AND d.owner AND v.version_status IN ('approved', 'superseded') THEN 'approved'
        WHEN d.tester AND v.version_status IN ('pending_approval', 'approved', 'superseded') THEN 'submitted'
        ELSE 'pending' END,
    coalesce(o.first_at, now()), %(system)s, coalesce(o.last_at, now()), %(system)s
FROM orphans o
JOIN cycle_report_planning_attributes a ON a.id = o.attribute_id
JOIN cycle_report_data_profiling_rule_versions v ON v.version_id = o.version_id
LEFT JOIN rule_evidence e ON e.legacy_rule_id = o.legacy_rule_id AND e.version_id = o.version_id AND o.place = 1
CROSS JOIN LATERAL (SELECT e.tester_id IS NOT NULL AS tester, e.owner_id IS NOT NULL AS owner) d
LEFT JOIN legacy_columns c ON c.attribute_id = o.attribute_id
LEFT JOIN translations t ON t.text_id = pg_temp.new_id('text', o.rule_text)
    AND t.column_name = coalesce(c.column_name, '') AND t.columns_id = coalesce(c.columns_id, 0)
"""
_LOAD = """
CREATE TEMP TABLE IF NOT EXISTS rebuilt (
    legacy_rule_id text, phase_id integer, attribute_id integer, text_id uuid, first_at timestamptz, rule_id uuid);
TRUNCATE pg_temp.rebuilt;
INSERT INTO rebuilt
SELECT rule_parameters #>> '{origin,legacy_rule_id}', phase_id, attribute_id,
    (rule_parameters #>> '{origin,text_id}')::uuid, (rule_parameters #>> '{origin,first_executed_at}')::timestamptz,
        rule_id
FROM cycle_report_data_profiling_rules WHERE rule_parameters @> '{"origin": {"reconstructed": true}}';
CREATE INDEX IF NOT EXISTS rebuilt_by_rule ON rebuilt (legacy_rule_id);
ANALYZE rebuilt
"""


def rebuild_rules(session: LegacySession) -> None:
    """Rebuild the rules that results have and no table of rules; in one transaction."""
    with session.step("rebuilt rules") as step:
        if step is None:
            return
        build_evidence(session)
        session.execute(_ORPHANS)
        for table in session.of_kind(Kind.RESULTS):
            _collect(session, table)
        session.execute(_FORGET_UNKNOWN)
        session.execute(_PLACE)
        ensure_reconstructed(session, sql.SQL(_SLOTS))
        translate_texts(session, sql.SQL("SELECT rule_text, attribute_id FROM orphans"))
        step.rows = session.execute(_STORE, {"system": session.system_user_id})


def load_rebuilt(session: LegacySession) -> None:
    """Load the rebuilt rules into the session, where results look them up; in the current transaction."""
    session.execute(_LOAD)


def rule_reference(session: LegacySession, table: FoundTable) -> sql.Composable:
    """Return an expression for the id here of the rule that `s`, a row of a table of results, names."""
    for rules in session.of_kind(Kind.RULES):
        if rules.columns["rule_id"] == table.columns["rule_id"]:
            return new_rule_id(rules, sql.SQL("s.rule_id"))
    return sql.SQL("NULL::uuid")


def _collect(session: LegacySession, table: FoundTable) -> None:
    statement = sql.SQL(_COLLECT).format(
        reading=reading(table, _COLUMNS, session.zone),
        space=sql.Literal(table.phase_table),
        rule=rule_reference(session, table),
    )
    session.execute(statement)
