"""Draft versions: generated from a phase's data, or made from rules that somebody brings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from profiling_pipeline.approval import lifecycle
from profiling_pipeline.approval.lifecycle import Role
from profiling_pipeline.errors import ConflictError, PermissionRefusedError
from profiling_pipeline.generation.vetting import DroppedRule
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.attributes import attribute_of_rule
from profiling_pipeline.services.dry_runs import Tried, require_runnable, try_rules
from profiling_pipeline.services.execution_records import SourceState, dry_run_row
from profiling_pipeline.services.generations import Generation, generation_row
from profiling_pipeline.services.model_answers import StoredAnswers
from profiling_pipeline.services.new_versions import DATABASE_SOURCE, FILE_UPLOAD, next_draft
from profiling_pipeline.services.phases import PhasePlan, PlannedSource, load_plan, open_planned_source
from profiling_pipeline.services.proposals import Proposals, propose_rules
from profiling_pipeline.services.provider import Provider
from profiling_pipeline.services.rule_rows import new_rule_row, require_names_apart
from profiling_pipeline.services.steps import clock, lock_phase, values
from profiling_pipeline.services.survivors import Survivors, copy_survivors, find_survivors
from profiling_pipeline.services.trial import Material
from profiling_pipeline.services.users import SYSTEM_EMAIL, get_user
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import ColumnMatches
from profiling_pipeline.storage.audit import record_audit
from profiling_pipeline.storage.database import Database, first_line
from profiling_pipeline.storage.models import RuleDryRunRow, RuleRow, RuleVersionRow


@dataclass(frozen=True)
class StoredDraft:
    """A draft version, just stored or found from an earlier attempt of the same run; `rules` is their number."""

    version_id: UUID
    version_number: int
    rules: int


@dataclass(frozen=True)
class Draft(StoredDraft):
    """A generated draft, with what it rests on and what was left out."""

    dropped: tuple[DroppedRule, ...]
    matches: ColumnMatches
    profile: TableProfile
    hidden_columns: frozenset[str]
    generation: Generation

    @classmethod
    def of(cls, stored: StoredDraft, planned: PlannedSource, profile: TableProfile, proposals: Proposals) -> "Draft":
        """Return a stored draft with what it rests on."""
        return cls(
            version_id=stored.version_id,
            version_number=stored.version_number,
            rules=stored.rules,
            dropped=tuple(proposals.dropped),
            matches=planned.matches,
            hidden_columns=planned.hidden_columns,
            profile=profile,
            generation=proposals.generation,
        )


def generate_draft(
    database: Database,
    settings: Settings,
    phase_id: int,
    *,
    created_by_id: int,
    provider: Provider | None = None,
    workflow_execution_id: str | None = None,
    workflow_run_id: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Draft:
    """Profile the phase's data source and put rules proposed for it, tried on the data, into a new draft.

    Rules of the phase's latest version that a person wrote, changed or decided on are part of the draft as they are,
    and nothing that they say already is proposed. A repeated run finds the draft that it stored before, and stores no
    other; of a run that died, the language model's answers are there still.

    Args:
        database: Where plan and draft are.
        settings: Upload folders, memory limit, and where a language model is asked.
        phase_id: The Data Profiling phase.
        created_by_id: In whose name the draft is made and the data are read.
        provider: What proposes rules; None for what the settings say.
        workflow_execution_id: Name of the job that does it.
        workflow_run_id: Id of its run.
        progress: Told columns done and their number, then requests done and theirs.

    Raises:
        NotFoundError: There is no such phase or user, or nothing is planned for the phase.
        SourceError: The data cannot be read.
        ModelError: The language model cannot be asked at all; nothing is stored but what it answered.
        InvalidInputError: A rule pack cannot be read.
        ConflictError: Somebody changed the phase's latest version meanwhile.
    """
    get_user(database, created_by_id)
    reason = f"profile the data and suggest rules{f', run {workflow_run_id}' if workflow_run_id else ''}"
    with open_planned_source(database, settings, phase_id, user_id=created_by_id, reason=reason) as planned:
        survivors = find_survivors(database, phase_id)
        profile = profile_source(planned.source, progress)
        kept = try_rules(survivors.rules, planned) if survivors.rules else None
        proposals = propose_rules(
            Material.of(planned, profile),
            settings,
            provider,
            existing=survivors.rules,
            answers=StoredAnswers(database, workflow_run_id),
            progress=progress,
        )
    source = SourceState(profile.source, profile.rows, profile.engine, profile.fingerprint)
    stored = _store(
        database,
        planned.plan,
        _Content(proposals.rules, Tried(tuple(proposals.outcomes), source), survivors, kept, proposals),
        created_by_id,
        workflow_execution_id,
        workflow_run_id,
        "generate_rule_version",
    )
    return Draft.of(stored, planned, profile, proposals)


def create_draft_from_rules(
    database: Database,
    phase_id: int,
    rules: Sequence[Rule],
    *,
    created_by_id: int,
    settings: Settings | None = None,
    workflow_execution_id: str | None = None,
    workflow_run_id: str | None = None,
) -> StoredDraft:
    """Put rules that somebody brings, such as those of a rule file, into a new draft; all of them or none.

    With `settings` the rules are tried on the data first, where these can be read now.

    Raises:
        PermissionRefusedError: The user is no tester (nor the system's own).
        NotFoundError: There is no such phase or user, or nothing is planned for the phase.
        InvalidInputError: A rule cannot run, belongs to no planned attribute, or two have the same name.
    """
    user = get_user(database, created_by_id)
    if user.email != SYSTEM_EMAIL and (user.role != Role.TESTER or not user.is_active):
        raise PermissionRefusedError(
            f"Only an active {Role.TESTER} may make a draft; {user.name} is {user.role}. Ask a {Role.TESTER} to do it."
        )
    plan = load_plan(database, phase_id)
    tried = None
    if settings is not None:
        placed = [
            replace(rule, attribute_id=attribute_of_rule(rule, plan.attributes, plan.column_map).attribute_id)
            for rule in rules
        ]
        for rule in placed:
            validate_rule(rule)
        tried = require_runnable(database, settings, phase_id, placed, user_id=created_by_id)
    return _store(
        database,
        plan,
        _Content(rules, tried),
        created_by_id,
        workflow_execution_id,
        workflow_run_id,
        "create_rule_version",
    )


@dataclass(frozen=True)
class _Content:
    """What goes into a draft: rules with what they come to on the data, and the rules of its parent that stay."""

    rules: Sequence[Rule]
    tried: Tried | None = None
    survivors: Survivors | None = None
    survivors_tried: Tried | None = None
    proposals: Proposals | None = None


def _store(
    database: Database,
    plan: PhasePlan,
    content: _Content,
    created_by_id: int,
    workflow_execution_id: str | None,
    workflow_run_id: str | None,
    action: str,
) -> StoredDraft:
    try:
        with database.session() as session:
            lock_phase(session, plan.phase_id)
            found = draft_of_run(session, plan.phase_id, workflow_run_id)
            if found is not None:
                return found
            version = next_draft(session, plan.phase_id, created_by_id=created_by_id, at=clock(session))
            version.workflow_execution_id = workflow_execution_id
            version.workflow_run_id = workflow_run_id
            version.planning_data_source_id = plan.data_source_id
            version.data_source_type = FILE_UPLOAD if isinstance(plan.location, FileLocation) else DATABASE_SOURCE
            _add_with_rules(session, version, plan, content)
            record_audit(
                session, created_by_id, action, version.__tablename__, str(version.version_id), None, values(version)
            )
            return StoredDraft(version.version_id, version.version_number, version.total_rules)
    except IntegrityError as error:
        raise ConflictError(
            f"The plan of phase {plan.phase_id} changed meanwhile ({first_line(error.orig)}). "
            "Nothing was stored: repeat."
        ) from error


def draft_of_run(session: Session, phase_id: int, run_id: str | None) -> StoredDraft | None:
    """Return the draft of the phase that an earlier attempt of the run stored, None where there is none."""
    if run_id is None:
        return None
    row = session.execute(
        select(RuleVersionRow.version_id, RuleVersionRow.version_number, RuleVersionRow.total_rules)
        .where(RuleVersionRow.phase_id == phase_id, RuleVersionRow.workflow_run_id == run_id)
        .order_by(RuleVersionRow.version_number)
        .limit(1)
    ).one_or_none()
    return StoredDraft(*row) if row is not None else None


def _add_with_rules(session: Session, version: RuleVersionRow, plan: PhasePlan, content: _Content) -> None:
    rows = [
        new_rule_row(
            version,
            attribute_of_rule(rule, plan.attributes, plan.column_map),
            rule,
            created_by_id=version.created_by_id,
            at=version.created_at,
        )
        for rule in content.rules
    ]
    dry_runs = _dry_runs(rows, content.tried, version.created_at)
    if content.survivors is not None:
        survivors = copy_survivors(session, content.survivors, version)
        dry_runs += _dry_runs(survivors, content.survivors_tried, version.created_at)
        rows = [*survivors, *rows]
    require_names_apart(session, rows)
    lifecycle.count_rules(version, rows)
    session.add_all([version, *rows])
    session.flush()
    session.add_all(dry_runs)
    if content.proposals is not None:
        made = content.proposals
        session.add(generation_row(version.version_id, made.generation, made.dropped, version.created_at))
    session.flush()


def _dry_runs(rows: Sequence[RuleRow], tried: Tried | None, at: datetime) -> list[RuleDryRunRow]:
    if tried is None:
        return []
    pairs = zip(rows, tried.outcomes, strict=True)
    return [dry_run_row(row.rule_id, outcome, tried.source, at) for row, outcome in pairs]
