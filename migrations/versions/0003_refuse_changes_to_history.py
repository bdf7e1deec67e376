"""Refuse changes to executions and to audit rows about this project's tables.

Deleting is allowed in a transaction that says `SET LOCAL profiling.retention = 'on'`; changing never is.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EXECUTIONS = "cycle_report_data_profiling_rule_executions"
AUDIT_LOGS = "audit_logs"
AUDITED = (
    "'cycle_report_data_profiling_rule_versions', 'cycle_report_data_profiling_rules', "
    "'cycle_report_data_profiling_rule_executions'"
)

REFUSE_CHANGE = """
CREATE FUNCTION profiling_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('profiling.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% on % is refused: its rows are history, which is only added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Old rows are deleted by retention only.';
END
$$
"""

# The host may empty its own audit log, but not while it holds rows that are kept here.
REFUSE_TRUNCATE = f"""
CREATE FUNCTION profiling_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    holds_history boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.%I WHERE table_name = ANY ($1))', TG_TABLE_SCHEMA, TG_TABLE_NAME)
        INTO holds_history USING ARRAY[{AUDITED}];
    IF holds_history THEN
        RAISE EXCEPTION 'TRUNCATE on % is refused: it holds the history of rule versions and rules', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', HINT = 'Delete the other rows instead.';
    END IF;
    RETURN NULL;
END
$$
"""  # noqa: S608  the words are fixed


def upgrade() -> None:
    op.execute(REFUSE_CHANGE)
    op.execute(REFUSE_TRUNCATE)
    op.execute(
        f"CREATE TRIGGER profiling_append_only BEFORE UPDATE OR DELETE ON {EXECUTIONS} "
        "FOR EACH ROW EXECUTE FUNCTION profiling_refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER profiling_no_truncate BEFORE TRUNCATE ON {EXECUTIONS} "
        "FOR EACH STATEMENT EXECUTE FUNCTION profiling_refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER profiling_append_only BEFORE UPDATE OR DELETE ON {AUDIT_LOGS} "
        f"FOR EACH ROW WHEN (OLD.table_name IN ({AUDITED})) EXECUTE FUNCTION profiling_refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER profiling_no_truncate BEFORE TRUNCATE ON {AUDIT_LOGS} "
        "FOR EACH STATEMENT EXECUTE FUNCTION profiling_refuse_truncate()"
    )


def downgrade() -> None:
    for table in (AUDIT_LOGS, EXECUTIONS):
        op.execute(f"DROP TRIGGER profiling_no_truncate ON {table}")
        op.execute(f"DROP TRIGGER profiling_append_only ON {table}")
    op.execute("DROP FUNCTION profiling_refuse_truncate()")
    op.execute("DROP FUNCTION profiling_refuse_change()")
