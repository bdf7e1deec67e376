"""Rules of a phase's latest version that a new generation leaves alone, because a person has dealt with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from profiling_pipeline.approval import lifecycle
from profiling_pipeline.approval.lifecycle import VersionStatus
from profiling_pipeline.errors import ConflictError
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.revisions import version_revision
from profiling_pipeline.services.rule_rows import copy_rule, rule_from_row
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AttributeRow, RuleRow, RuleVersionRow

_DEALT_WITH = "by_a_person"  # in a rule's origin: it was changed by a person in an earlier version


@dataclass(frozen=True)
class Survivors:
    """The rules that stay, and which state of which version they were read from."""

    version_id: UUID | None
    revision: str | None
    rules: Sequence[Rule]


def find_survivors(database: Database, phase_id: int) -> Survivors:
    """Return the rules of the phase's latest version that a person wrote, changed or decided on."""
    with database.session() as session:
        version = _latest(session, phase_id)
        if version is None:
            return Survivors(None, None, ())
        rows = session.execute(
            select(RuleRow, AttributeRow.attribute_name)
            .join(AttributeRow, AttributeRow.id == RuleRow.attribute_id)
            .where(RuleRow.version_id == version.version_id)
            .order_by(RuleRow.execution_order, RuleRow.rule_name, RuleRow.rule_id)
        )
        rules = tuple(rule_from_row(row, name) for row, name in rows if _is_dealt_with(row))
        return Survivors(version.version_id, version_revision(version.updated_at), rules)


def copy_survivors(session: Session, survivors: Survivors, draft: RuleVersionRow) -> list[RuleRow]:
    """Return copies of the surviving rules for a new draft of the phase, which this transaction has locked.

    From a draft they keep the tester's decisions; from a later state what a revision of the version would keep.

    Raises:
        ConflictError: The version that they were read from has changed, or there is a newer one.
    """
    parent = _latest(session, draft.phase_id)
    found = (parent.version_id, version_revision(parent.updated_at)) if parent is not None else (None, None)
    if found != (survivors.version_id, survivors.revision):
        raise ConflictError(
            f"Somebody changed the latest version of phase {draft.phase_id} while rules were generated. Nothing was "
            "stored: generate again, what a language model answered is kept."
        )
    if parent is None or not survivors.rules:
        return []
    draft.parent_version_id = parent.version_id
    wanted = [rule.rule_id for rule in survivors.rules]
    rows = {row.rule_id: row for row in session.scalars(select(RuleRow).where(RuleRow.rule_id.in_(wanted)))}
    return [_copy(rows[rule_id], parent, draft) for rule_id in wanted if rule_id is not None]


def _copy(rule: RuleRow, parent: RuleVersionRow, draft: RuleVersionRow) -> RuleRow:
    copy = copy_rule(rule, draft, created_by_id=draft.created_by_id, at=draft.created_at)
    parameters = dict(copy.rule_parameters or {})
    copy.rule_parameters = {**parameters, "origin": {**parameters["origin"], _DEALT_WITH: True}}
    if parent.version_status == VersionStatus.DRAFT:
        copy.tester_decision, copy.tester_notes = rule.tester_decision, rule.tester_notes
        copy.tester_decided_by, copy.tester_decided_at = rule.tester_decided_by, rule.tester_decided_at
        copy.report_owner_notes = rule.report_owner_notes
    else:
        lifecycle.carry_over(rule, copy)
    return copy


def _is_dealt_with(rule: RuleRow) -> bool:
    """Return whether a person wrote the rule (nothing proposed it), changed it, or decided on it."""
    origin = (rule.rule_parameters or {}).get("origin")
    was_before = isinstance(origin, dict) and bool(origin.get(_DEALT_WITH))
    decisions = (rule.tester_decision, rule.report_owner_decision, rule.report_owner_notes)
    decided = any(decision is not None for decision in decisions)
    return decided or was_before or rule.llm_provider is None or rule.updated_at > rule.created_at


def _latest(session: Session, phase_id: int) -> RuleVersionRow | None:
    return session.scalar(
        select(RuleVersionRow)
        .where(RuleVersionRow.phase_id == phase_id)
        .order_by(RuleVersionRow.version_number.desc())
        .limit(1)
    )
