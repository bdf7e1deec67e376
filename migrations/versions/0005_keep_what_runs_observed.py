"""Keep the figures that each run saw of its source, and how sensitive a version is to their change.

Like executions, observations are only added. What may be added to either later on is a person's mark on what was
unusual: each once, and nothing else changes with it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OBSERVATIONS = "cycle_report_data_profiling_observations"
VERSIONS = "cycle_report_data_profiling_rule_versions"
EXECUTIONS = "cycle_report_data_profiling_rule_executions"
AUDIT_LOGS = "audit_logs"
AUDITED_BEFORE = (
    "'cycle_report_data_profiling_rule_versions', 'cycle_report_data_profiling_rules', "
    "'cycle_report_data_profiling_rule_executions'"
)
AUDITED = f"{AUDITED_BEFORE}, '{OBSERVATIONS}'"
SENSITIVITIES = "'off', 'low', 'medium', 'high'"

# Called with the column that holds marks, and a regular expression of the names under which marks may come.
ALLOW_MARK = """
CREATE FUNCTION profiling_allow_mark() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD) -> TG_ARGV[0];
    after jsonb := to_jsonb(NEW) -> TG_ARGV[0];
BEGIN
    IF jsonb_typeof(before) = 'null' THEN
        before := '{}';
    END IF;
    IF to_jsonb(OLD) - TG_ARGV[0] = to_jsonb(NEW) - TG_ARGV[0]
        AND jsonb_typeof(after) = 'object' AND after <> before
        AND NOT EXISTS (SELECT FROM jsonb_object_keys(before) AS name WHERE NOT after ? name)
        AND NOT EXISTS (
            SELECT FROM jsonb_each(after) AS mark
            WHERE CASE WHEN before ? mark.key THEN mark.value <> before -> mark.key
                ELSE mark.key !~ TG_ARGV[1] OR jsonb_typeof(mark.value) <> 'object'
                    OR NOT mark.value ?& ARRAY['verdict', 'marked_by_id', 'marked_at', 'note'] END
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE on % is refused: its rows are history, which is only added to', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Only a mark can be added, once.';
END
$$
"""

REFUSE_TRUNCATE = """
CREATE OR REPLACE FUNCTION profiling_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    holds_history boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.%I WHERE table_name = ANY ($1))', TG_TABLE_SCHEMA, TG_TABLE_NAME)
        INTO holds_history USING ARRAY[{audited}];
    IF holds_history THEN
        RAISE EXCEPTION 'TRUNCATE on % is refused: it holds the history of rule versions and rules', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', HINT = 'Delete the other rows instead.';
    END IF;
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    op.add_column(VERSIONS, sa.Column("change_sensitivity", sa.String(50)))
    op.create_check_constraint(
        op.f("ck_data_profiling_rule_versions_change_sensitivity"),
        VERSIONS,
        f"change_sensitivity IN ({SENSITIVITIES})",
    )
    _create_observations()
    op.execute(ALLOW_MARK)
    _keep_history(OBSERVATIONS, "marks", ".")
    op.execute(f"DROP TRIGGER profiling_append_only ON {EXECUTIONS}")
    _keep_rows(EXECUTIONS, "anomaly_details", "^mark$")
    _audit(AUDITED)


def downgrade() -> None:
    _audit(AUDITED_BEFORE)
    op.execute(f"DROP TRIGGER profiling_marks_only ON {EXECUTIONS}")
    op.execute(f"DROP TRIGGER profiling_append_only ON {EXECUTIONS}")
    op.execute(
        f"CREATE TRIGGER profiling_append_only BEFORE UPDATE OR DELETE ON {EXECUTIONS} "
        "FOR EACH ROW EXECUTE FUNCTION profiling_refuse_change()"
    )
    op.drop_table(OBSERVATIONS)
    op.execute("DROP FUNCTION profiling_allow_mark()")
    op.drop_constraint(op.f("ck_data_profiling_rule_versions_change_sensitivity"), VERSIONS)
    op.drop_column(VERSIONS, "change_sensitivity")


def _create_observations() -> None:
    op.create_table(
        OBSERVATIONS,
        sa.Column("observation_id", sa.Uuid, server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("phase_id", sa.Integer, nullable=False),
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("planning_data_source_id", sa.Integer, nullable=False),
        sa.Column("source_name", sa.Text, nullable=False),
        sa.Column("background_job_id", sa.String(255), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("figures", JSONB, nullable=False),
        sa.Column("sensitivity", sa.String(50), nullable=False),
        sa.Column("earlier_runs", sa.Integer, nullable=False),
        sa.Column("changes", JSONB, nullable=False),
        sa.Column("unusual", ARRAY(sa.Text), nullable=False),
        sa.Column("marks", JSONB, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_by_id", sa.Integer, nullable=False),
        sa.CheckConstraint(
            f"sensitivity IN ({SENSITIVITIES})", name=op.f("ck_data_profiling_observations_sensitivity")
        ),
        sa.CheckConstraint("earlier_runs >= 0", name=op.f("ck_data_profiling_observations_earlier_runs")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.user_id"], name="fk_data_profiling_observations_created_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["phase_id"], ["workflow_phases.phase_id"], name="fk_data_profiling_observations_phase_id"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], [f"{VERSIONS}.version_id"], name="fk_data_profiling_observations_version_id"
        ),
        sa.PrimaryKeyConstraint("observation_id", name="pk_data_profiling_observations"),
        sa.UniqueConstraint(
            "background_job_id", "phase_id", name="uq_data_profiling_observations_background_job_id_phase_id"
        ),
    )
    op.create_index(
        "ix_data_profiling_observations_history",
        OBSERVATIONS,
        ["phase_id", "planning_data_source_id", sa.text("observed_at DESC")],
    )


def _keep_history(table: str, column: str, names: str) -> None:
    _keep_rows(table, column, names)
    op.execute(
        f"CREATE TRIGGER profiling_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION profiling_refuse_change()"
    )


def _keep_rows(table: str, column: str, names: str) -> None:
    op.execute(
        f"CREATE TRIGGER profiling_append_only BEFORE DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION profiling_refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER profiling_marks_only BEFORE UPDATE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION profiling_allow_mark('{column}', '{names}')"
    )


def _audit(audited: str) -> None:
    """Keep audit rows about these tables."""
    op.execute(REFUSE_TRUNCATE.replace("{audited}", audited))
    op.execute(f"DROP TRIGGER profiling_append_only ON {AUDIT_LOGS}")
    op.execute(
        f"CREATE TRIGGER profiling_append_only BEFORE UPDATE OR DELETE ON {AUDIT_LOGS} "
        f"FOR EACH ROW WHEN (OLD.table_name IN ({audited})) EXECUTE FUNCTION profiling_refuse_change()"
    )
