"""This project's own tables: rule versions, their rules, executions of rules, and what runs saw of their source."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from profiling_pipeline.results.outcome import ExecutionStatus
from profiling_pipeline.results.unusual_change import Sensitivity
from profiling_pipeline.rules.rule import Dimension, Severity
from profiling_pipeline.storage.models.base import Base, uuid_key

_USER = "users.user_id"
_PHASE = "workflow_phases.phase_id"
_DECISIONS = ("approve", "reject", "request_changes")


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """Return a constraint that a column holds one of these words, or nothing."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def not_negative(column: str) -> CheckConstraint:
    """Return a constraint that a column holds no negative number."""
    return CheckConstraint(f"{column} >= 0", name=column)


class RuleVersionRow(Base):
    """One version of the rules of a Data Profiling phase."""

    __tablename__ = "cycle_report_data_profiling_rule_versions"
    __table_args__ = (
        UniqueConstraint("phase_id", "version_number"),
        one_of("version_status", ("draft", "pending_approval", "approved", "rejected", "superseded")),
        one_of("data_source_type", ("file_upload", "database_source")),
        one_of("change_sensitivity", Sensitivity),
        CheckConstraint("approved_by_id <> submitted_by_id", name="two_people"),
        not_negative("total_rules"),
        not_negative("approved_rules"),
        not_negative("rejected_rules"),
        Index(
            "uq_data_profiling_rule_versions_approved",
            "phase_id",
            unique=True,
            postgresql_where=text("version_status = 'approved'"),
        ),
    )

    version_id: Mapped[UUID] = uuid_key()
    phase_id: Mapped[int] = mapped_column(ForeignKey(_PHASE), index=True)
    workflow_activity_id: Mapped[int | None] = mapped_column(ForeignKey("workflow_activities.activity_id"))
    version_number: Mapped[int]
    version_status: Mapped[str] = mapped_column(String(50), default="draft", server_default="draft", index=True)
    parent_version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("cycle_report_data_profiling_rule_versions.version_id"), index=True
    )
    workflow_execution_id: Mapped[str | None] = mapped_column(String(255))
    workflow_run_id: Mapped[str | None] = mapped_column(String(255))
    total_rules: Mapped[int] = mapped_column(default=0, server_default="0")
    approved_rules: Mapped[int] = mapped_column(default=0, server_default="0")
    rejected_rules: Mapped[int] = mapped_column(default=0, server_default="0")
    data_source_type: Mapped[str | None] = mapped_column(String(50))
    planning_data_source_id: Mapped[int | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey(_USER))
    submitted_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey(_USER))
    approved_at: Mapped[datetime | None]
    rejection_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by_id: Mapped[int] = mapped_column(ForeignKey(_USER))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    updated_by_id: Mapped[int] = mapped_column(ForeignKey(_USER))
    change_sensitivity: Mapped[str | None] = mapped_column(String(50))

    rules: Mapped[list["RuleRow"]] = relationship(
        back_populates="version",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="(RuleRow.execution_order, RuleRow.rule_name, RuleRow.rule_id)",
    )


