from uuid import uuid4

import pytest

from profiling_pipeline.approval.lifecycle import Decision, VersionStatus
from profiling_pipeline.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionRefusedError,
    TransitionRefusedError,
)
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.versions import get_version
from profiling_pipeline.storage.models import UserRow
from profiling_pipeline_tests.builders import a_user
from profiling_pipeline_tests.services.planned import RULES, Planned

CHANGES = Decision.REQUEST_CHANGES


def test_from_draft_to_approval(planned: Planned) -> None:
    version_id = planned.draft()
    rules = planned.rules(version_id)
    review = planned.review
    assert planned.counters(version_id) == (3, 0, 0)
    review.decide(rules["State is known"].rule_id, planned.tester, Decision.REJECT, "not ours")
    assert review.decide_all(version_id, planned.tester, Decision.APPROVE) == 2
    review.submit(version_id, planned.tester)
    assert planned.counters(version_id) == (3, 0, 1)
    review.decide(rules["Balance is covered"].rule_id, planned.owner, Decision.REJECT, "too narrow")
    review.approve(version_id, planned.owner)
    assert planned.counters(version_id) == (3, 1, 2)
    version, rules = planned.version(version_id), planned.rules(version_id)
    assert version.version_status == VersionStatus.APPROVED
    assert (version.submitted_by_id, version.approved_by_id) == (planned.tester, planned.owner)
    assert {name: rule.status for name, rule in rules.items()} == {
        "Balance is there": "approved",
        "Balance is covered": "rejected",
        "State is known": "rejected",
    }
    there = rules["Balance is there"]
    assert (there.report_owner_decision, there.report_owner_decided_by) == ("approve", planned.owner)
    assert there.report_owner_decided_at == version.approved_at


def test_every_transition_and_decision_leaves_one_audit_row(planned: Planned) -> None:
    version_id = planned.draft(RULES[:1])
    rule_id = planned.rules(version_id)["Balance is there"].rule_id
    planned.review.decide(rule_id, planned.tester, Decision.APPROVE, "fine")
    planned.review.submit(version_id, planned.tester)
    planned.review.decide(rule_id, planned.owner, CHANGES, "which balance?")
    planned.review.reject(version_id, planned.owner, "unclear")
    draft_id = planned.review.revise(version_id, planned.tester)
    assert [(row.action, row.user_id) for row in planned.audit()] == [
        ("create_rule_version", planned.tester),
        ("tester_decision", planned.tester),
        ("submit_rule_version", planned.tester),
        ("report_owner_decision", planned.owner),
        ("reject_rule_version", planned.owner),
        ("revise_rule_version", planned.tester),
    ]
    rejection = planned.audit(version_id)[-1]
    assert rejection.table_name == "cycle_report_data_profiling_rule_versions"
    assert rejection.old_values == {
        "key": str(version_id), "version_status": "pending_approval", "rejection_reason": None,
    }  # fmt: skip
    assert rejection.new_values == {
        "key": str(version_id), "version_status": "rejected", "rejection_reason": "unclear",
    }  # fmt: skip
    decision = planned.audit(rule_id)[1]
    assert decision.old_values is not None
    assert decision.new_values is not None
    assert decision.old_values["report_owner_decision"] is None
    assert decision.new_values["report_owner_notes"] == "which balance?"
    assert planned.audit(draft_id)[0].new_values["parent_version_id"] == str(version_id)  # type: ignore[index]


def test_a_later_approval_supersedes_the_earlier_version(planned: Planned) -> None:
    first, second = planned.approved(), planned.approved()
    assert planned.version(first).version_status == VersionStatus.SUPERSEDED
    assert planned.version(second).version_status == VersionStatus.APPROVED
    assert [row.action for row in planned.audit(first)][-1] == "supersede_rule_version"
    assert planned.counters(first) == (3, 3, 0)
    with pytest.raises(TransitionRefusedError, match="is superseded"):
        planned.review.revise(first, planned.tester)


