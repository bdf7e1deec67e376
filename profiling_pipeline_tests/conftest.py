"""A real PostgreSQL for the tests that need one: a server for each test process, a database for each test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from profiling_pipeline.sources.location import LOCAL
from profiling_pipeline.sources.spark_sessions import has_java, hold_session
from profiling_pipeline.storage.database import Database, read_url
from profiling_pipeline.storage.embedded import EmbeddedServer
from profiling_pipeline.storage.migrations import upgrade

_FAST_NOT_SAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_TEMPLATE = "migrated"
_MEMORY = Path("/dev/shm")
_ROOM = 1 << 30  # bytes; the servers of three test processes come to 400 MB


class Scheduling(LoadFileScheduling):
    """Gives a test process the tests of a file together, and one of them all tests on Spark, which starts slowly."""

    def _split_scope(self, nodeid: str) -> str:
        return "spark" if "spark" in nodeid else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Tell pytest-xdist how to share out the tests."""
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The test process's own server."""
    with _folder_for_a_server() as folder:
        server = EmbeddedServer(folder / "postgres", _FAST_NOT_SAFE)
        server.hold()
        yield server
        server.release()


@pytest.fixture(scope="session")
def server_url(server: EmbeddedServer) -> str:
    """URL of the server's maintenance database."""
    return server.url("postgres")


@pytest.fixture(scope="session")
def migrated_template(server: EmbeddedServer, server_url: str) -> str:
    """Name of a database with all tables and no rows, to be copied."""
    _execute(server_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
    template = Database(server.url(_TEMPLATE))
    upgrade(template)
    template.close()
    return _TEMPLATE


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spark on this machine, started once for all tests of the process."""
    if not has_java():
        pytest.skip("no Java runtime is found, and Spark needs one: apt-get install default-jre-headless")
    # Of code that runs once, a thorough compiler makes nothing faster.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        _, release = hold_session(LOCAL, "1GB", tmp_path_factory.mktemp("spark"))
    yield
    release()


@pytest.fixture
def empty_database(server: EmbeddedServer, server_url: str) -> Iterator[Database]:
    """A database without tables."""
    yield from fresh_database(server, server_url, "template1")


@pytest.fixture
def database(server: EmbeddedServer, server_url: str, migrated_template: str) -> Iterator[Database]:
    """A database with all tables and no rows."""
    yield from fresh_database(server, server_url, migrated_template)


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder for a server of the test's own."""
    with _folder_for_a_server() as folder:
        yield folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own, with no other setting in the environment."""
    for name in ("DATABASE_URL", "DAGSTER_DATABASE_URL", "DATABASE_SCHEMA", "UPLOAD_FOLDERS"):
        monkeypatch.delenv(f"PROFILING_{name}", raising=False)
    for name in ("PROFILING_LLM_API_KEY", "PROFILING_LLM_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PROFILING_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def home_with_server(home: Path, server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder in which the embedded server can be started."""
    monkeypatch.setenv("PROFILING_HOME", str(server_folder / "home"))
    return server_folder / "home"


def fresh_database(server: EmbeddedServer, server_url: str, template: str) -> Iterator[Database]:
    """Make a database for as long as the generator is held."""
    name = f"test_{uuid4().hex}"
    identifiers = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    _execute(server_url, sql.SQL("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY").format(**identifiers))
    database = Database(server.url(name))
    yield database
    database.close()
    _execute(server_url, sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**identifiers))


@contextmanager
def _folder_for_a_server() -> Iterator[Path]:
    """Make a folder, in memory where there is room: a new database is a copy of 400 files.

    Not in pytest's folder: as root a server runs under another account, and every start of pytest shuts that out.
    """
    has_room = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    with TemporaryDirectory(prefix="profiling-tests-", dir=_MEMORY if has_room else None) as folder:
        yield Path(folder)


def _execute(server_url: str, statement: sql.Composed) -> None:
    url: URL = read_url(server_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(statement)
