"""Small sources: the same rows as a CSV file, as a DuckDB table and as a PostgreSQL table."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import psycopg
from psycopg import sql
from sqlalchemy import make_url

from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.location import LOCAL, FileLocation, SparkTable, TableLocation
from profiling_pipeline.sources.model import DeclaredFormat, OpenSource
from profiling_pipeline.sources.opening import open_source

Row = Sequence[Any]

LOAN_COLUMNS = {"id": "bigint", "balance": "numeric(12, 2)", "state": "text", "opened": "date", "ssn": "text"}
LOANS: tuple[Row, ...] = (
    (1, "100.00", "CA", "2020-01-01", "111-11-1111"),
    (2, "-5.50", "NY", "2021-02-03", "222-22-2222"),
    (3, None, "CA", None, "333-33-3333"),
    (4, "250.00", "ZZ", "2022-05-06", "444-44-4444"),
    (5, "-7.25", "ZZ", "2019-12-31", "555-55-5555"),
    (5, "80.00", None, "2023-07-08", "111-11-1111"),
)


def a_rule(column: str, check: str, /, **parameters: Any) -> Rule:
    """A rule named by what it says."""
    told = ", ".join(f"{name}={value}" for name, value in parameters.items())
    return Rule(name=f"{column} {check} {told}".strip(), attribute=column, check=check, parameters=parameters)


@contextmanager
def csv_source(
    folder: Path, columns: Sequence[str], rows: Sequence[Row], formats: dict[str, DeclaredFormat] | None = None
) -> Iterator[OpenSource]:
    """The rows as an opened CSV file."""
    path = folder / "loans.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    with open_source(
        FileLocation(path), formats=formats, allowed_folders=None, memory_limit="500MB", spill_folder=folder / "spill"
    ) as source:
        yield source


@contextmanager
def duckdb_source(columns: dict[str, str], rows: Sequence[Row]) -> Iterator[OpenSource]:
    """The rows as a table in memory, without row numbers."""
    connection = ibis.duckdb.connect()
    declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    connection.con.execute(f"CREATE TABLE loans ({declared})")
    if rows:
        unnested = ", ".join(["unnest(?)"] * len(columns))
        connection.con.execute(f"INSERT INTO loans SELECT {unnested}", [list(each) for each in zip(*rows, strict=True)])
    try:
        yield OpenSource("loans", connection.table("loans"), connection, "duckdb", {})
    finally:
        connection.disconnect()


@contextmanager
def postgres_source(server_url: str, columns: dict[str, str], rows: Sequence[Row]) -> Iterator[OpenSource]:
    """The rows as an opened PostgreSQL table."""
    with psycopg.connect(_libpq(server_url), autocommit=True) as connection:
        declared = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns.items()
        )
        connection.execute("DROP TABLE IF EXISTS loans")
        connection.execute(sql.SQL("CREATE TABLE loans ({})").format(declared))
        marks = sql.SQL(", ").join(sql.Placeholder() * len(columns))
        connection.cursor().executemany(sql.SQL("INSERT INTO loans VALUES ({})").format(marks), rows)
        with open_source(
            table_location(server_url), allowed_folders=None, memory_limit="500MB", spill_folder=Path()
        ) as source:
            yield source
        connection.execute("DROP TABLE loans")


@contextmanager
def spark_source(columns: dict[str, str], rows: Sequence[Row]) -> Iterator[OpenSource]:
    """The rows as an opened table of Spark, which the fixture `spark` has started."""
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    with duckdb_source(columns, rows) as source:
        session.createDataFrame(source.table.to_pyarrow()).createOrReplaceTempView("loans")
    with open_source(
        SparkTable(LOCAL, "loans"), allowed_folders=None, memory_limit="1GB", spill_folder=Path()
    ) as source:
        yield source
    session.catalog.dropTempView("loans")


def table_location(server_url: str) -> TableLocation:
    """Where `postgres_source` puts its rows."""
    url = make_url(server_url)
    return TableLocation(
        host=str(url.host or url.query["host"]),
        port=url.port or 5432,
        database=str(url.database),
        schema="public",
        table="loans",
        username=url.username,
        password=url.password,
    )


def _libpq(server_url: str) -> str:
    return make_url(server_url).set(drivername="postgresql").render_as_string(hide_password=False)
