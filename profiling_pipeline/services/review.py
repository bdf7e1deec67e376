"""The review: what testers and report owners do with versions and rules.

Every method is one transaction with one audit row for each transition and decision in it. `revision` is what the caller
read (of a version or a rule view); when something changed since, the method refuses with ConflictError and changes
nothing. Without a revision, that is so for changes between the method's own reading and its lock.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from profiling_pipeline.approval import lifecycle
from profiling_pipeline.approval.lifecycle import Decision, RuleStatus, Step, VersionStatus
from profiling_pipeline.approval.oversight import check_overseer
from profiling_pipeline.results.unusual_change import Sensitivity
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.attributes import attribute_of_rule
from profiling_pipeline.services.dry_runs import Tried, require_runnable
from profiling_pipeline.services.execution_records import dry_run_row
from profiling_pipeline.services.new_versions import next_revision
from profiling_pipeline.services.phases import phase_attributes
from profiling_pipeline.services.rule_rows import (
    DEFINITION,
    change_rule,
    copy_rule,
    new_rule_row,
    require_names_apart,
    rule_from_row,
)
from profiling_pipeline.services.steps import VersionStep, rule_step, rules_step, values, version_step
from profiling_pipeline.services.stored_text import require_storable
from profiling_pipeline.services.users import person
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import RuleDryRunRow, RuleRow, RuleVersionRow


class ReviewService:
    """The steps of the review workflow on stored versions.

    All methods raise NotFoundError for an unknown version, rule or user, PermissionRefusedError when the step is not
    for this user, TransitionRefusedError when the state does not allow it, and ConflictError when somebody else was
    quicker.
    """

    def __init__(self, database: Database, settings: Settings | None = None) -> None:
        """Review what is in the database; with `settings`, rules that a person writes are tried on the data first."""
        self._database = database
        self._settings = settings

    def submit(self, version_id: UUID, user_id: int, *, revision: str | None = None) -> None:
        """Hand a draft over to the report owner."""
        with (
            version_step(self._database, version_id, user_id, revision=revision) as step,
            step.recorded(step.version, "submit_rule_version"),
        ):
            lifecycle.submit(step.version, step.rules(), step.person, at=step.at)

    def decide(
        self, rule_id: UUID, user_id: int, decision: Decision, notes: str | None = None, *, revision: str | None = None
    ) -> None:
        """Decide on one rule: as tester while the version is a draft, as report owner once it is submitted.

        Raises:
            InvalidInputError: Notes are missing where the decision needs them.
        """
        with rule_step(self._database, rule_id, user_id, revision=revision) as (step, rule):
            _decide(step, rule, decision, notes)

    def decide_all(
        self,
        version_id: UUID,
        user_id: int,
        decision: Decision,
        notes: str | None = None,
        *,
        only_undecided: bool = True,
        revision: str | None = None,
    ) -> int:
        """Decide alike on all rules that wait for this user's side, and return how many they were.

        Args:
            version_id: The version.
            user_id: Who decides.
            decision: What is decided.
            notes: Why; needed unless the decision is approve.
            only_undecided: Leave the rules alone on which this side has decided before.
            revision: The version's revision as it was read.

        Raises:
            InvalidInputError: Notes are missing where the decision needs them.
        """
        with version_step(self._database, version_id, user_id, revision=revision) as step:
            side = lifecycle.deciding_step(step.version, step.person)
            lifecycle.check_step(side, step.version, step.person)
            rules = [rule for rule in step.rules() if _waits(rule, side, only_undecided=only_undecided)]
            for rule in rules:
                _decide(step, rule, decision, notes)
        return len(rules)

    def approve(self, version_id: UUID, user_id: int, *, revision: str | None = None) -> None:
        """Approve a submitted version with its undecided rules; the phase's earlier approved version is superseded."""
        with version_step(self._database, version_id, user_id, revision=revision, locks_phase=True) as step:
            lifecycle.check_step(Step.APPROVE, step.version, step.person)
            _supersede_earlier(step)
            with step.recorded(step.version, "approve_rule_version"):
                lifecycle.approve(step.version, step.rules(), step.person, at=step.at)

    def reject(self, version_id: UUID, user_id: int, reason: str, *, revision: str | None = None) -> None:
        """Send a submitted version back.

        Raises:
            InvalidInputError: The reason is missing.
        """
        reason = require_storable(reason, "reason")
        with (
            version_step(self._database, version_id, user_id, revision=revision) as step,
            step.recorded(step.version, "reject_rule_version"),
        ):
            lifecycle.reject(step.version, step.rules(), step.person, reason)

    def revise(self, version_id: UUID, user_id: int, *, revision: str | None = None) -> UUID:
        """Make a new draft from a rejected or approved version and return its id."""
        with version_step(self._database, version_id, user_id, revision=revision, locks_phase=True) as step:
            lifecycle.check_step(Step.REVISE, step.version, step.person)
            draft = next_revision(step.session, step.version, created_by_id=user_id, at=step.at)
            rules = step.rules()
            copies = [_carried_over(rule, draft, step) for rule in rules]
            lifecycle.count_rules(draft, copies)
            step.session.add_all([draft, *copies])
            step.session.flush()
            _copy_dry_runs(step.session, dict(zip((rule.rule_id for rule in rules), copies, strict=True)))
            step.record(draft, "revise_rule_version", None, values(draft))
            return draft.version_id

    def set_sensitivity(
        self, version_id: UUID, user_id: int, sensitivity: Sensitivity, *, revision: str | None = None
    ) -> None:
        """Say how small a change of the data is unusual for a version, whatever its state; a revision takes it over."""
        with (
            version_step(self._database, version_id, user_id, revision=revision) as step,
            step.recorded(step.version, "set_change_sensitivity"),
        ):
            check_overseer(step.person, "set how sensitive a version is to change")
            step.version.change_sensitivity = sensitivity.value

    def add_rules(
        self, version_id: UUID, user_id: int, rules: Sequence[Rule], *, tried: Tried | None = None
    ) -> list[UUID]:
        """Add rules to a draft, all of them or none, and return their ids.

        Args:
            version_id: The draft.
            user_id: Who adds them.
            rules: The rules.
            tried: What they come to on the data, where they have been tried already.

        Raises:
            InvalidInputError: A rule cannot run, its attribute is not planned, or its name is taken.
        """
        tried = tried or self._tried(version_id, user_id, lambda *plan: [_placed(rule, *plan) for rule in rules])
        with rules_step(self._database, version_id, user_id) as step:
            lifecycle.check_step(Step.CHANGE_RULES, step.version, step.person)
            attributes, column_map = phase_attributes(step.session, step.version.phase_id)
            rows = [
                new_rule_row(
                    step.version,
                    attribute_of_rule(rule, attributes, column_map),
                    rule,
                    created_by_id=user_id,
                    at=step.at,
                )
                for rule in rules
            ]
            require_names_apart(step.session, rows)
            step.session.add_all(rows)
            step.session.flush()
            _keep_dry_runs(step, rows, tried)
            for row in rows:
                step.record(row, "add_rule", None, values(row))
            step.count_rules()
            return [row.rule_id for row in rows]

    def add_rule(self, version_id: UUID, user_id: int, rule: Rule) -> UUID:
        """Add a rule to a draft and return its id.

        Raises:
            InvalidInputError: The rule cannot run, its attribute is not planned, or its name is taken.
        """
        return self.add_rules(version_id, user_id, [rule])[0]

    def edit_rule(
        self, rule_id: UUID, user_id: int, changes: Mapping[str, Any], *, revision: str | None = None
    ) -> None:
        """Change a rule of a draft; its decisions are cleared.

        Args:
            rule_id: The rule.
            user_id: Who changes it.
            changes: New values by column name, such as `rule_parameters`; the others stay.
            revision: The rule's revision as it was read.

        Raises:
            InvalidInputError: A name in `changes` is unknown, or the changed rule cannot run.
        """
        changes_what_it_demands = not _SAYS_THE_SAME.issuperset(changes)
        tried = self._tried_edit(rule_id, user_id, changes) if changes_what_it_demands else None
        with rule_step(self._database, rule_id, user_id, revision=revision) as (step, rule):
            lifecycle.check_step(Step.CHANGE_RULES, step.version, step.person)
            attributes, _ = phase_attributes(step.session, step.version.phase_id)
            with step.recorded(rule, "edit_rule"), step.session.no_autoflush:
                change_rule(rule, changes, attributes)
                require_names_apart(step.session, [rule])
                lifecycle.clear_decisions(rule)
            if changes_what_it_demands:
                _keep_dry_runs(step, [rule], tried)
            step.count_rules()

    def delete_rule(self, rule_id: UUID, user_id: int, *, revision: str | None = None) -> None:
        """Delete a rule of a draft."""
        with rule_step(self._database, rule_id, user_id, revision=revision) as (step, rule):
            lifecycle.check_step(Step.CHANGE_RULES, step.version, step.person)
            step.record(rule, "delete_rule", values(rule), None)
            step.session.delete(rule)
            step.count_rules()

    def _tried_edit(self, rule_id: UUID, user_id: int, changes: Mapping[str, Any]) -> Tried | None:
        """Try a rule as it would be after the changes."""
        if self._settings is None:
            return None
        with self._database.session() as session:
            row = session.get(RuleRow, rule_id)
            if row is None:
                return None  # the step itself says so
            version_id = row.version_id
            changed = RuleRow(**{name: getattr(row, name) for name in DEFINITION}, rule_id=rule_id)

        def change(attributes: Sequence[Attribute], _: Mapping[str, str]) -> list[Rule]:
            change_rule(changed, changes, attributes)
            name = next(each.name for each in attributes if each.attribute_id == changed.attribute_id)
            return [rule_from_row(changed, name)]

        return self._tried(version_id, user_id, change)

    def _tried(
        self,
        version_id: UUID,
        user_id: int,
        make: Callable[[Sequence[Attribute], Mapping[str, str]], Sequence[Rule]],
    ) -> Tried | None:
        """Try rules on the data before anything is locked, once it is sure that this person may change the version."""
        if self._settings is None:
            return None
        with self._database.session() as session:
            version = session.get(RuleVersionRow, version_id)
            if version is None:
                return None  # the step itself says so
            lifecycle.check_step(Step.CHANGE_RULES, version, person(session, user_id))
            phase_id = version.phase_id
            rules = make(*phase_attributes(session, phase_id))
        return require_runnable(self._database, self._settings, phase_id, rules, user_id=user_id)


