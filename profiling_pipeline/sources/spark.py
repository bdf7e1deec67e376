"""Files that Spark reads, and tables of its catalogue, as Ibis tables on Spark."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import ibis
import ibis.expr.types as ir
from ibis.backends.sql.dialects import PySpark

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.answers import answers, first_line
from profiling_pipeline.sources.column_names import nearest_names, require_same_names, require_usable_names
from profiling_pipeline.sources.column_sql import ColumnSql
from profiling_pipeline.sources.fingerprint import files_fingerprint
from profiling_pipeline.sources.location import SparkFiles, SparkTable
from profiling_pipeline.sources.model import ROW_NUMBER, TEXT_SUFFIX, FileRows, FormatsOf, OpenSource
from profiling_pipeline.sources.paths import DataFile, format_of, resolve_files
from profiling_pipeline.sources.spark_sessions import hold_session
from profiling_pipeline.sources.text_files import delimited_layout, header_of, is_separator_line, json_fault
from profiling_pipeline.sources.text_types import choose_types
from profiling_pipeline.sources.typed_tables import as_declared

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_DELIMITED, _JSON, _PARQUET = {".csv", ".tsv", ".txt"}, {".jsonl", ".ndjson"}, {".parquet", ".pq"}
_KNOWN = ".csv, .tsv, .jsonl or .parquet"
_REMOTE_SCHEMES = frozenset(
    {"hdfs", "viewfs", "s3", "s3a", "s3n", "gs", "abfs", "abfss", "wasb", "wasbs", "dbfs", "oss"}
)
# Columns by which rows are numbered: the file, the part of it that one task reads, and the place within that part.
_PLACES = _FILE, _PART, _PLACE = "file of row", "part of file", "place in part"
_VIEW = "source_"  # how the names of views begin
_PATTERN_CHARACTERS = re.compile(r"[\[\]{}*?\\]")
_BROKEN_FILE = re.compile(r"\[FAILED_READ_FILE\S*\] Encountered error while reading file (\S+)\.\s")
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"  # what Spark puts for bytes that are not UTF-8

# Spark knows no such escapes and would read them as the letters a, f and v.
PySpark.ESCAPED_SEQUENCES = {char: text for char, text in PySpark.ESCAPED_SEQUENCES.items() if char not in "\a\f\v"}


@dataclass
class _Opening:
    """A source on its way: the session, and what is to be undone when it is closed."""

    session: "SparkSession"
    connection: ibis.BaseBackend
    undo: list[Callable[[], object]]

    def view(self, frame: "DataFrame") -> ir.Table:
        """Return a frame as an Ibis table."""
        name = f"{_VIEW}{uuid4().hex}"
        frame.createOrReplaceTempView(name)
        self.undo.append(lambda: self.session.catalog.dropTempView(name))
        return self.connection.table(name)

    def keep(self, frame: "DataFrame") -> "DataFrame":
        """Have Spark keep the rows of a frame, in memory as far as they fit, else on disk."""
        frame.persist()
        self.undo.append(frame.unpersist)
        return frame

    def close(self) -> None:
        """Undo everything, last things first."""
        while self.undo:
            with suppress(Exception):  # the session may be gone
                self.undo.pop()()


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
    opening = _Opening(session, connection, [release])
    try:
        with _explained(str(location)):
            if isinstance(location, SparkTable):
                source = _open_table(opening, location, formats_of)
            else:
                source = _open_files(opening, location, formats_of, allowed_folders)
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


def _open_table(opening: _Opening, location: SparkTable, formats_of: FormatsOf) -> OpenSource:
    if not opening.session.catalog.tableExists(location.table):
        near = _tables_like(opening.session, location.table)
        hint = f"Did you mean {' or '.join(near)}?" if near else "Check its name, with catalogue and database."
        raise SourceError(f"Spark knows no table {location.table}. {hint}")
    frame = _with_known_types(opening.session.table(location.table))
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
    return nearest_names(table, [name for name in known if not name.startswith(_VIEW)])


def _require_no_reserved(names: Sequence[str], source: str) -> None:
    reserved = [name for name in names if name.casefold().endswith(TEXT_SUFFIX) or name.casefold() == ROW_NUMBER]
    if reserved:
        raise SourceError(f"{source} has a column '{reserved[0]}', a name with another meaning here. Rename it.")


def _with_known_types(frame: "DataFrame", *more: "Column") -> "DataFrame":
    """Return a frame in which types that Ibis does not know are texts, with further columns."""
    from ibis.backends.pyspark.datatypes import PySparkType
    from pyspark.sql import functions as sf

    columns = []
    for field in frame.schema.fields:
        column = sf.col(_quoted(field.name))
        try:
            PySparkType.to_ibis(field.dataType)
        except Exception:  # noqa: BLE001 - whatever says that it does not know the type
            column = column.cast("string").alias(field.name)
        columns.append(column)
    return frame.select(*columns, *more)


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _open_files(
    opening: _Opening, location: SparkFiles, formats_of: FormatsOf, allowed_folders: Sequence[Path] | None
) -> OpenSource:
    found = _found(location.path, allowed_folders)
    ending = format_of(found.first)
    if ending in _PARQUET:
        table = opening.view(_parquet(opening.session, found))
        own = [name for name in table.columns if name not in _PLACES]
        values = as_declared(table, own, formats_of(own))
    elif ending in _DELIMITED | _JSON:
        frame = (_json if ending in _JSON else _delimited)(opening.session, found)
        table, values = _typed_texts(opening, frame, formats_of, found.first)
    else:
        raise SourceError(f"{found.first} has an ending that Spark does not read here. Use {_KNOWN}.")
    parts = answers(opening.connection, _parts(table))
    counts: dict[str, int] = {}
    for part in parts:
        counts[part[_FILE]] = counts.get(part[_FILE], 0) + part["rows"]
    files = tuple(FileRows(found.name_of(address), rows) for address, rows in counts.items())
    return OpenSource(
        name=found.first if len(files) <= 1 else location.path,
        table=table.select(**values, **{ROW_NUMBER: _numbers(table, parts)}),
        connection=opening.connection,
        engine="pyspark",
        fingerprint={**found.fingerprint, "rows": sum(counts.values())},
        close=opening.close,
        files=files if len(files) > 1 else (),
    )


@dataclass(frozen=True)
class _Found:
    """What a path means: what to give to Spark, and the files where they are on this machine."""

    addresses: list[str]
    first: str
    files: Sequence[DataFile]
    fingerprint: Mapping[str, Any]

    def name_of(self, address: str) -> str:
        """Return the name of a file by the address that Spark tells of it."""
        path = Path(unquote(urlsplit(address).path))
        return next((file.name for file in self.files if file.path == path), path.name)


def _found(path: str, allowed_folders: Sequence[Path] | None) -> _Found:
    scheme = urlsplit(path).scheme
    if scheme in _REMOTE_SCHEMES:
        return _Found([path], path.rstrip("/").rsplit("/", 1)[-1], (), {"path": path})
    if scheme not in {"", "file"}:
        raise SourceError(
            f"{path} is of the unknown kind {scheme}. Use a path, or {', '.join(sorted(_REMOTE_SCHEMES))}."
        )
    files = resolve_files(Path(path.removeprefix("file://")), allowed_folders)
    empty = next((file.name for file in files if file.path.stat().st_size == 0), None)
    if empty:
        raise SourceError(f"{empty} is empty. It needs a header and rows.")
    packed = next((file.name for file in files if file.name.casefold().endswith(".zst")), None)
    if packed:
        raise SourceError(f"{packed} is compressed in a way that Spark does not read here. Use gzip, or no --engine.")
    addresses = ["file://" + _PATTERN_CHARACTERS.sub(r"\\\g<0>", str(file.path)) for file in files]
    return _Found(addresses, files[0].name, files, files_fingerprint(files))


def _parquet(session: "SparkSession", found: _Found) -> "DataFrame":
    """Return Parquet files, whose columns must be the same in all."""
    from pyspark.sql import functions as sf

    frame = session.read.option("mergeSchema", "true").parquet(*found.addresses)
    require_usable_names(frame.columns, Path(found.first))
    numbers = (
        sf.col("_metadata.file_path").alias(_FILE),
        sf.lit(0).alias(_PART),
        sf.col("_metadata.row_index").alias(_PLACE),
    )
    return _with_known_types(frame, *numbers)


def _delimited(session: "SparkSession", found: _Found) -> "DataFrame":
    """Return delimited text files, every value as text.

    Quotes may hold line ends, so that a file cannot be cut into parts: each is read by one task.
    """
    from pyspark.sql import functions as sf

    frames = []
    for (delimiter, names), addresses in _layouts(session, found).items():
        options: dict[str, Any] = {
            "sep": delimiter, "quote": '"', "escape": '"', "header": True, "multiLine": True, "enforceSchema": False,
            "mode": "FAILFAST", "maxCharsPerColumn": -1, "maxColumns": 100_000,
        }  # fmt: skip
        schema = ", ".join(f"{_quoted(name)} STRING" for name in names)
        frame = session.read.options(**options).schema(schema).csv(addresses)
        texts = [sf.nullif(sf.col(_quoted(name)), sf.lit("")).alias(name) for name in names]
        frames.append(frame.select(*texts, *_places()))
    return reduce(lambda first, more: first.unionByName(more), frames)


def _layouts(session: "SparkSession", found: _Found) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """Return the addresses of the delimited files of each delimiter and order of columns."""
    first = Path(found.first)
    if not found.files:  # elsewhere; Spark holds the headers of all files against the first one's
        header = session.read.option("lineSep", "\n").text(found.addresses[0]).limit(1).collect()
        delimiter, names = _layout(header[0][0].removeprefix("\ufeff") if header else "", first)
        return {(delimiter, names): found.addresses}
    layouts: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for file, address in zip(found.files, found.addresses, strict=True):
        delimiter, names = _layout(header_of(file.path), file.path)
        layouts.setdefault((delimiter, names), []).append(address)
        require_same_names(names, file.path, next(iter(layouts))[1], first)
    return layouts


def _layout(start: str, path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the delimiter and the names of the columns of a delimited file that begins with that text."""
    first_line = start.partition("\n")[0].rstrip()
    if is_separator_line(first_line):
        raise SourceError(f"{path.name} begins with {first_line}, not with its header. Remove that line for Spark.")
    layout = delimited_layout(start, path)
    return layout.delimiter, tuple(layout.names)


