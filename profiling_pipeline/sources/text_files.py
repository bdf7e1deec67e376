"""Text files as rows that DuckDB reads, every value as the text that the file has."""

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import duckdb
import pandas as pd
import pyarrow as pa

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.model import ROW_NUMBER, TEXT_SUFFIX

LONGEST_LINE = 32 * 1024 * 1024  # bytes
_DELIMITERS = ",;\t|"
_SUFFIXES = re.compile(r"\.(csv|tsv|txt|jsonl|ndjson|xlsx|xls|xlsm|ods)(\.gz|\.zst)?$")
_DELIMITED = """
    read_csv(
        ?, auto_detect=false, header=true, delim=?, quote='"', escape='"', nullstr='', columns=?, strict_mode=true,
        max_line_size=?
    )
"""
_JSON_LINES = "read_json(?, format='newline_delimited', maximum_object_size=?, columns=?)"
_DESCRIBE_JSON_LINES = """
    DESCRIBE SELECT * FROM read_json(?, format='newline_delimited', sample_size=-1, maximum_object_size=?)
"""
_SHEET = "sheet"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class TextRows:
    """A file's rows as something DuckDB selects from, every value as text."""

    query: str
    parameters: Sequence[Any] = ()


TextReader = Callable[[duckdb.DuckDBPyConnection, Path], TextRows]


def text_reader(path: Path) -> TextReader | None:
    """Return what finds the rows in a file of this name, or None for a name that is no text file's."""
    match = _SUFFIXES.search(path.name.casefold())
    if match is None:
        return None
    kind = match[1]
    if kind in {"jsonl", "ndjson"}:
        return _json_lines
    return _excel if kind in {"xlsx", "xls", "xlsm", "ods"} else _delimited


def require_usable_names(names: Sequence[str], path: Path) -> None:
    """Refuse names that cannot tell columns apart.

    Raises:
        SourceError: A name is blank, stands twice (whatever its case), or is one that this project uses itself.
    """
    blank = [str(place) for place, name in enumerate(names, 1) if not name.strip()]
    if blank:
        raise SourceError(
            f"{path.name} has no name for column {', '.join(blank[:5])}. Name every column in the header."
        )
    repeated = [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
    if repeated:
        listed = ", ".join(f"'{name}'" for name in names if name.casefold() in repeated[:5])
        raise SourceError(f"{path.name} has columns of the same name: {listed}. Give each its own name.")
    reserved = [name for name in names if name.endswith(TEXT_SUFFIX) or name == ROW_NUMBER]
    if reserved:
        raise SourceError(f"{path.name} has a column '{reserved[0]}', a name with another meaning here. Rename it.")


def _delimited(connection: duckdb.DuckDBPyConnection, path: Path) -> TextRows:
    header = _header_line(path)
    delimiter = "\t" if ".tsv" in path.name.casefold() else max(_DELIMITERS, key=_outside_quotes(header).count)
    names = next(csv.reader([header], delimiter=delimiter), [])
    require_usable_names(names, path)
    return TextRows(_DELIMITED, (str(path), delimiter, dict.fromkeys(names, "VARCHAR"), LONGEST_LINE))


def _json_lines(connection: duckdb.DuckDBPyConnection, path: Path) -> TextRows:
    described = connection.execute(_DESCRIBE_JSON_LINES, [str(path), LONGEST_LINE])
    names = [row[0] for row in described.fetchall()]
    require_usable_names(names, path)
    return TextRows(_JSON_LINES, (str(path), LONGEST_LINE, dict.fromkeys(names, "VARCHAR")))


def _excel(connection: duckdb.DuckDBPyConnection, path: Path) -> TextRows:
    try:
        sheet = pd.read_excel(path, engine="calamine", header=None, dtype=object)
    except Exception as error:
        raise SourceError(f"{path.name} cannot be read as an Excel file: {error}. Save it again as .xlsx.") from error
    rows = [[_cell_text(cell) for cell in row] for row in sheet.itertuples(index=False)]
    if not rows:
        raise SourceError(f"{path.name} is empty. Its first sheet needs a header and rows.")
    names = [name or "" for name in rows[0]]
    require_usable_names(names, path)
    columns = list(zip(*rows[1:], strict=True)) or [() for _ in names]
    table = pa.table({name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)})
    connection.register(_SHEET, table)
    return TextRows(_SHEET)


def _cell_text(cell: Any) -> str | None:
    """Return a cell as text: days without a time as dates, whole numbers without a point."""
    if cell is None or cell == "" or pd.isna(cell):
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell)
    return text.removesuffix(" 00:00:00") if hasattr(cell, "year") else text


def _header_line(path: Path) -> str:
    """Return the first line, which may go over quoted line ends.

    Raises:
        SourceError: The file is empty, or is not text in UTF-8.
    """
    with _uncompressed(path) as lines:
        first = lines.readline(LONGEST_LINE)
        while first.count(b'"') % 2 and (more := lines.readline(LONGEST_LINE)):
            first += more
    if first.startswith(_UTF16_MARKS) or b"\x00" in first:
        raise SourceError(f"{path.name} is not in UTF-8 (it looks like UTF-16). Save it as UTF-8.")
    try:
        header = first.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path.name} is not in UTF-8 (byte {error.start} of its header). Save it as UTF-8."
        ) from error
    if not header.strip():
        raise SourceError(f"{path.name} is empty. It needs a header and rows.")
    return header


@contextmanager
def _uncompressed(path: Path) -> Iterator[IO[bytes]]:
    suffix = path.suffix.casefold()
    if suffix == ".gz":
        with gzip.open(path, "rb") as file:
            yield io.BufferedReader(file)
    elif suffix == ".zst":
        with pa.input_stream(str(path), compression="zstd") as stream:
            yield io.BufferedReader(stream)
    else:
        with path.open("rb") as file:
            yield file


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)