def test_revising_a_rejected_version(planned: Planned) -> None:
    version_id = planned.draft()
    rules = planned.rules(version_id)
    planned.review.decide(rules["State is known"].rule_id, planned.tester, Decision.REJECT, "not ours")
    planned.review.decide_all(version_id, planned.tester, Decision.APPROVE)
    planned.review.submit(version_id, planned.tester)
    planned.review.decide(rules["Balance is there"].rule_id, planned.owner, Decision.APPROVE)
    planned.review.decide(rules["Balance is covered"].rule_id, planned.owner, CHANGES, "up to 5000")
    planned.review.reject(version_id, planned.owner, "one bound is wrong")
    draft_id = planned.review.revise(version_id, planned.tester)
    draft, copies = planned.version(draft_id), planned.rules(draft_id)
    assert (draft.parent_version_id, draft.version_number, draft.version_status) == (version_id, 2, "draft")
    assert draft.planning_data_source_id == planned.version(version_id).planning_data_source_id is not None
    assert planned.counters(draft_id) == (3, 0, 0)
    assert {name: (c.tester_decision, c.report_owner_decision, c.report_owner_notes) for name, c in copies.items()} == {
        "Balance is there": ("approve", None, None),
        "Balance is covered": (None, None, "up to 5000"),
        "State is known": (None, None, None),
    }
    assert copies["Balance is covered"].rule_parameters == {
        "min_value": 0,
        "max_value": 1000,
        "origin": {"parent_rule_id": str(rules["Balance is covered"].rule_id)},
    }
    assert all(rule.status == "pending" for rule in copies.values())


def test_revising_an_approved_version_leaves_it_in_force(planned: Planned) -> None:
    version_id = planned.approved()
    draft_id = planned.review.revise(version_id, planned.tester)
    assert planned.version(version_id).version_status == VersionStatus.APPROVED
    assert all(rule.tester_decision == "approve" for rule in planned.rules(draft_id).values())
    planned.review.submit(draft_id, planned.tester)
    planned.review.approve(draft_id, planned.owner)
    assert planned.version(version_id).version_status == VersionStatus.SUPERSEDED


def test_what_the_state_refuses(planned: Planned) -> None:
    version_id = planned.approved()
    rule_id = planned.rules(version_id)["Balance is there"].rule_id
    before = get_version(planned.database, version_id)
    review, draft_rules = planned.review, planned.draft_rules
    tester, owner = planned.tester, planned.owner
    for step in [
        lambda: review.submit(version_id, tester),
        lambda: review.approve(version_id, owner),
        lambda: review.reject(version_id, owner, "late"),
        lambda: review.decide(rule_id, tester, Decision.APPROVE),
        lambda: review.decide(rule_id, owner, Decision.REJECT, "late"),
        lambda: review.decide_all(version_id, owner, Decision.APPROVE),
        lambda: draft_rules.add_rule(version_id, tester, Rule("New", "State", "not_null")),
        lambda: draft_rules.edit_rule(rule_id, tester, {"severity": "low"}),
        lambda: draft_rules.delete_rule(rule_id, tester),
    ]:
        with pytest.raises(TransitionRefusedError, match=r"is approved, .* Allowed: a Tester may revise"):
            step()
    assert get_version(planned.database, version_id) == before


def test_the_submitter_never_approves(planned: Planned) -> None:
    version_id = planned.pending()
    with pytest.raises(PermissionRefusedError, match="Only a Report Owner"):
        planned.review.approve(version_id, planned.tester)
    with planned.database.session() as session:
        session.get_one(UserRow, planned.tester).role = "Report Owner"
    rule_id = planned.rules(version_id)["Balance is there"].rule_id
    for step in [
        lambda: planned.review.approve(version_id, planned.tester),
        lambda: planned.review.reject(version_id, planned.tester, "no"),
        lambda: planned.review.decide(rule_id, planned.tester, Decision.APPROVE),
    ]:
        with pytest.raises(PermissionRefusedError, match="two different people"):
            step()
    assert planned.version(version_id).version_status == VersionStatus.PENDING_APPROVAL


