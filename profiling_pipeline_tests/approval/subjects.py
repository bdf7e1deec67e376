"""Versions and rules without a database."""

from dataclasses import dataclass
from datetime import UTC, datetime

from profiling_pipeline.approval.lifecycle import Decision, Person, Role, RuleStatus, VersionStatus

NOW = datetime(2025, 3, 1, tzinfo=UTC)
TESTER = Person(1, Role.TESTER)
OWNER = Person(2, Role.REPORT_OWNER)


@dataclass
class PlainVersion:
    """A version in memory."""

    version_status: str = VersionStatus.DRAFT.value
    phase_id: int = 7
    version_number: int = 1
    total_rules: int = 0
    approved_rules: int = 0
    rejected_rules: int = 0
    submitted_by_id: int | None = None
    submitted_at: datetime | None = None
    approved_by_id: int | None = None
    approved_at: datetime | None = None
    rejection_reason: str | None = None


@dataclass
class PlainRule:
    """A rule in memory."""

    rule_name: str = "Balance is there"
    status: str = RuleStatus.PENDING.value
    tester_decision: str | None = None
    tester_decided_by: int | None = None
    tester_decided_at: datetime | None = None
    tester_notes: str | None = None
    report_owner_decision: str | None = None
    report_owner_decided_by: int | None = None
    report_owner_decided_at: datetime | None = None
    report_owner_notes: str | None = None


def a_tested_rule(decision: Decision = Decision.APPROVE, name: str = "Balance is there") -> PlainRule:
    """Return a rule of a draft that the tester decided on."""
    return PlainRule(name, tester_decision=decision.value, tester_decided_by=TESTER.user_id, tester_decided_at=NOW)


def a_submitted_rule(owner_decision: Decision | None = None, name: str = "Balance is there") -> PlainRule:
    """Return a rule that the tester approved and submitted, and what the owner decided on it."""
    rule = a_tested_rule(name=name)
    rule.status = RuleStatus.SUBMITTED.value
    rule.report_owner_decision = owner_decision and owner_decision.value
    return rule


def a_pending_version() -> PlainVersion:
    """Return a version that the tester submitted."""
    return PlainVersion(VersionStatus.PENDING_APPROVAL.value, submitted_by_id=TESTER.user_id, submitted_at=NOW)
