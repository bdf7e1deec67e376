"""The way to the tables: one engine, and sessions that are one transaction each."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from profiling_pipeline.errors import (
    ConfigurationError,
    ConflictError,
    DatabaseSchemaError,
    DatabaseUnavailableError,
    ProfilingError,
)
from profiling_pipeline.storage.json_text import to_json


def read_url(text: str, driver: str = "psycopg") -> URL:
    """Return a PostgreSQL URL with the given driver, whatever driver it named.

    Raises:
        ConfigurationError: It is no PostgreSQL URL.
    """
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        # The parser's own message would show the whole URL, the password included.
        raise ConfigurationError(
            "The database URL cannot be read. Write it as postgresql://user:password@host:5432/database, "
            "with special characters in the password percent-encoded."
        ) from None
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise ConfigurationError(
            f"The database URL names {url.get_backend_name()}; only PostgreSQL is supported: start it with postgresql://."
        )
    return url.set(drivername=f"postgresql+{driver}")


def describe_server(url: URL) -> str:
    """Return which server and database a URL leads to, without user and password."""
    host = url.host or url.query.get("host") or "localhost"
    return f"database {url.database or ''!r} at {host if isinstance(host, str) else ','.join(host)}:{url.port or 5432}"


class Database:
    """One PostgreSQL database, with the tables in one schema."""

    def __init__(self, url: str, schema: str = "public") -> None:
        self.url = read_url(url)
        self.schema = schema
        # The schema is the whole search path, so that tables, models and migrations never name it.
        options = f"{self.url.query.get('options', '')} -csearch_path={schema}".strip()
        self.engine: Engine = create_engine(
            self.url,
            connect_args={"connect_timeout": 10, **self.url.query, "options": options},
            pool_pre_ping=True,
            hide_parameters=True,  # unexpected errors are shown and logged, values are not to be
            json_serializer=to_json,
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open one transaction: committed on leaving, undone when left by an error.

        Raises:
            DatabaseUnavailableError: The server does not answer, or stopped answering.
            ConflictError: PostgreSQL gave up on this transaction in favour of another one.
            DatabaseSchemaError: A table or column is missing, or this user may not do that with it.
        """
        with self.translated_errors(), self._sessions.begin() as session:
            yield session

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Turn what the driver says about the server or the schema into this project's errors."""
        try:
            yield
        except DBAPIError as error:
            translated = self._translate(error)
            if translated is None:
                raise
            raise translated from error

    def close(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()

    def _translate(self, error: DBAPIError) -> ProfilingError | None:
        cause = error.orig
        where = describe_server(self.url)
        if isinstance(
            cause,
            psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected | psycopg.errors.LockNotAvailable,
        ):
            return ConflictError(
                f"Somebody else was changing the same rows ({first_line(cause)}); nothing was stored. "
                "Read again, then repeat."
            )
        if isinstance(
            cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn | psycopg.errors.InvalidSchemaName
        ):
            return DatabaseSchemaError(
                f"The {where}, schema {self.schema!r}, lacks what this release needs: {first_line(cause)}. "
                "Run `profiling db upgrade`."
            )
        if isinstance(cause, psycopg.errors.InsufficientPrivilege):
            return DatabaseSchemaError(
                f"The {where} does not let user {self.url.username!r} do this: {first_line(cause)}. "
                "Nothing was stored. Grant it the rights that docs/operations.md lists, then repeat."
            )
        if isinstance(cause, psycopg.OperationalError) or error.connection_invalidated:
            return DatabaseUnavailableError(
                f"The {where} does not answer: {first_line(cause)}. Check that the server runs and that "
                "PROFILING_DATABASE_URL leads to it, then repeat."
            )
        return None


def first_line(error: BaseException | None) -> str:
    """Return the first line of what a driver says."""
    return (str(error).strip().splitlines() or ["no reason given"])[0].rstrip(".")
