"""Where a planned data source lives, read from the shapes that real configurations have."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from profiling_pipeline.errors import ConfigurationError, SourceError

_FILE_TYPES = {"FILE", "FILE_UPLOAD", "CSV", "PARQUET", "EXCEL"}
_TABLE_TYPES = {"POSTGRESQL", "POSTGRES"}


@dataclass(frozen=True)
class FileLocation:
    """A data file; a relative path is meant within the upload folders."""

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


Location = FileLocation | TableLocation


def parse_location(
    source_type: str, connection_config: object, auth_config: object, environment: Mapping[str, str]
) -> Location:
    """Read where a data source lives.

    Args:
        source_type: FILE or POSTGRESQL, in any case.
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
    if kind not in _TABLE_TYPES:
        raise SourceError(f"Data sources of type {source_type} are not supported. Use FILE or POSTGRESQL.")
    return TableLocation(
        host=_required(config, "host"),
        port=_port(config.get("port") or 5432),
        database=_required(config, "database", "dbname"),
        schema=str(config.get("schema") or config.get("schema_name") or "public"),
        table=_required(config, "table", "table_name"),
        username=_first(auth, "username", "user") or _first(config, "username", "user"),
        password=_password(auth, config, environment),
    )


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
