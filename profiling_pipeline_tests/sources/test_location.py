"""Reading where a data source lives from the shapes that real configurations have."""

import json
from pathlib import Path
from typing import Any

import pytest

from profiling_pipeline.errors import ConfigurationError, SourceError
from profiling_pipeline.sources.location import FileLocation, TableLocation, column_map, parse_location

TABLE = {"host": "db", "port": 5432, "database": "bank", "schema": "public", "table": "loans"}


def _parse(config: object, auth: object = None, source_type: str = "POSTGRESQL", **environment: str) -> Any:
    return parse_location(source_type, config, auth, environment)


@pytest.mark.parametrize(
    "config",
    [
        TABLE,
        TABLE | {"port": "5432"},
        {key: value for key, value in TABLE.items() if key not in {"port", "schema"}},
        {"host": "db", "database": "bank", "schema_name": "public", "table_name": "loans", "port": " 5432 "},
        TABLE | {"type": "PostgreSQL", "columns": {"A": "b"}},
        json.dumps(TABLE),
        json.dumps(json.dumps(TABLE)),
    ],
)
def test_tables_in_every_shape(config: object) -> None:
    for source_type in ("POSTGRESQL", "PostgreSQL", " postgres "):
        assert _parse(config, source_type=source_type) == TableLocation("db", 5432, "bank", "public", "loans")


@pytest.mark.parametrize("key", ["file_path", "path", "filename", "file_name"])
def test_files_in_every_shape(key: str) -> None:
    assert _parse({key: "in/loans.csv"}, source_type="file") == FileLocation(Path("in/loans.csv"))


@pytest.mark.parametrize("name", ["username", "user"])
def test_the_password_comes_from_the_environment(name: str) -> None:
    location = _parse(TABLE, json.dumps({name: "reader", "password_env": "BANK_PASSWORD"}), BANK_PASSWORD="hunter2")
    assert (location.username, location.password) == ("reader", "hunter2")
    with pytest.raises(ConfigurationError, match="BANK_PASSWORD, which is not set"):
        _parse(TABLE, {name: "reader", "password_env": "BANK_PASSWORD"})


def test_a_plaintext_password_is_read_and_never_shown() -> None:
    for location in (
        _parse(TABLE | {"username": "reader", "password": "hunter2"}),
        _parse(TABLE, {"user": "reader", "password": "hunter2"}),
    ):
        assert location.password == "hunter2"
        assert "hunter2" not in f"{location} {location!r}"


@pytest.mark.parametrize(
    ("source_type", "config", "said"),
    [
        ("ORACLE", TABLE, "of type ORACLE are not supported"),
        ("POSTGRESQL", {}, "no 'host'"),
        ("POSTGRESQL", None, "no 'host'"),
        ("POSTGRESQL", {"host": "db", "database": "bank"}, "no 'table'"),
        ("POSTGRESQL", TABLE | {"port": "many"}, "port 'many' is not a port number"),
        ("POSTGRESQL", TABLE | {"port": 70000}, "port '70000' is not a port number"),
        ("POSTGRESQL", "{host: db", "connection_config is not JSON"),
        ("POSTGRESQL", "[1]", "connection_config is not a JSON object"),
        ("FILE", {}, "no 'file_path'"),
    ],
)
def test_what_is_missing_or_wrong_is_named(source_type: str, config: object, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        _parse(config, source_type=source_type)


def test_the_map_from_attributes_to_columns() -> None:
    assert column_map(json.dumps(TABLE | {"columns": {"Customer ID": "customer_id"}})) == {"Customer ID": "customer_id"}
    assert column_map(TABLE) == {}
    assert column_map(None) == {}
    assert column_map(TABLE | {"columns": ["a"]}) == {}
