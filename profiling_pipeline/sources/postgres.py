"""PostgreSQL tables and views as Ibis tables."""

from collections.abc import Mapping
from contextlib import suppress

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import psycopg
from ibis.common.exceptions import TableNotFound

from profiling_pipeline.errors import SourceError, SourceUnavailableError
from profiling_pipeline.sources.column_names import nearest_names
from profiling_pipeline.sources.files import nan_as_null
from profiling_pipeline.sources.location import TableLocation
from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, DeclaredFormat, FormatsOf, OpenSource
from profiling_pipeline.sources.readable import typed

CONNECT_SECONDS = 10
_EXACT = dt.Decimal(None, None)


def open_table(location: TableLocation, formats_of: FormatsOf) -> OpenSource:
    """Open a table or view; see `open_source`. All that is read of it is one snapshot, in a read-only transaction."""
    connection = _connect(location)
    try:
        table = _table(connection, location)
        if not table.columns:
            raise SourceError(f"{location} has no columns. Name another table.")
        typed_table = _typed(table, formats_of(table.columns))
    except BaseException:
        _close(connection)
        raise
    columns = {name: str(dtype) for name, dtype in table.schema().items()}
    return OpenSource(
        name=f"{location.schema}.{location.table}",
        table=typed_table,
        connection=connection,
        engine="postgres",
        fingerprint={"table": str(location), "columns": columns},
        close=lambda: _close(connection),
    )


def _connect(location: TableLocation) -> ibis.BaseBackend:
    try:
        connection = ibis.postgres.connect(
            host=location.host,
            port=location.port,
            database=location.database,
            user=location.username,
            password=location.password,
            schema=location.schema,
            connect_timeout=CONNECT_SECONDS,
            application_name="profiling-pipeline",
        )
    except psycopg.Error as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[-1].rstrip(".")
        raise SourceUnavailableError(
            f"The database {location.database} at {location.host}:{location.port} does not answer: {reason}. "
            "Check the data source's connection and password, then try again."
        ) from error
    connection.con.rollback()
    connection.con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.con.read_only = True
    return connection


def _table(connection: ibis.BaseBackend, location: TableLocation) -> ir.Table:
    try:
        return connection.table(location.table, database=location.schema)
    except TableNotFound as error:
        near = nearest_names(location.table, connection.list_tables(database=location.schema))
        hint = f"Did you mean {' or '.join(near)}?" if near else "Check schema and table of the data source."
        raise SourceError(f"There is no table {location}. {hint}") from error


def _typed(table: ir.Table, formats: Mapping[str, DeclaredFormat]) -> ir.Table:
    columns: dict[str, ir.Value] = {}
    texts: dict[str, ir.Value] = {}
    for name in table.columns:
        column, declared = table[name], formats.get(name)
        if declared and declared.kind is not ColumnKind.TEXT and column.type().is_string():
            columns[name], texts[f"{name}{TEXT_SUFFIX}"] = typed(column, declared, _EXACT), column
        else:
            columns[name] = nan_as_null(column)
    return table.select(**columns, **texts)


def _close(connection: ibis.BaseBackend) -> None:
    with suppress(psycopg.Error):
        connection.disconnect()