def _json(session: "SparkSession", found: _Found) -> "DataFrame":
    """Return files of JSON Lines, every value as text."""
    for file in found.files:
        header_of(file.path)
    try:
        names = session.read.options(primitivesAsString=True, mode="FAILFAST").json(found.addresses).columns
    except Exception as error:
        if "MALFORMED" not in str(error):
            raise
        fault = next(filter(None, (json_fault(file.path) for file in found.files)), None)
        raise SourceError(fault or f"{found.first} is not JSON Lines. Write one object a line.") from error
    require_usable_names(names, Path(found.first))
    # Spark sorts them by name.
    line = session.read.text(found.addresses[0]).limit(1).collect()[0][0]
    names = sorted(names, key=lambda name: place if (place := line.find(f'"{name}"')) >= 0 else len(line))
    schema = ", ".join(f"{_quoted(name)} STRING" for name in names)
    frame = session.read.options(mode="FAILFAST").schema(schema).json(found.addresses)
    return frame.select(*names, *_places())


def _typed_texts(
    opening: _Opening, frame: "DataFrame", formats_of: FormatsOf, first: str
) -> tuple[ir.Table, dict[str, ir.Value]]:
    """Return texts read as the types that all rows decide, kept by Spark; and the columns by their names."""
    connection = opening.connection
    names = [name for name in frame.columns if name not in _PLACES]
    texts = opening.view(opening.keep(frame))
    broken = texts.aggregate(**{f"c{n}": texts[name].contains(_UNREADABLE).max() for n, name in enumerate(names)})
    if any(answers(connection, broken)[0].values()):
        raise SourceError(f"{first} is not in UTF-8, or has characters that were lost before. Save it as UTF-8.")
    types = choose_types(ColumnSql(connection), texts, names, formats_of(names))
    values = {name: types[name].read(texts[name]) if name in types else texts[name] for name in names}
    beside = {f"{name}{TEXT_SUFFIX}": texts[name] for name in types}
    read = texts.select(**values, **beside, **{name: texts[name] for name in _PLACES})
    typed = opening.view(opening.keep(opening.session.sql(connection.compile(read))))
    return typed, {name: typed[name] for name in (*values, *beside)}


