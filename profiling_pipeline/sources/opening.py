"""Opening a data source, wherever it lives."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from profiling_pipeline.sources.location import (
    DatabaseLocation,
    FileLocation,
    Location,
    SparkFiles,
    SparkTable,
    TableLocation,
)
from profiling_pipeline.sources.model import DeclaredFormat, FormatsOf, OpenSource


def open_source(
    location: Location,
    *,
    formats: Mapping[str, DeclaredFormat] | FormatsOf | None = None,
    allowed_folders: Sequence[Path] | None,
    memory_limit: str,
    spill_folder: Path,
    beside: OpenSource | None = None,
) -> OpenSource:
    """Open a data source for reading.

    Args:
        location: Where it lives.
        formats: What columns are declared to hold, by column name, or a function that says so given the
            source's columns; applied to text columns. A text file's other columns get the type that nearly all their
            values have.
        allowed_folders: Folders that a file must lie in; None for a file that a person named themselves.
        memory_limit: What DuckDB may use before it spills, such as "1GB".
        spill_folder: Folder for temporary data.
        beside: An open source; a table of the same database, or what Spark reads as well, is read by its connection, so
            that the two can be joined.

    Raises:
        SourceError: It is missing, not what it claims to be, or may not be read; the message says what to do.
        SourceUnavailableError: Its server does not answer.
    """
    formats_of: FormatsOf = formats if callable(formats) else lambda columns: formats or {}
    options = _Options(allowed_folders=allowed_folders, memory_limit=memory_limit, spill_folder=spill_folder)
    match location:  # each kind of place is read by libraries of its own: only those that are needed are imported
        case FileLocation():
            from profiling_pipeline.sources.files import open_files

            return open_files(location.path, formats_of, **options)
        case DatabaseLocation():
            from profiling_pipeline.sources.databases import open_database

            return open_database(location, formats_of, **options)
        case SparkFiles() | SparkTable():
            from profiling_pipeline.sources.spark import open_with_spark

            return open_with_spark(location, formats_of, beside, **options)
        case TableLocation():
            from profiling_pipeline.sources.postgres import open_table

            return open_table(location, formats_of, beside)


class _Options(TypedDict):
    allowed_folders: Sequence[Path] | None
    memory_limit: str
    spill_folder: Path
