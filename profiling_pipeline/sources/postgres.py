"""PostgreSQL tables and views as Ibis tables."""

from collections.abc import Callable, Mapping
from contextlib import suppress

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.schema as sch
import ibis.expr.types as ir
import psycopg
from ibis.common.exceptions import TableNotFound

from profiling_pipeline.errors import SourceError, SourceUnavailableError
from profiling_pipeline.sources.column_names import nearest_names
from profiling_pipeline.sources.location import TableLocation
from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, DeclaredFormat, FormatsOf, OpenSource
from profiling_pipeline.sources.readable import typed
from profiling_pipeline.sources.typed_tables import nan_as_null

CONNECT_SECONDS = 10
_EXACT = dt.Decimal(None, None)
# Types that are read as they are. Money is read as a number, anything else (enums, uuids, JSON, arrays...) as its text.
_WHOLE_TYPES, _FRACTION_TYPES = {"int2", "int4", "int8"}, {"float4", "float8", "numeric"}
_PLAIN_TYPES = _WHOLE_TYPES | _FRACTION_TYPES | {"bool", "date", "timestamp", "timestamptz", "text", "varchar"}
_FIRST_DAY, _LAST_MOMENT = "0001-01-01", "9999-12-31 23:59:59.999999"
_COLUMN_TYPES = """
    SELECT a.attname, coalesce(base.typname, t.typname), format_type(base.oid, t.typtypmod)
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_type base ON base.oid = t.typbasetype
    WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped
"""


def open_table(location: TableLocation, formats_of: FormatsOf, beside: OpenSource | None = None) -> OpenSource:
    """Open a table or view; see `open_source`. All that is read of it is one snapshot, in a read-only transaction."""
    if beside is not None and location.is_beside(beside.location):
        # A savepoint: when the table cannot be read, the transaction goes on for the source that it belongs to.
        with beside.connection.con.transaction():
            return _open(beside.connection, location, formats_of, close=lambda: None)
    connection = _connect(location)
    try:
        return _open(connection, location, formats_of, close=lambda: _close(connection))
    except BaseException:
        _close(connection)
        raise


def _open(
    connection: ibis.BaseBackend, location: TableLocation, formats_of: FormatsOf, *, close: Callable[[], None]
) -> OpenSource:
    table = _table(connection, location)
    plain_table = _plain(connection, table, location)
    _require_usable_names(plain_table, location)
    typed_table = _typed(plain_table, formats_of(table.columns))
    _require_readable(connection, typed_table, location)
    columns = {name: str(dtype) for name, dtype in plain_table.schema().items()}
    return OpenSource(
        name=f"{location.schema}.{location.table}",
        table=typed_table,
        connection=connection,
        engine="postgres",
        fingerprint={"table": str(location), "columns": columns},
        close=close,
        location=location,
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
            autocommit=False,
            connect_timeout=CONNECT_SECONDS,
            application_name="profiling-pipeline",
        )
        connection.con.rollback()
        connection.con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.con.read_only = True
        # Begins the transaction that stays open until the source is closed; what Ibis runs becomes part of it.
        connection.con.execute("SELECT")
    except psycopg.Error as error:
        raise SourceUnavailableError(
            f"The database {location.database} at {location.host}:{location.port} does not answer: {_reason(error)}. "
            "Check the data source's connection and password, then try again."
        ) from error
    return connection


def _reason(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines() or ["no reason given"]
    return lines[0].removeprefix("connection failed: ").rstrip(".")


def _table(connection: ibis.BaseBackend, location: TableLocation) -> ir.Table:
    try:
        return connection.table(location.table, database=location.schema)
    except TableNotFound as error:
        tables = connection.list_tables(database=location.schema)
        if location.table in tables:
            raise SourceError(f"{location} has no columns. Name another table.") from error
        near = nearest_names(location.table, tables)
        hint = f"Did you mean {' or '.join(near)}?" if near else "Check schema and table of the data source."
        raise SourceError(f"There is no table {location}. {hint}") from error


def _require_usable_names(table: ir.Table, location: TableLocation) -> None:
    reserved = [name for name in table.columns if name.casefold().endswith(TEXT_SUFFIX)]
    if reserved:
        raise SourceError(
            f"{location} has a column '{reserved[0]}', a name with another meaning here. Read it through a view."
        )


def _require_readable(connection: ibis.BaseBackend, table: ir.Table, location: TableLocation) -> None:
    try:
        connection.con.execute(connection.compile(table.limit(0)))
    except psycopg.Error as error:
        raise SourceError(
            f"{location} cannot be read: {_reason(error)}. Check that this user may select from it."
        ) from error


def _plain(connection: ibis.BaseBackend, table: ir.Table, location: TableLocation) -> ir.Table:
    """Return the table with columns of types that Ibis and rules know: numbers, texts, dates, truth values."""
    found = connection.con.execute(_COLUMN_TYPES, [location.schema, location.table]).fetchall()
    others: dict[str, dt.DataType] = {}
    for name, type_name, base in found:
        if type_name == "money":
            others[name] = dt.Decimal(19, 4)
        elif type_name not in _PLAIN_TYPES:
            others[name] = dt.string
        elif base:
            others[name] = connection.compiler.type_mapper.from_string(base)
    table = _as_unknown(table, others)
    columns: dict[str, ir.Column] = {}
    for name in table.columns:
        column = table[name].cast(others[name]) if name in others else table[name]
        columns[name] = column.cast(dt.Timestamp(scale=6)) if column.type().is_timestamp() else column
    return table.select(**columns)


def _as_unknown(table: ir.Table, names: Mapping[str, dt.DataType]) -> ir.Table:
    """Return the table with some columns of unknown type, so that a cast of them is not thought superfluous."""
    node = table.op()
    schema = {name: dt.unknown if name in names else dtype for name, dtype in table.schema().items()}
    return ops.DatabaseTable(
        name=node.name, schema=sch.Schema(schema), source=node.source, namespace=node.namespace
    ).to_expr()


def _typed(table: ir.Table, formats: Mapping[str, DeclaredFormat]) -> ir.Table:
    columns: dict[str, ir.Value] = {}
    texts: dict[str, ir.Value] = {}
    for name in table.columns:
        column, declared = table[name], formats.get(name)
        if declared and declared.kind is not ColumnKind.TEXT and column.type().is_string():
            columns[name], texts[f"{name}{TEXT_SUFFIX}"] = typed(column, declared, _EXACT), column
        elif column.type().is_date() or column.type().is_timestamp():
            columns[name], texts[f"{name}{TEXT_SUFFIX}"] = _in_calendar(column), column.cast("string")
        elif column.type().is_decimal():
            columns[name] = column.nullif(ibis.literal("NaN").cast(column.type()))
        else:
            columns[name] = nan_as_null(column)
    return table.select(**columns, **texts)


def _in_calendar(column: ir.Column) -> ir.Column:
    """Return a column of dates without what no calendar has: infinity, years before 1 and after 9999."""
    first, last = (ibis.literal(day).cast("timestamp") for day in (_FIRST_DAY, _LAST_MOMENT))
    return column.between(first, last).ifelse(column, ibis.null(column.type()))


def _close(connection: ibis.BaseBackend) -> None:
    with suppress(psycopg.Error):
        if connection.con.info.transaction_status is psycopg.pq.TransactionStatus.ACTIVE:
            connection.con.cancel_safe(timeout=CONNECT_SECONDS)
        connection.disconnect()
