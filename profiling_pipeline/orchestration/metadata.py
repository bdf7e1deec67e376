"""Values in the form that Dagster's UI shows well: tables, links, Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import dagster as dg

Metadata = dict[str, Any]  # names to what Dagster takes as metadata

ROW_COUNT = "dagster/row_count"  # the name under which the UI shows and plots an asset's rows

MOST_ROWS = 1000  # of one table: the UI draws all of them, and each materialisation keeps its own

_TYPES = {bool: "bool", int: "int", float: "float"}


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> dg.TableMetadataValue:
    """Return a table; a column is numeric where all of its values are."""
    cells = [[_cell(value) for value in row] for row, _ in zip(rows, range(MOST_ROWS), strict=False)]
    types = [_column_type([row[i] for row in cells]) for i in range(len(columns))]
    shown = [[_fit(value, kind) for value, kind in zip(row, types, strict=True)] for row in cells]
    return dg.MetadataValue.table(
        records=[dg.TableRecord(dict(zip(columns, row, strict=True))) for row in shown],
        schema=dg.TableSchema([dg.TableColumn(name, kind) for name, kind in zip(columns, types, strict=True)]),
    )


def table_if_any(name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Metadata:
    """Return a table under its name, nothing where it has no rows."""
    return {name: table(columns, rows)} if rows else {}


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table; values from data cannot break out of their cell."""
    lines = [columns, ["---"] * len(columns), *([escape(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escape(value: Any) -> str:
    """Return a value as plain Markdown text: nothing in it is a link, an image, HTML or a table's edge."""
    text = "" if value is None else str(value)
    for character in "\\`*_[]<>|#!~":
        text = text.replace(
            character, f"\\{character}" if character not in "<>" else {"<": "&lt;", ">": "&gt;"}[character]
        )
    return " ".join(text.split())


def numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are there, decimals as floats, so that the UI plots them over time."""
    return {name: float(v) if isinstance(v, Decimal) else v for name, v in values.items() if v is not None}


def _cell(value: Any) -> bool | int | float | str | None:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _column_type(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return "float"
    # The UI shows a missing number as nothing only in a column of text.
    return _TYPES.get(kinds.pop(), "string") if len(kinds) == 1 and None not in values else "string"


def _fit(value: Any, kind: str) -> bool | int | float | str:
    if kind == "string":
        return "" if value is None else str(value)
    return float(value) if kind == "float" else value
