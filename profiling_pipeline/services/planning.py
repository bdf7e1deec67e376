"""Plan a data source where no host application does it: the phases, the source and its attributes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.execution.queries import rows_of
from profiling_pipeline.sources.matching import match_columns
from profiling_pipeline.sources.model import Attribute, ColumnKind, OpenSource, kind_of
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AttributeRow, DataSourceRow, PhaseRow

PLANNING = "Planning"
DATA_PROFILING = "Data Profiling"
_DATA_TYPES = {
    ColumnKind.INTEGER: "Integer",
    ColumnKind.NUMBER: "Decimal",
    ColumnKind.DATE: "Date",
    ColumnKind.DATETIME: "DateTime",
    ColumnKind.BOOLEAN: "Boolean",
}
_TEXT_TYPE = "String"


@dataclass(frozen=True)
class PlannedPhase:
    """The ids of what was planned; `phase_id` is the Data Profiling phase."""

    phase_id: int
    planning_phase_id: int
    data_source_id: int


def plan_phase(
    database: Database,
    *,
    source_name: str,
    source_type: str,
    connection_config: Mapping[str, Any],
    attributes: Sequence[Attribute],
    auth_config: Mapping[str, Any] | None = None,
    cycle_id: int = 1,
    report_id: int | None = None,
) -> PlannedPhase:
    """Create a Planning phase with a source and attributes, and the Data Profiling phase that refers to it.

    Without `report_id` the cycle's next free number is taken. The attributes' ids are given by the database.

    Raises:
        InvalidInputError: The report has phases in that cycle already, or a host application's table asks for more than
            is known here (then that application plans phases).
    """
    try:
        with database.session() as session:
            report = report_id or _next_report(session, cycle_id)
            _refuse_second_plan(session, cycle_id, report)
            planning = PhaseRow(cycle_id=cycle_id, report_id=report, phase_name=PLANNING, status="Complete")
            profiling = PhaseRow(cycle_id=cycle_id, report_id=report, phase_name=DATA_PROFILING, status="In Progress")
            session.add_all([planning, profiling])
            session.flush()
            source = _source_row(planning.phase_id, source_name, source_type, connection_config, auth_config)
            session.add(source)
            session.flush()
            session.add_all(_attribute_row(a, planning.phase_id, source.id) for a in attributes)
            return PlannedPhase(profiling.phase_id, planning.phase_id, source.id)
    except (DataError, IntegrityError, ProgrammingError) as error:
        raise InvalidInputError(
            f"The phase for '{source_name}' cannot be planned here: {str(error.orig).splitlines()[0]}. "
            "Where a host application owns the planning tables, plan the phase there."
        ) from error


def plan_other_source(
    database: Database,
    planning_phase_id: int,
    *,
    source_name: str,
    source_type: str,
    connection_config: Mapping[str, Any],
    auth_config: Mapping[str, Any] | None = None,
) -> int:
    """Add a source to a Planning phase, in which rules may look values up, and return its id.

    Raises:
        InvalidInputError: The phase has an active source of that name already.
    """
    with database.session() as session:
        session.scalar(select(PhaseRow).where(PhaseRow.phase_id == planning_phase_id).with_for_update())
        same_name = select(DataSourceRow.id).where(
            DataSourceRow.phase_id == planning_phase_id,
            DataSourceRow.name == source_name,
            DataSourceRow.is_active.is_(True),
        )
        if session.scalar(same_name.limit(1)) is not None:
            raise InvalidInputError(f"The phase has a data source '{source_name}' already. Choose another name.")
        source = _source_row(planning_phase_id, source_name, source_type, connection_config, auth_config)
        session.add(source)
        session.flush()
        return source.id


def attributes_of_source(source: OpenSource, declared: Sequence[Attribute] = ()) -> list[Attribute]:
    """Return the declared attributes, or one for each column; where no type is declared, that which the data shows.

    Without a column, or with one that has no value yet, the type stays open: each run sees it in the data of the day.

    Raises:
        SourceUnavailableError: The data can no longer be read.
    """
    if not declared:
        declared = [Attribute(attribute_id=0, name=column, source_column=column) for column in source.columns]
    numbered = [replace(attribute, attribute_id=number) for number, attribute in enumerate(declared)]
    columns = match_columns(numbered, source.columns).columns
    shown = _shown_types(source, list(columns.values()))
    return [a if a.data_type else replace(a, data_type=shown.get(columns.get(a.attribute_id, ""))) for a in numbered]


def _shown_types(source: OpenSource, columns: Sequence[str]) -> dict[str, str]:
    """Return the data type that each column shows; text without a value shows none."""
    types = {column: _DATA_TYPES.get(kind_of(source.table[column].type()), _TEXT_TYPE) for column in columns}
    texts = [column for column, data_type in types.items() if data_type == _TEXT_TYPE]
    if texts:
        counts = {f"c{place}": source.table[column].count() for place, column in enumerate(texts)}
        [counted] = rows_of(source, source.table.aggregate(**counts))
        empty = {column for column, count in zip(texts, counted.values(), strict=True) if not count}
        return {column: data_type for column, data_type in types.items() if column not in empty}
    return types


def _next_report(session: Session, cycle_id: int) -> int:
    highest = session.scalar(select(func.max(PhaseRow.report_id)).where(PhaseRow.cycle_id == cycle_id))
    return (highest or 0) + 1


def _refuse_second_plan(session: Session, cycle_id: int, report_id: int) -> None:
    existing = session.scalar(
        select(PhaseRow.phase_id).where(PhaseRow.cycle_id == cycle_id, PhaseRow.report_id == report_id).limit(1)
    )
    if existing is not None:
        raise InvalidInputError(
            f"Report {report_id} of cycle {cycle_id} has phases already (phase {existing}). "
            "Choose another report number."
        )


def _source_row(
    planning_phase_id: int,
    name: str,
    source_type: str,
    connection_config: Mapping[str, Any],
    auth_config: Mapping[str, Any] | None,
) -> DataSourceRow:
    return DataSourceRow(
        phase_id=planning_phase_id,
        name=name,
        source_type=source_type,
        connection_config=dict(connection_config),
        auth_config=dict(auth_config) if auth_config else None,
        is_active=True,
    )


def _attribute_row(attribute: Attribute, phase_id: int, data_source_id: int) -> AttributeRow:
    return AttributeRow(
        phase_id=phase_id,
        data_source_id=data_source_id,
        attribute_name=attribute.name,
        technical_line_item_name=attribute.technical_name,
        line_item_number=attribute.line_item_number,
        mdrm=attribute.mdrm,
        description=attribute.description,
        data_type=attribute.data_type or "",  # String would make numbers text, and nobody said so
        validation_rules=attribute.format_code,
        is_mandatory=attribute.mandatory or "",  # Optional would say that no value need be there, and nobody said so
        is_primary_key=attribute.is_primary_key,
        primary_key_order=attribute.primary_key_order,
        information_security_classification=attribute.classification,
        source_column=attribute.source_column,
        is_active=True,
        is_latest_version=True,
    )
