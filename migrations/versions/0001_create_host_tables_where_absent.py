"""Create the host application's tables where the database has none.

A table that is there already is used as it is. One that is created here says so in its comment, and only such a table
is dropped again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

from profiling_pipeline.errors import DatabaseSchemaError

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CREATED_HERE = "Created by Profiling Pipeline because the database had no such table."

INDEXED = (
    ("cycle_report_planning_attributes", "phase_id"),
    ("cycle_report_planning_data_sources", "phase_id"),
    ("cycle_report_planning_pde_mappings", "attribute_id"),
)


def upgrade() -> None:
    inspector = sa.inspect(op.get_bind())
    existing = {*inspector.get_table_names(), *inspector.get_view_names()}
    tables = _tables()
    for table in tables.keys() & existing:
        _refuse_missing_columns(table, tables[table], {column["name"] for column in inspector.get_columns(table)})
    for table, items in tables.items():
        if table not in existing:
            op.create_table(table, *items, comment=CREATED_HERE)
    for table, column in INDEXED:
        if table not in existing:
            op.create_index(f"ix_{table.removeprefix('cycle_report_')}_{column}", table, [column])


def downgrade() -> None:
    inspector = sa.inspect(op.get_bind())
    existing = set(inspector.get_table_names())
    for table in reversed(_tables()):
        if table in existing and inspector.get_table_comment(table)["text"] == CREATED_HERE:
            op.drop_table(table)


def _refuse_missing_columns(table: str, items: list[SchemaItem], found: set[str]) -> None:
    needed = {item.name for item in items if isinstance(item, sa.Column)}
    if missing := sorted(needed - found):
        raise DatabaseSchemaError(
            f"The table {table} of the host application has no column {', '.join(missing)}. "
            "Add what is missing to it, or set PROFILING_DATABASE_SCHEMA to a schema without such a table."
        )


def _tables() -> dict[str, list[SchemaItem]]:
    """Return the items of each table, those that others refer to first."""
    return {
        "users": [
            sa.Column("user_id", sa.Integer, nullable=False),
            sa.Column("first_name", sa.String(100), nullable=False),
            sa.Column("last_name", sa.String(100), nullable=False),
            sa.Column("email", sa.String(255), nullable=False),
            sa.Column("role", sa.String(50), nullable=False),
            sa.Column("is_active", sa.Boolean, server_default=sa.text("true"), nullable=False),
            sa.Column("hashed_password", sa.String(255), nullable=False),
            sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.PrimaryKeyConstraint("user_id", name="pk_users"),
            sa.UniqueConstraint("email", name="uq_users_email"),
        ],
        "workflow_phases": [
            sa.Column("phase_id", sa.Integer, nullable=False),
            sa.Column("cycle_id", sa.Integer, nullable=False),
            sa.Column("report_id", sa.Integer, nullable=False),
            sa.Column("phase_name", sa.String(100), nullable=False),
            sa.Column("status", sa.String(50), nullable=False),
            sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.PrimaryKeyConstraint("phase_id", name="pk_workflow_phases"),
            sa.UniqueConstraint(
                "cycle_id", "report_id", "phase_name", name="uq_workflow_phases_cycle_id_report_id_phase_name"
            ),
        ],
        "workflow_activities": [
            sa.Column("activity_id", sa.Integer, nullable=False),
            sa.Column("cycle_id", sa.Integer, nullable=False),
            sa.Column("report_id", sa.Integer, nullable=False),
            sa.Column("phase_name", sa.String(100), nullable=False),
            sa.Column("activity_name", sa.String(255), nullable=False),
            sa.Column("status", sa.String(50), nullable=False),
            sa.Column("phase_id", sa.Integer),
            sa.ForeignKeyConstraint(["phase_id"], ["workflow_phases.phase_id"], name="fk_workflow_activities_phase_id"),
            sa.PrimaryKeyConstraint("activity_id", name="pk_workflow_activities"),
        ],
        "cycle_report_planning_attributes": [
            sa.Column("id", sa.Integer, nullable=False),
            sa.Column("phase_id", sa.Integer),
            sa.Column("attribute_name", sa.String(255), nullable=False),
            sa.Column("technical_line_item_name", sa.String(255)),
            sa.Column("line_item_number", sa.String(20)),
            sa.Column("mdrm", sa.String(50)),
            sa.Column("description", sa.Text),
            sa.Column("data_type", sa.String(50), nullable=False),
            sa.Column("validation_rules", sa.Text),
            sa.Column("is_mandatory", sa.String(50), server_default="Optional", nullable=False),
            sa.Column("is_primary_key", sa.Boolean),
            sa.Column("primary_key_order", sa.Integer),
            sa.Column("is_cde", sa.Boolean),
            sa.Column("information_security_classification", sa.String(50)),
            sa.Column("data_source_id", sa.Integer),
            sa.Column("source_table", sa.String(255)),
            sa.Column("source_column", sa.String(255)),
            sa.Column("is_active", sa.Boolean, server_default=sa.text("true"), nullable=False),
            sa.Column("is_latest_version", sa.Boolean, server_default=sa.text("true"), nullable=False),
            sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
            sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
            sa.ForeignKeyConstraint(["phase_id"], ["workflow_phases.phase_id"], name="fk_planning_attributes_phase_id"),
            sa.PrimaryKeyConstraint("id", name="pk_planning_attributes"),
        ],
        "cycle_report_planning_data_sources": [
            sa.Column("id", sa.Integer, nullable=False),
            sa.Column("phase_id", sa.Integer),
            sa.Column("name", sa.String(255), nullable=False),
            sa.Column("source_type", sa.String(50), nullable=False),
            sa.Column("connection_config", sa.JSON),
            sa.Column("auth_type", sa.String(50)),
            sa.Column("auth_config", sa.JSON),
            sa.Column("is_active", sa.Boolean, server_default=sa.text("true")),
            sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.ForeignKeyConstraint(
                ["phase_id"], ["workflow_phases.phase_id"], name="fk_planning_data_sources_phase_id"
            ),
            sa.PrimaryKeyConstraint("id", name="pk_planning_data_sources"),
        ],
        "cycle_report_planning_pde_mappings": [
            sa.Column("id", sa.Integer, nullable=False),
            sa.Column("attribute_id", sa.Integer, nullable=False),
            sa.Column("data_source_id", sa.Integer),
            sa.Column("pde_code", sa.String(100), nullable=False),
            sa.Column("source_field", sa.String(255)),
            sa.Column("pii_flag", sa.Boolean),
            sa.Column("information_security_classification", sa.String(50)),
            sa.Column("phase_id", sa.Integer),
            sa.ForeignKeyConstraint(
                ["attribute_id"], ["cycle_report_planning_attributes.id"], name="fk_planning_pde_mappings_attribute_id"
            ),
            sa.ForeignKeyConstraint(
                ["data_source_id"],
                ["cycle_report_planning_data_sources.id"],
                name="fk_planning_pde_mappings_data_source_id",
            ),
            sa.ForeignKeyConstraint(
                ["phase_id"], ["workflow_phases.phase_id"], name="fk_planning_pde_mappings_phase_id"
            ),
            sa.PrimaryKeyConstraint("id", name="pk_planning_pde_mappings"),
        ],
        "audit_logs": [
            sa.Column("audit_id", sa.Integer, nullable=False),
            sa.Column("user_id", sa.Integer),
            sa.Column("action", sa.String(100), nullable=False),
            sa.Column("table_name", sa.String(100)),
            sa.Column("record_id", sa.Integer),
            sa.Column("old_values", JSONB),
            sa.Column("new_values", JSONB),
            sa.Column("timestamp", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.Column("session_id", sa.String(255)),
            sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_audit_logs_user_id"),
            sa.PrimaryKeyConstraint("audit_id", name="pk_audit_logs"),
        ],
        "secure_data_access_logs": [
            sa.Column("access_id", sa.Uuid, server_default=sa.text("gen_random_uuid()"), nullable=False),
            sa.Column("user_id", sa.Integer, nullable=False),
            sa.Column("table_name", sa.String(255), nullable=False),
            sa.Column("column_name", sa.String(255), nullable=False),
            sa.Column("record_identifier", sa.String(255)),
            sa.Column("security_classification", sa.String(50), nullable=False),
            sa.Column("access_type", sa.String(50), nullable=False),
            sa.Column("access_reason", sa.Text),
            sa.Column("ip_address", sa.String(45)),
            sa.Column("user_agent", sa.String(500)),
            sa.Column("accessed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
            sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_secure_data_access_logs_user_id"),
            sa.PrimaryKeyConstraint("access_id", name="pk_secure_data_access_logs"),
        ],
    }
