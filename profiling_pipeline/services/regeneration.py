"""Taking up a rejected version: rules with requested changes are suggested anew, the others carried over."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from profiling_pipeline.approval import lifecycle
from profiling_pipeline.approval.lifecycle import Decision, VersionStatus
from profiling_pipeline.approval.subjects import name_of
from profiling_pipeline.errors import TransitionRefusedError
from profiling_pipeline.generation.language_model.generator import ChangeRequest
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.drafts import Draft, StoredDraft, draft_of_run
from profiling_pipeline.services.dry_runs import Tried, try_rules
from profiling_pipeline.services.execution_records import dry_run_row
from profiling_pipeline.services.generations import generation_row
from profiling_pipeline.services.model_answers import StoredAnswers
from profiling_pipeline.services.new_versions import next_revision
from profiling_pipeline.services.phases import open_planned_source
from profiling_pipeline.services.proposals import Proposals, propose_changes
from profiling_pipeline.services.provider import Provider
from profiling_pipeline.services.rule_rows import change_definition, copy_rule
from profiling_pipeline.services.steps import VersionStep, values, version_step
from profiling_pipeline.services.trial import Material
from profiling_pipeline.services.versions import get_version
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import RuleRow, RuleVersionRow


def versions_to_regenerate(database: Database, limit: int) -> list[tuple[UUID, int]]:
    """Return id and phase of rejected versions with requested changes that are their phase's newest, oldest first."""
    newer = aliased(RuleVersionRow)
    has_newer = exists().where(
        newer.phase_id == RuleVersionRow.phase_id, newer.version_number > RuleVersionRow.version_number
    )
    has_request = exists().where(
        RuleRow.version_id == RuleVersionRow.version_id,
        RuleRow.report_owner_decision == Decision.REQUEST_CHANGES.value,
    )
    statement = (
        select(RuleVersionRow.version_id, RuleVersionRow.phase_id)
        .where(RuleVersionRow.version_status == VersionStatus.REJECTED.value, has_request, ~has_newer)
        .order_by(RuleVersionRow.updated_at, RuleVersionRow.version_id)
        .limit(limit)
    )
    with database.session() as session:
        return [(version_id, phase_id) for version_id, phase_id in session.execute(statement)]


def regenerate_rules(
    database: Database,
    settings: Settings,
    version_id: UUID,
    *,
    created_by_id: int,
    provider: Provider | None = None,
    workflow_execution_id: str | None = None,
    workflow_run_id: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Draft:
    """Make a new draft from a rejected version, with new proposals where the report owner requested changes.

    A language model is asked for a rule in the place of each of those, the owner's notes being part of the request.
    Offline, and where it gives nothing usable, the rule takes the parameters of a suggestion with the same check, if
    that says something else; otherwise it comes back as it was. Either way it is undecided and shows the owner's notes.
    All other rules are carried over as when a tester revises the version, and all are tried on the data. A repeated
    run finds the draft that it stored before.

    Raises:
        NotFoundError: There is no such version or user.
        TransitionRefusedError: The version is not rejected, or its phase has a newer one already.
        SourceError: The data cannot be read; nothing is stored.
        ModelError: The language model cannot be asked at all; nothing is stored but what it answered.
    """
    version = get_version(database, version_id)
    is_requested = {
        rule.rule_id: rule.report_owner_decision == Decision.REQUEST_CHANGES.value for rule in version.rules
    }
    rules = [each.rule for each in version.rules]
    requests = [
        ChangeRequest(each.rule, each.report_owner_notes) for each in version.rules if is_requested[each.rule_id]
    ]
    reason = f"suggest rules anew{f', run {workflow_run_id}' if workflow_run_id else ''}"
    with open_planned_source(database, settings, version.phase_id, user_id=created_by_id, reason=reason) as planned:
        profile = profile_source(planned.source, progress)
        proposals = propose_changes(
            Material.of(planned, profile),
            settings,
            requests,
            provider,
            existing=[rule for rule in rules if rule.rule_id is not None and not is_requested[rule.rule_id]],
            answers=StoredAnswers(database, workflow_run_id),
        )
        changed = {rule.rule_id for rule in proposals.rules}
        tried = try_rules([rule for rule in rules if rule.rule_id not in changed], planned)
    with version_step(database, version_id, created_by_id, locks_phase=True) as step:
        stored = draft_of_run(step.session, version.phase_id, workflow_run_id)
        if stored is None:
            draft = _next_draft(step)
            draft.workflow_execution_id = workflow_execution_id
            draft.workflow_run_id = workflow_run_id
            stored = _store(step, draft, proposals, tried)
    return Draft.of(stored, planned, profile, proposals)


def _next_draft(step: VersionStep) -> RuleVersionRow:
    rejected = step.version
    name = name_of(rejected)
    if rejected.version_status != VersionStatus.REJECTED:
        raise TransitionRefusedError(
            f"{name} is {rejected.version_status}; only a rejected version is regenerated. Generate a draft instead."
        )
    draft = next_revision(step.session, rejected, created_by_id=step.person.user_id, at=step.at)
    if draft.version_number != rejected.version_number + 1:
        raise TransitionRefusedError(
            f"{name} has been taken up: the phase has a newer version. Go on with version "
            f"{draft.phase_id}:{draft.version_number - 1}."
        )
    return draft


def _store(step: VersionStep, draft: RuleVersionRow, proposals: Proposals, tried: Tried) -> StoredDraft:
    changed = {rule.rule_id: rule for rule in proposals.rules}
    outcomes = {outcome.rule.rule_id: outcome for outcome in (*proposals.outcomes, *tried.outcomes)}
    copies, dry_runs = [], []
    for rule in step.rules():
        copy = copy_rule(rule, draft, created_by_id=step.person.user_id, at=step.at)
        lifecycle.carry_over(rule, copy)
        if rule.rule_id in changed:
            _change(copy, changed[rule.rule_id])
        copies.append(copy)
        dry_runs.append(dry_run_row(copy.rule_id, outcomes[rule.rule_id], tried.source, step.at))
    _keep_names_apart(copies, step.rules())
    lifecycle.count_rules(draft, copies)
    step.session.add_all([draft, *copies])
    step.session.flush()
    step.session.add_all(dry_runs)
    step.session.add(generation_row(draft.version_id, proposals.generation, proposals.dropped, step.at))
    step.record(draft, "regenerate_rule_version", None, values(draft))
    return StoredDraft(draft.version_id, draft.version_number, draft.total_rules)


def _change(copy: RuleRow, proposed: Rule) -> None:
    """Give the copy of a rule what is proposed in its place, with both origins."""
    copied, own = (_origin(parameters) for parameters in (copy.rule_parameters or {}, proposed.parameters))
    change_definition(copy, replace(proposed, parameters={**proposed.parameters, "origin": {**own, **copied}}))


def _origin(parameters: Mapping[str, Any]) -> dict[str, Any]:
    origin = parameters.get("origin")
    return dict(origin) if isinstance(origin, Mapping) else {}


def _keep_names_apart(copies: Sequence[RuleRow], parents: Sequence[RuleRow]) -> None:
    """Give changed rules their old names back where another rule of the attribute has the new one."""
    names = Counter((copy.attribute_id, copy.rule_name) for copy in copies)
    for copy, parent in zip(copies, parents, strict=True):
        if copy.rule_name != parent.rule_name and names[copy.attribute_id, copy.rule_name] > 1:
            copy.rule_name = parent.rule_name
