from collections.abc import Callable
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.approval import lifecycle
from profiling_pipeline.approval.lifecycle import TRANSITIONS, Decision, Person, Role, RuleStatus, Step, VersionStatus
from profiling_pipeline.errors import InvalidInputError, PermissionRefusedError, TransitionRefusedError, WorkflowError
from profiling_pipeline_tests.approval.subjects import (
    NOW,
    OWNER,
    TESTER,
    PlainRule,
    PlainVersion,
    a_pending_version,
    a_submitted_rule,
    a_tested_rule,
)

ALLOWED = {
    (VersionStatus.DRAFT, Step.CHANGE_RULES),
    (VersionStatus.DRAFT, Step.DECIDE_AS_TESTER),
    (VersionStatus.DRAFT, Step.SUBMIT),
    (VersionStatus.PENDING_APPROVAL, Step.DECIDE_AS_OWNER),
    (VersionStatus.PENDING_APPROVAL, Step.APPROVE),
    (VersionStatus.PENDING_APPROVAL, Step.REJECT),
    (VersionStatus.REJECTED, Step.REVISE),
    (VersionStatus.APPROVED, Step.REVISE),
}
REQUESTED = Decision.REQUEST_CHANGES

Take = Callable[[PlainVersion, PlainRule, Person], None]
STEPS: dict[Step, Take] = {
    Step.DECIDE_AS_TESTER: lambda v, r, p: lifecycle.decide(v, r, p, Decision.APPROVE, None, at=NOW),
    Step.SUBMIT: lambda v, r, p: lifecycle.submit(v, [r], p, at=NOW),
    Step.DECIDE_AS_OWNER: lambda v, r, p: lifecycle.decide(v, r, p, Decision.APPROVE, None, at=NOW),
    Step.APPROVE: lambda v, r, p: lifecycle.approve(v, [r], p, at=NOW),
    Step.REJECT: lambda v, r, p: lifecycle.reject(v, [r], p, "The limits are last year's"),
    Step.CHANGE_RULES: lambda v, r, p: lifecycle.check_step(Step.CHANGE_RULES, v, p),
    Step.REVISE: lambda v, r, p: lifecycle.check_step(Step.REVISE, v, p),
}


def person_for(step: Step) -> Person:
    return TESTER if TRANSITIONS[step].role is Role.TESTER else OWNER


def ready_rule(step: Step) -> PlainRule:
    return a_submitted_rule() if TRANSITIONS[step].role is Role.REPORT_OWNER else a_tested_rule()


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("status", VersionStatus)
def test_every_state_allows_the_steps_of_the_table_and_refuses_the_others(status: VersionStatus, step: Step) -> None:
    version, rule = PlainVersion(status.value), ready_rule(step)
    before = deepcopy((version, rule))
    if (status, step) in ALLOWED:
        STEPS[step](version, rule, person_for(step))
        assert version.version_status == (TRANSITIONS[step].to_status or status)
    else:
        with pytest.raises(TransitionRefusedError, match=f"Version 7:1 is {status}.*(may|Nothing more)"):
            STEPS[step](version, rule, person_for(step))
        assert (version, rule) == before


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("role", Role)
def test_only_the_role_of_the_table_may_take_a_step(role: Role, step: Step) -> None:
    version = PlainVersion(min(TRANSITIONS[step].from_statuses).value)
    person = Person(9, role)
    if role is TRANSITIONS[step].role:
        STEPS[step](version, ready_rule(step), person)
    else:
        with pytest.raises(WorkflowError):
            STEPS[step](version, ready_rule(step), person)
    with pytest.raises(PermissionRefusedError if role is TRANSITIONS[step].role else WorkflowError):
        STEPS[step](version, ready_rule(step), Person(9, role, is_active=False))


def test_a_refusal_says_what_the_state_allows() -> None:
    with pytest.raises(TransitionRefusedError) as refusal:
        lifecycle.approve(PlainVersion(VersionStatus.REJECTED.value), [a_submitted_rule()], OWNER, at=NOW)
    assert str(refusal.value) == ("Version 7:1 is rejected, so nobody can approve now. Allowed: a Tester may revise.")


