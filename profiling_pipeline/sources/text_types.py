"""Choosing the types of columns that are text: as declared, else as nearly all their values read.

The same figures decide, whether they are of a source's first rows or of all its rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from profiling_pipeline.sources.column_sql import TEXT, VALUE, ColumnSql, Figures
from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, DeclaredFormat
from profiling_pipeline.sources.readable import (
    BOOLEAN,
    DATE,
    DATETIME,
    INTEGER,
    INTEGER_DIGITS,
    MOST_DIGITS,
    NUMBER,
    PLAIN_NUMBER,
    typed,
)

READABLE_SHARE = 0.99  # a column whose values read as a kind but for fewer than 1 % is of that kind, with bad values
COLUMNS_AT_ONCE = 50  # a query's compile time grows faster than its length
_LEADING_ZERO = r"^[+-]?0[0-9]"
_GUESSES: dict[str, str] = {
    ColumnKind.BOOLEAN: BOOLEAN,
    ColumnKind.INTEGER: INTEGER,
    ColumnKind.NUMBER: NUMBER,
    ColumnKind.DATE: DATE,
    ColumnKind.DATETIME: DATETIME,
}
PATTERNS: dict[str, str] = {**_GUESSES, "zeros": _LEADING_ZERO, "plain": PLAIN_NUMBER}
_STAYS_TEXT = frozenset({ColumnKind.TEXT, ColumnKind.OTHER})


@dataclass(frozen=True)
class TextType:
    """How a text column is to be read; nearly all of its numbers are written with at least `fewest_decimals`."""

    declared: DeclaredFormat
    number_type: dt.DataType = dt.float64
    fewest_decimals: int | None = None

    def read(self, text: ir.StringColumn) -> ir.Column:
        """Return the column as its type, null where its text does not read so."""
        return typed(text, self.declared, self.number_type)

    def read_beside(self, column: ir.Table) -> ir.Column:
        """Return the text of `some_column` as this type."""
        return self.read(column[TEXT])

    def reads_as(self, other: "TextType | None") -> bool:
        """Return whether the other type reads alike."""
        return other is not None and (self.declared, self.number_type) == (other.declared, other.number_type)


def choose_types(
    sql: ColumnSql, table: ir.Table, columns: Iterable[str], formats: Mapping[str, DeclaredFormat]
) -> dict[str, TextType]:
    """Return the types, by all rows, of those text columns of a table that are not to stay text.

    A declared kind is taken as it is. Else nearly all values must read as the kind; numbers with leading zeros (codes,
    identifiers) stay text. Exact decimals are as wide as the values need.
    """
    figures = _figures_of(sql, sql.relation(table), {name: name for name in columns}, _choice_figures)
    chosen = ((name, choose_type(figures_of_one, formats.get(name))) for name, figures_of_one in figures)
    return {name: kind for name, kind in chosen if kind}


def correct_types(
    sql: ColumnSql,
    stored: ir.Table,
    table: ir.Table,
    types: Mapping[str, TextType],
    formats: Mapping[str, DeclaredFormat],
    undecided: Sequence[str] = (),
) -> dict[str, TextType | None]:
    """Compare the types chosen by a sample with all rows; return those that must be others, None for text.

    Args:
        sql: Writes for the connection of the table.
        stored: Has each column read as its type and, with `TEXT_SUFFIX`, its text where the value is not printed so.
        table: The same rows with all texts.
        types: How its columns were read.
        formats: What was declared of them.
        undecided: Columns of text for which all rows are to decide.
    """
    texts = {name: f"{name}{TEXT_SUFFIX}" for name in types}
    fits = _figures_of(sql, sql.relation(stored), texts, _fit_figures)
    misfits = {name: texts[name] for name, figures in fits if not _fits(figures, types[name], name in formats)}
    asked = misfits | {name: name for name in undecided}
    corrected: dict[str, TextType | None] = {}
    for name, figures in _figures_of(sql, sql.relation(table), asked, _choice_figures):
        kind, earlier = choose_type(figures, formats.get(name)), types.get(name)
        if not (kind.reads_as(earlier) if kind else earlier is None):
            corrected[name] = kind
    return corrected


def choose_type(figures: Mapping[str, int], declared: DeclaredFormat | None) -> TextType | None:
    """Return how a column of these figures is to be read, None for text."""
    kind = declared or _guess(figures)
    if kind is None or kind.kind in _STAYS_TEXT:
        return None
    if kind.kind is not ColumnKind.NUMBER or figures["plain"] < figures[ColumnKind.NUMBER]:
        return TextType(kind)
    digits, decimals = max(figures["digits"], 1), figures["decimals"]
    if digits + decimals > MOST_DIGITS:
        # Long identifiers are told apart by all their digits.
        return TextType(kind) if declared else None
    return TextType(kind, dt.Decimal(INTEGER_DIGITS if digits + decimals <= INTEGER_DIGITS else MOST_DIGITS, decimals))


def _guess(figures: Mapping[str, int]) -> DeclaredFormat | None:
    present = figures["present"]
    if not present or _are_codes(figures):
        return None
    kind = next((kind for kind in _GUESSES if figures[kind] >= READABLE_SHARE * present), None)
    if kind == ColumnKind.INTEGER and figures[ColumnKind.NUMBER] > figures[ColumnKind.INTEGER]:
        kind = ColumnKind.NUMBER  # a few values with decimals are numbers, too
    return DeclaredFormat(ColumnKind(kind)) if kind else None


def _are_codes(figures: Mapping[str, int]) -> bool:
    return figures["zeros"] > (1 - READABLE_SHARE) * figures["present"]


def _fits(figures: Mapping[str, int], kind: TextType, is_declared: bool) -> bool:
    if not is_declared and (figures["readable"] < READABLE_SHARE * figures["present"] or _are_codes(figures)):
        return False
    if kind.declared.kind is not ColumnKind.NUMBER or not kind.number_type.is_decimal():
        return True
    return not figures["unread numbers"] and figures["decimals"] <= kind.number_type.scale


def _choice_figures(column: ir.Table) -> dict[str, ir.Value]:
    """Return, of all rows, the figures that a choice needs."""
    text = column[TEXT]
    plain = text.re_search(PLAIN_NUMBER)
    point = text.find(".")
    return {
        "present": text.count(),
        "digits": (point >= 0).ifelse(point, text.length()).max(where=plain),
        "decimals": (point >= 0).ifelse(text.length() - point - 1, 0).max(where=plain),
        **{str(name): text.re_search(pattern).sum() for name, pattern in PATTERNS.items()},
    }


def _fit_figures(column: ir.Table) -> dict[str, ir.Value]:
    """Return, of all rows, the figures that tell whether a column was read as the right type.

    What a value is printed as neither begins with a needless zero nor has more decimals than its type: only the other
    texts, which are few, are looked at.
    """
    value, text = column[VALUE], column[TEXT]
    point = text.find(".")
    decimals = (value.notnull() & (point >= 0)).ifelse(text.length() - point - 1, 0)
    return {
        "present": (value.notnull() | text.notnull()).sum(),
        "readable": value.count(),
        "decimals": decimals.max(),
        "zeros": text.startswith("0").ifelse(text, ibis.null("string")).re_search(_LEADING_ZERO).sum(),
        "unread numbers": value.isnull().ifelse(text, ibis.null("string")).re_search(NUMBER).sum(),
    }


def _figures_of(
    sql: ColumnSql, source: str, texts: Mapping[str, str], figures: Figures
) -> Iterator[tuple[str, dict[str, int]]]:
    """Return the figures of a relation's columns, each with the column of its text."""
    templates = sql.aggregates(figures, dt.string)
    names = list(texts)
    for start in range(0, len(names), COLUMNS_AT_ONCE):
        batch = names[start : start + COLUMNS_AT_ONCE]
        parts = [sql.about(part, name, texts[name]) for name in batch for part in templates.values()]
        query = f"SELECT {', '.join(parts)} FROM {source}"  # noqa: S608 quoted names
        answers = iter(sql.rows(query)[0])
        for name in batch:
            yield name, {key: int(answer or 0) for key, answer in zip(templates, answers, strict=False)}
