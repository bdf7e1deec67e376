"""Where a planned data source lives, read from the shapes that real configurations have."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from profiling_pipeline.errors import ConfigurationError, SourceError

_FILE_TYPES = {"FILE", "FILE_UPLOAD", "CSV", "PARQUET", "EXCEL"}
_TABLE_TYPES = {"POSTGRESQL", "POSTGRES"}
_SPARK_TYPE = "SPARK"
_SPARK_PLACE = re.compile(r"local(\[[\d*,]+\])?|yarn|(spark|k8s|mesos|sc)://.+")
_SECRETS = {"password", "pwd", "token", "private_key", "credentials"}
LOCAL = "local[*]"


@dataclass(frozen=True)
class FileLocation:
    """A data file, or all files of a folder or pattern; a relative path is meant within the upload folders."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class TableLocation:
    """A table or view of a PostgreSQL database."""

    host: str
    port: int
    database: str
    schema: str
    table: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def is_beside(self, other: object) -> bool:
        """Return whether another location is in the same database, read by the same user."""
        if not isinstance(other, TableLocation):
            return False
        return replace(self, schema=other.schema, table=other.table) == other

    def __str__(self) -> str:
        return f"{self.schema}.{self.table} in {self.database} at {self.host}:{self.port}"


@dataclass(frozen=True)
class SparkFiles:
    """Files that Spark reads: a path, a folder or a pattern, also of a distributed file system.

    `place` is a master (`local[*]`, `spark://host:7077`, `yarn`...) or a Spark Connect server (`sc://host:15002`).
    """

    place: str
    path: str

    def __str__(self) -> str:
        return f"{self.path} on Spark ({self.place})"


@dataclass(frozen=True)
class SparkTable:
    """A table of Spark's catalogue."""

    place: str
    table: str

    def __str__(self) -> str:
        return f"{self.table} on Spark ({self.place})"


@dataclass(frozen=True)
class DatabaseLocation:
    """A table or view, `table` or `schema.table`, of a database that has a URL; the URL holds no password."""

    url: str
    table: str
    password: str | None = field(default=None, repr=False)

    @property
    def scheme(self) -> str:
        """The kind of database."""
        return urlsplit(self.url).scheme.casefold()

    def __str__(self) -> str:
        return f"{self.table} in {self.url}"


Location = DatabaseLocation | FileLocation | TableLocation | SparkFiles | SparkTable


def parse_location(
    source_type: str, connection_config: object, auth_config: object, environment: Mapping[str, str]
) -> Location:
    """Read where a data source lives.

    Args:
        source_type: FILE, POSTGRESQL or SPARK, in any case; any other name where the configuration has a `url`.
        connection_config: An object, or JSON text of one, in any of the real shapes.
        auth_config: The same, with `username` (or `user`) and `password_env`, the variable that holds the password.
        environment: Where that variable is looked up.

    Raises:
        SourceError: The type is not supported or the configuration lacks something; the message names it.
        ConfigurationError: The variable of `password_env` is not set.
    """
    config, auth = as_object(connection_config, "connection_config"), as_object(auth_config, "auth_config")
    kind = source_type.strip().upper()
    if kind in _FILE_TYPES:
        return FileLocation(Path(_required(config, "file_path", "path", "filename", "file_name")))
    if kind == _SPARK_TYPE:
        place = spark_place(_first(config, "remote", "master") or LOCAL)
        if table := _first(config, "table", "table_name"):
            return SparkTable(place, table)
        return SparkFiles(place, _required(config, "path", "file_path"))
    if url := _first(config, "url"):
        table = _required(config, "table", "table_name")
        return database_location(url, table, _first(auth, "username", "user"), _password(auth, {}, environment))
    if kind not in _TABLE_TYPES:
        raise SourceError(
            f"Data sources of type {source_type} are not supported. Use FILE, POSTGRESQL or SPARK, or give the "
            "connection_config a 'url' and a 'table'."
        )
    return TableLocation(
        host=_required(config, "host"),
        port=_port(config.get("port") or 5432),
        database=_required(config, "database", "dbname"),
        schema=str(config.get("schema") or config.get("schema_name") or "public"),
        table=_required(config, "table", "table_name"),
        username=_first(auth, "username", "user") or _first(config, "username", "user"),
        password=_password(auth, config, environment),
    )


