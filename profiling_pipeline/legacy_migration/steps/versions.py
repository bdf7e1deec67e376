"""Versions from legacy versions, and from jobs that have none.

Numbers are kept, and gaps with them. At most one version a phase is approved: the newest stays so, earlier ones become
superseded. Nobody approves what he submitted: where that is recorded, the approval stands and the submitter goes into
the ledger.
"""

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.found import FoundTable
from profiling_pipeline.legacy_migration.reading import (
    LOCAL,
    Column,
    integer,
    json,
    moment,
    number,
    original,
    reading,
    text,
)
from profiling_pipeline.legacy_migration.session import LegacySession

_UUID = Column("uuid")
VERSION_COLUMNS = {
    "version_id": _UUID,
    "phase_id": integer(),
    "workflow_activity_id": integer(),
    "version_number": integer(),
    "version_status": text(),
    "parent_version_id": _UUID,
    "workflow_execution_id": text(),
    "workflow_run_id": text(),
    "total_rules": integer(),
    "approved_rules": integer(),
    "rejected_rules": integer(),
    "data_source_type": text(),
    "planning_data_source_id": integer(),
    "submitted_by_id": integer(),
    "submitted_at": moment(),
    "approved_by_id": integer(),
    "approved_at": moment(),
    "rejection_reason": text(),
    "created_at": moment(zone=LOCAL),
    "updated_at": moment(zone=LOCAL),
    "created_by_id": integer(),
    "updated_by_id": integer(),
    "source_table_name": text(),
    "source_file_path": text(),
    "total_records_processed": integer(),
    "overall_quality_score": number(),
    "execution_job_id": text(),
    "generation_job_id": text(),
    "generation_status": text(),
}
_JOB_COLUMNS = {
    "job_id": text(),
    "cycle_id": integer(),
    "report_id": integer(),
    "configuration_id": text(),
    "status": text(),
    "source_type": text(),
    "source_config": json(),
    "ended_at": moment("completed_at", "end_time"),
    "created_at": moment(zone=LOCAL),
    "updated_at": moment(zone=LOCAL),
    "created_by_id": integer("created_by_id", "created_by"),
    "updated_by_id": integer("updated_by_id", "updated_by"),
}
_CONFIGURATION_COLUMNS = {
    "phase_id": integer(),
    "cycle_id": integer(),
    "report_id": integer(),
    "source_type": text(),
    "data_source_id": integer(),
}

