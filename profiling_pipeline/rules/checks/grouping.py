"""Rows by key, as the group checks count them."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from profiling_pipeline.sources.model import is_unreadable, source_value, text_of


def with_keys(table: ir.Table, columns: Sequence[str], *, keeps_missing: bool = False) -> tuple[ir.Table, list[str]]:
    """Return the rows that have a value in each of `columns`, with key columns added, and the names of the keys.

    Where it `keeps_missing`, the other rows are there too. A value that does not read as its column's type is compared
    by its text.
    """
    present = table if keeps_missing else table.filter([source_value(table, column).notnull() for column in columns])
    keys: dict[str, ir.Column] = {}
    for column in columns:
        keys[f"key {column}"] = present[column]
        unreadable = is_unreadable(present, column)
        if unreadable is not None:
            keys[f"unreadable key {column}"] = unreadable.ifelse(text_of(present, column), ibis.null("string"))
    return present.mutate(**keys), list(keys)
