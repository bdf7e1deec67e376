"""Alembic's way into the database: the one it is handed, else the one of the settings."""

from alembic import context
from alembic.util import CommandError

from profiling_pipeline.settings import get_settings
from profiling_pipeline.storage.connect import open_database
from profiling_pipeline.storage.migration_context import run_migrations

if context.is_offline_mode():
    raise CommandError("The migrations look at the tables that are there, so they cannot be written out as SQL.")

handed = context.config.attributes
run_migrations(handed.get("database") or open_database(get_settings()), handed.get("transaction"))
