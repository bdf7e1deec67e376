"""Rules from the tables that have one row a rule, of either age.

A rule stays in its version. One without a version goes into a reconstructed one: what is current into a draft of its
phase, what was replaced into a superseded version of its number. The one approval that the integer age knew is kept as
the tester's; the report owner's is still to come.
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
    Column,
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
from profiling_pipeline.legacy_migration.steps.reconstructed import ensure_reconstructed
from profiling_pipeline.legacy_migration.steps.texts import translate_texts

RULE_COLUMNS = {
    "version_id": Column("uuid"),
    "phase_id": integer(),
    "cycle_id": integer(),
    "report_id": integer(),
    "attribute_id": integer(),
    "rule_name": text(),
    "rule_type": text(),
    "rule_description": text(),
    "rule_code": text("rule_code", "rule_definition"),
    "rule_parameters": json(),
    "llm_provider": text(),
    "llm_rationale": text(),
    "llm_confidence_score": number(),
    "regulatory_reference": text(),
    "severity": text(),
    "is_executable": flag(),
    "execution_order": integer(),
    "status": text("status", "version_status"),
    "tester_decision": text(),
    "tester_notes": text(),
    "tester_decided_by": integer(),
    "tester_decided_at": moment(),
    "report_owner_decision": text(),
    "report_owner_notes": text(),
    "report_owner_decided_by": integer(),
    "report_owner_decided_at": moment(),
    "approved_by": integer(),
    "approved_at": moment(),
    "approval_notes": text(),
    "rejected_by": integer(),
    "rejected_at": moment(),
    "rejection_reason": text(),
    "rejection_notes": text(),
    "revision_notes": text(),
    "version_number": integer(),
    "is_current": flag("is_current_version", "is_latest_version"),
    "attribute_name": text(),
    "created_at": moment(zone=LOCAL),
    "updated_at": moment(zone=LOCAL),
    "created_by_id": integer("created_by_id", "created_by"),
    "updated_by_id": integer("updated_by_id", "updated_by"),
}
# What has no column here stays with the rule as its origin.
_ORIGIN = (
    "business_key", "version_number", "is_current_version", "version_created_at", "version_created_by",
    "effective_from", "effective_to", "rule_logic", "expected_result", "last_execution_job_id", "last_execution_at",
    "calculated_status", "threshold_value", "threshold_type", "execution_status", "execution_results", "issues_found",
    "version_notes", "change_reason", "parent_version_id", "approved_version_id",
)  # fmt: skip

_PLACED = """
SELECT s.*, {table_id}::smallint AS table_id, p.phase_id AS placed_phase, {new_id} AS new_rule_id,
    CASE WHEN v.version_id IS NOT NULL THEN NULL WHEN s.is_current IS FALSE
        THEN 'earlier:' || lpad(coalesce(s.version_number, 1)::text, 9, '0') ELSE 'draft' END AS slot,
    coalesce(v.version_id, CASE WHEN s.is_current IS FALSE
        THEN pg_temp.new_id('version', 'earlier:' || p.phase_id || ':' || coalesce(s.version_number, 1))
        ELSE pg_temp.new_id('version', 'draft:' || p.phase_id) END) AS placed_version
FROM {reading} s
LEFT JOIN cycle_report_data_profiling_rule_versions v ON v.version_id = s.version_id
LEFT JOIN legacy_phases l ON l.space = {space} AND l.legacy_id = s.phase_id
LEFT JOIN report_phases r ON r.cycle_id = s.cycle_id AND r.report_id = s.report_id
CROSS JOIN LATERAL (SELECT coalesce(v.phase_id, l.phase_id, r.phase_id) AS phase_id) p
"""
_SLOTS = """
SELECT placed_phase AS phase_id, slot, placed_version AS version_id,
    CASE WHEN slot <> 'draft' THEN version_number END AS version_number, min(created_at) AS created_at
FROM ({placed}) placed
WHERE slot IS NOT NULL AND placed_phase IS NOT NULL
    AND EXISTS (SELECT 1 FROM cycle_report_planning_attributes a WHERE a.id = placed.attribute_id)