def parse_address(
    address: str, *, engine: str | None = None, password_env: str | None = None, environment: Mapping[str, str]
) -> Location:
    """Read where data live from what a person writes on the command line.

    Args:
        address: A file, folder or pattern; `URL::table`; with Spark also `::table` for one of its catalogue.
        engine: None for the engine that suits the data; `spark` for Spark on this machine, or where Spark runs.
        password_env: The variable that holds the password of a database.
        environment: Where that variable is looked up.

    Raises:
        SourceError: It cannot be understood; the message says how to write it.
        ConfigurationError: The variable is not set.
    """
    url, separator, table = address.rpartition("::")
    if engine is not None and engine != "duckdb":
        place = spark_place(engine)
        if separator and url:
            raise SourceError(f"Spark reads files or tables of its own catalogue. Write PATH or ::{table}.")
        return SparkTable(place, table) if separator else SparkFiles(place, address)
    if separator and not url:
        raise SourceError(f"{address} is a table of Spark's catalogue. Add --engine spark.")
    if is_in_database(address):
        return database_location(url, table, None, _password({"password_env": password_env}, {}, environment))
    if "://" in address:
        raise SourceError(
            f"{address} names no table. Write it as {address}::TABLE; files elsewhere need --engine spark."
        )
    return FileLocation(Path(address))


def is_in_database(address: str) -> bool:
    """Return whether what a person wrote names a table of a database by its URL."""
    return "://" in address.rpartition("::")[0]


def spark_place(name: str) -> str:
    """Return where Spark runs: `spark` alone means on this machine.

    Raises:
        SourceError: It is neither a master nor a Spark Connect server.
    """
    place = LOCAL if name.casefold() == "spark" else name
    if not _SPARK_PLACE.fullmatch(place):
        raise SourceError(
            f"'{name}' is no engine. Use duckdb, spark, a Spark master (local[4], spark://host:7077, yarn) or a Spark "
            "Connect server (sc://host:15002)."
        )
    return place


def database_location(url: str, table: str, username: str | None, password: str | None) -> Location:
    """Return the location of a table of a database that has a URL.

    Raises:
        SourceError: The URL cannot be used, or has a password in it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SourceError(f"The data source's url cannot be read: {error}. Correct it.") from error
    if parts.password or any(name.casefold() in _SECRETS for name, _ in parse_qsl(parts.query)):
        raise SourceError(
            "The data source's url has a password in it. Put the password into an environment variable, and name that "
            "in auth_config's password_env (on the command line: --password-env)."
        )
    if not table:
        raise SourceError(f"The url {url} comes without a table. Name the table.")
    if parts.scheme.casefold() in {"postgres", "postgresql"}:
        schema, _, name = table.rpartition(".")
        return TableLocation(
            host=unquote(parts.hostname or "localhost"),
            port=port or 5432,
            database=unquote(parts.path.removeprefix("/")),
            schema=schema or "public",
            table=name,
            username=unquote(parts.username) if parts.username else username,
            password=password,
        )
    if username and not parts.username:
        url = urlunsplit(parts._replace(netloc=f"{quote(username, safe='')}@{parts.netloc}"))
    return DatabaseLocation(url, table, password)


def column_map(connection_config: object) -> dict[str, str]:
    """Return the configuration's own map from attribute names to columns, empty where there is none."""
    columns = as_object(connection_config, "connection_config").get("columns")
    return {str(name): str(column) for name, column in columns.items()} if isinstance(columns, dict) else {}


def as_object(value: object, what: str) -> dict[str, Any]:
    """Return a JSON object that may stand as text, even as text within text.

    Raises:
        SourceError: It is something else.
    """
    while isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except json.JSONDecodeError as error:
            raise SourceError(f"The data source's {what} is not JSON ({error}). Correct the data source.") from error
    if not value:
        return {}
    if not isinstance(value, dict):
        raise SourceError(f"The data source's {what} is not a JSON object. Correct the data source.")
    return value


def _password(auth: Mapping[str, Any], config: Mapping[str, Any], environment: Mapping[str, str]) -> str | None:
    if name := auth.get("password_env"):
        if str(name) not in environment:
            raise ConfigurationError(
                f"The data source takes its password from the environment variable {name}, which is not set. Set it."
            )
        return environment[str(name)]
    return _first(auth, "password") or _first(config, "password")


def _first(config: Mapping[str, Any], *names: str) -> str | None:
    return next((str(config[name]) for name in names if config.get(name)), None)


def _required(config: Mapping[str, Any], *names: str) -> str:
    value = _first(config, *names)
    if value is None:
        raise SourceError(f"The data source's connection_config has no '{names[0]}'. Add it to the data source.")
    return value


def _port(value: object) -> int:
    text = str(value).strip()
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SourceError(f"The data source's port '{text}' is not a port number. Correct the data source.")
    return int(text)
