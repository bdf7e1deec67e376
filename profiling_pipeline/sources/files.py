"""Data files as Ibis tables on DuckDB: one file, or all files of a folder or pattern as one source."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from itertools import accumulate
from pathlib import Path

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot.expressions as sge
from ibis.backends.sql.datatypes import DuckDBType

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.column_sql import ColumnSql, some_column
from profiling_pipeline.sources.fingerprint import files_fingerprint
from profiling_pipeline.sources.model import (
    ROW_NUMBER,
    TEXT_SUFFIX,
    DeclaredFormat,
    FileRows,
    FormatsOf,
    OpenSource,
)
from profiling_pipeline.sources.paths import DataFile, resolve_files
from profiling_pipeline.sources.temporary_database import lock_down, temporary_database
from profiling_pipeline.sources.text_files import (
    LONGEST_LINE,
    TextReader,
    TextRows,
    require_same_names,
    require_usable_names,
    text_reader,
)
from profiling_pipeline.sources.text_types import (
    SAMPLE_ROWS,
    TextType,
    correct_types,
    guess_types,
    undecided_columns,
)
from profiling_pipeline.sources.typed_tables import as_declared

_TYPED, _SCANNED = "typed", "scanned"
# DuckDB's own numbers of Parquet files and their rows; a window over all rows is far slower.
_DUCKDB_NAMES = frozenset({"file_row_number", "file_index"})
_NUMBERS, _FILE_INDEX = "number_in_file", "index_of_file"
_KNOWN = ".csv, .tsv, .jsonl, .parquet or .xlsx (text also with .gz or .zst)"


def open_files(
    path: Path,
    formats_of: FormatsOf,
    *,
    allowed_folders: Sequence[Path] | None,
    memory_limit: str,
    spill_folder: Path,
) -> OpenSource:
    """Open a data file, or all files of a folder or pattern as one source; see `open_source`.

    Text files are loaded once into a temporary database in the spill folder, typed and as text. Parquet files are read
    where they lie.
    """
    files = resolve_files(path, allowed_folders)
    for file in files:
        if file.path.stat().st_size == 0:
            raise SourceError(f"{file.name} is empty. It needs a header and rows.")
    reader = text_reader(files[0].path)
    if reader is None and not is_parquet(files[0].name):
        raise SourceError(f"{files[0].name} has an ending that is not known. Use {_KNOWN}.")
    with temporary_database(memory_limit, spill_folder) as (connection, close), _faults_of(files[0].path):
        table, rows = (
            _load_texts(connection, files, reader, formats_of)
            if reader
            else _scan_parquet(connection, files, formats_of)
        )
        lock_down(connection)
        fingerprint = files_fingerprint(files)
    counted = tuple(FileRows(file.name, count) for file, count in zip(files, rows, strict=True))
    return OpenSource(
        str(path) if len(files) > 1 else path.name,
        table,
        connection,
        "duckdb",
        fingerprint,
        close,
        counted if len(files) > 1 else (),
    )


def is_parquet(name: str) -> bool:
    """Return whether a file of this name is a Parquet file."""
    return name.casefold().endswith((".parquet", ".pq"))


@contextmanager
def _faults_of(file: Path) -> Iterator[None]:
    """Tell what is wrong with a file."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise SourceError(_explained(error, file)) from error


def _load_texts(
    connection: ibis.BaseBackend, files: Sequence[DataFile], reader: TextReader, formats_of: FormatsOf
) -> tuple[ir.Table, list[int]]:
    """Load text files, typed by their first rows; then compare with all rows and correct what must be read otherwise.

    Returns:
        The table, and the number of rows of each file.
    """
    sql = ColumnSql(connection)
    rows_of_files = reader(connection.con, [file.path for file in files])
    loaded: _Loaded | None = None
    counts: list[int] = []
    for file in files:
        with _faults_of(file.path):
            rows = next(rows_of_files)
            loaded = loaded or _create_table(sql, connection, rows, formats_of)
            if loaded is None:
                counts.append(0)
            else:
                [(count,)] = connection.con.execute(f"{loaded.insert} {rows.query}", rows.parameters).fetchall()
                counts.append(count)
    if loaded is None:
        raise SourceError(f"{files[0].path.name} has a header but no rows. Give it data.")
    if sum(counts) > len(loaded.sample):
        undecided = undecided_columns(loaded.sample, loaded.types, loaded.formats, sum(counts))
        table = connection.table(_TYPED)
        for name, corrected in correct_types(sql, table, loaded.types, loaded.formats, undecided).items():
            _read_again(sql, name, corrected, has_text=name in loaded.types)
    number = sql.quoted(ROW_NUMBER)
    sql.run(f"ALTER TABLE {_TYPED} ADD COLUMN {number} BIGINT")
    sql.run(f"UPDATE {_TYPED} SET {number} = rowid + 1")  # noqa: S608 no name from outside
    return connection.table(_TYPED), counts


