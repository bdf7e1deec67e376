"""Tables of databases that have a URL: DuckDB and SQLite files, and servers that Ibis knows."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import duckdb
import ibis
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.common.exceptions import IbisError, TableNotFound

from profiling_pipeline.errors import SourceError, SourceUnavailableError
from profiling_pipeline.sources.column_names import no_table
from profiling_pipeline.sources.location import DatabaseLocation
from profiling_pipeline.sources.model import (
    ROW_NUMBER,
    TEXT_SUFFIX,
    ColumnKind,
    DeclaredFormat,
    FormatsOf,
    OpenSource,
    kind_of,
)
from profiling_pipeline.sources.paths import resolve_file
from profiling_pipeline.sources.sqlite import load_table
from profiling_pipeline.sources.temporary_database import as_view, lock_down, temporary_database
from profiling_pipeline.sources.typed_tables import as_declared

# Servers that Ibis reads by URL; of what else it would open, some are files that no upload folder confines.
SERVERS = frozenset({
    "athena", "bigquery", "clickhouse", "databricks", "druid", "exasol", "impala", "materialize", "mssql", "mysql",
    "oracle", "risingwave", "singlestoredb", "snowflake", "trino",
})  # fmt: skip
FILES = frozenset({"duckdb", "sqlite"})
_DATABASE = "source"


def open_database(
    location: DatabaseLocation,
    formats_of: FormatsOf,
    *,
    allowed_folders: Sequence[Path] | None,
    memory_limit: str,
    spill_folder: Path,
) -> OpenSource:
    """Open a table or view of a database; see `open_source`. A database file is opened for reading only.

    A SQLite table is loaded once into a temporary DuckDB database, because SQLite has no dates, decimals or patterns of
    its own, and rules mean the same everywhere.
    """
    if location.scheme not in FILES:
        return open_backend(_connect(location), location.table, formats_of, str(location))
    file = _file(location, allowed_folders)
    with temporary_database(memory_limit, spill_folder) as (connection, close):
        declared: Mapping[str, DeclaredFormat] = {}
        if location.scheme == "sqlite":
            table, declared = load_table(connection, file, location.table)
        else:
            table = _attached_table(connection, file, location.table)
        lock_down(connection)
        formats = {**declared, **formats_of(table.columns)}
        try:
            typed = as_view(connection, table.select(**_values(table, formats, str(location))))
        except duckdb.Error as error:
            raise SourceError(f"{location} cannot be read: {_line(error)}. Check the table or view.") from error
    facts = file.stat()
    columns = {name: str(dtype) for name, dtype in table.schema().items()}
    return OpenSource(
        name=location.table,
        table=typed,
        connection=connection,
        engine="duckdb",
        fingerprint={"table": str(location), "columns": columns, "size": facts.st_size, "modified": facts.st_mtime_ns},
        close=close,
    )


def open_backend(connection: ibis.BaseBackend, table_name: str, formats_of: FormatsOf, name: str) -> OpenSource:
    """Open a table, `schema.table` or `table`, of an Ibis backend that is connected; closing the source disconnects it.

    Raises:
        SourceError: There is no such table, or it cannot be read.
    """
    try:
        schema, _, plain = table_name.rpartition(".")
        table = connection.table(plain, database=schema or None)
        values = _values(table, formats_of(table.columns), name)
    except BaseException as error:
        with suppress(Exception):
            connection.disconnect()
        if isinstance(error, SourceError) or not isinstance(error, Exception):
            raise
        raise SourceError(f"{name} cannot be read: {_line(error)}. Check the name of the table.") from error
    columns = {column: str(dtype) for column, dtype in table.schema().items()}
    return OpenSource(
        name=table_name,
        table=table.select(**values),
        connection=connection,
        engine=connection.name,
        fingerprint={"table": name, "columns": columns},
        close=connection.disconnect,
    )


def _connect(location: DatabaseLocation) -> ibis.BaseBackend:
    if location.scheme not in SERVERS:
        known = ", ".join(sorted(FILES | SERVERS))
        raise SourceError(f"Databases of kind '{location.scheme}' are not known. Use postgresql, {known}.")
    parts = urlsplit(location.url)
    if location.password:
        user, at, host = parts.netloc.rpartition("@")
        parts = parts._replace(netloc=f"{user}:{quote(location.password, safe='')}{at or '@'}{host}")
    try:
        return ibis.connect(urlunsplit(parts))
    except ImportError as error:
        raise SourceError(
            f"What reads {location.scheme} is not installed. Install it: pip install "
            f"'ibis-framework[{location.scheme}]'."
        ) from error
    except Exception as error:  # noqa: BLE001 - drivers raise what they like
        said = _line(error).replace(location.password or "\0", "•••")
        raise SourceUnavailableError(
            f"{location} does not answer: {said}. Check the data source's url and password, then try again."
        ) from None


def files_named(url: str) -> list[Path]:
    """Return what files a URL may mean, the likely one first.

    `duckdb:////absolute` and `duckdb:///relative` are the rule; a slash less is understood too.
    """
    parts = urlsplit(url)
    named = unquote(parts.netloc + parts.path)
    relative = Path(named.lstrip("/"))
    absolute = Path("/") / relative
    if not named.startswith("/"):
        return [relative]
    return [absolute] if named.startswith("//") or absolute.exists() else [relative, absolute]


def _file(location: DatabaseLocation, allowed_folders: Sequence[Path] | None) -> Path:
    likely, *others = files_named(location.url)
    try:
        return resolve_file(likely, allowed_folders)
    except SourceError:
        for path in others:
            with suppress(SourceError):
                return resolve_file(path, allowed_folders)
        raise


def _attached_table(connection: ibis.BaseBackend, file: Path, name: str) -> ir.Table:
    path = sge.convert(str(file)).sql(dialect="duckdb")
    try:
        connection.con.execute(f"ATTACH {path} AS {_DATABASE} (TYPE duckdb, READ_ONLY)")
        # A view of another schema may name tables of `main` alone, as where it was made.
        connection.con.execute(f"SET search_path = '{connection.current_catalog}.main,{_DATABASE}.main'")
    except duckdb.Error as error:
        if isinstance(error, duckdb.IOException) and "lock" in str(error):
            raise SourceUnavailableError(f"{file.name} is in use by another program. Try again later.") from error
        raise SourceError(f"{file.name} is no DuckDB database that can be read: {_line(error)}.") from error
    found = connection.con.execute(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = ?", [_DATABASE]
    ).fetchall()
    named = {f"{schema}.{table}": (schema, table) for schema, table in found}
    named |= {table: (schema, table) for schema, table in found if schema == "main"}
    if name not in named:
        raise no_table(name, file.name, [known for known in named if not known.startswith("main.")])
    schema, table_name = named[name]
    try:
        return connection.table(table_name, database=(_DATABASE, schema))
    except (duckdb.Error, IbisError, TableNotFound) as error:
        said = _line(error.__context__ if isinstance(error.__context__, duckdb.Error) else error)
        raise SourceError(f"{name} of {file.name} cannot be read: {said}. Check the table or view.") from error


def _values(table: ir.Table, formats: Mapping[str, DeclaredFormat], name: str) -> dict[str, ir.Value]:
    """Return a table's columns as declared; of other types than rules know, those that have a text as that text."""
    reserved = [c for c in table.columns if c.casefold().endswith(TEXT_SUFFIX) or c.casefold() == ROW_NUMBER]
    if reserved:
        raise SourceError(f"{name} has a column '{reserved[0]}', a name with another meaning here. Use a view.")
    values = as_declared(table, table.columns, formats)
    others = [column for column, value in values.items() if kind_of(value.type()) is ColumnKind.OTHER]
    as_text = {c: values[c].cast("string") for c in others if not values[c].type().is_nested()}
    return values | as_text


def _line(error: Exception) -> str:
    line = next((part.strip() for part in str(error).splitlines() if part.strip()), type(error).__name__)
    return re.sub(r"^(\w+ )+Error: ", "", line).rstrip(".!")
