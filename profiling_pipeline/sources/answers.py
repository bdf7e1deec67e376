"""Rows that an engine answers, with exact numbers, dates, times without a zone in UTC."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_NO_REASON = "An error occurred while calling"  # how Spark begins to tell of an error in Java
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
        return _plain_rows(_without_zones(connection.raw_sql(sql).toArrow()))
    return _plain_rows(connection.sql(sql, dialect=connection.dialect).to_pyarrow())


def answers(connection: ibis.BaseBackend, query: ir.Table) -> list[dict[str, Any]]:
    """Run a query; return its rows, each by the names of its columns."""
    if connection.name in _WITH_CURSORS or connection.name == "pyspark":
        names, rows = answer(connection, connection.compile(query))
    else:
        names, rows = _plain_rows(query.to_pyarrow())
    return [dict(zip(names, row, strict=True)) for row in rows]


def count_rows(connection: ibis.BaseBackend, table: ir.Table) -> int:
    """Return the number of rows of a table."""
    return int(answers(connection, table.aggregate(rows=table.count()))[0]["rows"])


def arrow_table(connection: ibis.BaseBackend, query: ir.Table) -> "pa.Table":
    """Run a query; return its rows in Arrow's columns."""
    if connection.name == "pyspark":
        # Ibis would convert them through pandas, which has no whole numbers beside missing ones.
        return _without_zones(connection.raw_sql(connection.compile(query)).toArrow())
    return query.to_pyarrow()


def arrow_batches(connection: ibis.BaseBackend, query: ir.Table, rows_at_once: int) -> "pa.RecordBatchReader":
    """Run a query whose rows do not fit into memory; return them batch by batch."""
    if connection.name == "duckdb":
        return connection.con.sql(connection.compile(query)).to_arrow_reader(rows_at_once)
    if connection.name != "pyspark":
        return connection.to_pyarrow_batches(query, chunk_size=rows_at_once)
    import pyarrow as pa

    schema = query.schema().to_pyarrow()
    rows = _spark_rows(connection.raw_sql(connection.compile(query)))
    return pa.RecordBatchReader.from_batches(schema, _batches(rows, schema, rows_at_once))


def _spark_rows(frame: "DataFrame") -> Iterator[Sequence[Any]]:
    """Return the rows of a frame, one part of it after the other: Spark gives no more than 1 GB at once."""
    from pyspark.sql import functions as sf
    from pyspark.sql import types as st

    # Times with a zone would become times of this machine's zone.
    zoned = {field.name for field in frame.schema.fields if isinstance(field.dataType, st.TimestampType)}
    columns = {name: sf.col(f"`{name.replace('`', '``')}`").cast("timestamp_ntz") for name in zoned}
    return frame.withColumns(columns).toLocalIterator()


def _batches(rows: Iterable[Sequence[Any]], schema: "pa.Schema", rows_at_once: int) -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa

    rows = iter(rows)
    while some := list(islice(rows, rows_at_once)):
        columns = zip(zip(*some, strict=True), schema.types, strict=True)
        yield pa.RecordBatch.from_arrays([pa.array(values, dtype) for values, dtype in columns], schema=schema)


def _without_zones(table: "pa.Table") -> "pa.Table":
    """Return times as they are in UTC, the zone of Spark's sessions, which it adds to times of none."""
    import pyarrow as pa

    return table.cast(
        pa.schema(
            [
                field.with_type(pa.timestamp(field.type.unit)) if pa.types.is_timestamp(field.type) else field
                for field in table.schema
            ]
        )
    )


def _plain_rows(table: "pa.Table") -> tuple[list[str], list[tuple[Any, ...]]]:
    return list(table.column_names), list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def first_line(error: Exception) -> str:
    """Return the first line of an engine's message that says something; what follows quotes the query."""
    lines = (line.strip().removeprefix(": ").rstrip(".") for line in str(error).splitlines() if line.strip())
    return next((line for line in lines if not line.startswith(_NO_REASON)), type(error).__name__)