@pytest.mark.parametrize("decision", [Decision.REJECT, Decision.REQUEST_CHANGES])
@pytest.mark.parametrize("notes", [None, "", "  \n"])
def test_saying_no_needs_notes(decision: Decision, notes: str | None) -> None:
    for version, rule, person in [
        (PlainVersion(), PlainRule(), TESTER),
        (a_pending_version(), a_submitted_rule(), OWNER),
    ]:
        before = deepcopy(rule)
        with pytest.raises(InvalidInputError, match="needs notes"):
            lifecycle.decide(version, rule, person, decision, notes, at=NOW)
        assert rule == before


@pytest.mark.parametrize("reason", ["", " "])
def test_rejecting_a_version_needs_a_reason(reason: str) -> None:
    version = a_pending_version()
    with pytest.raises(InvalidInputError, match="needs a reason"):
        lifecycle.reject(version, [a_submitted_rule()], OWNER, reason)
    assert version == a_pending_version()


def test_a_decision_is_stored_on_its_side() -> None:
    rule = PlainRule()
    lifecycle.decide(PlainVersion(), rule, TESTER, REQUESTED, "wider", at=NOW)
    assert (rule.tester_decision, rule.tester_decided_by, rule.tester_decided_at, rule.tester_notes) == (
        "request_changes", 1, NOW, "wider",
    )  # fmt: skip
    rule = a_submitted_rule()
    lifecycle.decide(a_pending_version(), rule, OWNER, Decision.REJECT, "no use", at=NOW)
    assert (rule.report_owner_decision, rule.report_owner_decided_by, rule.report_owner_notes) == (
        "reject", 2, "no use",
    )  # fmt: skip
    assert rule.status == RuleStatus.SUBMITTED


def test_the_owner_decides_on_submitted_rules_only() -> None:
    rule = a_tested_rule(Decision.REJECT)
    rule.status = RuleStatus.REJECTED.value
    with pytest.raises(TransitionRefusedError, match="is rejected"):
        lifecycle.decide(a_pending_version(), rule, OWNER, Decision.APPROVE, None, at=NOW)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([], "no rules"),
        ([a_tested_rule(), PlainRule("Limit")], "1 of 2 rules .* undecided: 'Limit'"),
        ([a_tested_rule(), a_tested_rule(REQUESTED, "Limit")], "1 of 2 rules .* is marked for changes: 'Limit'"),
        ([a_tested_rule(Decision.REJECT)], "Every rule .* is rejected"),
        ([PlainRule(str(n)) for n in range(9)], "'4' and 4 more"),
    ],
)
def test_submit_needs_decided_rules(rules: list[PlainRule], message: str) -> None:
    version, before = PlainVersion(), deepcopy(rules)
    with pytest.raises(TransitionRefusedError, match=message):
        lifecycle.submit(version, rules, TESTER, at=NOW)
    assert (version, rules) == (PlainVersion(), before)


def test_submit_moves_each_rule_by_its_decision() -> None:
    version, rules = PlainVersion(), [a_tested_rule(), a_tested_rule(Decision.REJECT)]
    lifecycle.submit(version, rules, TESTER, at=NOW)
    assert [rule.status for rule in rules] == ["submitted", "rejected"]
    assert (version.submitted_by_id, version.submitted_at) == (1, NOW)
    assert (version.total_rules, version.approved_rules, version.rejected_rules) == (2, 0, 1)


