"""The review: how testers and report owners decide on versions and their rules.

Every method is one transaction with one audit row for each transition and decision in it. `revision` is what the caller
read (of a version or a rule view); when something changed since, the method refuses with ConflictError and changes
nothing. Without a revision, that is so for changes between the method's own reading and its lock.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from profiling_pipeline.approval import lifecycle
from profiling_pipeline.approval.lifecycle import Decision, RuleStatus, Step, VersionStatus
from profiling_pipeline.approval.oversight import check_overseer
from profiling_pipeline.results.unusual_change import Sensitivity
from profiling_pipeline.services.new_versions import next_revision
from profiling_pipeline.services.rule_rows import copy_rule
from profiling_pipeline.services.steps import VersionStep, rule_step, values, version_step
from profiling_pipeline.services.stored_text import require_storable
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import RuleDryRunRow, RuleRow, RuleVersionRow


class ReviewService:
    """The steps of the review workflow on stored versions.

    All methods raise NotFoundError for an unknown version, rule or user, PermissionRefusedError when the step is not
    for this user, TransitionRefusedError when the state does not allow it, and ConflictError when somebody else was
    quicker.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

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
        rule_ids: Collection[UUID] | None = None,
        only_undecided: bool = True,
        revision: str | None = None,
    ) -> int:
        """Decide alike on all rules that wait for this user's side, and return how many they were.

        Args:
            version_id: The version.
            user_id: Who decides.
            decision: What is decided.
            notes: Why; needed unless the decision is approve.
            rule_ids: Only these of the version's rules; None for all.
            only_undecided: Leave the rules alone on which this side has decided before.
            revision: The version's revision as it was read.

        Raises:
            InvalidInputError: Notes are missing where the decision needs them.
        """
        with version_step(self._database, version_id, user_id, revision=revision) as step:
            side = lifecycle.deciding_step(step.version, step.person)
            lifecycle.check_step(side, step.version, step.person)
            among = [rule for rule in step.rules() if rule_ids is None or rule.rule_id in rule_ids]
            rules = [rule for rule in among if _waits(rule, side, only_undecided=only_undecided)]
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