_PLAN = """
CREATE TEMP TABLE version_plan (
    table_id smallint, legacy_key text, problem text, original jsonb, version_id uuid, folds boolean DEFAULT false,
    phase_id integer, workflow_activity_id integer, version_number integer, version_status text, parent_version_id uuid,
    workflow_execution_id text, workflow_run_id text, data_source_type text, planning_data_source_id integer,
    submitted_by_id integer, submitted_at timestamptz, approved_by_id integer, approved_at timestamptz,
    rejection_reason text, created_at timestamptz, created_by_id integer, updated_at timestamptz, updated_by_id integer,
    detail jsonb DEFAULT '{{}}', jobs text[]
) ON COMMIT DROP
"""
_PLAN_VERSIONS = """
INSERT INTO version_plan (table_id, legacy_key, problem, original, version_id, phase_id, workflow_activity_id,
    version_number, version_status, parent_version_id, workflow_execution_id, workflow_run_id, data_source_type,
    planning_data_source_id, submitted_by_id, submitted_at, approved_by_id, approved_at, rejection_reason,
    created_at, created_by_id, updated_at, updated_by_id, jobs, detail)
SELECT %(table_id)s, s.legacy_key, CASE WHEN p.phase_id IS NULL THEN 'phase_missing' END,
    CASE WHEN p.phase_id IS NULL THEN {original} END, s.version_id, p.phase_id, a.activity_id, s.version_number,
    s.version_status, s.parent_version_id, s.workflow_execution_id,
    coalesce(s.workflow_run_id, s.execution_job_id, s.generation_job_id),
    CASE WHEN s.data_source_type IN ('file_upload', 'database_source') THEN s.data_source_type END,
    s.planning_data_source_id,
    CASE WHEN s.submitted_by_id IS DISTINCT FROM s.approved_by_id THEN submitter.user_id END, s.submitted_at,
    approver.user_id, s.approved_at, s.rejection_reason,
    coalesce(s.created_at, s.updated_at, now()), coalesce(creator.user_id, %(system)s),
    coalesce(s.updated_at, s.created_at, now()), coalesce(updater.user_id, %(system)s),
    ARRAY[s.execution_job_id, s.generation_job_id],
    jsonb_strip_nulls(jsonb_build_object(
        'workflow_activity_id', CASE WHEN a.activity_id IS NULL THEN s.workflow_activity_id END,
        'data_source_type',
            CASE WHEN s.data_source_type NOT IN ('file_upload', 'database_source') THEN s.data_source_type END,
        'submitted_by_id', CASE WHEN submitter.user_id IS NULL OR s.submitted_by_id = s.approved_by_id
            THEN s.submitted_by_id END,
        'approved_by_id', CASE WHEN approver.user_id IS NULL THEN s.approved_by_id END,
        'created_by_id', CASE WHEN creator.user_id IS NULL THEN s.created_by_id END,
        'updated_by_id', CASE WHEN updater.user_id IS NULL THEN s.updated_by_id END,
        'source_table_name', s.source_table_name, 'source_file_path', s.source_file_path,
        'total_records_processed', s.total_records_processed, 'overall_quality_score', s.overall_quality_score,
        'execution_job_id', s.execution_job_id, 'generation_job_id', s.generation_job_id,
        'generation_status', s.generation_status, 'total_rules', s.total_rules, 'approved_rules', s.approved_rules,
        'rejected_rules', s.rejected_rules))
FROM {reading} s
LEFT JOIN legacy_phases p ON p.space = %(space)s AND p.legacy_id = s.phase_id
LEFT JOIN workflow_activities a ON a.activity_id = s.workflow_activity_id
LEFT JOIN users submitter ON submitter.user_id = s.submitted_by_id
LEFT JOIN users approver ON approver.user_id = s.approved_by_id
LEFT JOIN users creator ON creator.user_id = s.created_by_id
LEFT JOIN users updater ON updater.user_id = s.updated_by_id
"""
_CONFIGURATIONS = """
CREATE TEMP TABLE legacy_configurations (
    legacy_key text, phase_id bigint, cycle_id bigint, report_id bigint, source_type text, data_source_id bigint
) ON COMMIT DROP
"""
# A job that a version names gives that version nothing new; its own figures are in the ledger.
_PLAN_JOBS = """
INSERT INTO version_plan (table_id, legacy_key, problem, original, version_id, folds, phase_id, version_status,
    workflow_execution_id, workflow_run_id, data_source_type, planning_data_source_id, approved_at,
    created_at, created_by_id, updated_at, updated_by_id, detail)
SELECT DISTINCT ON (s.legacy_key) %(table_id)s, s.legacy_key,
    CASE WHEN v.version_id IS NULL AND p.phase_id IS NULL THEN 'phase_missing' END, {original},
    coalesce(v.version_id, pg_temp.new_id({table_name}, s.legacy_key)), v.version_id IS NOT NULL, p.phase_id,
    CASE WHEN lower(s.status) = 'completed' THEN 'approved' ELSE 'draft' END,
    {table_name}, left(s.job_id, 255),
    CASE WHEN coalesce(s.source_type, c.source_type) ~* 'file|csv|upload' THEN 'file_upload'
        WHEN coalesce(s.source_type, c.source_type) ~* 'database|sql|oracle|snowflake|table' THEN 'database_source' END,
    d.id, CASE WHEN lower(s.status) = 'completed' THEN coalesce(s.ended_at, s.updated_at, s.created_at) END,
    coalesce(s.created_at, s.updated_at, now()), coalesce(creator.user_id, %(system)s),
    coalesce(s.updated_at, s.created_at, now()), coalesce(updater.user_id, %(system)s), '{{}}'
FROM {reading} s
LEFT JOIN legacy_configurations c ON c.legacy_key = s.configuration_id
LEFT JOIN legacy_phases own ON own.space = 'workflow_phases' AND own.legacy_id = c.phase_id
LEFT JOIN report_phases r ON r.cycle_id = coalesce(s.cycle_id, c.cycle_id)
    AND r.report_id = coalesce(s.report_id, c.report_id)
CROSS JOIN LATERAL (SELECT coalesce(own.phase_id, r.phase_id) AS phase_id) p
LEFT JOIN cycle_report_planning_data_sources d
    ON d.id::text = coalesce(c.data_source_id::text, s.source_config ->> 'data_source_id')
LEFT JOIN version_plan v ON v.problem IS NULL AND NOT v.folds AND s.job_id = ANY (v.jobs)
LEFT JOIN users creator ON creator.user_id = s.created_by_id
LEFT JOIN users updater ON updater.user_id = s.updated_by_id
ORDER BY s.legacy_key, v.created_at DESC
"""
_KEEP_ONE_APPROVED = """
UPDATE version_plan v SET version_status = 'superseded',
    detail = v.detail || jsonb_build_object('version_status', 'approved')
FROM (
    SELECT table_id, legacy_key, row_number() OVER (
        PARTITION BY phase_id ORDER BY coalesce(approved_at, updated_at) DESC, version_number DESC NULLS LAST,
            legacy_key DESC
    ) AS place
    FROM version_plan WHERE version_status = 'approved' AND problem IS NULL AND NOT folds
) ranked
WHERE v.table_id = ranked.table_id AND v.legacy_key = ranked.legacy_key AND ranked.place > 1
"""
_TRUST_NO_OTHER_STATUS = """
UPDATE version_plan SET version_status = 'draft', detail = detail || jsonb_build_object('version_status',
    version_status)
WHERE version_status IS NULL OR version_status NOT IN ('draft', 'pending_approval', 'approved', 'rejected',
    'superseded')
"""
_NUMBER = """
WITH ranked AS (
    SELECT table_id, legacy_key, version_number,
        row_number() OVER (PARTITION BY phase_id, version_number ORDER BY created_at, legacy_key) AS place,
        max(version_number) OVER (PARTITION BY phase_id) AS highest
    FROM version_plan WHERE problem IS NULL AND NOT folds
), numbered AS (
    SELECT r.table_id, r.legacy_key, r.version_number,
        coalesce(r.highest, 0) + row_number() OVER (PARTITION BY v.phase_id
            ORDER BY v.created_at, r.legacy_key) AS fresh
    FROM ranked r JOIN version_plan v USING (table_id, legacy_key)
    WHERE r.place > 1 OR r.version_number IS NULL
)
UPDATE version_plan v SET version_number = n.fresh,
    detail = v.detail || jsonb_strip_nulls(jsonb_build_object('version_number', n.version_number))
FROM numbered n WHERE v.table_id = n.table_id AND v.legacy_key = n.legacy_key
"""
_KEEP_KNOWN_PARENTS = """
UPDATE version_plan v SET parent_version_id = NULL,
    detail = v.detail || jsonb_build_object('parent_version_id', v.parent_version_id)
WHERE v.parent_version_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM version_plan p WHERE p.version_id = v.parent_version_id AND p.problem IS NULL)
"""
_STORE = """
INSERT INTO cycle_report_data_profiling_rule_versions (version_id, phase_id, workflow_activity_id, version_number,
    version_status, parent_version_id, workflow_execution_id, workflow_run_id, data_source_type,
    planning_data_source_id, submitted_by_id, submitted_at, approved_by_id, approved_at, rejection_reason,
    created_at, created_by_id, updated_at, updated_by_id)
SELECT version_id, phase_id, workflow_activity_id, version_number, version_status, parent_version_id,
    workflow_execution_id, workflow_run_id, data_source_type, planning_data_source_id, submitted_by_id, submitted_at,
    approved_by_id, approved_at, rejection_reason, created_at, created_by_id, updated_at, updated_by_id
FROM version_plan WHERE problem IS NULL AND NOT folds
"""
_ACCOUNT = """
INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, target, target_id, reason, detail)
SELECT table_id, legacy_key, CASE WHEN problem IS NULL THEN 'migrated' ELSE 'rejected' END,
    CASE WHEN problem IS NULL THEN 'version' END, CASE WHEN problem IS NULL THEN version_id END, problem,
    nullif(coalesce(jsonb_strip_nulls(original), '{{}}') || detail, '{{}}')
FROM version_plan
"""
# A configuration is the source of its jobs' versions; one that never ran has none.
_ACCOUNT_CONFIGURATIONS = """
INSERT INTO legacy_migration_ledger (table_id, legacy_key, outcome, target, target_id, reason, detail)
SELECT %(table_id)s, s.legacy_key,
    CASE WHEN job.version_id IS NOT NULL THEN 'migrated' WHEN job.found THEN 'rejected' ELSE 'archived' END,
    CASE WHEN job.version_id IS NOT NULL THEN 'version' END, job.version_id,
    CASE WHEN job.version_id IS NOT NULL THEN NULL WHEN job.found THEN 'job_not_migrated' ELSE 'never_run' END,
    {original}
FROM {reading} s
LEFT JOIN LATERAL (
    SELECT true AS found, CASE WHEN v.problem IS NULL THEN v.version_id END AS version_id
    FROM version_plan v
    WHERE v.table_id = ANY (%(jobs)s) AND v.original ->> 'configuration_id' = s.legacy_key
    ORDER BY v.problem NULLS FIRST, v.created_at DESC LIMIT 1
) job ON true
"""
RECONSTRUCTED = "legacy_migration:reconstructed"
_RECONSTRUCT = """
WITH wanted AS (
    SELECT phase_id, min(slot) AS slot, min(created_at) AS created_at, version_id, min(version_number) AS version_number
    FROM ({wanted}) slots WHERE phase_id IS NOT NULL GROUP BY phase_id, version_id
), taken AS (
    SELECT phase_id, max(version_number) AS highest, array_agg(version_number) AS numbers
    FROM cycle_report_data_profiling_rule_versions GROUP BY phase_id
), missing AS (
    SELECT w.*, coalesce(t.highest, 0) AS highest,
        w.version_number IS NOT NULL AND NOT w.version_number = ANY (coalesce(t.numbers, '{{}}')) AS is_free,
        row_number() OVER (PARTITION BY w.phase_id, w.version_number ORDER BY w.slot) AS place
    FROM wanted w LEFT JOIN taken t USING (phase_id)
    WHERE NOT EXISTS (SELECT 1 FROM cycle_report_data_profiling_rule_versions v WHERE v.version_id = w.version_id)
), kept AS (
    SELECT *, max(CASE WHEN is_free AND place = 1 THEN version_number END) OVER (PARTITION BY phase_id) AS highest_kept
    FROM missing
)
INSERT INTO cycle_report_data_profiling_rule_versions (version_id, phase_id, version_number, version_status,
    workflow_execution_id, created_at, created_by_id, updated_at, updated_by_id)
SELECT version_id, phase_id,
    CASE WHEN is_free AND place = 1 THEN version_number
        ELSE greatest(highest, highest_kept) + row_number() OVER (
            PARTITION BY phase_id, is_free AND place = 1 ORDER BY slot) END,
    CASE slot WHEN 'draft' THEN 'draft' ELSE 'superseded' END, %(mark)s,
    coalesce(created_at, now()), %(system)s, coalesce(created_at, now()), %(system)s
FROM kept
"""


