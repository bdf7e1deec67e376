"""Rule versions and their rules, as people read them."""

import re
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Nullable, Select, Text, cast, select
from sqlalchemy.orm import Session, aliased

from profiling_pipeline.approval.lifecycle import VersionStatus
from profiling_pipeline.errors import InvalidInputError, RuleError
from profiling_pipeline.generation.overlaps import findings
from profiling_pipeline.results.outcome import RuleOutcome
from profiling_pipeline.results.unusual_change import DEFAULT_SENSITIVITY, Sensitivity
from profiling_pipeline.rules.binding import describe
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.execution_records import DryRun, dry_run_from_row, execution_from_row
from profiling_pipeline.services.generations import StoredGeneration, generation_from_row
from profiling_pipeline.services.latest import latest_executions
from profiling_pipeline.services.revisions import rule_revision, version_revision
from profiling_pipeline.services.rule_rows import rule_from_row
from profiling_pipeline.services.unknown import unknown_version
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import (
    AttributeRow,
    GenerationRow,
    PhaseRow,
    RuleDryRunRow,
    RuleRow,
    RuleVersionRow,
)

_PHASE_AND_NUMBER = re.compile(r"(\d{1,9}):(\d{1,9})", re.ASCII)
_UUID_START = re.compile(r"[0-9a-f][0-9a-f-]{3,35}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class RuleView:
    """A rule with its decisions, its demand in words, and what came of its dry run and its latest execution.

    `findings` say how it stands to the version's other rules: the same, implied by one, in contradiction to one.
    """

    rule_id: UUID
    version_id: UUID
    phase_id: int
    attribute_id: int
    attribute_name: str
    rule_name: str
    rule_type: str
    rule_description: str | None
    rule_code: str
    rule_parameters: dict[str, Any]
    llm_provider: str | None
    llm_rationale: str | None
    llm_confidence_score: Decimal | None
    regulatory_reference: str | None
    is_executable: bool
    execution_order: int
    severity: str
    tester_decision: str | None
    tester_decided_by: int | None
    tester_decided_at: datetime | None
    tester_notes: str | None
    report_owner_decision: str | None
    report_owner_decided_by: int | None
    report_owner_decided_at: datetime | None
    report_owner_notes: str | None
    status: str
    created_at: datetime
    created_by_id: int
    updated_at: datetime
    updated_by_id: int
    sentence: str
    revision: str
    latest_outcome: RuleOutcome | None
    latest_executed_at: datetime | None
    dry_run: DryRun | None
    findings: tuple[str, ...]
    rule: Rule = field(repr=False)  # what runs, without the people


@dataclass(frozen=True)
class VersionView:
    """A version; `rules` and `generation` are there when it was asked for alone, the rules in listing order."""

    version_id: UUID
    phase_id: int
    cycle_id: int
    report_id: int
    workflow_activity_id: int | None
    version_number: int
    version_status: str
    parent_version_id: UUID | None
    parent_version_number: int | None
    workflow_execution_id: str | None
    workflow_run_id: str | None
    total_rules: int
    approved_rules: int
    rejected_rules: int
    data_source_type: str | None
    planning_data_source_id: int | None
    submitted_by_id: int | None
    submitted_at: datetime | None
    approved_by_id: int | None
    approved_at: datetime | None
    rejection_reason: str | None
    change_sensitivity: str | None
    created_at: datetime
    created_by_id: int
    updated_at: datetime
    updated_by_id: int
    revision: str
    rules: tuple[RuleView, ...] = ()
    generation: StoredGeneration | None = None

    @property
    def sensitivity(self) -> Sensitivity:
        """How small a change of the data is unusual for this version."""
        return Sensitivity(self.change_sensitivity or DEFAULT_SENSITIVITY)


def list_versions(
    database: Database, phase_id: int | None = None, status: VersionStatus | None = None
) -> list[VersionView]:
    """Return versions without their rules, newest first, of one phase or state where these are given."""
    statement = _version_query().order_by(RuleVersionRow.created_at.desc(), RuleVersionRow.version_number.desc())
    if phase_id is not None:
        statement = statement.where(RuleVersionRow.phase_id == phase_id)
    if status is not None:
        statement = statement.where(RuleVersionRow.version_status == status.value)
    with database.session() as session:
        return [_version_view(*row) for row in session.execute(statement)]


def get_version(database: Database, version_id: UUID) -> VersionView:
    """Return a version with its rules and their latest outcomes, all as of one moment.

    Raises:
        NotFoundError: There is no such version.
    """
    with database.session() as session:
        # One snapshot: the revision must be that of the rules that are shown with it.
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        row = session.execute(_version_query().where(RuleVersionRow.version_id == version_id)).one_or_none()
        if row is None:
            raise unknown_version(version_id)
        generation = session.get(GenerationRow, version_id)
        view = _version_view(*row, rules=_rule_views(session, row[0]))
        return replace(view, generation=generation_from_row(generation) if generation is not None else None)


def resolve_version(database: Database, ref: str) -> UUID:
    """Return the id of the version that PHASE:NUMBER, an id, or the beginning of one means.

    Raises:
        NotFoundError: There is none.
        InvalidInputError: The text is none of these, or begins the ids of several versions.
    """
    wanted = ref.strip()
    statement = select(RuleVersionRow.version_id).limit(2)
    if numbers := _PHASE_AND_NUMBER.fullmatch(wanted):
        statement = statement.where(
            RuleVersionRow.phase_id == int(numbers[1]), RuleVersionRow.version_number == int(numbers[2])
        )
    elif _UUID_START.fullmatch(wanted):
        statement = statement.where(cast(RuleVersionRow.version_id, Text).startswith(wanted.lower()))
    else:
        raise InvalidInputError(
            f"'{ref}' names no version. Write PHASE:NUMBER such as 12:3, or at least four characters of its id."
        )
    with database.session() as session:
        found = session.scalars(statement).all()
    if not found:
        raise unknown_version(wanted)
    if len(found) > 1:
        raise InvalidInputError(f"Several versions' ids begin with {wanted}. Write more of it, or PHASE:NUMBER.")
    return found[0]


def _version_query() -> Select[RuleVersionRow, int, int, int | None]:
    parent = aliased(RuleVersionRow)
    return (
        select(RuleVersionRow, PhaseRow.cycle_id, PhaseRow.report_id, Nullable(parent.version_number))
        .join(PhaseRow, PhaseRow.phase_id == RuleVersionRow.phase_id)
        .outerjoin(parent, parent.version_id == RuleVersionRow.parent_version_id)
    )


def _version_view(
    row: RuleVersionRow, cycle_id: int, report_id: int, parent_number: int | None, rules: tuple[RuleView, ...] = ()
) -> VersionView:
    return VersionView(
        **{each.name: getattr(row, each.name) for each in fields(VersionView) if each.name in _VERSION_COLUMNS},
        cycle_id=cycle_id,
        report_id=report_id,
        parent_version_number=parent_number,
        revision=version_revision(row.updated_at),
        rules=rules,
    )


def _rule_views(session: Session, version: RuleVersionRow) -> tuple[RuleView, ...]:
    latest = latest_executions(session, version.version_id)
    tried = _dry_runs(session, version.version_id)
    rows = session.execute(
        select(RuleRow, AttributeRow.attribute_name)
        .join(AttributeRow, AttributeRow.id == RuleRow.attribute_id)
        .where(RuleRow.version_id == version.version_id)
        .order_by(RuleRow.execution_order, RuleRow.rule_name, RuleRow.rule_id)
    ).all()
    rules = [rule_from_row(row, attribute_name) for row, attribute_name in rows]
    views = []
    for (row, attribute_name), rule, found in zip(rows, rules, findings(rules), strict=True):
        executed, dry_run = latest.get(row.rule_id), tried.get(row.rule_id)
        execution = execution_from_row(executed, rule) if executed is not None else None
        columns = {name: getattr(row, name) for name in _RULE_COLUMNS}
        views.append(
            RuleView(
                **columns | {"rule_parameters": row.rule_parameters or {}},
                attribute_name=attribute_name,
                sentence=_sentence(rule),
                revision=rule_revision(row.updated_at, version.version_status),
                latest_outcome=execution.outcome if execution else None,
                latest_executed_at=execution.executed_at if execution else None,
                dry_run=dry_run_from_row(dry_run, rule) if dry_run is not None else None,
                findings=found,
                rule=rule,
            )
        )
    return tuple(views)


def _dry_runs(session: Session, version_id: UUID) -> dict[UUID, RuleDryRunRow]:
    rows = session.scalars(select(RuleDryRunRow).join(RuleRow).where(RuleRow.version_id == version_id))
    return {row.rule_id: row for row in rows}


def _sentence(rule: Rule) -> str:
    """Return a rule's demand in words; a rule that cannot run has only its description."""
    try:
        return describe(rule)
    except RuleError:
        return rule.description or f"Cannot run: {rule.check}"


_VERSION_COLUMNS = frozenset(column.key for column in RuleVersionRow.__table__.columns)
_RULE_COLUMNS = tuple(column.key for column in RuleRow.__table__.columns)
