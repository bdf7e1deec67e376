"""The other data sources of a planned phase, in which rules may look values up."""

import os
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from profiling_pipeline.errors import SourceError
from profiling_pipeline.services.attributes import planned_attributes
from profiling_pipeline.services.source_access import Reading, open_on_record
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.location import column_map, parse_location
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline.sources.others import Opener
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import DataSourceRow


def other_sources(
    database: Database, settings: Settings, planning_phase_id: int, data_source_id: int, reading: Reading
) -> Mapping[str, Opener]:
    """Return what opens the active sources of a Planning phase besides its own, each by its name.

    Nothing is read, and no access recorded, before a rule asks for one. Columns that match an attribute are typed as it
    declares, and classified as it is.
    """
    with database.session() as session:
        ids = other_source_ids(session, planning_phase_id, data_source_id)

    def opener(name: str) -> Opener:
        def opened(tested: OpenSource) -> OpenSource:
            if len(ids[name]) > 1:
                raise SourceError(f"Several data sources of the phase are called {name}. Give each a name of its own.")
            with database.session() as session:
                row = session.get_one(DataSourceRow, ids[name][0])
                location = parse_location(row.source_type, row.connection_config, row.auth_config, os.environ)
                names = column_map(row.connection_config)
                attributes = planned_attributes(session, planning_phase_id, row.id)
            return open_on_record(database, settings, location, attributes, names, reading, beside=tested)[0]

        return opened

    return {name: opener(name) for name in ids}


def other_source_ids(session: Session, planning_phase_id: int, data_source_id: int) -> dict[str, list[int]]:
    """Return the ids of a Planning phase's active sources besides its own, by their names."""
    statement = (
        select(DataSourceRow.name, DataSourceRow.id)
        .where(
            DataSourceRow.phase_id == planning_phase_id,
            DataSourceRow.id != data_source_id,
            DataSourceRow.is_active.is_(True),
        )
        .order_by(DataSourceRow.id)
    )
    ids: dict[str, list[int]] = {}
    for name, source_id in session.execute(statement):
        ids.setdefault(name, []).append(source_id)
    return ids
