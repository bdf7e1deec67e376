"""The steps of the review workflow: what each needs, and what it changes.

A step is a plain function. It refuses, or it changes the objects it was given, which may be anything of the right shape
(see `subjects`); nothing is changed by a step that refuses.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from profiling_pipeline.approval.statuses import Decision, Role, RuleStatus, VersionStatus
from profiling_pipeline.approval.subjects import Person, Rule, Version, name_of
from profiling_pipeline.approval.transitions import TRANSITIONS, Step, Transition, check_step, deciding_step
from profiling_pipeline.errors import InvalidInputError, PermissionRefusedError, TransitionRefusedError
from profiling_pipeline.plurals import agreeing, counted

__all__ = [
    "TRANSITIONS",
    "Decision",
    "Person",
    "Role",
    "Rule",
    "RuleStatus",
    "Step",
    "Transition",
    "Version",
    "VersionStatus",
    "approve",
    "carry_over",
    "check_step",
    "clear_decisions",
    "count_rules",
    "decide",
    "deciding_step",
    "reject",
    "submit",
    "supersede",
]

_MOST_NAMED = 5


def decide(
    version: Version, rule: Rule, person: Person, decision: Decision, notes: str | None, *, at: datetime
) -> None:
    """Store this person's decision on a rule, as tester in a draft, as report owner once it is submitted.

    Raises:
        PermissionRefusedError: Wrong role, or the report owner was the tester before.
        TransitionRefusedError: The state of the version or of the rule takes no such decision.
        InvalidInputError: Notes are missing.
    """
    step = deciding_step(version, person)
    check_step(step, version, person)
    if step is Step.DECIDE_AS_OWNER:
        _require_other_person(version, [rule], person)
        if rule.status != RuleStatus.SUBMITTED:
            raise TransitionRefusedError(
                f"Rule '{rule.rule_name}' of {name_of(version)} is {rule.status}; a report owner decides on submitted "
                "rules. What the tester rejected comes back when the version is revised."
            )
    if decision is not Decision.APPROVE and not _has_text(notes):
        raise InvalidInputError(
            f"To {_words(decision)} rule '{rule.rule_name}' needs notes. Say what is wrong, or what should change."
        )
    if step is Step.DECIDE_AS_OWNER:
        _set_owner_decision(rule, decision, person, notes, at)
    else:
        _set_tester_decision(rule, decision, person, notes, at)


def clear_decisions(rule: Rule) -> None:
    """Make a changed rule undecided; the owner's notes on an earlier version stay to be seen."""
    rule.tester_decision = rule.tester_decided_by = rule.tester_decided_at = rule.tester_notes = None
    rule.report_owner_decision = rule.report_owner_decided_by = rule.report_owner_decided_at = None
    rule.status = RuleStatus.PENDING.value


def submit(version: Version, rules: Sequence[Rule], person: Person, *, at: datetime) -> None:
    """Hand a draft over to the report owner.

    Raises:
        PermissionRefusedError: Not a tester.
        TransitionRefusedError: It is no draft, or its rules are not ready; the message names them.
    """
    check_step(Step.SUBMIT, version, person)
    if not rules:
        raise TransitionRefusedError(f"{name_of(version)} has no rules to submit. Add or generate some.")
    _refuse_any(version, rules, "undecided", "Decide on them", lambda rule: rule.tester_decision is None)
    _refuse_any(
        version,
        rules,
        "marked for changes",
        "Change them and decide again",
        lambda rule: rule.tester_decision == Decision.REQUEST_CHANGES,
    )
    if all(rule.tester_decision != Decision.APPROVE for rule in rules):
        raise TransitionRefusedError(f"Every rule of {name_of(version)} is rejected. Approve one, then submit.")
    for rule in rules:
        is_approved = rule.tester_decision == Decision.APPROVE
        rule.status = (RuleStatus.SUBMITTED if is_approved else RuleStatus.REJECTED).value
    version.version_status = VersionStatus.PENDING_APPROVAL.value
    version.submitted_by_id, version.submitted_at = person.user_id, at
    count_rules(version, rules)


