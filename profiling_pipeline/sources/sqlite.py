"""Tables of SQLite database files, loaded into DuckDB."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from profiling_pipeline.errors import SourceError, SourceUnavailableError
from profiling_pipeline.sources.column_names import no_table
from profiling_pipeline.sources.column_sql import ColumnSql
from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat

_ROWS_AT_ONCE = 50_000
_COLUMNS_AT_ONCE = 500  # SQLite answers with at most 2,000 columns
_LOADED, _BATCH = "loaded", "batch"
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC)\s*(?:\(|$)")


def load_table(connection: ibis.BaseBackend, file: Path, name: str) -> tuple[ir.Table, dict[str, DeclaredFormat]]:
    """Load a table or view into DuckDB, and return it with what its text columns are declared to hold.

    SQLite keeps any value in any column: one whose values all are whole numbers, numbers, texts or bytes becomes such a
    column. Any other becomes text, read as declared, so that a value that does not fit is a bad value.

    Raises:
        SourceError: It is no SQLite database, has no such table, or holds text that is not UTF-8.
        SourceUnavailableError: Another program has locked it.
    """
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            database.execute("BEGIN")  # all that is read is one state
            declared = _columns(database, file, name)
            readers = {c: _reader(declared[c], stored) for c, stored in _stored(database, name, list(declared)).items()}
            _load(connection, database, name, readers)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            raise SourceUnavailableError(f"{file.name} is locked by another program. Try again later.") from error
        raise SourceError(f"{file.name} cannot be read: {error}. Check that it is a SQLite database.") from error
    formats = {c: kind for c, (dtype, _, kind) in readers.items() if kind and dtype == pa.string()}
    return connection.table(_LOADED), formats


_Reader = tuple[pa.DataType, Callable[[Any], Any] | None, DeclaredFormat | None]


def _columns(database: sqlite3.Connection, file: Path, name: str) -> dict[str, str]:
    """Return a table's columns with their declared types."""
    known = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    if name not in known:
        raise no_table(name, file.name, known)
    return {row[1]: str(row[2]).upper() for row in database.execute(f"PRAGMA table_info({_quoted(name)})")}


def _stored(database: sqlite3.Connection, name: str, columns: Sequence[str]) -> dict[str, set[str]]:
    """Return how SQLite stores the values of each column: as integer, real, text, blob."""
    stored: dict[str, set[str]] = {}
    for start in range(0, len(columns), _COLUMNS_AT_ONCE):
        batch = columns[start : start + _COLUMNS_AT_ONCE]
        listed = ", ".join(f"group_concat(DISTINCT typeof({_quoted(column)}))" for column in batch)
        [answer] = database.execute(f"SELECT {listed} FROM {_quoted(name)}")  # noqa: S608 quoted names
        stored |= {c: set((kinds or "").split(",")) - {"null", ""} for c, kinds in zip(batch, answer, strict=True)}
    return stored


def _reader(declared: str, stored: set[str]) -> _Reader:
    """Return a column's type in DuckDB, what makes its values so, and how its text is to be read."""
    kind = _declared_kind(declared)
    if kind is ColumnKind.BOOLEAN and stored <= {"integer"}:
        return pa.string(), _truth, DeclaredFormat(ColumnKind.BOOLEAN)
    if stored <= {"integer"} and kind in {ColumnKind.INTEGER, None} and stored:
        return pa.int64(), None, None
    if stored <= {"integer", "real"} and kind is not ColumnKind.TEXT and stored:
        if _DECIMAL.match(declared):
            return pa.string(), _text, DeclaredFormat(ColumnKind.NUMBER)
        return pa.float64(), float, None
    if stored == {"blob"}:
        return pa.binary(), None, None
    return pa.string(), _text, DeclaredFormat(kind) if kind else None


def _declared_kind(declared: str) -> ColumnKind | None:
    """Return what a declared type says, by SQLite's own rules and the names that people use; None for nothing."""
    for names, kind in (
        (("BOOL",), ColumnKind.BOOLEAN),
        (("DATETIME", "TIMESTAMP"), ColumnKind.DATETIME),
        (("DATE",), ColumnKind.DATE),
        (("INT",), ColumnKind.INTEGER),
        (("CHAR", "CLOB", "TEXT"), ColumnKind.TEXT),
        (("REAL", "FLOA", "DOUB", "DEC", "NUM"), ColumnKind.NUMBER),
    ):
        if any(part in declared for part in names):
            return kind
    return None


def _truth(value: Any) -> str:
    return {0: "false", 1: "true"}.get(value, str(value))


def _text(value: Any) -> str:
    """Return any value as text, a number with all its digits and without an exponent."""
    if isinstance(value, bytes):
        return value.hex()
    return format(Decimal(repr(value)), "f") if isinstance(value, float) and abs(value) < float("inf") else str(value)


def _load(
    connection: ibis.BaseBackend, database: sqlite3.Connection, name: str, readers: Mapping[str, _Reader]
) -> None:
    schema = pa.schema({column: dtype for column, (dtype, _, _) in readers.items()})
    sql = ColumnSql(connection)
    connection.con.register(_BATCH, schema.empty_table())
    sql.run(f"CREATE TABLE {_LOADED} AS FROM {_BATCH}")
    selected = ", ".join(_quoted(column) for column in readers)
    cursor = database.execute(f"SELECT {selected} FROM {_quoted(name)}")  # noqa: S608 quoted names
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        columns = [
            pa.array(values if read is None else [None if v is None else read(v) for v in values], dtype)
            for values, (dtype, read, _) in zip(zip(*rows, strict=True), readers.values(), strict=True)
        ]
        connection.con.register(_BATCH, pa.table(columns, schema=schema))
        sql.run(f"INSERT INTO {_LOADED} FROM {_BATCH}")
    connection.con.unregister(_BATCH)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
