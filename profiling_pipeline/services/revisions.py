"""Marks of what a reader saw, so that a later step can tell whether it is still so."""

from datetime import UTC, datetime


def version_revision(updated_at: datetime) -> str:
    """Return the mark of a version with all of its rules: every change of either gives the version a new time."""
    return updated_at.astimezone(UTC).isoformat()


def rule_revision(updated_at: datetime, version_status: str) -> str:
    """Return the mark of a rule in a version of that state."""
    return f"{updated_at.astimezone(UTC).isoformat()} {version_status}"
