"""Text files loaded into one table of DuckDB, their columns typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.sql.datatypes import DuckDBType

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.answers import arrow_table
from profiling_pipeline.sources.column_sql import TEXT, VALUE, ColumnSql, some_column
from profiling_pipeline.sources.drawing import drawn_by_number
from profiling_pipeline.sources.faults import faults_of
from profiling_pipeline.sources.model import KEPT_SUFFIX, ROW_NUMBER, TEXT_SUFFIX, DeclaredFormat, FormatsOf
from profiling_pipeline.sources.printed import is_as_printed, printed, read_fast
from profiling_pipeline.sources.sampled_types import (
    DRAWN_ROWS,
    SAMPLE_ROWS,
    guess_types,
    still_undecided,
    undecided_columns,
)
from profiling_pipeline.sources.temporary_database import TYPED, create_view
from profiling_pipeline.sources.text_files import TextReader, TextRows
from profiling_pipeline.sources.text_types import TextType, correct_types

# The table has a column's text where the value is not printed so; the view has all texts.
_STORED = "stored"


def load_texts(
    connection: ibis.BaseBackend, paths: Sequence[Path], reader: TextReader, formats_of: FormatsOf
) -> tuple[ir.Table, list[int]]:
    """Load text files, typed by their first rows; then compare with all rows and correct what must be read otherwise.

    Returns:
        The rows, numbered from 1, and the number of rows of each file.

    Raises:
        SourceError: A file cannot be read.
    """
    sql = ColumnSql(connection)
    rows_of_files = reader(connection.con, paths)
    loaded: _Loaded | None = None
    counts: list[int] = []
    for path in paths:
        with faults_of(path):
            rows = next(rows_of_files)
            loaded = loaded or _create_table(sql, connection, rows, formats_of, needs_rows=path is not paths[-1])
            if loaded is None:
                counts.append(0)
            else:
                query = _typing_query(sql, loaded.names, loaded.types, rows.query)
                [(count,)] = connection.con.execute(f"INSERT INTO {_STORED} {query}", rows.parameters).fetchall()
                counts.append(count)
    if loaded is None:
        raise SourceError("The data source has no files. Name one.")
    number = sql.quoted(ROW_NUMBER)
    sql.run(f"ALTER TABLE {_STORED} ADD COLUMN {number} BIGINT")
    sql.run(f"UPDATE {_STORED} SET {number} = rowid + 1")  # noqa: S608 no name from outside
    return _with_all_texts(sql, connection, loaded, sum(counts)), counts


@dataclass(frozen=True)
class _Loaded:
    """How the columns of files are read, and the rows by which that was decided."""

    names: Sequence[str]
    sample: pa.Table
    types: Mapping[str, TextType]
    formats: Mapping[str, DeclaredFormat]


def _create_table(
    sql: ColumnSql, connection: ibis.BaseBackend, rows: TextRows, formats_of: FormatsOf, *, needs_rows: bool
) -> _Loaded | None:
    """Create the table for rows of this kind, empty; None where it needs some to type its columns by and has none."""
    first = connection.con.sql(f"SELECT * FROM {rows.query} LIMIT {SAMPLE_ROWS}", params=rows.parameters)  # noqa: S608
    sample = first.to_arrow_table()
    if needs_rows and not len(sample):
        return None
    formats = formats_of(rows.names)
    types = guess_types(sample, formats)
    query = _typing_query(sql, rows.names, types, rows.query)
    connection.con.execute(f"CREATE TABLE {_STORED} AS {query} LIMIT 0", rows.parameters)
    return _Loaded(rows.names, sample, types, formats)


def _typing_query(sql: ColumnSql, names: Sequence[str], types: Mapping[str, TextType], rows: str) -> str:
    """Return the query that reads rows of texts as their types, and keeps the texts that values are not printed as."""
    reading = {kind: _Reading.of(sql, kind) for kind in set(types.values())}
    texts, compared, values, kept = [], ["*"], [], []
    for place, name in enumerate(names):
        text, fast, same = f"text {place}", f"fast {place}", f"same {place}"
        column, quoted = sql.quoted(name), sql.quoted(text)
        texts.append(f"{column} AS {quoted}")
        if name not in types:
            values.append(f"{quoted} AS {column}")
            continue
        read, is_same = reading[types[name]], sql.quoted(same)
        texts.append(f"{sql.about(read.fast, name)} AS {sql.quoted(fast)}")
        compared.append(f"{sql.about(read.same, fast, text)} AS {is_same}")
        patient = sql.about(read.patient, text)
        values.append(f"CASE WHEN {is_same} THEN {sql.quoted(fast)} ELSE {patient} END AS {column}")
        kept.append(f"CASE WHEN {is_same} THEN NULL ELSE {quoted} END AS {sql.quoted(name + TEXT_SUFFIX)}")
    parts = [", ".join(part) for part in ([*values, *kept], compared, texts)]
    return f"SELECT {parts[0]} FROM (SELECT {parts[1]} FROM (SELECT {parts[2]} FROM {rows}))"  # noqa: S608 quoted names


@dataclass(frozen=True)
class _Reading:
    """Templates of a column's value read fast, of whether that was enough, and of its value read with patience."""

    fast: str
    same: str
    patient: str

    @classmethod
    def of(cls, sql: ColumnSql, kind: TextType) -> "_Reading":
        """Compile them for columns that are to be read as one type."""
        return cls(
            sql.expression(lambda column: read_fast(column[TEXT], kind), dt.string),
            sql.expression(lambda column: is_as_printed(column[VALUE], column[TEXT], kind), _type_of(kind)),
            sql.expression(kind.read_beside, dt.string),
        )


