"""Data files as Ibis tables on DuckDB."""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from glob import escape
from pathlib import Path
from uuid import uuid4

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.sql.datatypes import DuckDBType

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.column_sql import ColumnSql, some_column
from profiling_pipeline.sources.fingerprint import file_fingerprint
from profiling_pipeline.sources.model import ROW_NUMBER, TEXT_SUFFIX, ColumnKind, FormatsOf, OpenSource
from profiling_pipeline.sources.paths import resolve_file
from profiling_pipeline.sources.text_files import LONGEST_LINE, TextReader, require_usable_names, text_reader
from profiling_pipeline.sources.text_types import (
    SAMPLE_ROWS,
    TextType,
    correct_types,
    declared_types,
    guess_types,
    undecided_columns,
)

_TYPED, _SCANNED = "typed", "scanned"
_NUMBERS = "file_row_number"  # DuckDB's own numbers of a Parquet file's rows; a window over all rows is far slower
_KNOWN = ".csv, .tsv, .jsonl, .parquet or .xlsx (text also with .gz or .zst)"


def open_file(
    path: Path,
    formats_of: FormatsOf,
    *,
    allowed_folders: Sequence[Path] | None,
    memory_limit: str,
    spill_folder: Path,
) -> OpenSource:
    """Open a data file; see `open_source`.

    Text files are loaded once into a temporary database in the spill folder, typed and as text. Parquet files are read
    where they lie.
    """
    file = resolve_file(path, allowed_folders)
    if file.stat().st_size == 0:
        raise SourceError(f"{path.name} is empty. It needs a header and rows.")
    reader = text_reader(file)
    if reader is None and not file.name.casefold().endswith((".parquet", ".pq")):
        raise SourceError(f"{path.name} has an ending that is not known. Use {_KNOWN}.")
    workspace = spill_folder.absolute() / f"source-{uuid4().hex}"
    connection = None
    try:
        workspace.mkdir(parents=True)
        connection = _connect(workspace, memory_limit)
        connection.con.execute("SET enable_progress_bar = false")
        if reader:
            table = _load_text(connection, file, reader, formats_of)
        else:
            table = _scan_parquet(connection, file, formats_of)
        _lock_down(connection)
        fingerprint = file_fingerprint(file)
    except BaseException as error:
        _close(connection, workspace)()
        if isinstance(error, duckdb.Error | pa.ArrowException | OSError):
            raise SourceError(_explained(error, file)) from error
        raise
    return OpenSource(path.name, table, connection, "duckdb", fingerprint, _close(connection, workspace))


def _connect(workspace: Path, memory_limit: str) -> ibis.BaseBackend:
    return ibis.duckdb.connect(
        workspace / "data.duckdb",
        memory_limit=memory_limit,
        temp_directory=str(workspace / "spill"),
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
    )


def _lock_down(connection: ibis.BaseBackend) -> None:
    """Shut out every file but the opened ones, for good."""
    connection.con.execute("SET enable_external_access = false")
    connection.con.execute("SET lock_configuration = true")


def _close(connection: ibis.BaseBackend | None, workspace: Path) -> Callable[[], None]:
    def close() -> None:
        with suppress(duckdb.Error):
            if connection is not None:
                connection.disconnect()
        shutil.rmtree(workspace, ignore_errors=True)

    return close


def _load_text(connection: ibis.BaseBackend, file: Path, reader: TextReader, formats_of: FormatsOf) -> ir.Table:
    """Load a text file, typed by its first rows; then compare with all rows and correct what must be read otherwise."""
    rows = reader(connection.con, file)
    first = connection.con.sql(f"SELECT * FROM {rows.query} LIMIT {SAMPLE_ROWS}", params=rows.parameters)  # noqa: S608
    sample = first.to_arrow_table()
    if not len(sample):
        raise SourceError(f"{file.name} has a header but no rows. Give it data.")
    formats = formats_of(sample.column_names)
    types = guess_types(sample, formats)
    sql = ColumnSql(connection)
    columns = ", ".join([*_read_columns(sql, sample.column_names, types), *_texts_beside(sql, types)])
    load = f"CREATE TABLE {_TYPED} AS SELECT {columns} FROM {rows.query}"  # noqa: S608 quoted names
    connection.con.execute(load, rows.parameters)
    if len(sample) == SAMPLE_ROWS:
        undecided = undecided_columns(sample, types, formats, sql.rows(f"SELECT count(*) FROM {_TYPED}")[0][0])  # noqa: S608
        for name, corrected in correct_types(sql, _TYPED, types, formats, undecided).items():
            _read_again(sql, name, corrected, has_text=name in types)
    number = sql.quoted(ROW_NUMBER)
    sql.run(f"ALTER TABLE {_TYPED} ADD COLUMN {number} BIGINT")
    sql.run(f"UPDATE {_TYPED} SET {number} = rowid + 1")  # noqa: S608 no name from outside
    return connection.table(_TYPED)