def approve(version: Version, rules: Sequence[Rule], person: Person, *, at: datetime) -> None:
    """Approve a submitted version, and with it the rules that the owner has not decided on.

    The phase's earlier approved version is the caller's to `supersede`.

    Raises:
        PermissionRefusedError: Not a report owner, or the same person as the tester.
        TransitionRefusedError: It is not submitted, or changes were requested; the message names the rules.
    """
    check_step(Step.APPROVE, version, person)
    _require_other_person(version, rules, person)
    _refuse_any(
        version,
        rules,
        "marked for changes by the report owner",
        "Reject the version so that a tester can revise it, or decide on them again",
        lambda rule: rule.report_owner_decision == Decision.REQUEST_CHANGES,
    )
    for rule in rules:
        if rule.status != RuleStatus.SUBMITTED:
            continue
        if rule.report_owner_decision is None:
            _set_owner_decision(rule, Decision.APPROVE, person, None, at)
        is_approved = rule.report_owner_decision == Decision.APPROVE
        rule.status = (RuleStatus.APPROVED if is_approved else RuleStatus.REJECTED).value
    version.version_status = VersionStatus.APPROVED.value
    version.approved_by_id, version.approved_at = person.user_id, at
    count_rules(version, rules)


def supersede(version: Version) -> None:
    """Retire the approved version of a phase in favour of a newer one.

    Raises:
        TransitionRefusedError: It is not approved.
    """
    if version.version_status != VersionStatus.APPROVED:
        raise TransitionRefusedError(
            f"{name_of(version)} is {version.version_status}; only an approved version is superseded."
        )
    version.version_status = VersionStatus.SUPERSEDED.value


def reject(version: Version, rules: Sequence[Rule], person: Person, reason: str) -> None:
    """Send a submitted version back.

    Raises:
        PermissionRefusedError: Not a report owner, or the same person as the tester.
        TransitionRefusedError: It is not submitted.
        InvalidInputError: The reason is missing.
    """
    check_step(Step.REJECT, version, person)
    _require_other_person(version, rules, person)
    if not _has_text(reason):
        raise InvalidInputError(f"To reject {name_of(version)} needs a reason. Say what the tester should change.")
    version.version_status = VersionStatus.REJECTED.value
    version.rejection_reason = reason.strip()


def carry_over(parent: Rule, copy: Rule) -> None:
    """Give the copy of a rule in a revised version what it keeps of its parent's decisions."""
    if parent.report_owner_decision == Decision.APPROVE and parent.tester_decision == Decision.APPROVE:
        copy.tester_decision, copy.tester_notes = parent.tester_decision, parent.tester_notes
        copy.tester_decided_by, copy.tester_decided_at = parent.tester_decided_by, parent.tester_decided_at
    else:
        copy.report_owner_notes = parent.report_owner_notes


def count_rules(version: Version, rules: Iterable[Rule]) -> None:
    """Make the version's counters say what its rules say."""
    statuses = Counter(rule.status for rule in rules)
    version.total_rules = statuses.total()
    version.approved_rules = statuses[RuleStatus.APPROVED]
    version.rejected_rules = statuses[RuleStatus.REJECTED]


def _set_tester_decision(rule: Rule, decision: Decision, person: Person, notes: str | None, at: datetime) -> None:
    rule.tester_decision, rule.tester_notes = decision.value, notes
    rule.tester_decided_by, rule.tester_decided_at = person.user_id, at


def _set_owner_decision(rule: Rule, decision: Decision, person: Person, notes: str | None, at: datetime) -> None:
    rule.report_owner_decision, rule.report_owner_notes = decision.value, notes
    rule.report_owner_decided_by, rule.report_owner_decided_at = person.user_id, at


def _require_other_person(version: Version, rules: Iterable[Rule], person: Person) -> None:
    """Refuse who stands on the tester's side already: roles change, so one person could come to have had both."""
    if person.user_id in {version.submitted_by_id, *(rule.tester_decided_by for rule in rules)}:
        raise PermissionRefusedError(
            f"User {person.user_id} tested or submitted {name_of(version)}, and two different people decide. "
            "Ask another report owner."
        )


def _refuse_any(
    version: Version, rules: Sequence[Rule], why: str, remedy: str, is_unready: Callable[[Rule], bool]
) -> None:
    names = [f"'{rule.rule_name}'" for rule in rules if is_unready(rule)]
    if names:
        are = agreeing(len(names), "is", "are")
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        raise TransitionRefusedError(
            f"{len(names):,} of {counted(len(rules), 'rule')} of {name_of(version)} {are} {why}: "
            f"{', '.join(names[:_MOST_NAMED])}{more}. "
            f"{remedy}, then repeat."
        )


def _words(decision: Decision) -> str:
    return "request changes to" if decision is Decision.REQUEST_CHANGES else decision.value


def _has_text(text: str | None) -> bool:
    return bool(text and text.strip())
