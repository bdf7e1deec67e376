from collections.abc import Iterator

import pytest

from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.embedded import EmbeddedServer
from profiling_pipeline_tests.conftest import fresh_database
from profiling_pipeline_tests.legacy_migration.bank import Bank, a_bank
from profiling_pipeline_tests.legacy_migration.legacy_tables import LegacyDatabase
from profiling_pipeline_tests.legacy_migration.volume_rows import add_everything


@pytest.fixture
def bank(empty_database: Database) -> Bank:
    """Legacy tables of the uuid age with the host's rows, and nothing in them yet."""
    return a_bank(LegacyDatabase(empty_database, "uuid"))


@pytest.fixture
def integer_bank(empty_database: Database) -> Bank:
    """Legacy tables of the integer age with the host's rows, and nothing in them yet."""
    return a_bank(LegacyDatabase(empty_database, "integer"))


@pytest.fixture(scope="module")
def migrated(server: EmbeddedServer, server_url: str) -> Iterator[Bank]:
    """Legacy tables with a row of every kind, migrated; only to be read."""
    for database in fresh_database(server, server_url, "template1"):
        bank = a_bank(LegacyDatabase(database, "uuid"))
        add_everything(bank)
        migrate(database)
        yield bank