class RuleRow(Base):
    """One rule of a version: its definition and the decisions on it, no results."""

    __tablename__ = "cycle_report_data_profiling_rules"
    __table_args__ = (
        UniqueConstraint("version_id", "attribute_id", "rule_name"),
        one_of("rule_type", Dimension),
        one_of("severity", Severity),
        one_of("tester_decision", _DECISIONS),
        one_of("report_owner_decision", _DECISIONS),
        one_of("status", ("pending", "submitted", "approved", "rejected")),
    )

    rule_id: Mapped[UUID] = uuid_key()
    version_id: Mapped[UUID] = mapped_column(
        ForeignKey("cycle_report_data_profiling_rule_versions.version_id", ondelete="CASCADE"), index=True
    )
    phase_id: Mapped[int] = mapped_column(ForeignKey(_PHASE), index=True)
    attribute_id: Mapped[int] = mapped_column(ForeignKey("cycle_report_planning_attributes.id"), index=True)
    rule_name: Mapped[str] = mapped_column(String(255))
    rule_type: Mapped[str] = mapped_column(String(50))
    rule_description: Mapped[str | None]
    rule_code: Mapped[str]
    rule_parameters: Mapped[dict[str, Any] | None]
    llm_provider: Mapped[str | None] = mapped_column(String(50))
    llm_rationale: Mapped[str | None]
    llm_confidence_score: Mapped[Decimal | None]
    regulatory_reference: Mapped[str | None]
    is_executable: Mapped[bool] = mapped_column(default=True, server_default=true())
    execution_order: Mapped[int] = mapped_column(default=0, server_default="0")
    severity: Mapped[str] = mapped_column(String(50), default="medium", server_default="medium")
    tester_decision: Mapped[str | None] = mapped_column(String(50))
    tester_decided_by: Mapped[int | None] = mapped_column(ForeignKey(_USER))
    tester_decided_at: Mapped[datetime | None]
    tester_notes: Mapped[str | None]
    report_owner_decision: Mapped[str | None] = mapped_column(String(50))
    report_owner_decided_by: Mapped[int | None] = mapped_column(ForeignKey(_USER))
    report_owner_decided_at: Mapped[datetime | None]
    report_owner_notes: Mapped[str | None]
    status: Mapped[str] = mapped_column(String(50), default="pending", server_default="pending", index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by_id: Mapped[int] = mapped_column(ForeignKey(_USER))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    updated_by_id: Mapped[int] = mapped_column(ForeignKey(_USER))

    version: Mapped[RuleVersionRow] = relationship(back_populates="rules")


class RuleExecutionRow(Base):
    """One rule run once; append only (a trigger refuses changes but a mark, retention may delete)."""

    __tablename__ = "cycle_report_data_profiling_rule_executions"
    __table_args__ = (
        # Led by the job, so it also answers for everything that one job did.
        UniqueConstraint("background_job_id", "rule_id"),
        one_of("execution_status", ExecutionStatus),
        not_negative("execution_time_ms"),
        not_negative("total_records_tested"),
        not_negative("passed_records"),
        not_negative("failed_records"),
        CheckConstraint("pass_rate BETWEEN 0 AND 100", name="pass_rate"),
        Index("ix_data_profiling_rule_executions_history", "rule_id", text("executed_at DESC")),
    )

    execution_id: Mapped[UUID] = uuid_key()
    rule_id: Mapped[UUID] = mapped_column(ForeignKey("cycle_report_data_profiling_rules.rule_id"))
    background_job_id: Mapped[str | None] = mapped_column(String(255))
    execution_status: Mapped[str] = mapped_column(String(50))
    executed_at: Mapped[datetime | None] = mapped_column(default=func.now())
    execution_time_ms: Mapped[int | None]
    total_records_tested: Mapped[int | None] = mapped_column(BigInteger)
    passed_records: Mapped[int | None] = mapped_column(BigInteger)
    failed_records: Mapped[int | None] = mapped_column(BigInteger)
    pass_rate: Mapped[Decimal | None]
    quality_scores: Mapped[dict[str, Any] | None]
    result_summary: Mapped[dict[str, Any] | None]
    anomaly_details: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by_id: Mapped[int] = mapped_column(ForeignKey(_USER))

    rule: Mapped[RuleRow] = relationship()


class ObservationRow(Base):
    """A source in the figures that a run saw, compared with earlier runs; append only like executions.

    `changes` are all figures that could be judged, by their keys, `unusual` the keys of the unusual ones, `marks` what
    people have said of these.
    """

    __tablename__ = "cycle_report_data_profiling_observations"
    __table_args__ = (
        UniqueConstraint("background_job_id", "phase_id"),
        one_of("sensitivity", Sensitivity),
        not_negative("earlier_runs"),
        Index(
            "ix_data_profiling_observations_history",
            "phase_id",
            "planning_data_source_id",
            text("observed_at DESC"),
        ),
    )

    observation_id: Mapped[UUID] = uuid_key()
    phase_id: Mapped[int] = mapped_column(ForeignKey(_PHASE))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("cycle_report_data_profiling_rule_versions.version_id"))
    planning_data_source_id: Mapped[int]
    source_name: Mapped[str]
    background_job_id: Mapped[str] = mapped_column(String(255))
    observed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    figures: Mapped[dict[str, Any]]
    sensitivity: Mapped[str] = mapped_column(String(50))
    earlier_runs: Mapped[int]
    changes: Mapped[dict[str, Any]]
    unusual: Mapped[list[str]] = mapped_column(ARRAY(Text))
    marks: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey(_USER))
