"""Tables whose columns have types of their own: only texts that are declared to be something else are read as that."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from profiling_pipeline.sources.column_sql import ColumnSql
from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, DeclaredFormat
from profiling_pipeline.sources.text_types import choose_types


def as_declared(table: ir.Table, columns: Sequence[str], formats: Mapping[str, DeclaredFormat]) -> dict[str, ir.Value]:
    """Return columns of a table by their names, NaN as null; of those read from text, the text as well."""
    texts = [
        name
        for name in columns
        if name in formats and table[name].type().is_string() and formats[name].kind is not ColumnKind.TEXT
    ]
    types = choose_types(ColumnSql(table.get_backend()), table, texts, formats) if texts else {}
    values: dict[str, ir.Value] = {}
    for name in columns:
        values[name] = nan_as_null(types[name].read(table[name]) if name in types else table[name])
    return values | {f"{name}{TEXT_SUFFIX}": table[name] for name in types}


def nan_as_null(column: ir.Column) -> ir.Column:
    """Return a column in which NaN is null."""
    if not column.type().is_floating():
        return column
    return column.isnan().ifelse(ibis.null(column.type()), column)
