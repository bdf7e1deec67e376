"""Create the tables of rule versions, rules and executions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from profiling_pipeline.errors import DatabaseSchemaError

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

VERSIONS = "cycle_report_data_profiling_rule_versions"
RULES = "cycle_report_data_profiling_rules"
EXECUTIONS = "cycle_report_data_profiling_rule_executions"


def upgrade() -> None:
    _refuse_tables_in_the_way()
    _create_rule_versions()
    _create_rules()
    _create_executions()


def downgrade() -> None:
    op.drop_table(EXECUTIONS)
    op.drop_table(RULES)
    op.drop_table(VERSIONS)


def _refuse_tables_in_the_way() -> None:
    inspector = sa.inspect(op.get_bind())
    existing = {*inspector.get_table_names(), *inspector.get_view_names()}
    if in_the_way := sorted(existing & {VERSIONS, RULES, EXECUTIONS}):
        raise DatabaseSchemaError(
            f"The database has {' and '.join(in_the_way)} from an earlier system, where this release needs tables of "
            "its own with the same names. Nothing was changed. `profiling legacy inventory` shows what is there and "
            "`profiling legacy migrate` moves it over; or set PROFILING_DATABASE_SCHEMA to another schema."
        )


def _create_rule_versions() -> None:
    op.create_table(
        VERSIONS,
        sa.Column("version_id", sa.Uuid, server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("phase_id", sa.Integer, nullable=False),
        sa.Column("workflow_activity_id", sa.Integer),
        sa.Column("version_number", sa.Integer, nullable=False),
        sa.Column("version_status", sa.String(50), server_default="draft", nullable=False),
        sa.Column("parent_version_id", sa.Uuid),
        sa.Column("workflow_execution_id", sa.String(255)),
        sa.Column("workflow_run_id", sa.String(255)),
        sa.Column("total_rules", sa.Integer, server_default="0", nullable=False),
        sa.Column("approved_rules", sa.Integer, server_default="0", nullable=False),
        sa.Column("rejected_rules", sa.Integer, server_default="0", nullable=False),
        sa.Column("data_source_type", sa.String(50)),
        sa.Column("planning_data_source_id", sa.Integer),
        sa.Column("submitted_by_id", sa.Integer),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.Column("approved_by_id", sa.Integer),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("rejection_reason", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by_id", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "data_source_type IN ('file_upload', 'database_source')",
            name=op.f("ck_data_profiling_rule_versions_data_source_type"),
        ),
        sa.CheckConstraint(
            "version_status IN ('draft', 'pending_approval', 'approved', 'rejected', 'superseded')",
            name=op.f("ck_data_profiling_rule_versions_version_status"),
        ),
        sa.CheckConstraint(
            "approved_by_id <> submitted_by_id", name=op.f("ck_data_profiling_rule_versions_two_people")
        ),
        sa.CheckConstraint("approved_rules >= 0", name=op.f("ck_data_profiling_rule_versions_approved_rules")),
        sa.CheckConstraint("rejected_rules >= 0", name=op.f("ck_data_profiling_rule_versions_rejected_rules")),
        sa.CheckConstraint("total_rules >= 0", name=op.f("ck_data_profiling_rule_versions_total_rules")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.user_id"], name="fk_data_profiling_rule_versions_approved_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.user_id"], name="fk_data_profiling_rule_versions_created_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["parent_version_id"],
            ["cycle_report_data_profiling_rule_versions.version_id"],
            name="fk_data_profiling_rule_versions_parent_version_id",
        ),
        sa.ForeignKeyConstraint(
            ["phase_id"], ["workflow_phases.phase_id"], name="fk_data_profiling_rule_versions_phase_id"
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["users.user_id"], name="fk_data_profiling_rule_versions_submitted_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["users.user_id"], name="fk_data_profiling_rule_versions_updated_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["workflow_activity_id"],
            ["workflow_activities.activity_id"],
            name="fk_data_profiling_rule_versions_workflow_activity_id",
        ),
        sa.PrimaryKeyConstraint("version_id", name="pk_data_profiling_rule_versions"),
        sa.UniqueConstraint(
            "phase_id", "version_number", name="uq_data_profiling_rule_versions_phase_id_version_number"
        ),
    )
    op.create_index("ix_data_profiling_rule_versions_parent_version_id", VERSIONS, ["parent_version_id"])
    op.create_index("ix_data_profiling_rule_versions_phase_id", VERSIONS, ["phase_id"])
    op.create_index("ix_data_profiling_rule_versions_version_status", VERSIONS, ["version_status"])
    op.create_index(
        "uq_data_profiling_rule_versions_approved",
        VERSIONS,
        ["phase_id"],
        unique=True,
        postgresql_where=sa.text("version_status = 'approved'"),
    )


def _create_rules() -> None:
    op.create_table(
        RULES,
        sa.Column("rule_id", sa.Uuid, server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("phase_id", sa.Integer, nullable=False),
        sa.Column("attribute_id", sa.Integer, nullable=False),
        sa.Column("rule_name", sa.String(255), nullable=False),
        sa.Column("rule_type", sa.String(50), nullable=False),
        sa.Column("rule_description", sa.Text),
        sa.Column("rule_code", sa.Text, nullable=False),
        sa.Column("rule_parameters", JSONB),
        sa.Column("llm_provider", sa.String(50)),
        sa.Column("llm_rationale", sa.Text),
        sa.Column("llm_confidence_score", sa.Numeric(5, 2)),
        sa.Column("regulatory_reference", sa.Text),
        sa.Column("is_executable", sa.Boolean, server_default=sa.text("true"), nullable=False),
        sa.Column("execution_order", sa.Integer, server_default="0", nullable=False),
        sa.Column("severity", sa.String(50), server_default="medium", nullable=False),
        sa.Column("tester_decision", sa.String(50)),
        sa.Column("tester_decided_by", sa.Integer),
        sa.Column("tester_decided_at", sa.DateTime(timezone=True)),
        sa.Column("tester_notes", sa.Text),
        sa.Column("report_owner_decision", sa.String(50)),
        sa.Column("report_owner_decided_by", sa.Integer),
        sa.Column("report_owner_decided_at", sa.DateTime(timezone=True)),
        sa.Column("report_owner_notes", sa.Text),
        sa.Column("status", sa.String(50), server_default="pending", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by_id", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "report_owner_decision IN ('approve', 'reject', 'request_changes')",
            name=op.f("ck_data_profiling_rules_report_owner_decision"),
        ),
        sa.CheckConstraint(
            "rule_type IN ('completeness', 'validity', 'accuracy', 'consistency', 'uniqueness')",
            name=op.f("ck_data_profiling_rules_rule_type"),
        ),
        sa.CheckConstraint("severity IN ('low', 'medium', 'high')", name=op.f("ck_data_profiling_rules_severity")),
        sa.CheckConstraint(
            "status IN ('pending', 'submitted', 'approved', 'rejected')", name=op.f("ck_data_profiling_rules_status")
        ),
        sa.CheckConstraint(
            "tester_decision IN ('approve', 'reject', 'request_changes')",
            name=op.f("ck_data_profiling_rules_tester_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["attribute_id"], ["cycle_report_planning_attributes.id"], name="fk_data_profiling_rules_attribute_id"
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.user_id"], name="fk_data_profiling_rules_created_by_id"),
        sa.ForeignKeyConstraint(["phase_id"], ["workflow_phases.phase_id"], name="fk_data_profiling_rules_phase_id"),
        sa.ForeignKeyConstraint(
            ["report_owner_decided_by"], ["users.user_id"], name="fk_data_profiling_rules_report_owner_decided_by"
        ),
        sa.ForeignKeyConstraint(
            ["tester_decided_by"], ["users.user_id"], name="fk_data_profiling_rules_tester_decided_by"
        ),
        sa.ForeignKeyConstraint(["updated_by_id"], ["users.user_id"], name="fk_data_profiling_rules_updated_by_id"),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["cycle_report_data_profiling_rule_versions.version_id"],
            name="fk_data_profiling_rules_version_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rule_id", name="pk_data_profiling_rules"),
        sa.UniqueConstraint(
            "version_id", "attribute_id", "rule_name", name="uq_data_profiling_rules_version_id_attribute_id_rule_name"
        ),
    )
    op.create_index("ix_data_profiling_rules_attribute_id", RULES, ["attribute_id"])
    op.create_index("ix_data_profiling_rules_phase_id", RULES, ["phase_id"])
    op.create_index("ix_data_profiling_rules_status", RULES, ["status"])
    op.create_index("ix_data_profiling_rules_version_id", RULES, ["version_id"])


def _create_executions() -> None:
    op.create_table(
        EXECUTIONS,
        sa.Column("execution_id", sa.Uuid, server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("rule_id", sa.Uuid, nullable=False),
        sa.Column("background_job_id", sa.String(255)),
        sa.Column("execution_status", sa.String(50), nullable=False),
        sa.Column("executed_at", sa.DateTime(timezone=True)),
        sa.Column("execution_time_ms", sa.Integer),
        sa.Column("total_records_tested", sa.BigInteger),
        sa.Column("passed_records", sa.BigInteger),
        sa.Column("failed_records", sa.BigInteger),
        sa.Column("pass_rate", sa.Numeric(5, 2)),
        sa.Column("quality_scores", JSONB),
        sa.Column("result_summary", JSONB),
        sa.Column("anomaly_details", JSONB),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "execution_status IN ('passed', 'failed', 'skipped', 'error')",
            name=op.f("ck_data_profiling_rule_executions_execution_status"),
        ),
        sa.CheckConstraint("execution_time_ms >= 0", name=op.f("ck_data_profiling_rule_executions_execution_time_ms")),
        sa.CheckConstraint("failed_records >= 0", name=op.f("ck_data_profiling_rule_executions_failed_records")),
        sa.CheckConstraint("pass_rate BETWEEN 0 AND 100", name=op.f("ck_data_profiling_rule_executions_pass_rate")),
        sa.CheckConstraint("passed_records >= 0", name=op.f("ck_data_profiling_rule_executions_passed_records")),
        sa.CheckConstraint(
            "total_records_tested >= 0", name=op.f("ck_data_profiling_rule_executions_total_records_tested")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.user_id"], name="fk_data_profiling_rule_executions_created_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["cycle_report_data_profiling_rules.rule_id"], name="fk_data_profiling_rule_executions_rule_id"
        ),
        sa.PrimaryKeyConstraint("execution_id", name="pk_data_profiling_rule_executions"),
        sa.UniqueConstraint(
            "background_job_id", "rule_id", name="uq_data_profiling_rule_executions_background_job_id_rule_id"
        ),
    )
    op.create_index("ix_data_profiling_rule_executions_history", EXECUTIONS, ["rule_id", sa.text("executed_at DESC")])
