"""Rows of one source in the engine of another, where the two do not share one."""

from collections.abc import Iterator
from uuid import uuid4

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
from psycopg import sql

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.answers import answer, arrow_batches, count_rows
from profiling_pipeline.sources.model import OpenSource

MOST_ROWS = 5_000_000
MOST_DIGITS = 38  # of numbers that every engine holds
_ROWS_AT_ONCE = 100_000


def copied(rows: ir.Table, origin: OpenSource, target: OpenSource) -> ir.Table:
    """Copy rows into a temporary table that goes when the target is closed.

    Args:
        rows: A query on the origin; of types that both engines have.
        origin: The source that the rows are read from.
        target: The source beside whose table they are to be.

    Raises:
        SourceError: They are too many, or the target's server lets nobody make temporary tables.
    """
    rows = rows.select(**{name: _of_known_size(rows[name]) for name in rows.columns})
    count = count_rows(origin.connection, rows)
    if count > MOST_ROWS:
        raise SourceError(
            f"{origin.name} has {count:,} different values to look up, and at most {MOST_ROWS:,} are copied to "
            f"{target.name}. Keep both in one database."
        )
    name = f"looked_up_{uuid4().hex}"
    reader = pa.RecordBatchReader.from_batches(rows.schema().to_pyarrow(), _batches(rows, origin))
    if target.engine == "duckdb":
        _into_duckdb(target, name, reader)
    elif target.engine == "postgres":
        _into_postgres(target, name, rows, reader)
    elif target.engine == "pyspark":
        _into_spark(target, name, reader)
    else:
        target.connection.create_table(name, reader.read_all(), temp=True)
    return ops.DatabaseTable(name=name, schema=rows.schema(), source=target.connection).to_expr()


def _of_known_size(column: ir.Column) -> ir.Column:
    """Return a column; PostgreSQL's numbers of any length with the digits that are compared."""
    is_unbounded = column.type().is_decimal() and column.type().precision is None
    return column.cast(dt.Decimal(MOST_DIGITS, MOST_DIGITS // 2)) if is_unbounded else column


def _batches(rows: ir.Table, origin: OpenSource) -> Iterator[pa.RecordBatch]:
    schema = rows.schema().to_pyarrow()
    if origin.engine != "postgres":
        yield from (batch.cast(schema) for batch in arrow_batches(origin.connection, rows, _ROWS_AT_ONCE))
        return
    _, found = answer(origin.connection, origin.connection.compile(rows))
    for start in range(0, len(found), _ROWS_AT_ONCE):
        columns = zip(*found[start : start + _ROWS_AT_ONCE], strict=True)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _into_duckdb(target: OpenSource, name: str, reader: pa.RecordBatchReader) -> None:
    connection = target.connection.con
    connection.register(f"{name}_batches", reader)
    try:
        connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {name}_batches")  # noqa: S608 names made here
    finally:
        connection.unregister(f"{name}_batches")


def _into_spark(target: OpenSource, name: str, reader: pa.RecordBatchReader) -> None:
    session = target.connection._session
    session.createDataFrame(reader.read_all()).createOrReplaceTempView(name)
    target.when_closed(lambda: session.catalog.dropTempView(name))


def _into_postgres(target: OpenSource, name: str, rows: ir.Table, reader: pa.RecordBatchReader) -> None:
    """Make the table in a transaction of its own, between two that can only read."""
    connection = target.connection.con
    table = sql.Identifier(name)
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(_postgres_type(target, dtype)))
        for column, dtype in rows.schema().items()
    )
    connection.commit()
    connection.read_only = False
    try:
        connection.execute(sql.SQL("CREATE TEMPORARY TABLE {} ({})").format(table, columns))
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
            for batch in reader:
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    copy.write_row(row)
        connection.execute(sql.SQL("ANALYZE {}").format(table))
        connection.commit()
    except psycopg.Error as error:
        connection.rollback()
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SourceError(
            f"The values to look up cannot be copied to the database of {target.name}: {reason}. Let its user make "
            "temporary tables (GRANT TEMPORARY ON DATABASE), or keep both sources in one database."
        ) from error
    finally:
        connection.read_only = True
        connection.execute("SELECT")


def _postgres_type(target: OpenSource, dtype: dt.DataType) -> str:
    return str(target.connection.compiler.type_mapper.to_string(dtype))