def migrate_versions(session: LegacySession) -> None:
    """Migrate versions, jobs and configurations, in one transaction."""
    with session.step("versions") as step:
        if step is None:
            return
        session.execute(sql.SQL(_PLAN).format())
        session.execute(_CONFIGURATIONS)
        for table in session.of_kind(Kind.CONFIGURATIONS):
            _read_configurations(session, table)
        for table in session.of_kind(Kind.VERSIONS):
            _plan(session, table, _PLAN_VERSIONS, VERSION_COLUMNS)
        jobs = session.of_kind(Kind.JOBS, Kind.VOLUME_JOBS)
        for table in jobs:
            _plan(session, table, _PLAN_JOBS, _JOB_COLUMNS)
        for statement in (_TRUST_NO_OTHER_STATUS, _KEEP_ONE_APPROVED, _NUMBER, _KEEP_KNOWN_PARENTS, _STORE):
            session.execute(statement)
        step.rows = session.execute(sql.SQL(_ACCOUNT).format())
        for table in session.of_kind(Kind.CONFIGURATIONS):
            step.rows += _account_for_configurations(session, table, [job.table_id for job in jobs])


def ensure_reconstructed(session: LegacySession, wanted: sql.Composable) -> None:
    """Add the reconstructed versions that rules without a version go into, unless they are there.

    Args:
        session: The migration, in a transaction.
        wanted: A query of `phase_id, slot, version_id, version_number, created_at`; slot `draft` makes a draft, any
            other
            a superseded version that keeps its number where it is free.
    """
    session.execute(
        sql.SQL(_RECONSTRUCT).format(wanted=wanted), {"mark": RECONSTRUCTED, "system": session.system_user_id}
    )


def _plan(session: LegacySession, table: FoundTable, statement: str, columns: dict[str, Column]) -> None:
    composed = sql.SQL(statement).format(
        reading=reading(table, columns, session.zone),
        original=original(table),
        table_name=sql.Literal(table.definition.names[0]),
    )
    parameters = {"table_id": table.table_id, "space": table.phase_table, "system": session.system_user_id}
    session.execute(composed, parameters)


def _read_configurations(session: LegacySession, table: FoundTable) -> None:
    columns = reading(table, _CONFIGURATION_COLUMNS, session.zone)
    names = sql.SQL(", ").join(sql.Identifier(name) for name in ("legacy_key", *_CONFIGURATION_COLUMNS))
    session.execute(
        sql.SQL("INSERT INTO legacy_configurations ({names}) SELECT {names} FROM {reading} s").format(
            names=names, reading=columns
        )
    )


def _account_for_configurations(session: LegacySession, table: FoundTable, jobs: list[int]) -> int:
    composed = sql.SQL(_ACCOUNT_CONFIGURATIONS).format(
        reading=reading(table, {}, session.zone), original=original(table)
    )
    return session.execute(composed, {"table_id": table.table_id, "jobs": jobs})
