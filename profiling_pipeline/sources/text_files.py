"""Text files as rows that DuckDB reads, every value as the text that the file has."""

import csv
import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import IO, Any

import duckdb

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.column_names import require_same_names, require_usable_names

LONGEST_LINE = 32 * 1024 * 1024  # bytes
_DELIMITERS = ",;\t|"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n|$)', re.IGNORECASE)  # that Excel is told the delimiter by
_SUFFIXES = re.compile(r"\.(csv|tsv|txt|jsonl|ndjson|xlsx|xls|xlsm|ods)(\.gz|\.zst)?$")
_DELIMITED = """
    read_csv(
        ?, auto_detect=false, skip=?, header=true, delim=?, quote='"', escape='"', nullstr='', columns=?,
        strict_mode=true, max_line_size=?, buffer_size=?, hive_partitioning=false, allow_quoted_nulls=?
    )
"""
# A blank line is no row, here as in files of several columns. What has no value is written as two quotes.
_OF_ONE_COLUMN = rf"""
    (SELECT nullif(COLUMNS('(?s).*'), '') AS '\0' FROM {_DELIMITED} WHERE COLUMNS(*) IS NOT NULL)
"""  # noqa: S608 no name from outside
_JSON_LINES = """
    read_json(?, format='newline_delimited', records=true, maximum_object_size=?, columns=?, hive_partitioning=false)
"""
# The null stands for a line that is not an object with different keys.
_JSON_KEYS = """
    SELECT key FROM (
        SELECT line, unnest(keys) AS key, generate_subscripts(keys, 1) AS place FROM (
            SELECT
                row_number() OVER () AS line,
                CASE WHEN json_type(json) = 'OBJECT' AND len(json_keys(json)) = len(list_distinct(json_keys(json)))
                THEN json_keys(json) ELSE [NULL] END AS keys
            FROM read_ndjson_objects(?, maximum_object_size=?, hive_partitioning=false)
        )
    )
    GROUP BY key ORDER BY min(struct_pack(line := line, place := place))
"""
_SHEET = "sheet"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class TextRows:
    """A file's rows as something DuckDB selects from, every value as text, and the names of the columns."""

    names: Sequence[str]
    query: str
    parameters: Sequence[Any] = ()


@dataclass(frozen=True)
class Layout:
    """How a delimited file is read: what parts values, the columns' names, and how many lines stand before these."""

    delimiter: str
    names: Sequence[str]
    lines_before: int


# Given files of one format, finds the rows of one after the other, all with the first one's columns.
TextReader = Callable[[duckdb.DuckDBPyConnection, Sequence[Path]], Iterator[TextRows]]


def text_reader(path: Path) -> TextReader | None:
    """Return what finds the rows in a file of this name, or None for a name that is no text file's."""
    match = _SUFFIXES.search(path.name.casefold())
    if match is None:
        return None
    kind = match[1]
    if kind in {"jsonl", "ndjson"}:
        return _json_lines
    return _excel if kind in {"xlsx", "xls", "xlsm", "ods"} else _delimited