def _places() -> "list[Column]":
    """Return the columns by which rows of text files are numbered."""
    from pyspark.sql import functions as sf

    return [
        sf.col("_metadata.file_path").alias(_FILE),
        sf.col("_metadata.file_block_start").alias(_PART),
        sf.monotonically_increasing_id().alias(_PLACE),
    ]


def _parts(table: ir.Table) -> ir.Table:
    """Return the parts of files, in order, with their number of rows and the first place."""
    grouped = table.group_by([_FILE, _PART]).aggregate(rows=table.count(), first=table[_PLACE].min())
    return grouped.order_by([_FILE, _PART])


def _numbers(table: ir.Table, parts: Sequence[Mapping[str, Any]]) -> ir.IntegerValue:
    """Return the number of each row, from 1, running on from part to part."""
    bases: dict[str, int] = {}
    before = 0
    for part in parts:
        bases[f"{part[_FILE]} {part[_PART]}"] = before + 1 - part["first"]
        before += part["rows"]
    if not bases:
        return table[_PLACE]
    if len(bases) == 1:
        return table[_PLACE] + next(iter(bases.values()))
    key = table[_FILE] + " " + table[_PART].cast("string")
    return table[_PLACE] + ibis.map(ibis.array(list(bases)), ibis.array(list(bases.values())))[key]