@dataclass(frozen=True)
class _Loaded:
    """The table that files are loaded into: how, and the rows by which its columns were typed."""

    insert: str
    sample: pa.Table
    types: Mapping[str, TextType]
    formats: Mapping[str, DeclaredFormat]


def _create_table(
    sql: ColumnSql, connection: ibis.BaseBackend, rows: TextRows, formats_of: FormatsOf
) -> _Loaded | None:
    """Create the table for rows of this kind, empty; None where there are no rows to type its columns by."""
    first = connection.con.sql(f"SELECT * FROM {rows.query} LIMIT {SAMPLE_ROWS}", params=rows.parameters)  # noqa: S608
    sample = first.to_arrow_table()
    if not len(sample):
        return None
    formats = formats_of(rows.names)
    types = guess_types(sample, formats)
    columns = ", ".join([*_read_columns(sql, rows.names, types), *_texts_beside(sql, types)])
    create = f"CREATE TABLE {_TYPED} AS SELECT {columns} FROM {rows.query} LIMIT 0"  # noqa: S608 quoted names
    connection.con.execute(create, rows.parameters)
    return _Loaded(f"INSERT INTO {_TYPED} SELECT {columns} FROM", sample, types, formats)


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


def _scan_parquet(
    connection: ibis.BaseBackend, files: Sequence[DataFile], formats_of: FormatsOf
) -> tuple[ir.Table, list[int]]:
    """Return Parquet files as one table, and the number of rows of each."""
    patterns = [escape(str(file.path)) for file in files]
    connection.con.execute("SET allowed_paths = ?", [[str(file.path) for file in files] + patterns])
    names, rows = _parquet_footers(files)
    listed = ", ".join(sge.convert(pattern).sql(dialect="duckdb") for pattern in patterns)
    connection.con.execute(
        f"CREATE VIEW {_SCANNED} AS SELECT *, file_row_number AS {_NUMBERS}, file_index AS {_FILE_INDEX} "  # noqa: S608
        f"FROM read_parquet([{listed}], union_by_name=true, hive_partitioning=false)"
    )
    scanned = connection.table(_SCANNED)
    number = scanned[_NUMBERS] + 1
    if len(files) > 1:
        before = [0, *accumulate(rows)][:-1]
        number = number + ibis.literal(before, "array<int64>")[scanned[_FILE_INDEX].cast("int64")]
    return scanned.select(**as_declared(scanned, names, formats_of(names)), **{ROW_NUMBER: number}), rows


def _parquet_footers(files: Sequence[DataFile]) -> tuple[list[str], list[int]]:
    """Return the columns that all files have, and the number of rows of each file.

    Raises:
        SourceError: A file is no Parquet file, or its columns are not those of the first.
    """
    first: pa.Schema | None = None
    rows: list[int] = []
    for file in files:
        with _faults_of(file.path), pq.ParquetFile(file.path) as parquet:
            schema = parquet.schema_arrow
            rows.append(parquet.metadata.num_rows)
        require_usable_names(schema.names, file.path)
        if own := next((name for name in schema.names if name in {*_DUCKDB_NAMES, _NUMBERS, _FILE_INDEX}), None):
            raise SourceError(f"{file.path.name} has a column '{own}', a name with another meaning here. Rename it.")
        first = first or schema
        require_same_names(schema.names, file.path, first.names, files[0].path)
        for field in schema:
            here, there = _family(field.type), _family(first.field(field.name).type)
            if here != there:
                raise SourceError(
                    f"{file.path.name} has {here} in '{field.name}', {files[0].path.name} has {there}. "
                    "Give all files the same types."
                )
    return list(first.names if first else ()), rows


def _family(dtype: pa.DataType) -> str:
    """Return a name for types that read alike: numbers of different sizes do."""
    if pa.types.is_dictionary(dtype):
        return _family(dtype.value_type)
    if pa.types.is_integer(dtype) or pa.types.is_floating(dtype) or pa.types.is_decimal(dtype):
        return "numbers"
    if pa.types.is_string(dtype) or pa.types.is_large_string(dtype) or pa.types.is_string_view(dtype):
        return "text"
    if pa.types.is_date(dtype):
        return "dates"
    return "times" if pa.types.is_timestamp(dtype) else f"values of type {dtype}"


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
