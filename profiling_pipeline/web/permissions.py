"""What this user may do with this version now, and why not otherwise.

Each step is tried on copies with the workflow's own functions, so a page offers exactly what the service will accept,
and explains a refusal in the same words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

from profiling_pipeline.approval import lifecycle
from profiling_pipeline.approval.lifecycle import TRANSITIONS, Decision, Person, Role, Rule, Step, Version
from profiling_pipeline.errors import WorkflowError
from profiling_pipeline.services.users import User
from profiling_pipeline.services.versions import RuleView, VersionView


@dataclass(frozen=True)
class Permissions:
    """For each step that the version's state knows: None where the user may take it, else why not."""

    refusals: dict[Step, str | None]
    side: Step | None
    decidable: frozenset[object]

    def may(self, step: str) -> bool:
        """Return whether the user may take the step."""
        return Step(step) in self.refusals and self.refusals[Step(step)] is None

    def why_not(self, step: str) -> str | None:
        """Return why the user may not take a step that somebody could take now, else None."""
        return self.refusals.get(Step(step))

    def may_decide(self, rule: RuleView) -> bool:
        """Return whether the user may decide on this rule."""
        return rule.rule_id in self.decidable

    @property
    def decides(self) -> bool:
        """Whether the user may decide on any of the rules."""
        return bool(self.decidable)


def permissions(view: VersionView, user: User) -> Permissions:
    """Return what the user may do with a version that was read with its rules."""
    person, at = Person(user.user_id, user.role, user.is_active), datetime.now(UTC)
    attempts: dict[Step, Callable[[Version, Sequence[Rule]], object]] = {
        Step.CHANGE_RULES: lambda version, _: lifecycle.check_step(Step.CHANGE_RULES, version, person),
        Step.DECIDE_AS_TESTER: lambda version, _: lifecycle.check_step(Step.DECIDE_AS_TESTER, version, person),
        Step.SUBMIT: lambda version, rules: lifecycle.submit(version, rules, person, at=at),
        Step.DECIDE_AS_OWNER: lambda version, _: lifecycle.check_step(Step.DECIDE_AS_OWNER, version, person),
        Step.APPROVE: lambda version, rules: lifecycle.approve(version, rules, person, at=at),
        Step.REJECT: lambda version, rules: lifecycle.reject(version, rules, person, "a reason"),
        Step.REVISE: lambda version, _: lifecycle.check_step(Step.REVISE, version, person),
    }
    refusals = {
        step: _refusal(view, view.rules, attempt)
        for step, attempt in attempts.items()
        if view.version_status in TRANSITIONS[step].from_statuses
    }
    decidable = frozenset(rule.rule_id for rule in view.rules if _is_decidable(view, rule, person, at))
    return Permissions(refusals, _side(refusals, user), decidable)


def require_step(step: Step, view: VersionView, user: User) -> None:
    """Refuse a step as the service would.

    Raises:
        PermissionRefusedError: The step is not for this user.
        TransitionRefusedError: The version's state does not allow it.
    """
    lifecycle.check_step(step, cast("Version", view), Person(user.user_id, user.role, user.is_active))


def _side(refusals: dict[Step, str | None], user: User) -> Step | None:
    """Return on whose side the user decides in this state."""
    sides = {Role.TESTER.value: Step.DECIDE_AS_TESTER, Role.REPORT_OWNER.value: Step.DECIDE_AS_OWNER}
    side = sides.get(user.role)
    return side if side in refusals else None


def _is_decidable(view: VersionView, rule: RuleView, person: Person, at: datetime) -> bool:
    def attempt(version: Version, rules: Sequence[Rule]) -> None:
        lifecycle.decide(version, rules[0], person, Decision.APPROVE, None, at=at)

    return _refusal(view, [rule], attempt) is None


def _refusal(
    view: VersionView, rules: Sequence[RuleView], attempt: Callable[[Version, Sequence[Rule]], object]
) -> str | None:
    try:
        attempt(cast("Version", _copy(view)), [cast("Rule", _copy(rule)) for rule in rules])
    except WorkflowError as error:
        return str(error)
    return None


def _copy(view: VersionView | RuleView) -> SimpleNamespace:
    return SimpleNamespace(**vars(view))
