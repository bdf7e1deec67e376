"""Create the account of the legacy migration: its tables, its steps, its ledger and the rule texts it read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "legacy_migration_tables",
        sa.Column("table_id", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("table_name", sa.String(63), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("row_count", sa.BigInteger, nullable=False),
        sa.Column("byte_count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("table_id", name="pk_legacy_migration_tables"),
        sa.UniqueConstraint("table_name", name="uq_legacy_migration_tables_table_name"),
    )
    op.create_table(
        "legacy_migration_steps",
        sa.Column("step", sa.String(150), nullable=False),
        sa.Column("row_count", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("last_key", sa.Text),
        sa.Column("detail", JSONB),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("step", name="pk_legacy_migration_steps"),
    )
    op.create_table(
        "legacy_migration_ledger",
        sa.Column("table_id", sa.SmallInteger, nullable=False),
        sa.Column("legacy_key", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("target", sa.String(9)),
        sa.Column("target_id", sa.Uuid),
        sa.Column("reason", sa.String(50)),
        sa.Column("detail", JSONB),
        sa.CheckConstraint(
            "outcome IN ('migrated', 'archived', 'rejected')", name=op.f("ck_legacy_migration_ledger_outcome")
        ),
        sa.CheckConstraint(
            "target IN ('version', 'rule', 'execution')", name=op.f("ck_legacy_migration_ledger_target")
        ),
        sa.CheckConstraint(
            "CASE outcome WHEN 'migrated' THEN target IS NOT NULL AND target_id IS NOT NULL "
            "ELSE target_id IS NULL AND reason IS NOT NULL END",
            name=op.f("ck_legacy_migration_ledger_accounted"),
        ),
        sa.PrimaryKeyConstraint("table_id", "legacy_key", name="pk_legacy_migration_ledger"),
    )
    op.create_table(
        "legacy_rule_texts",
        sa.Column("text_id", sa.Uuid, nullable=False),
        sa.Column("rule_text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("text_id", name="pk_legacy_rule_texts"),
    )


def downgrade() -> None:
    for table in ("legacy_rule_texts", "legacy_migration_ledger", "legacy_migration_steps", "legacy_migration_tables"):
        op.drop_table(table)
