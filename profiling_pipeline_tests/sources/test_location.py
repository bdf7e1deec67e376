"""Reading where a data source lives from the shapes that real configurations have."""

import json
from pathlib import Path
from typing import Any

import pytest

from profiling_pipeline.errors import ConfigurationError, SourceError
from profiling_pipeline.sources.location import (
    LOCAL,
    DatabaseLocation,
    FileLocation,
    Location,
    SparkFiles,
    SparkTable,
    TableLocation,
    column_map,
    parse_address,
    parse_location,
)

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


@pytest.mark.parametrize(
    ("config", "location"),
    [
        ({"path": "in/loans.csv"}, SparkFiles(LOCAL, "in/loans.csv")),
        ({"path": "s3a://bank/loans", "master": "yarn"}, SparkFiles("yarn", "s3a://bank/loans")),
        ({"table": "bank.loans", "remote": "sc://spark:15002"}, SparkTable("sc://spark:15002", "bank.loans")),
        ({"table_name": "loans", "master": "spark"}, SparkTable(LOCAL, "loans")),
    ],
)
def test_data_that_spark_reads(config: object, location: Location) -> None:
    assert _parse(config, source_type="Spark") == location


def test_a_database_of_any_kind_is_named_by_its_url() -> None:
    auth = {"user": "a@b", "password_env": "SECRET"}
    found = _parse({"url": "mysql://db:3306/bank", "table": "loans"}, auth, "MYSQL", SECRET="hunter2")
    assert found == DatabaseLocation("mysql://a%40b@db:3306/bank", "loans", "hunter2")
    assert "hunter2" not in f"{found} {found!r}"
    found = _parse({"url": "postgresql://db/bank", "table": "risk.loans"}, auth, "ANY", SECRET="hunter2")
    assert found == TableLocation("db", 5432, "bank", "risk", "loans", "a@b", "hunter2")


@pytest.mark.parametrize(
    ("address", "engine", "location"),
    [
        ("loans.csv", None, FileLocation(Path("loans.csv"))),
        ("in/*.csv", "duckdb", FileLocation(Path("in/*.csv"))),
        ("sqlite:///bank.db::loans", None, DatabaseLocation("sqlite:///bank.db", "loans")),
        ("postgresql://me@db:5433/bank::risk.loans", None, TableLocation("db", 5433, "bank", "risk", "loans", "me")),
        ("loans.csv", "spark", SparkFiles(LOCAL, "loans.csv")),
        ("hdfs://bank/loans", "yarn", SparkFiles("yarn", "hdfs://bank/loans")),
        ("::bank.loans", "sc://spark", SparkTable("sc://spark", "bank.loans")),
    ],
)
def test_an_address_on_the_command_line(address: str, engine: str | None, location: Location) -> None:
    assert parse_address(address, engine=engine, environment={}) == location


@pytest.mark.parametrize(
    ("address", "engine", "said"),
    [
        ("loans.csv", "flink", "'flink' is no engine. Use duckdb, spark,"),
        ("::loans", None, "Add --engine spark"),
        ("duckdb:///bank.db::loans", "spark", "Write PATH or ::loans"),
        ("duckdb:///bank.db", None, "Write it as duckdb:///bank.db::TABLE"),
        ("duckdb:///bank.db::", None, "Name the table"),
        ("mysql://me:hunter2@db/bank::loans", None, "password in it.*--password-env"),
        ("snowflake://me@db/bank?token=hunter2::loans", None, "password in it"),
        ("mysql://db:many/bank::loans", None, "cannot be read: Port"),
    ],
)
def test_an_address_that_cannot_be_used(address: str, engine: str | None, said: str) -> None:
    with pytest.raises(SourceError, match=said) as refused:
        parse_address(address, engine=engine, environment={})
    assert "hunter2" not in str(refused.value)


def test_a_password_on_the_command_line_is_named_by_its_variable() -> None:
    address = "mysql://me@db/bank::loans"
    found = parse_address(address, password_env="SECRET", environment={"SECRET": "hunter2"})
    assert found == DatabaseLocation("mysql://me@db/bank", "loans", "hunter2")
    with pytest.raises(ConfigurationError, match="SECRET, which is not set"):
        parse_address(address, password_env="SECRET", environment={})