# Changes of these leave what a rule demands of the data as it is.
_SAYS_THE_SAME = frozenset(
    {"rule_name", "rule_type", "rule_description", "regulatory_reference", "execution_order", "severity"}
)


def _placed(rule: Rule, attributes: Sequence[Attribute], column_map: Mapping[str, str]) -> Rule:
    validate_rule(rule)
    return replace(rule, attribute_id=attribute_of_rule(rule, attributes, column_map).attribute_id)


def _keep_dry_runs(step: VersionStep, rules: Sequence[RuleRow], tried: Tried | None) -> None:
    """Store what rules come to now; what one came to before it was changed goes in any case."""
    step.session.execute(delete(RuleDryRunRow).where(RuleDryRunRow.rule_id.in_([rule.rule_id for rule in rules])))
    if tried is not None:
        pairs = zip(rules, tried.outcomes, strict=True)
        step.session.add_all([dry_run_row(row.rule_id, outcome, tried.source, step.at) for row, outcome in pairs])


def _copy_dry_runs(session: Session, copies: Mapping[UUID, RuleRow]) -> None:
    """Let copies of rules show what their parents came to, and when."""
    for row in session.scalars(select(RuleDryRunRow).where(RuleDryRunRow.rule_id.in_(copies))).all():
        values = {column.key: getattr(row, column.key) for column in RuleDryRunRow.__table__.columns}
        session.add(RuleDryRunRow(**values | {"rule_id": copies[row.rule_id].rule_id}))


