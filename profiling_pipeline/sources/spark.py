"""Sources that live with Spark, opened as Ibis tables: files, and tables of its catalogue."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import ibis

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.answers import first_line
from profiling_pipeline.sources.column_names import nearest_names
from profiling_pipeline.sources.location import SparkFiles, SparkTable
from profiling_pipeline.sources.model import ROW_NUMBER, TEXT_SUFFIX, FormatsOf, OpenSource
from profiling_pipeline.sources.spark_files import open_spark_files
from profiling_pipeline.sources.spark_frames import VIEW_PREFIX, SparkOpening, with_known_types
from profiling_pipeline.sources.spark_sessions import hold_session
from profiling_pipeline.sources.typed_tables import as_declared

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_BROKEN_FILE = re.compile(r"\[FAILED_READ_FILE\S*\] Encountered error while reading file (\S+)\.\s")


def open_with_spark(
    location: SparkFiles | SparkTable,
    formats_of: FormatsOf,
    beside: OpenSource | None = None,
    *,
    allowed_folders: Sequence[Path] | None,
    memory_limit: str,
    spill_folder: Path,
) -> OpenSource:
    """Open files or a table on Spark; see `open_source`.

    A process has one session, so that all that Spark reads can be joined: what is opened beside another source stays
    until that one is closed.
    """
    session, release = hold_session(location.place, memory_limit, spill_folder)
    neighbour = beside if beside is not None and beside.engine == "pyspark" else None
    connection = neighbour.connection if neighbour else ibis.pyspark.connect(session)
    opening = SparkOpening(session, connection, [release])
    try:
        with _explained(str(location)):
            if isinstance(location, SparkTable):
                source = _open_table(opening, location, formats_of)
            else:
                source = open_spark_files(opening, location, formats_of, allowed_folders)
    except BaseException:
        opening.close()
        raise
    if neighbour:
        neighbour.when_closed(source.close)
        source.close = lambda: None
    return source


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Say what Spark says of data that it cannot read in one line, without the values that it quotes."""
    try:
        yield
    except Exception as error:
        module = type(error).__module__
        if not module.startswith(("pyspark", "py4j", "grpc")):
            raise
        said = str(error)
        if "MALFORMED" in said or "does not conform to the schema" in said:
            raise SourceError(
                f"{name} has a line with another number of values than its header, or a quote that is not closed. "
                "Correct that line."
            ) from error
        broken = _BROKEN_FILE.search(said)
        if broken:
            raise SourceError(
                f"{unquote(broken[1]).rsplit('/', 1)[-1]} cannot be read to its end: it is cut off, or not what its "
                "ending says. Copy or compress it again."
            ) from error
        raise SourceError(
            f"{name} cannot be read by Spark: {first_line(error)[:300]}. Check that it is what it claims to be."
        ) from error


def _open_table(opening: SparkOpening, location: SparkTable, formats_of: FormatsOf) -> OpenSource:
    if not opening.session.catalog.tableExists(location.table):
        near = _tables_like(opening.session, location.table)
        hint = f"Did you mean {' or '.join(near)}?" if near else "Check its name, with catalogue and database."
        raise SourceError(f"Spark knows no table {location.table}. {hint}")
    frame = with_known_types(opening.session.table(location.table))
    table = opening.view(frame)
    _require_no_reserved(table.columns, location.table)
    columns = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
    return OpenSource(
        name=location.table,
        table=table.select(**as_declared(table, table.columns, formats_of(table.columns))),
        connection=opening.connection,
        engine="pyspark",
        fingerprint={"table": str(location), "columns": columns},
        close=opening.close,
    )


def _tables_like(session: "SparkSession", name: str) -> list[str]:
    *parts, table = name.split(".")
    known: list[str] = []
    with suppress(Exception):  # there may be no such database
        known = [found.name for found in session.catalog.listTables(".".join(parts) or None)]
    return nearest_names(table, [name for name in known if not name.startswith(VIEW_PREFIX)])


def _require_no_reserved(names: Sequence[str], source: str) -> None:
    reserved = [name for name in names if name.casefold().endswith(TEXT_SUFFIX) or name.casefold() == ROW_NUMBER]
    if reserved:
        raise SourceError(f"{source} has a column '{reserved[0]}', a name with another meaning here. Rename it.")
