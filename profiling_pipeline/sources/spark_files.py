"""Files that Spark reads: delimited texts, JSON Lines and Parquet."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import ibis.expr.types as ir

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.answers import answers
from profiling_pipeline.sources.column_names import require_same_names, require_usable_names
from profiling_pipeline.sources.column_sql import ColumnSql
from profiling_pipeline.sources.fingerprint import files_fingerprint
from profiling_pipeline.sources.location import SparkFiles
from profiling_pipeline.sources.model import ROW_NUMBER, TEXT_SUFFIX, FileRows, FormatsOf, OpenSource
from profiling_pipeline.sources.paths import DataFile, format_of, resolve_files
from profiling_pipeline.sources.spark_frames import SparkOpening, quoted, with_known_types
from profiling_pipeline.sources.spark_row_numbers import (
    PLACES,
    parts_of_files,
    places_in_parquet,
    places_in_texts,
    row_numbers,
    rows_of_files,
)
from profiling_pipeline.sources.text_files import delimited_layout, header_of, is_separator_line, json_fault
from profiling_pipeline.sources.text_types import choose_types
from profiling_pipeline.sources.typed_tables import as_declared

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_DELIMITED, _JSON, _PARQUET = {".csv", ".tsv", ".txt"}, {".jsonl", ".ndjson"}, {".parquet", ".pq"}
_KNOWN = ".csv, .tsv, .jsonl or .parquet"
_REMOTE_SCHEMES = frozenset(
    {"hdfs", "viewfs", "s3", "s3a", "s3n", "gs", "abfs", "abfss", "wasb", "wasbs", "dbfs", "oss"}
)
_PATTERN_CHARACTERS = re.compile(r"[\[\]{}*?\\]")
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"  # what Spark puts for bytes that are not UTF-8


def open_spark_files(
    opening: SparkOpening, location: SparkFiles, formats_of: FormatsOf, allowed_folders: Sequence[Path] | None
) -> OpenSource:
    """Open files by the kind that the ending of the first tells.

    Raises:
        SourceError: One is missing, not what it claims to be, or may not be read.
    """
    found = _found(location.path, allowed_folders)
    ending = format_of(found.first)
    if ending in _PARQUET:
        table = opening.view(_parquet(opening.session, found))
        own = [name for name in table.columns if name not in PLACES]
        values = as_declared(table, own, formats_of(own))
    elif ending in _DELIMITED | _JSON:
        frame = (_json if ending in _JSON else _delimited)(opening.session, found)
        table, values = _typed_texts(opening, frame, formats_of, found.first)
    else:
        raise SourceError(f"{found.first} has an ending that Spark does not read here. Use {_KNOWN}.")
    parts = parts_of_files(opening.connection, table)
    counts = rows_of_files(parts)
    files = tuple(FileRows(found.name_of(address), rows) for address, rows in counts.items())
    return OpenSource(
        name=found.first if len(files) <= 1 else location.path,
        table=table.select(**values, **{ROW_NUMBER: row_numbers(table, parts)}),
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
    packed = next((file.name for file in files if file.name.casefold().endswith(".zst")), None)
    if packed:
        raise SourceError(f"{packed} is compressed in a way that Spark does not read here. Use gzip, or no --engine.")
    addresses = ["file://" + _PATTERN_CHARACTERS.sub(r"\\\g<0>", str(file.path)) for file in files]
    return _Found(addresses, files[0].name, files, files_fingerprint(files))


def _parquet(session: "SparkSession", found: _Found) -> "DataFrame":
    """Return Parquet files, whose columns must be the same in all."""
    frame = session.read.option("mergeSchema", "true").parquet(*found.addresses)
    require_usable_names(frame.columns, Path(found.first))
    return with_known_types(frame, *places_in_parquet())


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
        schema = ", ".join(f"{quoted(name)} STRING" for name in names)
        frame = session.read.options(**options).schema(schema).csv(addresses)
        texts = [sf.nullif(sf.col(quoted(name)), sf.lit("")).alias(name) for name in names]
        frames.append(frame.select(*texts, *places_in_texts()))
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
    schema = ", ".join(f"{quoted(name)} STRING" for name in names)
    frame = session.read.options(mode="FAILFAST").schema(schema).json(found.addresses)
    return frame.select(*names, *places_in_texts())


def _typed_texts(
    opening: SparkOpening, frame: "DataFrame", formats_of: FormatsOf, first: str
) -> tuple[ir.Table, dict[str, ir.Value]]:
    """Return texts read as the types that all rows decide, kept by Spark; and the columns by their names."""
    connection = opening.connection
    names = [name for name in frame.columns if name not in PLACES]
    texts = opening.view(opening.keep(frame))
    broken = texts.aggregate(**{f"c{n}": texts[name].contains(_UNREADABLE).max() for n, name in enumerate(names)})
    if any(answers(connection, broken)[0].values()):
        raise SourceError(f"{first} is not in UTF-8, or has characters that were lost before. Save it as UTF-8.")
    types = choose_types(ColumnSql(connection), texts, names, formats_of(names))
    values = {name: types[name].read(texts[name]) if name in types else texts[name] for name in names}
    beside = {f"{name}{TEXT_SUFFIX}": texts[name] for name in types}
    read = texts.select(**values, **beside, **{name: texts[name] for name in PLACES})
    typed = opening.view(opening.keep(opening.session.sql(connection.compile(read))))
    return typed, {name: typed[name] for name in (*values, *beside)}
