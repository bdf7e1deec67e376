"""The table of the review workflow: who may take which step from which state."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from profiling_pipeline.approval.statuses import Role, VersionStatus
from profiling_pipeline.approval.subjects import Person, Version, name_of
from profiling_pipeline.errors import PermissionRefusedError, TransitionRefusedError


class Step(StrEnum):
    """What a person can do with a version."""

    CHANGE_RULES = "change rules"
    DECIDE_AS_TESTER = "decide as tester"
    SUBMIT = "submit"
    DECIDE_AS_OWNER = "decide as report owner"
    APPROVE = "approve"
    REJECT = "reject"
    REVISE = "revise"


@dataclass(frozen=True)
class Transition:
    """One line of the workflow's table; the version's state stays as it is where `to_status` is None."""

    role: Role
    from_statuses: frozenset[VersionStatus]
    to_status: VersionStatus | None
    needs: str
    effect: str


def _from(*statuses: VersionStatus) -> frozenset[VersionStatus]:
    return frozenset(statuses)


TRANSITIONS: Mapping[Step, Transition] = MappingProxyType(
    {
        Step.CHANGE_RULES: Transition(
            Role.TESTER,
            _from(VersionStatus.DRAFT),
            None,
            needs="valid check and parameters",
            effect="clears that rule's decisions",
        ),
        Step.DECIDE_AS_TESTER: Transition(
            Role.TESTER,
            _from(VersionStatus.DRAFT),
            None,
            needs="notes for reject and request_changes",
            effect="stores the tester's decision",
        ),
        Step.SUBMIT: Transition(
            Role.TESTER,
            _from(VersionStatus.DRAFT),
            VersionStatus.PENDING_APPROVAL,
            needs="a rule; the tester's decision on every rule, none of them request_changes; at least one approved",
            effect="rules the tester approved become submitted, rejected ones rejected",
        ),
        Step.DECIDE_AS_OWNER: Transition(
            Role.REPORT_OWNER,
            _from(VersionStatus.PENDING_APPROVAL),
            None,
            needs="a submitted rule; notes for reject and request_changes; another person than the tester",
            effect="stores the report owner's decision",
        ),
        Step.APPROVE: Transition(
            Role.REPORT_OWNER,
            _from(VersionStatus.PENDING_APPROVAL),
            VersionStatus.APPROVED,
            needs="no rule with request_changes; another person than the tester",
            effect="approved and undecided rules become approved, rejected ones rejected; "
            "the phase's earlier approved version becomes superseded",
        ),
        Step.REJECT: Transition(
            Role.REPORT_OWNER,
            _from(VersionStatus.PENDING_APPROVAL),
            VersionStatus.REJECTED,
            needs="a reason; another person than the tester",
            effect="rules keep their decisions and notes",
        ),
        Step.REVISE: Transition(
            Role.TESTER,
            _from(VersionStatus.REJECTED, VersionStatus.APPROVED),
            None,
            needs="",
            effect="a new draft with the rules copied; those the owner approved keep the tester's approval, "
            "the others come back undecided with the owner's notes",
        ),
    }
)


def check_step(step: Step, version: Version, person: Person) -> None:
    """Make sure that this person may take the step, and that the version's state allows it.

    Raises:
        PermissionRefusedError: The step is not for this person.
        TransitionRefusedError: The state does not allow it; the message says what it allows.
    """
    transition = TRANSITIONS[step]
    if not person.is_active:
        raise PermissionRefusedError(f"User {person.user_id} is inactive. Have an administrator activate the account.")
    if person.role != transition.role:
        raise PermissionRefusedError(
            f"Only a {transition.role} may {step}; user {person.user_id} is {person.role}. "
            f"Ask a {transition.role} to do it."
        )
    if version.version_status not in transition.from_statuses:
        raise TransitionRefusedError(
            f"{name_of(version)} is {version.version_status}, so nobody can {step} now. "
            f"{_allowed_from(version.version_status)}"
        )


def deciding_step(version: Version, person: Person) -> Step:
    """Return on whose side this person decides.

    Raises:
        PermissionRefusedError: This person's role decides on no rules.
    """
    sides = {Role.TESTER: Step.DECIDE_AS_TESTER, Role.REPORT_OWNER: Step.DECIDE_AS_OWNER}
    for role, step in sides.items():
        if person.role == role:
            return step
    raise PermissionRefusedError(
        f"Only a {Role.TESTER} or a {Role.REPORT_OWNER} decides on rules of {name_of(version)}; "
        f"user {person.user_id} is {person.role}. Ask one of them to decide."
    )


def _allowed_from(status: str) -> str:
    allowed = [f"a {t.role} may {step}" for step, t in TRANSITIONS.items() if status in t.from_statuses]
    return (
        f"Allowed: {', '.join(allowed)}."
        if allowed
        else "Nothing more happens to it; work on the phase's latest version."
    )
