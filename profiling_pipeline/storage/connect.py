"""From settings to an open database, the embedded server included."""

import os
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL

from profiling_pipeline.errors import DatabaseUnavailableError
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database, describe_server, first_line, read_url
from profiling_pipeline.storage.embedded import EmbeddedServer
from profiling_pipeline.storage.migrations import current_revision, latest_revision

_DATABASE = "profiling"
_DAGSTER_DATABASE = "dagster"


def embedded_server(settings: Settings) -> EmbeddedServer:
    """Return the checkout's own server, running or not."""
    return EmbeddedServer(settings.home / "postgres")


def open_database(settings: Settings) -> Database:
    """Return the database of the settings; without a URL, the embedded server is held until this process ends.

    Raises:
        DatabaseUnavailableError: The server does not answer or cannot be started.
    """
    server = embedded_server(settings)
    if settings.database_url is None:
        server.hold()
        url = read_url(server.url(_DATABASE))
        _ensure_database(url)
    else:
        url = read_url(settings.database_url.get_secret_value())
        # A child that was handed the embedded server's URL keeps it running too, should its parent be killed.
        if server.serves(url):
            server.hold()
    return Database(url.render_as_string(hide_password=False), settings.database_schema)


def dagster_url(settings: Settings) -> str:
    """Return the URL of Dagster's own storage, by default the database `dagster` on the server of the tables.

    It names psycopg2, the driver that dagster-postgres is made for.
    """
    if settings.dagster_database_url is not None:
        url = read_url(settings.dagster_database_url.get_secret_value(), driver="psycopg2")
    elif settings.database_url is not None:
        url = read_url(settings.database_url.get_secret_value(), driver="psycopg2").set(database=_DAGSTER_DATABASE)
    else:
        url = read_url(embedded_server(settings).url(_DAGSTER_DATABASE), driver="psycopg2")
    return url.render_as_string(hide_password=False)


def ensure_environment(settings: Settings) -> Database:
    """Open the database, create Dagster's, and tell child processes of both through the environment.

    Raises:
        DatabaseUnavailableError: A server does not answer, or Dagster's database cannot be created.
    """
    database = open_database(settings)
    for_dagster = dagster_url(settings)
    if settings.dagster_database_url is None:
        _ensure_database(read_url(for_dagster))
    else:
        _require_database(read_url(for_dagster), "PROFILING_DAGSTER_DATABASE_URL")
    os.environ["PROFILING_HOME"] = str(settings.home.absolute())
    os.environ["PROFILING_DATABASE_URL"] = database.url.render_as_string(hide_password=False)
    os.environ["PROFILING_DAGSTER_DATABASE_URL"] = for_dagster
    return database


def database_status(settings: Settings) -> dict[str, Any]:
    """Return where the database is, whether it answers and which revision its tables have; nothing is started."""
    server = embedded_server(settings)
    if settings.database_url is None:
        facts: dict[str, Any] = {"server": "embedded", "folder": str(server.folder)}
        if not server.is_running():
            return {**facts, "answers": False, "reason": "It is not running; the next command that needs it starts it."}
        database = Database(server.url(_DATABASE), settings.database_schema)
    else:
        database = Database(settings.database_url.get_secret_value(), settings.database_schema)
        facts = {"server": describe_server(database.url)}
    try:
        revision = current_revision(database)
    except DatabaseUnavailableError as error:
        return {**facts, "answers": False, "reason": str(error)}
    finally:
        database.close()
    return {**facts, "answers": True, "revision": revision, "latest_revision": latest_revision()}


def _require_database(url: URL, setting: str) -> None:
    """Make sure that a database answers: Dagster itself would tell of it in a long traceback."""
    try:
        psycopg.connect(
            url.set(drivername="postgresql").render_as_string(hide_password=False), connect_timeout=10
        ).close()
    except psycopg.Error as error:
        raise DatabaseUnavailableError(
            f"The {describe_server(url)} does not answer: {first_line(error)}. Check that the server runs and that "
            f"{setting} leads to it, then repeat."
        ) from error


def _ensure_database(url: URL) -> None:
    """Create a database unless its server has it."""
    name = sql.Identifier(url.database or "")
    maintenance = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    try:
        with psycopg.connect(maintenance, autocommit=True, connect_timeout=10) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [url.database]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return  # another process was quicker
    except psycopg.Error as error:
        raise DatabaseUnavailableError(
            f"The {describe_server(url)} cannot be created: {first_line(error)}. "
            "Create it yourself, or set PROFILING_DATABASE_URL and PROFILING_DAGSTER_DATABASE_URL to existing ones."
        ) from error
