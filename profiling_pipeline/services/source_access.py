"""Reading source data in somebody's name: typed as planned, and on record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.declared_types import declared_format
from profiling_pipeline.sources.location import Location
from profiling_pipeline.sources.matching import match_columns
from profiling_pipeline.sources.model import Attribute, ColumnMatches, DeclaredFormat, OpenSource
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline.storage.access_log import record_access
from profiling_pipeline.storage.database import Database


@dataclass(frozen=True)
class Reading:
    """Who reads source data, and for which phase and reason."""

    user_id: int
    phase_id: int
    reason: str


def open_on_record(
    database: Database,
    settings: Settings,
    location: Location,
    attributes: Sequence[Attribute],
    column_map: Mapping[str, str],
    reading: Reading,
    *,
    beside: OpenSource | None = None,
) -> tuple[OpenSource, ColumnMatches]:
    """Open a source, its columns typed as the attributes that they match declare, and record the access to them.

    Raises:
        SourceError: The source cannot be read; nothing is recorded.
    """
    source = open_source(
        location,
        formats=lambda columns: _formats(attributes, columns, column_map),
        allowed_folders=settings.allowed_folders,
        memory_limit=settings.memory_limit,
        spill_folder=settings.spill_folder,
        beside=beside,
    )
    try:
        matches = match_columns(attributes, source.columns, column_map)
        classifications = {attribute.attribute_id: attribute.classification for attribute in attributes}
        classified = {column: classifications[attribute_id] for attribute_id, column in matches.columns.items()}
        with database.session() as session:
            record_access(
                session,
                reading.user_id,
                source.name,
                [(column, classified[column]) for column in source.columns if column in classified],
                reading.reason,
                record_identifier=f"phase {reading.phase_id}",
            )
    except BaseException:
        source.close()
        raise
    return source, matches


def _formats(
    attributes: Sequence[Attribute], columns: Sequence[str], column_map: Mapping[str, str]
) -> dict[str, DeclaredFormat]:
    """Return what the attributes declare of the columns that they match."""
    by_id = {attribute.attribute_id: attribute for attribute in attributes}
    matched = match_columns(attributes, columns, column_map).columns
    declared = {
        column: declared_format(by_id[attribute_id].data_type, by_id[attribute_id].format_code)
        for attribute_id, column in matched.items()
    }
    return {column: format_ for column, format_ in declared.items() if format_ is not None}
