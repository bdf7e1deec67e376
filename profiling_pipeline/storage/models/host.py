"""Tables that the surrounding application owns: the columns of them that this project reads or writes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from profiling_pipeline.storage.models.base import Base, uuid_key
from profiling_pipeline.storage.models.host_types import HostJson, HostText

# The comment on a host table that this project created because there was none; only such a table may be dropped.
CREATED_HERE = "Created by Profiling Pipeline because the database had no such table."


class HostRow(Base):
    """Parent of the host's rows."""

    __abstract__ = True
    __table_args__: Any = {"comment": CREATED_HERE}  # noqa: RUF012  SQLAlchemy's own spelling, never changed


class UserRow(HostRow):
    """A person who signs in."""

    __tablename__ = "users"

    user_id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str] = mapped_column(String(255), unique=True)
    role: Mapped[str] = mapped_column(HostText(50))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    hashed_password: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


class PhaseRow(HostRow):
    """One phase of one report in one test cycle."""

    __tablename__ = "workflow_phases"
    __table_args__ = (UniqueConstraint("cycle_id", "report_id", "phase_name"), {"comment": CREATED_HERE})

    phase_id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int]
    report_id: Mapped[int]
    phase_name: Mapped[str] = mapped_column(HostText(100))
    status: Mapped[str] = mapped_column(HostText(50), default="Not Started")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ActivityRow(HostRow):
    """One activity within a phase."""

    __tablename__ = "workflow_activities"

    activity_id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int]
    report_id: Mapped[int]
    phase_name: Mapped[str] = mapped_column(HostText(100))
    activity_name: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(HostText(50))
    phase_id: Mapped[int | None] = mapped_column(ForeignKey("workflow_phases.phase_id"))


class AttributeRow(HostRow):
    """One line item of a report; `phase_id` is the Planning phase."""

    __tablename__ = "cycle_report_planning_attributes"

    id: Mapped[int] = mapped_column(primary_key=True)
    phase_id: Mapped[int | None] = mapped_column(ForeignKey("workflow_phases.phase_id"), index=True)
    attribute_name: Mapped[str] = mapped_column(String(255))
    technical_line_item_name: Mapped[str | None] = mapped_column(String(255))
    line_item_number: Mapped[str | None] = mapped_column(String(20))
    mdrm: Mapped[str | None] = mapped_column(String(50))
    description: Mapped[str | None]
    data_type: Mapped[str] = mapped_column(HostText(50))
    validation_rules: Mapped[str | None]
    is_mandatory: Mapped[str] = mapped_column(HostText(50), default="Optional", server_default="Optional")
    is_primary_key: Mapped[bool | None] = mapped_column(default=False)
    primary_key_order: Mapped[int | None]
    is_cde: Mapped[bool | None] = mapped_column(default=False)
    information_security_classification: Mapped[str | None] = mapped_column(HostText(50))
    data_source_id: Mapped[int | None]
    source_table: Mapped[str | None] = mapped_column(String(255))
    source_column: Mapped[str | None] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_latest_version: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(server_default=func.now())


class DataSourceRow(HostRow):
    """Where a report's data lives; `phase_id` is the Planning phase."""

    __tablename__ = "cycle_report_planning_data_sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    phase_id: Mapped[int | None] = mapped_column(ForeignKey("workflow_phases.phase_id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    source_type: Mapped[str] = mapped_column(HostText(50))
    connection_config: Mapped[Any | None] = mapped_column(HostJson)
    auth_type: Mapped[str | None] = mapped_column(HostText(50))
    auth_config: Mapped[Any | None] = mapped_column(HostJson)
    is_active: Mapped[bool | None] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PdeMappingRow(HostRow):
    """Which physical data element an attribute is; `source_field` is `schema.table.column`."""

    __tablename__ = "cycle_report_planning_pde_mappings"

    id: Mapped[int] = mapped_column(primary_key=True)
    attribute_id: Mapped[int] = mapped_column(ForeignKey("cycle_report_planning_attributes.id"), index=True)
    data_source_id: Mapped[int | None] = mapped_column(ForeignKey("cycle_report_planning_data_sources.id"))
    pde_code: Mapped[str] = mapped_column(String(100))
    source_field: Mapped[str | None] = mapped_column(String(255))
    pii_flag: Mapped[bool | None] = mapped_column(default=False)
    information_security_classification: Mapped[str | None] = mapped_column(HostText(50))
    phase_id: Mapped[int | None] = mapped_column(ForeignKey("workflow_phases.phase_id"))


class AuditLogRow(HostRow):
    """Who did what to which row; rows about this project's tables can be neither changed nor deleted.

    `record_id` is an integer and this project's keys are UUIDs, so it stays empty and the values hold the key.
    """

    __tablename__ = "audit_logs"

    audit_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id"))
    action: Mapped[str] = mapped_column(String(100))
    table_name: Mapped[str | None] = mapped_column(String(100))
    record_id: Mapped[int | None]
    old_values: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    new_values: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    # Hosts give this column no default of its own.
    timestamp: Mapped[datetime] = mapped_column(default=func.now(), server_default=func.now())
    session_id: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AccessLogRow(HostRow):
    """One reading of one classified column of source data."""

    __tablename__ = "secure_data_access_logs"

    access_id: Mapped[UUID] = uuid_key()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"))
    table_name: Mapped[str] = mapped_column(String(255))
    column_name: Mapped[str] = mapped_column(String(255))
    record_identifier: Mapped[str | None] = mapped_column(String(255))
    security_classification: Mapped[str] = mapped_column(HostText(50))
    access_type: Mapped[str] = mapped_column(HostText(50))
    access_reason: Mapped[str | None]
    ip_address: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(500))
    accessed_at: Mapped[datetime] = mapped_column(default=func.now(), server_default=func.now())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
