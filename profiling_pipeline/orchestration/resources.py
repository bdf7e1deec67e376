"""The database and the settings, as assets, sensors and schedules get them."""

from functools import cached_property

import dagster as dg

from profiling_pipeline.legacy_migration.hold import reason_to_wait
from profiling_pipeline.services.users import system_user_id
from profiling_pipeline.settings import Settings, get_settings
from profiling_pipeline.storage.connect import open_database
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.migrations import require_current


class Pipeline:
    """The project's settings and database, each opened on first use and then kept for the life of the process.

    Nothing is read from the environment before that, so definitions load where there is no database.
    """

    def __init__(self, settings: Settings | None = None, database: Database | None = None) -> None:
        if settings is not None:
            self.settings = settings
        if database is not None:
            self.database = self.unchecked_database = database

    @cached_property
    def settings(self) -> Settings:
        """The typed settings of this process."""
        return get_settings()

    @cached_property
    def unchecked_database(self) -> Database:
        """The database, whatever tables it has: for moving the earlier system's rows over."""
        return open_database(self.settings)

    @cached_property
    def database(self) -> Database:
        """The project's tables: tables of the same names of the earlier system are not taken for them."""
        require_current(self.unchecked_database)
        return self.unchecked_database

    @property
    def reason_to_wait(self) -> str | None:
        """Why nothing may start by itself now, None where nothing speaks against it."""
        return reason_to_wait(self.unchecked_database)

    @property
    def system_user_id(self) -> int:
        """Who acts when nobody does: the user that schedules and sensors write down."""
        return system_user_id(self.database)


PipelineParam = dg.ResourceParam[Pipeline]