GROUP BY 1, 2, 3, 4
"""
_REPEATED = """
CREATE TEMP TABLE repeated_names ON COMMIT PRESERVE ROWS AS
SELECT table_id, legacy_key FROM (
    SELECT table_id, legacy_key, row_number() OVER (
        PARTITION BY placed_version, attribute_id, left({name}, 255) ORDER BY table_id, legacy_key) AS place
    FROM ({placed}) placed
) numbered WHERE place > 1
"""
# A suffix with the legacy key makes any name one of its own.
_NAME = "coalesce(nullif(trim(rule_name), ''), lower(rule_type) || ' rule ' || legacy_key)"
_MIGRATE = """
WITH staged AS (
    SELECT s.*, {name} AS full_name,
        CASE WHEN s.placed_phase IS NULL THEN 'phase_missing' WHEN a.id IS NULL THEN 'attribute_missing' END AS problem,
        a.attribute_name AS planned_name, t.rule_code AS check_name, t.parameters, t.note,
        ver.version_status, ver.approved_by_id AS version_approver, ver.approved_at AS version_approved_at,
        n.legacy_key IS NOT NULL AS is_repeated,
        pg_temp.decision(CASE WHEN {one_approval} THEN s.status ELSE s.tester_decision END) AS tester,
        pg_temp.decision(s.report_owner_decision) AS owner
    FROM ({placed}) s
    LEFT JOIN cycle_report_planning_attributes a ON a.id = s.attribute_id
    LEFT JOIN cycle_report_data_profiling_rule_versions ver ON ver.version_id = s.placed_version
    LEFT JOIN repeated_names n ON n.table_id = s.table_id AND n.legacy_key = s.legacy_key
    LEFT JOIN legacy_columns c ON c.attribute_id = s.attribute_id
    LEFT JOIN translations t ON t.text_id = pg_temp.new_id('text', s.rule_code)
        AND t.column_name = coalesce(c.column_name, '') AND t.columns_id = coalesce(c.columns_id, 0)
    OFFSET 0
), decided AS (
    SELECT s.*,
        CASE s.tester WHEN 'approve' THEN coalesce(s.tester_decided_by, s.approved_by)
            WHEN 'reject' THEN coalesce(s.tester_decided_by, s.rejected_by) ELSE s.tester_decided_by END AS tester_by,
        CASE s.tester WHEN 'approve' THEN coalesce(s.tester_decided_at, s.approved_at)
            WHEN 'reject' THEN coalesce(s.tester_decided_at, s.rejected_at) ELSE s.tester_decided_at END AS tester_at,
        nullif(concat_ws(E'\\n', s.tester_notes, s.approval_notes, s.rejection_reason, s.rejection_notes,
            s.revision_notes), '') AS all_notes,
        -- Approving a version approved every rule in it that the owner had not decided on.
        s.owner IS NULL AND s.tester = 'approve' AND lower(s.status) = 'approved' AND NOT {one_approval}
            AND s.version_status IN ('approved', 'superseded') AND s.version_approver IS NOT NULL AS owner_by_version
    FROM staged s OFFSET 0
), final AS MATERIALIZED (
    SELECT d.*, CASE WHEN d.owner_by_version THEN 'approve' ELSE d.owner END AS final_owner,
        CASE WHEN d.owner_by_version THEN d.version_approver ELSE d.report_owner_decided_by END AS owner_by,
        CASE WHEN d.owner_by_version THEN d.version_approved_at ELSE d.report_owner_decided_at END AS owner_at,
        CASE
            WHEN {one_approval} OR d.version_status = 'draft' THEN 'pending'
            WHEN lower(d.status) = 'rejected' OR d.tester = 'reject' OR d.owner = 'reject' THEN 'rejected'
            WHEN lower(d.status) = 'approved' AND d.tester = 'approve' AND (d.owner = 'approve' OR d.owner_by_version)
                THEN 'approved'
            WHEN lower(d.status) IN ('submitted', 'approved') AND d.tester = 'approve' THEN 'submitted'
            ELSE 'pending' END AS final_status,
        CASE WHEN d.is_repeated OR length(d.full_name) > 255
            THEN left(d.full_name, 250 - length(d.legacy_key)) || ' [' || d.legacy_key || ']'
            ELSE d.full_name END AS final_name
    FROM decided d
), stored AS (
    INSERT INTO cycle_report_data_profiling_rules (rule_id, version_id, phase_id, attribute_id, rule_name, rule_type,
        rule_description, rule_code, rule_parameters, llm_provider, llm_rationale, llm_confidence_score,
        regulatory_reference, is_executable, execution_order, severity, tester_decision, tester_decided_by,
        tester_decided_at, tester_notes, report_owner_decision, report_owner_decided_by, report_owner_decided_at,
        report_owner_notes, status, created_at, created_by_id, updated_at, updated_by_id)
    SELECT f.new_rule_id, f.placed_version, f.placed_phase, f.attribute_id, f.final_name,
        pg_temp.dimension(f.rule_type),
        f.rule_description, coalesce(f.check_name, f.rule_code),
        coalesce(f.parameters, '{{}}') || jsonb_build_object('origin', jsonb_strip_nulls(jsonb_build_object(
            'legacy_table', {table_name}, 'legacy_rule_id', f.legacy_key,
            'text_id', CASE WHEN f.check_name IS NOT NULL THEN pg_temp.new_id('text', f.rule_code) END,
            'type', CASE WHEN pg_temp.dimension(f.rule_type) IS DISTINCT FROM f.rule_type THEN f.rule_type END,
            'severity', CASE WHEN pg_temp.severity(f.severity) <> f.severity THEN f.severity END,
            'parameters', nullif(f.rule_parameters, '{{}}'),
            'attribute_name', CASE WHEN f.attribute_name <> f.planned_name THEN f.attribute_name END))
            || coalesce(f.note, '{{}}') || f.further),
        left(f.llm_provider, 50), f.llm_rationale, f.llm_confidence_score, f.regulatory_reference,
        f.check_name IS NOT NULL AND coalesce(f.is_executable, true), coalesce(f.execution_order, 0),
        pg_temp.severity(f.severity),
        f.tester, CASE WHEN f.tester IS NOT NULL THEN coalesce(t.user_id, %(system)s) END,
        CASE WHEN f.tester IS NOT NULL THEN f.tester_at END, f.all_notes,
        f.final_owner, CASE WHEN f.final_owner IS NOT NULL THEN coalesce(o.user_id, %(system)s) END,
        CASE WHEN f.final_owner IS NOT NULL THEN f.owner_at END, f.report_owner_notes, f.final_status,
        coalesce(f.created_at, f.updated_at, now()), coalesce(creator.user_id, %(system)s),
        coalesce(f.updated_at, f.created_at, now()), coalesce(updater.user_id, creator.user_id, %(system)s)
    FROM final f
    LEFT JOIN users t ON t.user_id = f.tester_by
    LEFT JOIN users o ON o.user_id = f.owner_by
    LEFT JOIN users creator ON creator.user_id = f.created_by_id
    LEFT JOIN users updater ON updater.user_id = f.updated_by_id
    WHERE f.problem IS NULL
)
INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, target, target_id, reason, detail)
SELECT s.table_id, s.legacy_key, CASE WHEN s.problem IS NULL THEN 'migrated' ELSE 'rejected' END,
    CASE WHEN s.problem IS NULL THEN 'rule' END, CASE WHEN s.problem IS NULL THEN s.new_rule_id END, s.problem,
    CASE WHEN s.problem IS NOT NULL THEN {original} ELSE nullif(jsonb_strip_nulls(jsonb_build_object(
        'rule_name', CASE WHEN s.final_name IS DISTINCT FROM s.rule_name THEN s.rule_name END,
        'rule_type', CASE WHEN pg_temp.dimension(s.rule_type) IS DISTINCT FROM s.rule_type THEN s.rule_type END,
        'severity', CASE WHEN pg_temp.severity(s.severity) <> s.severity THEN s.severity END,
        'status', CASE WHEN lower(s.status) <> s.final_status THEN s.status END,
        'version_id', CASE WHEN s.slot IS NOT NULL THEN s.version_id END,
        'llm_provider', CASE WHEN length(s.llm_provider) > 50 THEN s.llm_provider END,
        'tester_decided_by', CASE WHEN NOT {known_tester} THEN s.tester_by END,
        'report_owner_decided_by', CASE WHEN NOT {known_owner} THEN s.owner_by END,
        'created_by_id', CASE WHEN NOT {known_creator} THEN s.created_by_id END,
        'updated_by_id', CASE WHEN NOT {known_updater} THEN s.updated_by_id END)), '{{}}') END
