"""What reviewers do beside the workflow: watching how the data change, whatever state a version is in."""

from profiling_pipeline.approval.statuses import Role
from profiling_pipeline.approval.subjects import Person
from profiling_pipeline.errors import PermissionRefusedError

OVERSEERS = (Role.TESTER, Role.REPORT_OWNER)


def is_overseer(person: Person) -> bool:
    """Return whether this person may watch over the data: an active tester or report owner."""
    return person.is_active and person.role in OVERSEERS


def check_overseer(person: Person, what: str) -> None:
    """Make sure that this person may do `what`: an active tester or report owner.

    Raises:
        PermissionRefusedError: It is not for this person.
    """
    if not person.is_active:
        raise PermissionRefusedError(f"User {person.user_id} is inactive. Have an administrator activate the account.")
    if person.role not in OVERSEERS:
        allowed = " or ".join(OVERSEERS)
        raise PermissionRefusedError(
            f"Only a {allowed} may {what}; user {person.user_id} is {person.role}. Ask one of them to do it."
        )
