"""Parquet files as one Ibis table on DuckDB, read where they lie."""

from collections.abc import Sequence
from glob import escape
from itertools import accumulate

import duckdb
import ibis
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.datatypes import DuckDBType

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.column_names import require_same_names, require_usable_names
from profiling_pipeline.sources.faults import faults_of
from profiling_pipeline.sources.model import ROW_NUMBER, ColumnKind, FormatsOf, kind_of
from profiling_pipeline.sources.paths import DataFile
from profiling_pipeline.sources.temporary_database import as_view, create_view
from profiling_pipeline.sources.typed_tables import as_declared

_SCANNED = "scanned"
# DuckDB's own numbers of Parquet files and their rows; a window over all rows is far slower.
_DUCKDB_NAMES = frozenset({"file_row_number", "file_index"})
_NUMBERS, _FILE_INDEX = "number_in_file", "index_of_file"
_FAMILIES = {
    ColumnKind.INTEGER: "numbers",
    ColumnKind.NUMBER: "numbers",
    ColumnKind.TEXT: "text",
    ColumnKind.DATE: "dates",
    ColumnKind.DATETIME: "times",
}


def scan_parquet(
    connection: ibis.BaseBackend, files: Sequence[DataFile], formats_of: FormatsOf
) -> tuple[ir.Table, list[int]]:
    """Return Parquet files as one table, its rows numbered from 1, and the number of rows of each.

    Raises:
        SourceError: A file is no Parquet file, or its columns are not those of the first.
    """
    patterns = [escape(str(file.path)) for file in files]
    connection.con.execute("SET allowed_paths = ?", [[str(file.path) for file in files] + patterns])
    # Column chunks that are fetched ahead stay in memory as a whole. The operating system reads ahead as it is.
    connection.con.execute("SET disable_parquet_prefetching = true")
    names, rows = _footers(connection.con, files)
    listed = ", ".join(sge.convert(pattern).sql(dialect="duckdb") for pattern in patterns)
    scanned = create_view(
        connection,
        _SCANNED,
        f"SELECT *, file_row_number AS {_NUMBERS}, file_index AS {_FILE_INDEX} "  # noqa: S608 quoted names of files
        f"FROM read_parquet([{listed}], union_by_name=true, hive_partitioning=false)",
    )
    number = scanned[_NUMBERS] + 1
    if len(files) > 1:
        before = [0, *accumulate(rows)][:-1]
        number = number + ibis.literal(before, "array<int64>")[scanned[_FILE_INDEX].cast("int64")]
    typed = scanned.select(**as_declared(scanned, names, formats_of(names)), **{ROW_NUMBER: number})
    return as_view(connection, typed), rows


def _footers(connection: duckdb.DuckDBPyConnection, files: Sequence[DataFile]) -> tuple[list[str], list[int]]:
    """Return the columns that all files have, and the number of rows of each file."""
    first: dict[str, str] = {}
    rows: list[int] = []
    for file in files:
        with faults_of(file.path):
            columns = _columns(connection, file)
            pattern = escape(str(file.path))
            [(count,)] = connection.execute("SELECT num_rows FROM parquet_file_metadata(?)", [pattern]).fetchall()
        names = [name for name, _ in columns]
        require_usable_names(names, file.path)
        if own := next((name for name in names if name in {*_DUCKDB_NAMES, _NUMBERS, _FILE_INDEX}), None):
            raise SourceError(f"{file.path.name} has a column '{own}', a name with another meaning here. Rename it.")
        first = first or dict(columns)
        require_same_names(names, file.path, list(first), files[0].path)
        for name, declared in columns:
            here, there = _family(declared), _family(first[name])
            if here != there:
                raise SourceError(
                    f"{file.path.name} has {here} in '{name}', {files[0].path.name} has {there}. "
                    "Give all files the same types."
                )
        rows.append(count)
    return list(first), rows


def _columns(connection: duckdb.DuckDBPyConnection, file: DataFile) -> list[tuple[str, str]]:
    """Return the names and types of a file's columns, also names that stand twice."""
    query = "SELECT name, duckdb_type, num_children FROM parquet_schema(?)"
    elements = iter(connection.execute(query, [escape(str(file.path))]).fetchall())
    _, _, columns = next(elements)
    found = []
    for _ in range(columns or 0):
        name, declared, children = next(elements)
        found.append((name, declared))
        while children:  # what is nested follows its column, depth first
            _, _, further = next(elements)
            children += (further or 0) - 1
    return found


def _family(declared: str) -> str:
    """Return a name for types that read alike: numbers of different sizes do."""
    return _FAMILIES.get(kind_of(DuckDBType.from_string(declared)), f"values of type {declared}")
