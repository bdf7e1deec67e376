"""The plan of versions: what is to be stored, put together from several tables before anything is.

Numbers are kept, and gaps with them. At most one version a phase is approved: the newest stays so, earlier ones become
superseded.
"""

from psycopg import sql

from profiling_pipeline.legacy_migration.found import FoundTable
from profiling_pipeline.legacy_migration.reading import Column, original, reading
from profiling_pipeline.legacy_migration.session import LegacySession

_PLAN = """
CREATE TEMP TABLE version_plan (
    table_id smallint, legacy_key text, problem text, original jsonb, version_id uuid, folds boolean DEFAULT false,
    phase_id integer, workflow_activity_id integer, version_number integer, version_status text, parent_version_id uuid,
    workflow_execution_id text, workflow_run_id text, data_source_type text, planning_data_source_id integer,
    submitted_by_id integer, submitted_at timestamptz, approved_by_id integer, approved_at timestamptz,
    rejection_reason text, created_at timestamptz, created_by_id integer, updated_at timestamptz, updated_by_id integer,
    detail jsonb DEFAULT '{}', jobs text[]
) ON COMMIT DROP
"""
_TRUST_NO_OTHER_STATUS = """
UPDATE version_plan SET version_status = 'draft', detail = detail || jsonb_build_object('version_status',
    version_status)
WHERE version_status IS NULL OR version_status NOT IN ('draft', 'pending_approval', 'approved', 'rejected',
    'superseded')
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


def begin_plan(session: LegacySession) -> None:
    """Make an empty plan, which lasts until the transaction ends."""
    session.execute(_PLAN)


def plan_table(session: LegacySession, table: FoundTable, statement: str, columns: dict[str, Column]) -> None:
    """Put the rows of a legacy table into the plan.

    Args:
        session: The migration, in a transaction.
        table: The legacy table.
        statement: An INSERT into `version_plan` that has places for `reading`, `original` and `table_name`.
        columns: The columns of the table that it reads.
    """
    composed = sql.SQL(statement).format(
        reading=reading(table, columns, session.zone),
        original=original(table),
        table_name=sql.Literal(table.definition.names[0]),
    )
    parameters = {"table_id": table.table_id, "space": table.phase_table, "system": session.system_user_id}
    session.execute(composed, parameters)


def settle_plan(session: LegacySession) -> None:
    """Settle what rows of the plan say of one another: statuses, numbers and parents."""
    for statement in (_TRUST_NO_OTHER_STATUS, _KEEP_ONE_APPROVED, _NUMBER, _KEEP_KNOWN_PARENTS):
        session.execute(statement)
