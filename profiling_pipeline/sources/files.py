"""Data files as Ibis tables on DuckDB: one file, or all files of a folder or pattern as one source."""

from collections.abc import Sequence
from glob import escape
from itertools import accumulate
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot.expressions as sge

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.faults import faults_of
from profiling_pipeline.sources.fingerprint import files_fingerprint
from profiling_pipeline.sources.loading import load_texts
from profiling_pipeline.sources.model import (
    ROW_NUMBER,
    FileRows,
    FormatsOf,
    OpenSource,
)
from profiling_pipeline.sources.paths import DataFile, resolve_files
from profiling_pipeline.sources.temporary_database import as_view, lock_down, temporary_database
from profiling_pipeline.sources.text_files import (
    require_same_names,
    require_usable_names,
    text_reader,
)
from profiling_pipeline.sources.typed_tables import as_declared

_SCANNED = "scanned"
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
    with temporary_database(memory_limit, spill_folder) as (connection, close), faults_of(files[0].path):
        table, rows = (
            load_texts(connection, [file.path for file in files], reader, formats_of)
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
    typed = scanned.select(**as_declared(scanned, names, formats_of(names)), **{ROW_NUMBER: number})
    return as_view(connection, typed), rows


def _parquet_footers(files: Sequence[DataFile]) -> tuple[list[str], list[int]]:
    """Return the columns that all files have, and the number of rows of each file.

    Raises:
        SourceError: A file is no Parquet file, or its columns are not those of the first.
    """
    first: pa.Schema | None = None
    rows: list[int] = []
    for file in files:
        with faults_of(file.path), pq.ParquetFile(file.path) as parquet:
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
