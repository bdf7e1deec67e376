"""The account of the legacy migration: which tables there were, how far it came, and what became of every row."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, SmallInteger, String, func
from sqlalchemy.orm import Mapped, mapped_column

from profiling_pipeline.storage.models.base import Base


class LegacyTableRow(Base):
    """One legacy table as the migration found it; the ledger names it by number."""

    __tablename__ = "legacy_migration_tables"

    table_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    table_name: Mapped[str] = mapped_column(String(63), unique=True)
    kind: Mapped[str] = mapped_column(String(100))
    row_count: Mapped[int] = mapped_column(BigInteger)
    byte_count: Mapped[int] = mapped_column(BigInteger)


class LegacyStepRow(Base):
    """One step of the migration; a step without `finished_at` goes on after `last_key`."""

    __tablename__ = "legacy_migration_steps"

    step: Mapped[str] = mapped_column(String(150), primary_key=True)
    row_count: Mapped[int] = mapped_column(BigInteger, server_default="0")
    last_key: Mapped[str | None]
    detail: Mapped[dict[str, Any] | None]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class LegacyLedgerRow(Base):
    """What became of one legacy row.

    `detail` holds the original values of what was changed or has no column here, and all of them for a rejected row.
    """

    __tablename__ = "legacy_migration_ledger"
    __table_args__ = (
        CheckConstraint("outcome IN ('migrated', 'archived', 'rejected')", name="outcome"),
        CheckConstraint("target IN ('version', 'rule', 'execution')", name="target"),
        CheckConstraint(
            "CASE outcome WHEN 'migrated' THEN target IS NOT NULL AND target_id IS NOT NULL "
            "ELSE target_id IS NULL AND reason IS NOT NULL END",
            name="accounted",
        ),
    )

    table_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    legacy_key: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(8))
    target: Mapped[str | None] = mapped_column(String(9))
    target_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(String(50))
    detail: Mapped[dict[str, Any] | None]


class LegacyRuleTextRow(Base):
    """One distinct text of a rule that became a check; the rules' origin names it by `text_id`."""

    __tablename__ = "legacy_rule_texts"

    text_id: Mapped[UUID] = mapped_column(primary_key=True)
    rule_text: Mapped[str]
