"""Versions from jobs that have none, and from the configurations that say what the jobs read."""

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.found import FoundTable
from profiling_pipeline.legacy_migration.reading import LOCAL, integer, json, moment, original, reading, text
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.version_plan import plan_table

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


def plan_jobs(session: LegacySession) -> None:
    """Put jobs into the plan of versions, after the versions that name some of them."""
    session.execute(_CONFIGURATIONS)
    for table in session.of_kind(Kind.CONFIGURATIONS):
        _read_configurations(session, table)
    for table in session.of_kind(Kind.JOBS, Kind.VOLUME_JOBS):
        plan_table(session, table, _PLAN_JOBS, _JOB_COLUMNS)


def account_for_configurations(session: LegacySession) -> int:
    """Write into the ledger what became of configurations; return how many there are."""
    jobs = [table.table_id for table in session.of_kind(Kind.JOBS, Kind.VOLUME_JOBS)]
    return sum(_account(session, table, jobs) for table in session.of_kind(Kind.CONFIGURATIONS))


def _read_configurations(session: LegacySession, table: FoundTable) -> None:
    columns = reading(table, _CONFIGURATION_COLUMNS, session.zone)
    names = sql.SQL(", ").join(sql.Identifier(name) for name in ("legacy_key", *_CONFIGURATION_COLUMNS))
    session.execute(
        sql.SQL("INSERT INTO legacy_configurations ({names}) SELECT {names} FROM {reading} s").format(
            names=names, reading=columns
        )
    )


def _account(session: LegacySession, table: FoundTable, jobs: list[int]) -> int:
    composed = sql.SQL(_ACCOUNT_CONFIGURATIONS).format(
        reading=reading(table, {}, session.zone), original=original(table)
    )
    return session.execute(composed, {"table_id": table.table_id, "jobs": jobs})
