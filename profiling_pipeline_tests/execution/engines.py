"""The rows of `every_check` on each engine, opened as people open them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow.parquet as pq
from psycopg import sql
from sqlalchemy import make_url

from profiling_pipeline.sources.location import LOCAL, DatabaseLocation, FileLocation, Location, SparkFiles
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline_tests.execution.data import table_location
from profiling_pipeline_tests.execution.every_check import POSTGRES_TYPES, TABLE

Opened = AbstractContextManager[OpenSource]


def open_location(location: Location, folder: Path, **options: Any) -> OpenSource:
    defaults = {"allowed_folders": None, "memory_limit": "1GB", "spill_folder": folder / "spill"}
    return open_source(location, **(defaults | options))


def parquet_file(folder: Path) -> Path:
    path = folder / "rows.parquet"
    pq.write_table(TABLE, path)
    return path


def on_duckdb(folder: Path, server_url: str) -> Opened:
    return open_location(FileLocation(parquet_file(folder)), folder)


def on_spark(folder: Path, server_url: str) -> Opened:
    return open_location(SparkFiles(LOCAL, str(parquet_file(folder))), folder)


def in_duckdb_database(folder: Path, server_url: str) -> Opened:
    path = folder / "rows.duckdb"
    with duckdb.connect(path) as connection:
        connection.register("given", TABLE)
        connection.execute("CREATE TABLE rows AS FROM given")
    return open_location(DatabaseLocation(f"duckdb://{path}", "rows"), folder)


def in_sqlite_database(folder: Path, server_url: str) -> Opened:
    path = folder / "rows.sqlite"
    with sqlite3.connect(path) as connection:
        declared = ", ".join(f"{name} {kind}" for name, kind in POSTGRES_TYPES.items())
        connection.execute(f"CREATE TABLE rows ({declared})")
        marks = ", ".join("?" * len(POSTGRES_TYPES))
        rows = [[_for_sqlite(value) for value in row.values()] for row in TABLE.to_pylist()]
        connection.executemany(f"INSERT INTO rows VALUES ({marks})", rows)
    connection.close()
    return open_location(DatabaseLocation(f"sqlite://{path}", "rows"), folder)


def _for_sqlite(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | str) else str(value)


@contextmanager
def on_postgres(folder: Path, server_url: str) -> Iterator[OpenSource]:
    plain = make_url(server_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in POSTGRES_TYPES.items()
        )
        connection.execute("DROP TABLE IF EXISTS loans")
        connection.execute(sql.SQL("CREATE TABLE loans ({})").format(columns))
        with connection.cursor().copy("COPY loans FROM STDIN") as copy:
            for row in TABLE.to_pylist():
                copy.write_row(list(row.values()))
        with open_location(table_location(server_url), folder) as source:
            yield source
        connection.execute("DROP TABLE loans")


ENGINES: dict[str, Callable[[Path, str], Opened]] = {
    "postgres": on_postgres,
    "duckdb database": in_duckdb_database,
    "sqlite database": in_sqlite_database,
    "spark": on_spark,
}