FROM final s
"""
_KNOWN = "EXISTS (SELECT 1 FROM users u WHERE u.user_id = s.{column})"


def migrate_rules(session: LegacySession) -> None:
    """Migrate the rows of all tables of rules, a piece at a time."""
    tables = session.of_kind(Kind.RULES, Kind.RULE_HISTORY)
    if not tables:
        return
    placed = sql.SQL(" UNION ALL ").join(_projected(session, table) for table in tables)
    with session.transaction():
        if all(session.finished_at(_step(table)) for table in tables):
            return
        ensure_reconstructed(session, sql.SQL(_SLOTS).format(placed=placed))
        session.execute("DROP TABLE IF EXISTS repeated_names")
        session.execute(sql.SQL(_REPEATED).format(placed=placed, name=sql.SQL(_NAME)))
        texts = sql.SQL("SELECT rule_code AS rule_text, attribute_id FROM ({}) placed").format(placed)
        translate_texts(session, texts)
    for table in tables:
        statement = _statement(session, table)
        in_pieces(session, _step(table), table, partial(_migrate, statement))


def _migrate(statement: sql.Composed, session: LegacySession, bounds: Mapping[str, Any]) -> int:
    return session.execute(statement, {**bounds, "system": session.system_user_id})


def _step(table: FoundTable) -> str:
    return f"rules of {table.name}"


def new_rule_id(table: FoundTable, key: sql.Composable) -> sql.Composed:
    """Return an expression for the id that a rule of a table has here, from its key as text."""
    if table.key_type == "uuid":
        return sql.SQL("{}::uuid").format(key)
    return sql.SQL("pg_temp.new_id('rule', {} || ':' || {})").format(sql.Literal(table.name), key)


def _placed(session: LegacySession, table: FoundTable, *, bounded: bool) -> sql.Composed:
    return sql.SQL(_PLACED).format(
        reading=reading(table, RULE_COLUMNS, session.zone, bounded=bounded, further=_ORIGIN),
        new_id=new_rule_id(table, sql.SQL("s.legacy_key")),
        table_id=sql.Literal(table.table_id),
        space=sql.Literal(table.phase_table),
    )


def _projected(session: LegacySession, table: FoundTable) -> sql.Composed:
    """Return what is needed of all rules at once, of whichever table."""
    names = (
        "table_id, legacy_key, placed_phase, placed_version, slot, attribute_id, rule_name, rule_type, rule_code, "
        "version_number, created_at"
    )
    return sql.SQL("SELECT {} FROM ({}) placed").format(sql.SQL(names), _placed(session, table, bounded=False))


def _statement(session: LegacySession, table: FoundTable) -> sql.Composed:
    has_one_approval = "tester_decision" not in table.columns
    return sql.SQL(_MIGRATE).format(
        placed=_placed(session, table, bounded=True),
        name=sql.SQL(
            _NAME.replace("rule_name", "s.rule_name")
            .replace("legacy_key", "s.legacy_key")
            .replace("rule_type", "s.rule_type")
        ),
        one_approval=sql.Literal(has_one_approval),
        table_name=sql.Literal(table.name),
        original=original(table),
        known_tester=_known("tester_by"),
        known_owner=_known("owner_by"),
        known_creator=_known("created_by_id"),
        known_updater=_known("updated_by_id"),
    )


def _known(column: str) -> sql.Composed:
    return sql.SQL(_KNOWN).format(column=sql.Identifier(column))
