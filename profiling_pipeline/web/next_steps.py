"""What a phase waits for, and whether it waits for this user."""

from dataclasses import dataclass

from profiling_pipeline.approval.lifecycle import Role, VersionStatus
from profiling_pipeline.services.phases import PhaseSummary
from profiling_pipeline.services.users import User


@dataclass(frozen=True)
class NextStep:
    """The next step on a phase: who takes it (None where nobody needs to), and what it is."""

    role: Role | None
    text: str
    is_mine: bool


def next_step(phase: PhaseSummary, user: User) -> NextStep:
    """Return the next step on a phase, addressed to the user where it is theirs."""
    number = phase.latest_version_number
    match phase.latest_version_status:
        case None if phase.data_source is None:
            return NextStep(None, "Waits for a data source to be planned.", False)
        case None:
            return NextStep(None, "Waits for its first rules: generate a draft in Dagster.", False)
        case VersionStatus.DRAFT:
            return _addressed(Role.TESTER, f"Decide on the rules of version {number} and submit it.", user)
        case VersionStatus.PENDING_APPROVAL:
            return _addressed(Role.REPORT_OWNER, f"Approve version {number} or send it back.", user)
        case VersionStatus.REJECTED:
            return _addressed(Role.TESTER, f"Revise version {number}, which was sent back.", user)
        case VersionStatus.APPROVED:
            return NextStep(None, f"Nothing: version {number} is approved and executed on schedule.", False)
        case _:
            return NextStep(None, "Nothing.", False)


def _addressed(role: Role, text: str, user: User) -> NextStep:
    is_mine = user.role == role
    return NextStep(role, text if is_mine else f"Waits for a {role}: {text[0].lower()}{text[1:]}", is_mine)