def test_other_roles_and_inactive_people_are_refused(planned: Planned) -> None:
    version_id = planned.pending()
    with planned.database.session() as session:
        admin = a_user(session, "Admin").user_id
        session.get_one(UserRow, planned.owner).is_active = False
    for user in (admin, planned.owner):
        with pytest.raises(PermissionRefusedError):
            planned.review.approve(version_id, user)
        with pytest.raises(PermissionRefusedError):
            planned.review.decide_all(version_id, user, Decision.APPROVE)


def test_unknown_versions_rules_and_people(planned: Planned) -> None:
    version_id = planned.draft()
    for step in [
        lambda: planned.review.submit(uuid4(), planned.tester),
        lambda: planned.review.decide(uuid4(), planned.tester, Decision.APPROVE),
        lambda: planned.draft_rules.add_rule(uuid4(), planned.tester, RULES[0]),
        lambda: planned.review.submit(version_id, 2**31 - 1),
        lambda: planned.review.submit(version_id, 2**40),
    ]:
        with pytest.raises(NotFoundError, match="There is no"):
            step()


def test_a_stale_revision_is_a_conflict_and_changes_nothing(planned: Planned) -> None:
    version_id = planned.pending()
    read = get_version(planned.database, version_id)
    rule = read.rules[0]
    planned.review.decide(rule.rule_id, planned.owner, CHANGES, "which?", revision=rule.revision)
    now = get_version(planned.database, version_id)
    with pytest.raises(ConflictError, match="Nothing was stored"):
        planned.review.approve(version_id, planned.owner, revision=read.revision)
    with pytest.raises(ConflictError):
        planned.review.decide(rule.rule_id, planned.owner, Decision.APPROVE, revision=rule.revision)
    assert get_version(planned.database, version_id) == now
    other = read.rules[1]
    planned.review.decide(other.rule_id, planned.owner, Decision.APPROVE, revision=other.revision)


def test_a_rules_revision_also_tells_of_its_versions_state(planned: Planned) -> None:
    version_id = planned.pending()
    rule = get_version(planned.database, version_id).rules[0]
    planned.review.reject(version_id, planned.owner, "no")
    with pytest.raises(ConflictError):
        planned.review.decide(rule.rule_id, planned.owner, Decision.APPROVE, revision=rule.revision)


def test_a_deleted_rule_is_a_conflict_for_who_read_it(planned: Planned) -> None:
    rule = get_version(planned.database, planned.draft()).rules[0]
    planned.draft_rules.delete_rule(rule.rule_id, planned.tester, revision=rule.revision)
    with pytest.raises(ConflictError):
        planned.review.decide(rule.rule_id, planned.tester, Decision.APPROVE, revision=rule.revision)
    with pytest.raises(NotFoundError):
        planned.review.decide(rule.rule_id, planned.tester, Decision.APPROVE)


def test_deciding_on_all_leaves_earlier_decisions_alone_unless_told(planned: Planned) -> None:
    version_id = planned.draft()
    rule_id = planned.rules(version_id)["State is known"].rule_id
    planned.review.decide(rule_id, planned.tester, Decision.REJECT, "not ours")
    assert planned.review.decide_all(version_id, planned.tester, Decision.APPROVE) == 2
    assert planned.review.decide_all(version_id, planned.tester, Decision.APPROVE) == 0
    assert planned.rules(version_id)["State is known"].tester_decision == "reject"
    assert planned.review.decide_all(version_id, planned.tester, CHANGES, "all", only_undecided=False) == 3
    assert {rule.tester_notes for rule in planned.rules(version_id).values()} == {"all"}


def test_notes_that_cannot_be_stored_are_refused(planned: Planned) -> None:
    version_id = planned.pending()
    rule_id = planned.rules(version_id)["State is known"].rule_id
    for notes in ("\x00", "\ud800"):
        with pytest.raises(InvalidInputError, match="cannot be stored"):
            planned.review.decide(rule_id, planned.owner, Decision.REJECT, notes)
        with pytest.raises(InvalidInputError, match="cannot be stored"):
            planned.review.reject(version_id, planned.owner, notes)