def _decide(step: VersionStep, rule: RuleRow, decision: Decision, notes: str | None) -> None:
    side = lifecycle.deciding_step(step.version, step.person)
    action = "tester_decision" if side is Step.DECIDE_AS_TESTER else "report_owner_decision"
    kept_notes = require_storable(notes.strip(), "notes") or None if notes else None
    with step.recorded(rule, action):
        lifecycle.decide(step.version, rule, step.person, decision, kept_notes, at=step.at)


def _carried_over(rule: RuleRow, draft: RuleVersionRow, step: VersionStep) -> RuleRow:
    copy = copy_rule(rule, draft, created_by_id=step.person.user_id, at=step.at)
    lifecycle.carry_over(rule, copy)
    return copy


def _waits(rule: RuleRow, side: Step, *, only_undecided: bool) -> bool:
    if side is Step.DECIDE_AS_OWNER and rule.status != RuleStatus.SUBMITTED:
        return False
    decided = rule.tester_decision if side is Step.DECIDE_AS_TESTER else rule.report_owner_decision
    return decided is None or not only_undecided


def _supersede_earlier(step: VersionStep) -> None:
    """Retire the phase's approved version, and send that first: the database allows one approved version a phase."""
    earlier = step.session.scalar(
        select(RuleVersionRow)
        .where(
            RuleVersionRow.phase_id == step.version.phase_id,
            RuleVersionRow.version_status == VersionStatus.APPROVED.value,
        )
        .with_for_update()
    )
    if earlier is not None:
        with step.recorded(earlier, "supersede_rule_version"):
            lifecycle.supersede(earlier)
        step.flush()
