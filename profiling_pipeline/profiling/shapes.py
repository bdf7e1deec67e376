"""Shapes of texts: `AA-9999` for two letters, a hyphen, four digits."""

from string import ascii_lowercase, ascii_uppercase, digits

import duckdb
import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

LONGEST = 50  # characters of a text that its shape shows
_FROM = ascii_uppercase + ascii_lowercase + digits
_TO = "A" * 26 + "a" * 26 + "9" * 10
_SHAPES = str.maketrans(_FROM, _TO)
_IN_DUCKDB = "shape_of"

# All bytes of the other characters of UTF-8 lie beyond those of ASCII.
_BYTES = np.arange(256, dtype=np.uint8)
_BYTES[list(_FROM.encode())] = list(_TO.encode())


def shape_of(text: str) -> str:
    """Return the shape of one text; `Shapes.of` does the same to columns."""
    return text[:LONGEST].translate(_SHAPES)


class Shapes:
    """Shapes as an engine computes them.

    DuckDB builds the table of a TRANSLATE anew for each row, so that it would take ten times as long as a function of
    our own that looks bytes up.
    """

    def __init__(self, connection: ibis.BaseBackend) -> None:
        self._is_duckdb = connection.name == "duckdb"
        if self._is_duckdb and not _knows_function(connection.con):
            connection.con.create_function(_IN_DUCKDB, _shapes, ["VARCHAR"], "VARCHAR", type="arrow")

    def of(self, text: ir.StringColumn) -> ir.StringColumn:
        """Return the shapes of a column's texts: letters of ASCII read A or a, digits 9, others themselves."""
        beginning = text.substr(0, LONGEST)
        shapes: ir.StringColumn = _by_function(beginning) if self._is_duckdb else beginning.translate(_FROM, _TO)
        return shapes


@ibis.udf.scalar.builtin(name=_IN_DUCKDB)  # type: ignore[untyped-decorator]  # Ibis is untyped
def _by_function(text: str) -> str:  # type: ignore[empty-body]  # DuckDB runs `_shapes`
    """Name the function in a query."""


def _knows_function(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute("SELECT count(*) FROM duckdb_functions() WHERE function_name = ?", [_IN_DUCKDB])
    return bool(found.fetchall()[0][0])


def _shapes(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the shapes of texts, without their limit in length."""
    array = (texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts).cast(pa.string())
    nulls, offsets, data = array.buffers()
    if data is None:
        return array
    shaped = pa.py_buffer(_BYTES[np.frombuffer(data, dtype=np.uint8)])
    return pa.Array.from_buffers(pa.string(), len(array), [nulls, offsets, shaped], array.null_count, array.offset)
