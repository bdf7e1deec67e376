"""Create the tables of generations, dry runs and model answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from profiling_pipeline.errors import DatabaseSchemaError

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

GENERATIONS = "cycle_report_data_profiling_generations"
DRY_RUNS = "cycle_report_data_profiling_rule_dry_runs"
ANSWERS = "cycle_report_data_profiling_model_answers"


def upgrade() -> None:
    _refuse_tables_in_the_way()
    _create_generations()
    _create_dry_runs()
    _create_answers()


def downgrade() -> None:
    op.drop_table(ANSWERS)
    op.drop_table(DRY_RUNS)
    op.drop_table(GENERATIONS)


def _refuse_tables_in_the_way() -> None:
    inspector = sa.inspect(op.get_bind())
    existing = {*inspector.get_table_names(), *inspector.get_view_names()}
    if in_the_way := sorted(existing & {GENERATIONS, DRY_RUNS, ANSWERS}):
        raise DatabaseSchemaError(
            f"The database has {' and '.join(in_the_way)} from an earlier system, where this release needs tables of "
            "its own with the same names. Nothing was changed. Rename the earlier tables and upgrade again, or set "
            "PROFILING_DATABASE_SCHEMA to another schema."
        )


def _create_generations() -> None:
    op.create_table(
        GENERATIONS,
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("model", sa.Text),
        sa.Column("endpoint", sa.Text),
        sa.Column("prompt_version", sa.String(50)),
        sa.Column("temperature", sa.Numeric(5, 2)),
        sa.Column("input_tokens", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("output_tokens", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("cost", sa.Numeric(14, 6)),
        sa.Column("account", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_data_profiling_generations_cost")),
        sa.CheckConstraint("input_tokens >= 0", name=op.f("ck_data_profiling_generations_input_tokens")),
        sa.CheckConstraint("output_tokens >= 0", name=op.f("ck_data_profiling_generations_output_tokens")),
        sa.CheckConstraint("provider IN ('offline', 'llm')", name=op.f("ck_data_profiling_generations_provider")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["cycle_report_data_profiling_rule_versions.version_id"],
            name="fk_data_profiling_generations_version_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", name="pk_data_profiling_generations"),
    )


def _create_dry_runs() -> None:
    op.create_table(
        DRY_RUNS,
        sa.Column("rule_id", sa.Uuid, nullable=False),
        sa.Column("execution_status", sa.String(50), nullable=False),
        sa.Column("executed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("execution_time_ms", sa.Integer),
        sa.Column("total_records_tested", sa.BigInteger),
        sa.Column("passed_records", sa.BigInteger),
        sa.Column("failed_records", sa.BigInteger),
        sa.Column("pass_rate", sa.Numeric(5, 2)),
        sa.Column("result_summary", JSONB),
        sa.Column("anomaly_details", JSONB),
        sa.CheckConstraint(
            "execution_status IN ('passed', 'failed', 'skipped', 'error')",
            name=op.f("ck_data_profiling_rule_dry_runs_execution_status"),
        ),
        sa.CheckConstraint("failed_records >= 0", name=op.f("ck_data_profiling_rule_dry_runs_failed_records")),
        sa.CheckConstraint("pass_rate BETWEEN 0 AND 100", name=op.f("ck_data_profiling_rule_dry_runs_pass_rate")),
        sa.CheckConstraint("passed_records >= 0", name=op.f("ck_data_profiling_rule_dry_runs_passed_records")),
        sa.CheckConstraint(
            "total_records_tested >= 0", name=op.f("ck_data_profiling_rule_dry_runs_total_records_tested")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["cycle_report_data_profiling_rules.rule_id"],
            name="fk_data_profiling_rule_dry_runs_rule_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rule_id", name="pk_data_profiling_rule_dry_runs"),
    )


def _create_answers() -> None:
    op.create_table(
        ANSWERS,
        sa.Column("request_digest", sa.String(64), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("finish_reason", sa.Text),
        sa.Column("refusal", sa.Text),
        sa.Column("input_tokens", sa.BigInteger, nullable=False),
        sa.Column("output_tokens", sa.BigInteger, nullable=False),
        sa.Column("tokens_are_estimated", sa.Boolean, server_default="false", nullable=False),
        sa.Column("cost", sa.Numeric(14, 6)),
        sa.Column("run_id", sa.String(255)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_data_profiling_model_answers_cost")),
        sa.CheckConstraint("input_tokens >= 0", name=op.f("ck_data_profiling_model_answers_input_tokens")),
        sa.CheckConstraint("output_tokens >= 0", name=op.f("ck_data_profiling_model_answers_output_tokens")),
        sa.PrimaryKeyConstraint("request_digest", name="pk_data_profiling_model_answers"),
    )
    op.create_index("ix_data_profiling_model_answers_created_at", ANSWERS, ["created_at"])
