"""Versions from legacy versions, and from jobs that have none.

Nobody approves what he submitted: where that is recorded, the approval stands and the submitter goes into the ledger.
"""

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.reading import LOCAL, Column, integer, moment, number, text
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.jobs import account_for_configurations, plan_jobs
from profiling_pipeline.legacy_migration.steps.version_plan import begin_plan, plan_table, settle_plan

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
    nullif(coalesce(jsonb_strip_nulls(original), '{}') || detail, '{}')
FROM version_plan
"""


def migrate_versions(session: LegacySession) -> None:
    """Migrate versions, jobs and configurations, in one transaction."""
    with session.step("versions") as step:
        if step is None:
            return
        begin_plan(session)
        for table in session.of_kind(Kind.VERSIONS):
            plan_table(session, table, _PLAN_VERSIONS, VERSION_COLUMNS)
        plan_jobs(session)
        settle_plan(session)
        session.execute(_STORE)
        step.rows = session.execute(_ACCOUNT) + account_for_configurations(session)