def _delimited(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> Iterator[TextRows]:
    first_names: Sequence[str] = ()
    for path in paths:
        layout = delimited_layout(header_of(path), path)
        first_names = first_names or layout.names
        require_same_names(layout.names, path, first_names, paths[0])
        columns, has_several = dict.fromkeys(layout.names, "VARCHAR"), len(layout.names) > 1
        options = (layout.lines_before, layout.delimiter, columns, *[LONGEST_LINE] * 2, has_several)
        yield TextRows(first_names, _DELIMITED if has_several else _OF_ONE_COLUMN, (escape(str(path)), *options))


def is_separator_line(line: str) -> bool:
    """Return whether a line only tells Excel the delimiter, such as `sep=;`."""
    return _SEPARATOR_LINE.fullmatch(line) is not None


def delimited_layout(start: str, path: Path) -> Layout:
    """Return the layout of a delimited file that begins with that text.

    Raises:
        SourceError: The text has no header.
    """
    separator = _SEPARATOR_LINE.match(start)
    header = start[separator.end() :] if separator else start
    if not header.strip():
        raise SourceError(f"{path.name} is empty, or begins with an empty line. It needs a header and rows.")
    first_line = re.split(r"[\r\n]", _outside_quotes(header), maxsplit=1)[0]
    guessed = "\t" if ".tsv" in path.name.casefold() else max(_DELIMITERS, key=first_line.count)
    delimiter = separator[1] if separator else guessed
    try:
        names = next(csv.reader(io.StringIO(header, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise SourceError(f"{path.name} has a header that cannot be read: {error}. Correct its first line.") from error
    require_usable_names(names, path)
    return Layout(delimiter, names, 1 if separator else 0)


def _json_lines(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> Iterator[TextRows]:
    names = dict.fromkeys(name for path in paths for name in _json_keys(connection, path))
    require_usable_names(list(names), paths[0])
    for path in paths:  # a key that a file has nowhere is null in all its rows
        columns = dict.fromkeys(names, "VARCHAR")
        yield TextRows(list(names), _JSON_LINES, (escape(str(path)), LONGEST_LINE, columns))


def _json_keys(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    try:
        names = [key for (key,) in connection.execute(_JSON_KEYS, [escape(str(path)), LONGEST_LINE]).fetchall()]
    except duckdb.InvalidInputException as error:
        raise SourceError(json_fault(path) or f"{path.name} is not JSON Lines. Write one object a line.") from error
    if None in names:
        raise SourceError(json_fault(path) or f"{path.name} is not JSON Lines. Write one object a line.")
    if not names:
        raise SourceError(f"{path.name} is empty. It needs objects with values.")
    return names


def json_fault(path: Path) -> str | None:
    """Say what is wrong with the first faulty line, as the engine neither counts lines from 1 nor hides values."""
    with _uncompressed(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                keys = json.loads(line.decode(), object_pairs_hook=_keys) if line.strip() else _keys([])
            except UnicodeDecodeError:
                return f"{path.name} is not in UTF-8 (line {number}). Save it as UTF-8."
            except (ValueError, RecursionError):
                return f"{path.name} has a line that is not JSON (line {number}). Correct that line."
            if not isinstance(keys, _Keys):
                return f"{path.name} has a line that is not a JSON object (line {number}). Write one object a line."
            repeated = [key for key, count in Counter(keys).items() if count > 1]
            if repeated:
                return f"{path.name} has the key '{repeated[0]}' twice in an object (line {number}). Correct that line."
    return None


class _Keys(tuple[str, ...]):
    """The keys of a JSON object, told apart from a JSON list."""


def _keys(pairs: list[tuple[str, Any]]) -> _Keys:
    return _Keys(key for key, _ in pairs)


def _excel(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> Iterator[TextRows]:
    from profiling_pipeline.sources.excel import first_sheet

    first_names: Sequence[str] = ()
    for path in paths:
        table = first_sheet(path)
        first_names = first_names or table.column_names
        require_same_names(table.column_names, path, first_names, paths[0])
        connection.register(_SHEET, table)
        yield TextRows(first_names, _SHEET)


def header_of(path: Path) -> str:
    """Return the beginning of the text with at least its header.

    Raises:
        SourceError: The file is not text in UTF-8.
    """
    with _uncompressed(path) as lines:
        start = _decoded(_record(lines), path)
        separator = _SEPARATOR_LINE.match(start)
        return start + _decoded(_record(lines), path) if separator and separator.end() == len(start) else start


def _record(lines: IO[bytes]) -> bytes:
    """Read one record, which may go over quoted line ends."""
    record = lines.readline(LONGEST_LINE)
    while record.count(b'"') % 2 and len(record) < LONGEST_LINE and (more := lines.readline(LONGEST_LINE)):
        record += more
    return record


def _decoded(first: bytes, path: Path) -> str:
    if first.startswith(_UTF16_MARKS) or b"\x00" in first:
        raise SourceError(f"{path.name} is not in UTF-8 (it looks like UTF-16). Save it as UTF-8.")
    try:
        return first.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path.name} is not in UTF-8 (byte {error.start + 1} of its header). Save it as UTF-8."
        ) from error


@contextmanager
def _uncompressed(path: Path) -> Iterator[IO[bytes]]:
    suffix = path.suffix.casefold()
    if suffix == ".gz":
        try:
            with gzip.open(path, "rb") as file:
                yield io.BufferedReader(file)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise SourceError(f"{path.name} is no whole gzip file: {error}. Compress it again.") from error
    elif suffix == ".zst":
        import pyarrow as pa

        with pa.input_stream(str(path), compression="zstd") as stream:
            yield io.BufferedReader(stream)
    else:
        with path.open("rb") as file:
            yield file


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)
