"""What is said of a version or a rule that there is not."""

from uuid import UUID

from profiling_pipeline.errors import NotFoundError


def unknown_version(name: UUID | str) -> NotFoundError:
    """Return the error for a version that there is not, by its id or as PHASE:NUMBER."""
    return NotFoundError(f"There is no version {name}.", "List versions: profiling version list.")


def unknown_rule(rule_id: UUID) -> NotFoundError:
    """Return the error for a rule that there is not."""
    return NotFoundError(f"There is no rule {rule_id}.", "Show a version's rules: profiling version show VERSION.")
