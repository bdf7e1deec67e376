"""The stored workflow and the pure one, taken through the same steps, agree after every one of them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from profiling_pipeline.approval import lifecycle
from profiling_pipeline.approval.lifecycle import Decision, Person, Role, Step, VersionStatus
from profiling_pipeline.errors import ProfilingError
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.approval.subjects import NOW, PlainRule, PlainVersion
from profiling_pipeline_tests.builders import a_report_owner
from profiling_pipeline_tests.services.planned import BALANCE_IS_THERE, STATE_IS_KNOWN, a_planned_phase

MOST_VERSIONS = 5
MOST_RULES = 4
DECISIONS = (
    "status",
    "tester_decision",
    "tester_decided_by",
    "tester_notes",
    "report_owner_decision",
    "report_owner_decided_by",
    "report_owner_notes",
)
COUNTERS = ("version_status", "total_rules", "approved_rules", "rejected_rules", "submitted_by_id", "approved_by_id")

versions = st.integers(0, MOST_VERSIONS - 1)
rules = st.integers(0, MOST_RULES - 1)
SUITED = 3
people = st.sampled_from([0, 1, 2, SUITED, SUITED, SUITED, SUITED])
notes = st.sampled_from([None, "", "because"])


@dataclass
class Model:
    """A version of the pure workflow, its rules by the ids of the stored ones."""

    version: PlainVersion = field(default_factory=PlainVersion)
    rules: dict[UUID, PlainRule] = field(default_factory=dict)


class Workflow(RuleBasedStateMachine):
    """One phase: any person tries any step on any version."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.planned = a_planned_phase(database)
        with database.session() as session:
            second_owner = a_report_owner(session).user_id
        self.database = database
        self.people = [
            Person(self.planned.tester, Role.TESTER),
            Person(self.planned.owner, Role.REPORT_OWNER),
            Person(second_owner, Role.REPORT_OWNER),
        ]
        self.models: dict[UUID, Model] = {}
        self.audited = Counter({row.action: 0 for row in self.planned.audit()})
        self.earlier_audit_rows = len(self.planned.audit())
        self.names = 0
        self.draft()

    def draft(self) -> None:
        version_id = self.planned.draft((BALANCE_IS_THERE, STATE_IS_KNOWN))
        model = Model(rules={row.rule_id: PlainRule(row.rule_name) for row in self.planned.rules(version_id).values()})
        lifecycle.count_rules(model.version, model.rules.values())
        self.models[version_id] = model
        self.audited["create_rule_version"] += 1

    def both(self, pure: Callable[[], object], stored: Callable[[], object], action: str | None = None) -> bool:
        """Take a step in both workflows; return whether it was allowed, which must be the same in both."""
        try:
            pure()
        except ProfilingError as error:
            with pytest.raises(type(error)):
                stored()
            return False
        stored()
        if action:
            self.audited[action] += 1
        return True

    def actor(self, who: int, model: Model) -> Person:
        """Return one of the people, or whoever can do something in the version's state."""
        is_pending = model.version.version_status == VersionStatus.PENDING_APPROVAL
        return self.people[int(is_pending)] if who == SUITED else self.people[who]

    def chosen(self, number: int) -> tuple[UUID, Model]:
        return list(self.models.items())[number % len(self.models)]

    def chosen_rule(self, version: int, number: int) -> tuple[UUID, PlainRule, Model] | None:
        _, model = self.chosen(version)
        if not model.rules:
            return None
        rule_id, plain = list(model.rules.items())[number % len(model.rules)]
        return rule_id, plain, model

    @precondition(lambda self: len(self.models) < MOST_VERSIONS)
    @rule()
    def make_draft(self) -> None:
        self.draft()

    @rule(version=versions, number=rules, who=people, decision=st.sampled_from(Decision), why=notes)
    def decide(self, version: int, number: int, who: int, decision: Decision, why: str | None) -> None:
        chosen = self.chosen_rule(version, number)
        if chosen is None:
            return
        rule_id, plain, model = chosen
        person = self.actor(who, model)
        action = "tester_decision" if person.role == Role.TESTER else "report_owner_decision"
        self.both(
            lambda: lifecycle.decide(model.version, plain, person, decision, why or None, at=NOW),
            lambda: self.planned.review.decide(rule_id, person.user_id, decision, why),
            action,
        )

    @rule(version=versions, who=people)
    def approve_all_rules(self, version: int, who: int) -> None:
        version_id, model = self.chosen(version)
        person = self.actor(who, model)

        def pure() -> None:
            side = lifecycle.deciding_step(model.version, person)
            lifecycle.check_step(side, model.version, person)
            for plain in model.rules.values():
                if side is Step.DECIDE_AS_TESTER and plain.tester_decision is None:
                    lifecycle.decide(model.version, plain, person, Decision.APPROVE, None, at=NOW)
                    self.audited["tester_decision"] += 1
                elif plain.status == "submitted" and plain.report_owner_decision is None:
                    lifecycle.decide(model.version, plain, person, Decision.APPROVE, None, at=NOW)
                    self.audited["report_owner_decision"] += 1

        self.both(pure, lambda: self.planned.review.decide_all(version_id, person.user_id, Decision.APPROVE))

    @rule(version=versions, who=people)
    def submit(self, version: int, who: int) -> None:
        version_id, model = self.chosen(version)
        person = self.actor(who, model)
        self.both(
            lambda: lifecycle.submit(model.version, list(model.rules.values()), person, at=NOW),
            lambda: self.planned.review.submit(version_id, person.user_id),
            "submit_rule_version",
        )

    @rule(version=versions)
    def hand_over(self, version: int) -> None:
        """Let the tester do what a draft needs, so that the steps after it are reached often."""
        self.approve_all_rules(version, 0)
        self.submit(version, 0)

    @rule(version=versions)
    def settle(self, version: int) -> None:
        """Let the tester and an owner bring a version to its approval."""
        self.hand_over(version)
        self.approve(version, 1)

    @rule(version=versions, who=people)
    def approve(self, version: int, who: int) -> None:
        version_id, model = self.chosen(version)
        person = self.actor(who, model)
        earlier = [m.version for m in self.models.values() if m.version.version_status == VersionStatus.APPROVED]
        if self.both(
            lambda: lifecycle.approve(model.version, list(model.rules.values()), person, at=NOW),
            lambda: self.planned.review.approve(version_id, person.user_id),
            "approve_rule_version",
        ):
            for superseded in earlier:
                lifecycle.supersede(superseded)
                self.audited["supersede_rule_version"] += 1

    @rule(version=versions, who=people, why=st.sampled_from(["", "because"]))
    def reject(self, version: int, who: int, why: str) -> None:
        version_id, model = self.chosen(version)
        person = self.actor(who, model)
        self.both(
            lambda: lifecycle.reject(model.version, list(model.rules.values()), person, why),
            lambda: self.planned.review.reject(version_id, person.user_id, why),
            "reject_rule_version",
        )

    @precondition(lambda self: len(self.models) < MOST_VERSIONS)
    @rule(version=versions, who=people)
    def revise(self, version: int, who: int) -> None:
        version_id, model = self.chosen(version)
        person = self.actor(who, model)
        made: list[UUID] = []
        if self.both(
            lambda: lifecycle.check_step(Step.REVISE, model.version, person),
            lambda: made.append(self.planned.review.revise(version_id, person.user_id)),
            "revise_rule_version",
        ):
            copies = self.planned.rules(made[0])
            taken_up = Model()
            for parent in model.rules.values():
                copy = PlainRule(parent.rule_name)
                lifecycle.carry_over(parent, copy)
                taken_up.rules[copies[parent.rule_name].rule_id] = copy
            lifecycle.count_rules(taken_up.version, taken_up.rules.values())
            self.models[made[0]] = taken_up

    @rule(version=versions, who=people)
    def add_rule(self, version: int, who: int) -> None:
        version_id, model = self.chosen(version)
        if len(model.rules) >= MOST_RULES:
            return
        person = self.actor(who, model)
        self.names += 1
        name, added = f"Rule {self.names}", []
        if self.both(
            lambda: lifecycle.check_step(Step.CHANGE_RULES, model.version, person),
            lambda: added.append(
                self.planned.draft_rules.add_rule(version_id, person.user_id, Rule(name, "State", "not_null"))
            ),
            "add_rule",
        ):
            model.rules[added[0]] = PlainRule(name)
            lifecycle.count_rules(model.version, model.rules.values())

    @rule(version=versions, number=rules, who=people)
    def edit_rule(self, version: int, number: int, who: int) -> None:
        chosen = self.chosen_rule(version, number)
        if chosen is None:
            return
        rule_id, plain, model = chosen
        person = self.actor(who, model)
        if self.both(
            lambda: lifecycle.check_step(Step.CHANGE_RULES, model.version, person),
            lambda: self.planned.draft_rules.edit_rule(rule_id, person.user_id, {"severity": "high"}),
            "edit_rule",
        ):
            lifecycle.clear_decisions(plain)

    @rule(version=versions, number=rules, who=people)
    def delete_rule(self, version: int, number: int, who: int) -> None:
        chosen = self.chosen_rule(version, number)
        if chosen is None:
            return
        rule_id, _, model = chosen
        person = self.actor(who, model)
        if self.both(
            lambda: lifecycle.check_step(Step.CHANGE_RULES, model.version, person),
            lambda: self.planned.draft_rules.delete_rule(rule_id, person.user_id),
            "delete_rule",
        ):
            del model.rules[rule_id]
            lifecycle.count_rules(model.version, model.rules.values())

    @invariant()
    def stored_versions_are_those_of_the_model(self) -> None:
        for version_id, model in self.models.items():
            version, stored = self.planned.version(version_id), self.planned.rules(version_id).values()
            assert [getattr(version, name) for name in COUNTERS] == [getattr(model.version, name) for name in COUNTERS]
            assert {row.rule_id: [getattr(row, name) for name in DECISIONS] for row in stored} == {
                rule_id: [getattr(plain, name) for name in DECISIONS] for rule_id, plain in model.rules.items()
            }

    @invariant()
    def one_version_is_approved_at_most(self) -> None:
        states = [self.planned.version(version_id).version_status for version_id in self.models]
        assert states.count(VersionStatus.APPROVED) <= 1

    @invariant()
    def every_step_has_its_audit_row(self) -> None:
        rows = self.planned.audit()[self.earlier_audit_rows :]
        assert Counter(row.action for row in rows) == +self.audited


def test_the_stored_workflow_is_the_pure_one(database: Database) -> None:
    run_state_machine_as_test(
        lambda: Workflow(database),
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
