"""Data Profiling phases: what their Planning phase says of source and attributes, and the source opened."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

from sqlalchemy import Text, and_, cast, func, select, true
from sqlalchemy.orm import Session, aliased

from profiling_pipeline.approval.lifecycle import VersionStatus
from profiling_pipeline.errors import InvalidInputError, NotFoundError
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.attributes import planned_attributes
from profiling_pipeline.services.other_sources import other_source_ids, other_sources
from profiling_pipeline.services.planning import DATA_PROFILING, PLANNING
from profiling_pipeline.services.source_access import Reading, open_on_record
from profiling_pipeline.services.users import get_user
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.location import Location, column_map, parse_location
from profiling_pipeline.sources.model import Attribute, ColumnMatches, OpenSource
from profiling_pipeline.sources.others import Opener
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AttributeRow, DataSourceRow, PhaseRow, RuleVersionRow

_RowT = TypeVar("_RowT", PhaseRow, DataSourceRow)


@dataclass(frozen=True)
class PhaseSummary:
    """A Data Profiling phase and how far it has come; `data_source` is None where none is planned."""

    phase_id: int
    cycle_id: int
    report_id: int
    status: str
    data_source: str | None
    latest_version_number: int | None
    latest_version_status: str | None
    approved_version_id: UUID | None


@dataclass(frozen=True)
class PhasePlan:
    """What the Planning phase of the same cycle and report says."""

    phase_id: int
    cycle_id: int
    report_id: int
    planning_phase_id: int
    data_source_id: int
    data_source_name: str
    source_type: str
    location: Location
    column_map: Mapping[str, str]
    attributes: tuple[Attribute, ...]
    other_sources: tuple[str, ...] = ()


@dataclass
class PlannedSource:
    """A phase's data source opened for reading; use as a context manager, leaving it frees what was opened."""

    plan: PhasePlan
    source: OpenSource
    matches: ColumnMatches
    others: Mapping[str, Opener] = field(default_factory=dict)

    @property
    def hidden_columns(self) -> frozenset[str]:
        """Columns whose values are masked: all but those of Public and Internal attributes."""
        shown = {column for column, attribute in self._attributes().items() if attribute.is_shown}
        return frozenset(self.source.columns) - shown

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns of the declared primary key in its order, as far as they were found."""
        last = len(self.plan.attributes) + 1
        keys = [(a.primary_key_order or last, column) for column, a in self._attributes().items() if a.is_primary_key]
        return tuple(column for _, column in sorted(keys))

    def matched(self, rules: Iterable[Rule]) -> list[Rule]:
        """Return rules on the columns that are their attributes now, on none where one has no column."""
        columns = self.matches.columns
        return [replace(rule, column=columns.get(rule.attribute_id or 0)) for rule in rules]

    def attribute_of(self, column: str) -> Attribute | None:
        """Return the attribute that a column is, None where it is none."""
        return self._attributes().get(column)

    def _attributes(self) -> dict[str, Attribute]:
        by_id = {attribute.attribute_id: attribute for attribute in self.plan.attributes}
        return {column: by_id[attribute_id] for attribute_id, column in self.matches.columns.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.source.close()


def list_phases(database: Database) -> list[PhaseSummary]:
    """Return all Data Profiling phases by id, each with its latest version."""
    planning, latest, approved = aliased(PhaseRow), aliased(RuleVersionRow), aliased(RuleVersionRow)
    sources = (
        select(func.string_agg(DataSourceRow.name, ", ").label("names"))
        .join(planning, planning.phase_id == DataSourceRow.phase_id)
        .where(
            planning.cycle_id == PhaseRow.cycle_id,
            planning.report_id == PhaseRow.report_id,
            planning.phase_name == PLANNING,
            DataSourceRow.is_active.is_(True),
        )
        .correlate(PhaseRow)
        .lateral()
    )
    newest = (
        select(latest.version_number, latest.version_status)
        .where(latest.phase_id == PhaseRow.phase_id)
        .order_by(latest.version_number.desc())
        .limit(1)
        .correlate(PhaseRow)
        .lateral()
    )
    statement = (
        select(
            PhaseRow.phase_id,
            PhaseRow.cycle_id,
            PhaseRow.report_id,
            cast(PhaseRow.status, Text),
            sources.c.names,
            newest.c.version_number,
            newest.c.version_status,
            approved.version_id,
        )
        .select_from(PhaseRow)
        .join(sources, true())
        .outerjoin(newest, true())
        .outerjoin(
            approved,
            and_(approved.phase_id == PhaseRow.phase_id, approved.version_status == VersionStatus.APPROVED.value),
        )
        .where(PhaseRow.phase_name == DATA_PROFILING)
        .order_by(PhaseRow.phase_id)
    )
    with database.session() as session:
        return [PhaseSummary(*row) for row in session.execute(statement)]


def load_plan(database: Database, phase_id: int) -> PhasePlan:
    """Return what is planned for a Data Profiling phase.

    Raises:
        NotFoundError: There is no such phase, no Planning phase of its cycle and report, or no active data source.
        InvalidInputError: It is another kind of phase, or what is planned is ambiguous.
        SourceError: The data source's configuration cannot be used.
        ConfigurationError: The variable that holds the source's password is not set.
    """
    with database.session() as session:
        phase = profiling_phase(session, phase_id)
        planning = planning_phase(session, phase)
        source = planned_source(session, planning)
        return PhasePlan(
            phase_id=phase.phase_id,
            cycle_id=phase.cycle_id,
            report_id=phase.report_id,
            planning_phase_id=planning.phase_id,
            data_source_id=source.id,
            data_source_name=source.name,
            source_type=source.source_type,
            location=parse_location(source.source_type, source.connection_config, source.auth_config, os.environ),
            column_map=column_map(source.connection_config),
            attributes=tuple(planned_attributes(session, planning.phase_id, source.id)),
            other_sources=tuple(other_source_ids(session, planning.phase_id, source.id)),
        )


def open_planned_source(
    database: Database, settings: Settings, phase_id: int, *, user_id: int, reason: str
) -> PlannedSource:
    """Open the phase's data source for reading, and record the access to its classified columns.

    Args:
        database: Where the plan and the access records are.
        settings: Upload folders and memory limit.
        phase_id: The Data Profiling phase.
        user_id: In whose name the data are read.
        reason: Why.

    Raises:
        NotFoundError: There is no such user.
        SourceError: The source cannot be read; nothing is recorded.
        ProfilingError: What `load_plan` raises.
    """
    get_user(database, user_id)
    plan = load_plan(database, phase_id)
    reading = Reading(user_id, phase_id, reason)
    source, matches = open_on_record(database, settings, plan.location, plan.attributes, plan.column_map, reading)
    try:
        others = other_sources(database, settings, plan.planning_phase_id, plan.data_source_id, reading)
    except BaseException:
        source.close()
        raise
    return PlannedSource(plan, source, matches, others)


def phase_attributes(session: Session, phase_id: int) -> tuple[list[Attribute], dict[str, str]]:
    """Return the attributes planned for a Data Profiling phase, and its source's own map from attributes to columns.

    Raises:
        NotFoundError: Nothing is planned for the phase.
        InvalidInputError: What is planned is ambiguous.
    """
    planning = planning_phase(session, profiling_phase(session, phase_id))
    source = planned_source(session, planning)
    return planned_attributes(session, planning.phase_id, source.id), column_map(source.connection_config)


def profiling_phase(session: Session, phase_id: int) -> PhaseRow:
    """Return a Data Profiling phase.

    Raises:
        NotFoundError: There is no such phase.
        InvalidInputError: It is another kind of phase.
    """
    phase = session.get(PhaseRow, phase_id) if 0 <= phase_id < 2**31 else None
    if phase is None:
        raise NotFoundError(f"There is no phase {phase_id}.", "List phases: profiling phase list.")
    if phase.phase_name != DATA_PROFILING:
        raise InvalidInputError(
            f"Phase {phase_id} is a {phase.phase_name} phase, not a {DATA_PROFILING} phase. "
            "List those: profiling phase list."
        )
    return phase


def planning_phase(session: Session, phase: PhaseRow) -> PhaseRow:
    """Return the Planning phase of the same cycle and report.

    Raises:
        NotFoundError: There is none.
        InvalidInputError: There are several.
    """
    report = f"Report {phase.report_id} of cycle {phase.cycle_id}, to which phase {phase.phase_id} belongs,"
    rows = session.scalars(
        select(PhaseRow).where(
            PhaseRow.cycle_id == phase.cycle_id,
            PhaseRow.report_id == phase.report_id,
            PhaseRow.phase_name == PLANNING,
        )
    ).all()
    if not rows:
        raise NotFoundError(f"{report} has no {PLANNING} phase. Plan the report first.")
    return _only(rows, f"{report} has several {PLANNING} phases", [str(row.phase_id) for row in rows])


def planned_source(session: Session, planning: PhaseRow) -> DataSourceRow:
    """Return the data source that is tested: of several active ones that which attributes are planned for.

    Raises:
        NotFoundError: There is none.
        InvalidInputError: There are several, with attributes for more than one of them or for none.
    """
    rows = session.scalars(
        select(DataSourceRow)
        .where(DataSourceRow.phase_id == planning.phase_id, DataSourceRow.is_active.is_(True))
        .order_by(DataSourceRow.id)
    ).all()
    if not rows:
        raise NotFoundError(
            f"{PLANNING} phase {planning.phase_id} has no active data source. Plan a file or a table for it."
        )
    if len(rows) > 1:
        described = set(
            session.scalars(
                select(AttributeRow.data_source_id).where(
                    AttributeRow.phase_id == planning.phase_id, AttributeRow.is_active, AttributeRow.is_latest_version
                )
            )
        )
        rows = [row for row in rows if row.id in described] or rows
    names = [f"{row.name} ({row.id})" for row in rows]
    problem = f"{PLANNING} phase {planning.phase_id} has several active data sources"
    return _only(rows, problem, names, "Keep one of them, or name in the attributes (data_source_id) the tested one.")


def _only(rows: Sequence[_RowT], problem: str, names: Sequence[str], way_out: str = "Keep one of them.") -> _RowT:
    if len(rows) > 1:
        raise InvalidInputError(f"{problem}: {', '.join(names)}. {way_out}")
    return rows[0]
