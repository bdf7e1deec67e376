"""What the review workflow is about: people, versions and rules, as far as it looks at them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Person:
    """Who takes a step."""

    user_id: int
    role: str
    is_active: bool = True


class Version(Protocol):
    """What the workflow reads and changes of a rule version."""

    phase_id: int
    version_number: int
    version_status: str
    total_rules: int
    approved_rules: int
    rejected_rules: int
    submitted_by_id: int | None
    submitted_at: datetime | None
    approved_by_id: int | None
    approved_at: datetime | None
    rejection_reason: str | None


class Rule(Protocol):
    """What the workflow reads and changes of a rule."""

    rule_name: str
    status: str
    tester_decision: str | None
    tester_decided_by: int | None
    tester_decided_at: datetime | None
    tester_notes: str | None
    report_owner_decision: str | None
    report_owner_decided_by: int | None
    report_owner_decided_at: datetime | None
    report_owner_notes: str | None


def name_of(version: Version) -> str:
    """Return what people call a version."""
    return f"Version {version.phase_id}:{version.version_number}"
