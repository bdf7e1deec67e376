"""Choosing the types of columns that were read as text: as declared, else as nearly all their values read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat
from profiling_pipeline.sources.readable import ANY_NUMBER, BOOLEAN, DATE, DATETIME, INTEGER, PLAIN_NUMBER, typed

READABLE_SHARE = 0.99  # a column whose values read as a kind but for fewer than 1 % is of that kind, with bad values
SAMPLE_ROWS = 20_000
COLUMNS_AT_ONCE = 200  # keeps a query's text and compile time in bounds
_LEADING_ZERO = r"^[+-]?0[0-9]"
_GUESSES = (
    (ColumnKind.BOOLEAN, BOOLEAN),
    (ColumnKind.INTEGER, INTEGER),
    (ColumnKind.NUMBER, ANY_NUMBER),
    (ColumnKind.DATE, DATE),
    (ColumnKind.DATETIME, DATETIME),
)


@dataclass(frozen=True)
class TextType:
    """How a text column is to be read."""

    declared: DeclaredFormat
    number_type: dt.DataType = dt.float64

    def read(self, text: ir.StringColumn) -> ir.Column:
        """Return the column as its type, null where its text does not read so."""
        return typed(text, self.declared, self.number_type)


def choose_types(table: ir.Table, columns: Sequence[str], formats: Mapping[str, DeclaredFormat]) -> dict[str, TextType]:
    """Return the types of the text columns that are not to stay text.

    A declared kind is taken as it is. Else the kind is guessed from the first rows and confirmed on all of them;
    numbers with leading zeros (codes, identifiers) stay text. Exact decimals are as wide as the values need.
    """
    sample = table.limit(SAMPLE_ROWS)
    chosen: dict[str, TextType] = {}
    for start in range(0, len(columns), COLUMNS_AT_ONCE):
        batch = columns[start : start + COLUMNS_AT_ONCE]
        undeclared = [column for column in batch if column not in formats]
        guessed = {column: DeclaredFormat(kind) for column, kind in _guess(sample, undeclared).items()}
        wanted = {**{c: formats[c] for c in batch if c in formats}, **guessed}
        wanted = {c: f for c, f in wanted.items() if f.kind not in {ColumnKind.TEXT, ColumnKind.OTHER}}
        chosen.update(_confirm(table, wanted, guessed))
    return chosen


def _guess(sample: ir.Table, columns: Sequence[str]) -> dict[str, ColumnKind]:
    if not columns:
        return {}
    figures: dict[str, ir.Value] = {}
    for number, column in enumerate(columns):
        text = sample[column]
        figures[f"{number} present"] = text.count()
        figures[f"{number} zeros"] = text.re_search(_LEADING_ZERO).sum()
        for kind, pattern in _GUESSES:
            figures[f"{number} {kind}"] = text.re_search(pattern).sum()
    row = _only_row(sample.aggregate(**figures))
    guesses: dict[str, ColumnKind] = {}
    for number, column in enumerate(columns):
        present = row[f"{number} present"]
        if not present or (row[f"{number} zeros"] or 0) > (1 - READABLE_SHARE) * present:
            continue
        for kind, _ in _GUESSES:
            if (row[f"{number} {kind}"] or 0) >= READABLE_SHARE * present:
                guesses[column] = kind
                break
    return guesses


def _confirm(
    table: ir.Table, wanted: Mapping[str, DeclaredFormat], guessed: Mapping[str, DeclaredFormat]
) -> Iterator[tuple[str, TextType]]:
    """Look at all rows: does a guessed kind hold, and how wide are numbers?"""
    figures: dict[str, ir.Value] = {}
    for number, (column, declared) in enumerate(wanted.items()):
        text = table[column]
        if column in guessed:
            figures[f"{number} present"] = text.count()
            figures[f"{number} readable"] = typed(text, declared, dt.float64).count()
        if declared.kind is ColumnKind.NUMBER:
            figures.update({f"{number} {name}": figure for name, figure in _widths(text).items()})
    row = _only_row(table.aggregate(**figures)) if figures else {}
    for number, (column, declared) in enumerate(wanted.items()):
        if column in guessed and row[f"{number} readable"] < READABLE_SHARE * row[f"{number} present"]:
            continue
        if declared.kind is not ColumnKind.NUMBER:
            yield column, TextType(declared)
            continue
        plain, numbers = row[f"{number} plain"] or 0, row[f"{number} numbers"] or 0
        digits, decimals = row[f"{number} digits"] or 1, row[f"{number} decimals"] or 0
        yield column, TextType(declared, _number_type(digits, decimals) if plain == numbers else dt.float64)


def _widths(text: ir.StringColumn) -> dict[str, ir.Value]:
    plain = text.re_search(PLAIN_NUMBER)
    point = text.find(".")
    return {
        "plain": plain.sum(),
        "numbers": text.re_search(ANY_NUMBER).sum(),
        "decimals": (point >= 0).ifelse(text.length() - point - 1, 0).max(where=plain),
        "digits": (point >= 0).ifelse(point, text.length()).max(where=plain),
    }


def _number_type(digits: int, decimals: int) -> dt.DataType:
    """Return the narrowest exact type for so many characters before the point and digits after it."""
    if digits + decimals <= 18:
        return dt.Decimal(18, decimals)
    return dt.Decimal(38, decimals) if digits + decimals <= 38 else dt.float64


def _only_row(figures: ir.Table) -> dict[str, Any]:
    row: dict[str, Any] = figures.to_pyarrow().to_pylist()[0]
    return row
