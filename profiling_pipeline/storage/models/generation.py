"""What a draft rests on: how it was generated, what its rules come to on the data, and what a model answered."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, String, func
from sqlalchemy.orm import Mapped, mapped_column

from profiling_pipeline.results.outcome import ExecutionStatus
from profiling_pipeline.storage.models.base import Base
from profiling_pipeline.storage.models.profiling import RuleRow, RuleVersionRow, not_negative, one_of

_COST = Numeric(14, 6)  # money of which single requests cost far less than a cent


class GenerationRow(Base):
    """How a version was generated: by what, at which cost, and in `account` what was left out and why."""

    __tablename__ = "cycle_report_data_profiling_generations"
    __table_args__ = (
        one_of("provider", ("offline", "llm")),
        not_negative("input_tokens"),
        not_negative("output_tokens"),
        not_negative("cost"),
    )

    version_id: Mapped[UUID] = mapped_column(
        ForeignKey(RuleVersionRow.version_id, ondelete="CASCADE"), primary_key=True
    )
    provider: Mapped[str] = mapped_column(String(50))
    model: Mapped[str | None]
    endpoint: Mapped[str | None]
    prompt_version: Mapped[str | None] = mapped_column(String(50))
    temperature: Mapped[Decimal | None]
    input_tokens: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    output_tokens: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    cost: Mapped[Decimal | None] = mapped_column(_COST)
    account: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RuleDryRunRow(Base):
    """A draft's rule tried on the data: the latest time only, and gone once the rule says something else."""

    __tablename__ = "cycle_report_data_profiling_rule_dry_runs"
    __table_args__ = (
        one_of("execution_status", ExecutionStatus),
        not_negative("total_records_tested"),
        not_negative("passed_records"),
        not_negative("failed_records"),
        CheckConstraint("pass_rate BETWEEN 0 AND 100", name="pass_rate"),
    )

    rule_id: Mapped[UUID] = mapped_column(ForeignKey(RuleRow.rule_id, ondelete="CASCADE"), primary_key=True)
    execution_status: Mapped[str] = mapped_column(String(50))
    executed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    execution_time_ms: Mapped[int | None]
    total_records_tested: Mapped[int | None] = mapped_column(BigInteger)
    passed_records: Mapped[int | None] = mapped_column(BigInteger)
    failed_records: Mapped[int | None] = mapped_column(BigInteger)
    pass_rate: Mapped[Decimal | None]
    result_summary: Mapped[dict[str, Any] | None]
    anomaly_details: Mapped[dict[str, Any] | None]


class ModelAnswerRow(Base):
    """What a language model answered to a request, which is known by the digest of its content and never kept."""

    __tablename__ = "cycle_report_data_profiling_model_answers"
    __table_args__ = (
        not_negative("input_tokens"),
        not_negative("output_tokens"),
        not_negative("cost"),
        Index("ix_data_profiling_model_answers_created_at", "created_at"),
    )

    request_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    model: Mapped[str]
    answer: Mapped[str]
    finish_reason: Mapped[str | None]
    refusal: Mapped[str | None]
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    tokens_are_estimated: Mapped[bool] = mapped_column(default=False, server_default="false")
    cost: Mapped[Decimal | None] = mapped_column(_COST)
    run_id: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