def _read_columns(sql: ColumnSql, names: Sequence[str], types: Mapping[str, TextType]) -> Iterator[str]:
    templates = {kind: sql.expression(kind.read_beside, dt.string) for kind in set(types.values())}
    for name in names:
        value = sql.about(templates[types[name]], name) if name in types else sql.quoted(name)
        yield f"{value} AS {sql.quoted(name)}"


def _texts_beside(sql: ColumnSql, names: Iterable[str]) -> Iterator[str]:
    return (f"{sql.quoted(name)} AS {sql.quoted(name + TEXT_SUFFIX)}" for name in names)


def _read_again(sql: ColumnSql, name: str, kind: TextType | None, *, has_text: bool) -> None:
    """Give a loaded column, with its text beside it or not, another type, None for text."""
    column, text = sql.quoted(name), name + TEXT_SUFFIX
    if kind:
        if not has_text:
            sql.run(f"ALTER TABLE {_TYPED} ADD COLUMN {sql.quoted(text)} VARCHAR")
            sql.run(f"UPDATE {_TYPED} SET {sql.quoted(text)} = {column}")  # noqa: S608 quoted names
        value = sql.about(sql.expression(kind.read_beside, dt.string), name, text)
        target = DuckDBType.to_string(kind.read_beside(some_column(dt.string)).type())
        sql.run(f"ALTER TABLE {_TYPED} ALTER {column} TYPE {target} USING {value}")
    else:
        sql.run(f"ALTER TABLE {_TYPED} ALTER {column} TYPE VARCHAR USING {sql.quoted(text)}")
        sql.run(f"ALTER TABLE {_TYPED} DROP COLUMN {sql.quoted(text)}")


def _scan_parquet(connection: ibis.BaseBackend, file: Path, formats_of: FormatsOf) -> ir.Table:
    pattern = escape(str(file))
    connection.con.execute("SET allowed_paths = ?", [[str(file), pattern]])
    scanned = connection.read_parquet(pattern, table_name=_SCANNED, file_row_number=True, hive_partitioning=False)
    names = pq.read_schema(file).names
    require_usable_names(names, file)
    texts = {
        name: declared
        for name, declared in formats_of(names).items()
        if name in names and scanned[name].type().is_string() and declared.kind is not ColumnKind.TEXT
    }
    types = declared_types(ColumnSql(connection), _SCANNED, texts)
    columns: dict[str, ir.Value] = {}
    for name in names:
        column = types[name].read(scanned[name]) if name in types else scanned[name]
        columns[name] = nan_as_null(column)
    beside = {f"{name}{TEXT_SUFFIX}": scanned[name] for name in types}
    return scanned.select(**columns, **beside, **{ROW_NUMBER: scanned[_NUMBERS] + 1})


def nan_as_null(column: ir.Column) -> ir.Column:
    """Return a column in which NaN is null."""
    if not column.type().is_floating():
        return column
    return column.isnan().ifelse(ibis.null(column.type()), column)


def _explained(error: Exception, file: Path) -> str:
    """Say what is wrong with a file in words that its owner can act on, without the values that engines quote."""
    text = str(error)
    line = re.search(r"Line: (\d+)", text)
    where = f" (line {line[1]})" if line else ""
    if "unicode" in text.casefold() or "utf-8" in text.casefold():
        return f"{file.name} is not in UTF-8{where}. Save it as UTF-8."
    columns = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    if columns:
        return f"{file.name} has {columns[2]} values instead of {columns[1]}{where}. Correct that line."
    if "unterminated quote" in text:
        return f"{file.name} has a quote that is not closed, or text after one{where}. Correct that line."
    if "state machine" in text:
        return f"{file.name} has line ends or quotes of several kinds. Save it again with one kind of line end."
    if "Maximum line size" in text:
        return f"{file.name} has a line of more than {LONGEST_LINE >> 20} MB{where}. Close its quote."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or file.name} cannot be read or written: {error.strerror}. Check its permissions."
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"{file.name} does not fit into PROFILING_MEMORY_LIMIT or the spill folder. Give it more room."
    first = next((part.strip().rstrip(".") for part in text.splitlines() if part.strip()), type(error).__name__)
    reason = re.sub(r"^(\w+ )+Error: ", "", first)
    return f"{file.name} cannot be read{where}: {reason}. Check that it is what its ending says."
