"""Data files and tables that tests open."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import URL

from profiling_pipeline.sources.location import FileLocation, TableLocation
from profiling_pipeline.sources.model import ROW_NUMBER, OpenSource
from profiling_pipeline.sources.opening import open_source


@dataclass(frozen=True)
class Files:
    """A folder of data files, and the spill folder that opening them uses."""

    folder: Path
    spill: Path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def open(self, path: Path | str, **options: Any) -> OpenSource:
        defaults = {"allowed_folders": None, "memory_limit": "500MB", "spill_folder": self.spill}
        return open_source(FileLocation(self.folder / path), **(defaults | options))

    def open_text(self, content: str | bytes, name: str = "data.csv", **options: Any) -> OpenSource:
        return self.open(self.write(name, content), **options)

    def left_behind(self) -> list[Path]:
        return list(self.spill.iterdir()) if self.spill.exists() else []


@dataclass(frozen=True)
class Tables:
    """A schema of its own in a real PostgreSQL."""

    connection: psycopg.Connection[Any]
    url: URL
    schema: str

    @classmethod
    def create(cls, url: URL) -> "Tables":
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = psycopg.connect(plain, autocommit=True)
        schema = f"s{uuid4().hex}"
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
        return cls(connection, url, schema)

    def drop(self) -> None:
        self.connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(self.schema)))
        self.connection.close()

    def run(self, statement: str) -> None:
        self.connection.execute(statement)

    def texts(self, values: Sequence[str | None], table: str = "texts") -> None:
        """Make a table with one text column, `t`, and the rows' numbers."""
        self.run(f"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} (id integer, t text)")
        with self.connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} VALUES (%s, %s)", list(enumerate(values, 1)))

    def location(self, table: str, **changes: Any) -> TableLocation:
        place = {
            "host": self.url.host or self.url.query["host"],
            "port": self.url.port or 5432,
            "database": self.url.database,
            "schema": self.schema,
            "table": table,
            "username": self.url.username,
            "password": self.url.password,
        }
        return TableLocation(**(place | changes))

    def open(self, table: str, *, formats: Any = None, beside: OpenSource | None = None, **changes: Any) -> OpenSource:
        return open_source(
            self.location(table, **changes),
            formats=formats,
            allowed_folders=None,
            memory_limit="500MB",
            spill_folder=Path(),
            beside=beside,
        )


def rows_of(source: OpenSource, *columns: str) -> list[tuple[Any, ...]]:
    """Return the rows of some columns as plain Python values, in the file's order (the table's `id`)."""
    order = ROW_NUMBER if source.has_row_numbers else "id"
    query = source.connection.compile(source.table.order_by(order).select(*columns))
    return [tuple(row) for row in source.connection.con.execute(query).fetchall()]


def values_of(source: OpenSource, column: str) -> list[Any]:
    """Return the values of one column, in the file's order."""
    return [value for (value,) in rows_of(source, column)]
