"""The figures of a column that one aggregate query answers for many columns at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from profiling_pipeline.sources.column_sql import TEXT, VALUE, ColumnSql
from profiling_pipeline.sources.model import ColumnKind, kept_text, kind_of

QUANTILES = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")
_NUMERIC = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
_TEMPORAL = frozenset({ColumnKind.DATE, ColumnKind.DATETIME})


class FigureQueries:
    """Asks for the figures of a table's columns; distinct counts only where they are to be estimates."""

    def __init__(self, sql: ColumnSql, table: ir.Table, *, is_exact: bool) -> None:
        self._sql = sql
        self._source = sql.relation(table)
        self._schema = table.schema()
        aggregates = partial(_aggregates, is_exact=is_exact)
        self._templates = {dtype: sql.aggregates(aggregates, dtype) for dtype in set(self._schema.types)}

    def answer(self, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Return the figures of each column, by their names, from one query."""
        templates = [self._templates[self._schema[column]] for column in columns]
        parts = [
            self._sql.about(part, column, kept_text(self._schema, column))
            for column, figures in zip(columns, templates, strict=True)
            for part in figures.values()
        ]
        query = f"SELECT {', '.join(parts)} FROM {self._source}"  # noqa: S608 quoted names
        answers = iter(self._sql.rows(query)[0])
        return [dict(zip(figures, answers, strict=False)) for figures in templates]


def named_quantiles(kind: ColumnKind, values: Sequence[float] | None) -> dict[str, Any] | None:
    """Return the values of `QUANTILES` by their names, as dates and times where the column has such."""
    if not values or values[0] is None:
        return None
    named: dict[str, Any] = dict(zip(QUANTILES, values, strict=True))
    if kind in _TEMPORAL:
        named = {name: datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None) for name, seconds in named.items()}
    return {name: moment.date() for name, moment in named.items()} if kind is ColumnKind.DATE else named


def _aggregates(column: ir.Table, *, is_exact: bool) -> Mapping[str, ir.Value]:
    value, text = column[VALUE], column[TEXT]
    kind = kind_of(value.type())
    figures: dict[str, ir.Value] = {
        "nulls": column.count(where=value.isnull().ifelse(text.isnull(), False)),
        "unreadable": column.count(where=value.isnull().ifelse(text.notnull(), False)),
    }
    if kind is ColumnKind.OTHER:
        return figures
    if not is_exact:
        figures["distinct"] = value.approx_nunique()
    if kind is not ColumnKind.BOOLEAN:
        figures.update(minimum=value.min(), maximum=value.max())
    if kind is ColumnKind.TEXT:
        figures["blanks"] = column.count(where=value.strip() == "")
        figures.update(shortest=value.length().min(), longest=value.length().max())
    if kind in _NUMERIC:
        number = value.cast(dt.float64)
        figures.update(mean=number.mean(), deviation=number.std(how="sample"))
        figures["quantiles"] = _quantiles(number, is_exact=is_exact)
    if kind in _TEMPORAL:
        seconds = value.cast("timestamp").epoch_seconds().cast(dt.float64)
        figures["quantiles"] = _quantiles(seconds, is_exact=is_exact)
    return figures


def _quantiles(number: ir.FloatingColumn, *, is_exact: bool) -> ir.Value:
    shares = [float(quantile) for quantile in QUANTILES]
    return number.quantile(shares) if is_exact else number.approx_quantile(shares)
