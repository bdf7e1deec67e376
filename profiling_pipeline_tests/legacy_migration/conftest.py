"""Banks with legacy tables: each is made once, and each test gets a copy of its database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.embedded import EmbeddedServer
from profiling_pipeline_tests.conftest import fresh_database
from profiling_pipeline_tests.legacy_migration.bank import Bank, a_bank
from profiling_pipeline_tests.legacy_migration.legacy_tables import LegacyDatabase
from profiling_pipeline_tests.legacy_migration.volume_rows import add_everything

MakeDatabase = Callable[[str], Iterator[Database]]


@pytest.fixture(scope="session")
def make_database(server: EmbeddedServer, server_url: str) -> MakeDatabase:
    """Make a database from the template that is named."""
    return lambda template: fresh_database(server, server_url, template)


@pytest.fixture(scope="session")
def uuid_template(make_database: MakeDatabase) -> Iterator[Bank]:
    yield from _template(make_database, "uuid")


@pytest.fixture(scope="session")
def integer_template(make_database: MakeDatabase) -> Iterator[Bank]:
    yield from _template(make_database, "integer")


@pytest.fixture
def bank(make_database: MakeDatabase, uuid_template: Bank) -> Iterator[Bank]:
    """Legacy tables of the uuid age with the host's rows, and nothing in them yet."""
    with copy_of(uuid_template, make_database) as bank:
        yield bank


@pytest.fixture
def integer_bank(make_database: MakeDatabase, integer_template: Bank) -> Iterator[Bank]:
    """Legacy tables of the integer age with the host's rows, and nothing in them yet."""
    with copy_of(integer_template, make_database) as bank:
        yield bank


@pytest.fixture(scope="module")
def migrated(make_database: MakeDatabase, uuid_template: Bank) -> Iterator[Bank]:
    """Legacy tables with a row of every kind, migrated; only to be read."""
    with copy_of(uuid_template, make_database) as bank:
        add_everything(bank)
        migrate(bank.legacy.database)
        yield bank


@contextmanager
def copy_of(template: Bank, make_database: MakeDatabase) -> Iterator[Bank]:
    """Copy a bank that nobody is connected to."""
    for database in make_database(template.legacy.database.url.database or ""):
        legacy = LegacyDatabase(database)
        yield replace(template, legacy=legacy)
        legacy.close()


def _template(make_database: MakeDatabase, age: str) -> Iterator[Bank]:
    for database in make_database("template1"):
        bank = a_bank(LegacyDatabase.build(database, age))
        bank.legacy.close()
        yield bank
