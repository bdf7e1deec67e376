"""The words of the review workflow, as they are stored."""

from enum import StrEnum


class VersionStatus(StrEnum):
    """State of a rule version."""

    DRAFT = "draft"
    PENDING_APPROVAL = "pending_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class RuleStatus(StrEnum):
    """State of a rule within its version."""

    PENDING = "pending"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


class Decision(StrEnum):
    """What a person decides on one rule."""

    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_CHANGES = "request_changes"


class Role(StrEnum):
    """What a user is in the test organisation."""

    TESTER = "Tester"
    REPORT_OWNER = "Report Owner"
    TEST_EXECUTIVE = "Test Executive"
    REPORT_EXECUTIVE = "Report Executive"
    DATA_OWNER = "Data Owner"
    DATA_EXECUTIVE = "Data Executive"
    ADMIN = "Admin"
