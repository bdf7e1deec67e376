"""Data files as Ibis tables on DuckDB: one file, or all files of a folder or pattern as one source."""

from collections.abc import Sequence
from pathlib import Path

import ibis
import ibis.expr.types as ir

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.faults import faults_of
from profiling_pipeline.sources.fingerprint import FilesFingerprint
from profiling_pipeline.sources.model import FileRows, FormatsOf, OpenSource
from profiling_pipeline.sources.parquet_files import scan_parquet
from profiling_pipeline.sources.paths import DataFile, resolve_files
from profiling_pipeline.sources.temporary_database import lock_down, temporary_database
from profiling_pipeline.sources.text_files import TextReader, text_reader

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
    reader = text_reader(files[0].path)
    if reader is None and not is_parquet(files[0].name):
        raise SourceError(f"{files[0].name} has an ending that is not known. Use {_KNOWN}.")
    fingerprint = FilesFingerprint(files)
    with temporary_database(memory_limit, spill_folder) as (connection, close), faults_of(files[0].path):
        table, rows = (
            _load_texts(connection, files, reader, formats_of)
            if reader
            else scan_parquet(connection, files, formats_of)
        )
        lock_down(connection)
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


def _load_texts(
    connection: ibis.BaseBackend, files: Sequence[DataFile], reader: TextReader, formats_of: FormatsOf
) -> tuple[ir.Table, list[int]]:
    from profiling_pipeline.sources.loading import load_texts  # brings Arrow, which Parquet files do not need

    return load_texts(connection, [file.path for file in files], reader, formats_of)