def test_undecided_rules_are_approved_by_the_act_of_approving() -> None:
    version, rules = (
        a_pending_version(),
        [a_submitted_rule(), a_submitted_rule(Decision.APPROVE), a_submitted_rule(Decision.REJECT)],
    )
    rules[0].report_owner_notes = "widen it"
    rules.append(a_tested_rule(Decision.REJECT))
    rules[3].status = RuleStatus.REJECTED.value
    lifecycle.approve(version, rules, OWNER, at=NOW)
    assert [rule.status for rule in rules] == ["approved", "approved", "rejected", "rejected"]
    assert (rules[0].report_owner_decision, rules[0].report_owner_decided_by) == ("approve", 2)
    assert rules[0].report_owner_notes is None
    assert rules[3].report_owner_decision is None
    assert (version.approved_by_id, version.approved_at) == (2, NOW)
    assert (version.total_rules, version.approved_rules, version.rejected_rules) == (4, 2, 2)


def test_requested_changes_stand_in_the_way_of_approval() -> None:
    version, rules = a_pending_version(), [a_submitted_rule(), a_submitted_rule(REQUESTED, "Limit")]
    with pytest.raises(TransitionRefusedError, match="'Limit'"):
        lifecycle.approve(version, rules, OWNER, at=NOW)
    assert version == a_pending_version()


def test_two_people_decide_whatever_roles_they_come_to_have() -> None:
    promoted = Person(TESTER.user_id, Role.REPORT_OWNER)
    colleague_tested = a_submitted_rule()
    colleague_tested.tester_decided_by = 5
    for version, rule in [
        (a_pending_version(), colleague_tested),
        (PlainVersion("pending_approval", submitted_by_id=5), a_submitted_rule()),
    ]:
        for step in (Step.DECIDE_AS_OWNER, Step.APPROVE, Step.REJECT):
            with pytest.raises(PermissionRefusedError, match="two different people"):
                STEPS[step](version, rule, promoted)
        assert version.version_status == VersionStatus.PENDING_APPROVAL


def test_only_an_approved_version_is_superseded() -> None:
    version = PlainVersion(VersionStatus.APPROVED.value)
    lifecycle.supersede(version)
    assert version.version_status == VersionStatus.SUPERSEDED
    with pytest.raises(TransitionRefusedError, match="is superseded"):
        lifecycle.supersede(version)


def test_a_changed_rule_is_undecided_and_still_shows_the_owners_notes() -> None:
    rule = a_tested_rule(REQUESTED)
    rule.report_owner_notes = "widen it"
    lifecycle.clear_decisions(rule)
    assert rule == PlainRule(report_owner_notes="widen it")


def test_what_a_copy_keeps_of_its_parents_decisions() -> None:
    approved, sent_back, undecided = a_submitted_rule(Decision.APPROVE), a_submitted_rule(REQUESTED), a_submitted_rule()
    sent_back.report_owner_notes = "widen it"
    copies = [PlainRule(), PlainRule(), PlainRule()]
    for parent, copy in zip([approved, sent_back, undecided], copies, strict=True):
        lifecycle.carry_over(parent, copy)
    assert copies == [a_tested_rule(), PlainRule(report_owner_notes="widen it"), PlainRule()]


@given(st.lists(st.tuples(st.sampled_from(Decision), st.none() | st.sampled_from([Decision.APPROVE, Decision.REJECT]))))
def test_a_rule_is_approved_when_both_people_approve(decisions: list[tuple[Decision, Decision | None]]) -> None:
    version, rules = PlainVersion(), [a_tested_rule(by_tester) for by_tester, _ in decisions]
    try:
        lifecycle.submit(version, rules, TESTER, at=NOW)
    except TransitionRefusedError:
        by_tester = {decision for decision, _ in decisions}
        assert REQUESTED in by_tester or Decision.APPROVE not in by_tester
        return
    for rule, (_, by_owner) in zip(rules, decisions, strict=True):
        if by_owner and rule.status == RuleStatus.SUBMITTED:
            lifecycle.decide(version, rule, OWNER, by_owner, "because", at=NOW)
    lifecycle.approve(version, rules, OWNER, at=NOW)
    for rule in rules:
        both = rule.tester_decision == rule.report_owner_decision == Decision.APPROVE
        assert rule.status == (RuleStatus.APPROVED if both else RuleStatus.REJECTED)
    assert version.approved_rules + version.rejected_rules == version.total_rules == len(rules)
