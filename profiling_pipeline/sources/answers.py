"""Rows that an engine answers, as plain Python values: exact numbers, dates, times without a zone in UTC."""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

_WITH_CURSORS = frozenset({"duckdb", "postgres"})


def answer(connection: ibis.BaseBackend, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run a query in the engine's own SQL; return the names of its columns and its rows.

    Where an engine has a cursor it is asked directly: Ibis would convert the rows through Arrow, and open a cursor on
    the server, which keeps PostgreSQL to one core.
    """
    if connection.name in _WITH_CURSORS:
        cursor = connection.con.execute(sql)
        return [column[0] for column in cursor.description], list(cursor.fetchall())
    if connection.name == "pyspark":
        return _plain_rows(connection.raw_sql(sql).toArrow())
    return _plain_rows(connection.sql(sql, dialect=connection.dialect).to_pyarrow())


def answers(connection: ibis.BaseBackend, query: ir.Table) -> list[dict[str, Any]]:
    """Run a query; return its rows, each by the names of its columns."""
    if connection.name in _WITH_CURSORS or connection.name == "pyspark":
        names, rows = answer(connection, connection.compile(query))
    else:
        names, rows = _plain_rows(query.to_pyarrow())
    return [dict(zip(names, row, strict=True)) for row in rows]


def _plain_rows(table: pa.Table) -> tuple[list[str], list[tuple[Any, ...]]]:
    columns = [_plain_values(column) for column in table.columns]
    return list(table.column_names), list(zip(*columns, strict=True))


def _plain_values(column: pa.ChunkedArray) -> Sequence[Any]:
    """Return values; a time of Spark carries the session's zone, UTC, also where its column has none."""
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = column.cast(pa.timestamp(column.type.unit))
    values: list[Any] = column.to_pylist()
    return values