def _with_all_texts(sql: ColumnSql, connection: ibis.BaseBackend, loaded: _Loaded, rows: int) -> ir.Table:
    """Return the table, each column read as all of its values ask for, with the texts of those that are typed."""
    types = loaded.types
    texts = {name: _printed_text(sql, name, kind) for name, kind in types.items()}
    table = _view(sql, connection, loaded.names, texts)
    if rows == len(loaded.sample):
        return table
    undecided = undecided_columns(loaded.sample, types, loaded.formats, rows)
    if undecided and rows > 2 * DRAWN_ROWS:
        drawn = drawn_by_number(table, DRAWN_ROWS / rows).select(undecided)
        undecided = still_undecided(arrow_table(connection, drawn))
    corrected = correct_types(sql, connection.table(_STORED), table, types, loaded.formats, undecided)
    for name, kind in corrected.items():
        _read_again(sql, name, kind, texts.pop(name, None))
        if kind:
            texts[name] = sql.quoted(name + TEXT_SUFFIX)
    return _view(sql, connection, loaded.names, texts) if corrected else table


def _view(sql: ColumnSql, connection: ibis.BaseBackend, names: Sequence[str], texts: Mapping[str, str]) -> ir.Table:
    """Return the stored table with the texts that are given as SQL."""
    columns = [sql.quoted(name) for name in (*names, ROW_NUMBER)]
    for name, text in texts.items():
        kept = sql.quoted(name + TEXT_SUFFIX)
        columns += [f"{text} AS {kept}"]
        columns += [f"{kept} AS {sql.quoted(name + KEPT_SUFFIX)}"] if text != kept else []
    return create_view(connection, TYPED, f"SELECT {', '.join(columns)} FROM {_STORED}")  # noqa: S608 quoted names


def _printed_text(sql: ColumnSql, name: str, kind: TextType) -> str:
    """Return the SQL of a column's text: what is kept, else what its value is printed as."""
    kept = sql.quoted(name + TEXT_SUFFIX)
    if printed(some_column(_type_of(kind))[VALUE], kind) is None:
        return kept
    as_printed = sql.expression(lambda column: printed(column[VALUE], kind), _type_of(kind))
    return f"COALESCE({kept}, {sql.about(as_printed, name)})"


def _read_again(sql: ColumnSql, name: str, kind: TextType | None, printed_text: str | None) -> None:
    """Give a stored column another type, None for text; its text is given as SQL where it is not text already."""
    column, text = sql.quoted(name), sql.quoted(name + TEXT_SUFFIX)
    if printed_text is None:
        sql.run(f"ALTER TABLE {_STORED} ADD COLUMN {text} VARCHAR")
        sql.run(f"UPDATE {_STORED} SET {text} = {column}")  # noqa: S608 quoted names
    else:
        sql.run(f"ALTER TABLE {_STORED} ALTER {text} TYPE VARCHAR USING {printed_text}")
    if kind:
        value = sql.about(sql.expression(kind.read_beside, dt.string), name, name + TEXT_SUFFIX)
        sql.run(f"ALTER TABLE {_STORED} ALTER {column} TYPE {DuckDBType.to_string(_type_of(kind))} USING {value}")
    else:
        sql.run(f"ALTER TABLE {_STORED} ALTER {column} TYPE VARCHAR USING {text}")
        sql.run(f"ALTER TABLE {_STORED} DROP COLUMN {text}")


def _type_of(kind: TextType) -> dt.DataType:
    dtype: dt.DataType = kind.read_beside(some_column(dt.string)).type()
    return dtype
