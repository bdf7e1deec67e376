"""Taking up a rejected version: rules with requested changes are suggested anew, the others carried over."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from profiling_pipeline.approval import lifecycle
from profiling_pipeline.approval.lifecycle import Decision, VersionStatus
from profiling_pipeline.errors import TransitionRefusedError
from profiling_pipeline.generation.rule_packs import load_packs
from profiling_pipeline.generation.suggester import suggest_rules
from profiling_pipeline.generation.vetting import Vetted, vet_rules
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.drafts import Draft, StoredDraft, draft_of_run
from profiling_pipeline.services.new_versions import next_revision
from profiling_pipeline.services.phases import PlannedSource, open_planned_source
from profiling_pipeline.services.rule_rows import copy_rule
from profiling_pipeline.services.steps import VersionStep, values, version_step
from profiling_pipeline.services.versions import get_version
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import RuleRow, RuleVersionRow

# Parameters that people give a rule beside its check's own: a new suggestion keeps them.
_KEPT_PARAMETERS = frozenset({"where", "min_pass_rate", "warn_pass_rate", "origin"})


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
    workflow_execution_id: str | None = None,
    workflow_run_id: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Draft:
    """Make a new draft from a rejected version, with new suggestions where the report owner requested changes.

    Such a rule takes the parameters of a suggestion with the same check, where that says something else than the rule
    does; otherwise it comes back as it was. Either way it is undecided and shows the owner's notes. All other rules are
    carried over as when a tester revises the version. A repeated run finds the draft that it stored before.

    Raises:
        NotFoundError: There is no such version or user.
        TransitionRefusedError: The version is not rejected, or its phase has a newer one already.
        SourceError: The data cannot be read; nothing is stored.
    """
    phase_id = get_version(database, version_id).phase_id
    packs = load_packs(settings.rule_pack_folders)
    reason = f"suggest rules anew{f', run {workflow_run_id}' if workflow_run_id else ''}"
    with open_planned_source(database, settings, phase_id, user_id=created_by_id, reason=reason) as planned:
        profile = profile_source(planned.source, progress)
        vetted = vet_rules(
            suggest_rules(profile, planned.plan.attributes, planned.matches, source=planned.source, packs=packs),
            planned.source,
            planned.others,
        )
    with version_step(database, version_id, created_by_id, locks_phase=True) as step:
        stored = draft_of_run(step.session, phase_id, workflow_run_id)
        if stored is None:
            draft = _next_draft(step)
            draft.workflow_execution_id = workflow_execution_id
            draft.workflow_run_id = workflow_run_id
            stored = _store(step, draft, vetted.kept)
    return _draft(stored, planned, profile, vetted)


def _next_draft(step: VersionStep) -> RuleVersionRow:
    rejected = step.version
    name = f"Version {rejected.phase_id}:{rejected.version_number}"
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


def _store(step: VersionStep, draft: RuleVersionRow, suggested: Iterable[Rule]) -> StoredDraft:
    by_subject: dict[tuple[int | None, str], list[Rule]] = defaultdict(list)
    for suggestion in suggested:
        by_subject[suggestion.attribute_id, suggestion.check].append(suggestion)
    copies = []
    for rule in step.rules():
        copy = copy_rule(rule, draft, created_by_id=step.person.user_id, at=step.at)
        lifecycle.carry_over(rule, copy)
        if rule.report_owner_decision == Decision.REQUEST_CHANGES:
            _suggest_anew(copy, by_subject[rule.attribute_id, rule.rule_code])
        copies.append(copy)
    lifecycle.count_rules(draft, copies)
    step.session.add_all([draft, *copies])
    step.record(draft, "regenerate_rule_version", None, values(draft))
    return StoredDraft(draft.version_id, draft.version_number, draft.total_rules)


def _suggest_anew(rule: RuleRow, suggestions: Iterable[Rule]) -> None:
    """Give a rule the parameters and the evidence of the first suggestion that says something else."""
    parameters = rule.rule_parameters or {}
    kept = {name: value for name, value in parameters.items() if name in _KEPT_PARAMETERS}
    for suggestion in suggestions:
        if _own(suggestion.parameters) != _own(parameters):
            rule.rule_parameters = {**_own(suggestion.parameters), **kept}
            rule.rule_description = suggestion.description
            rule.llm_provider = suggestion.provider
            rule.llm_rationale = suggestion.rationale
            rule.llm_confidence_score = suggestion.confidence
            return


def _own(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what belongs to the check itself."""
    return {name: value for name, value in parameters.items() if name not in _KEPT_PARAMETERS}


def _draft(stored: StoredDraft, planned: PlannedSource, profile: TableProfile, vetted: Vetted) -> Draft:
    return Draft(
        version_id=stored.version_id,
        version_number=stored.version_number,
        rules=stored.rules,
        dropped=tuple(vetted.dropped),
        matches=planned.matches,
        hidden_columns=planned.hidden_columns,
        profile=profile,
    )
