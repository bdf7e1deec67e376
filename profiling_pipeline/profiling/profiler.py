"""Describing every column of a source in numbers."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from profiling_pipeline.profiling.patterns import pattern_counts
from profiling_pipeline.profiling.profile import ColumnProfile, TableProfile, ValueCount
from profiling_pipeline.sources.model import ColumnKind, OpenSource, is_unreadable, kind_of, source_value

EXACT_ROWS = 1_000_000  # above it, distinct counts and quantiles are approximate
COLUMNS_AT_ONCE = 100  # keeps a query's text and compile time in bounds
QUANTILES = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")
MOST_FREQUENT = 10
_NUMERIC = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
_TEMPORAL = frozenset({ColumnKind.DATE, ColumnKind.DATETIME})


def profile_source(source: OpenSource, progress: Callable[[int, int], None] | None = None) -> TableProfile:
    """Describe every column: all figures in one aggregate query for up to 100 columns, then the most frequent values.

    Up to a million rows everything is exact; above, distinct counts and quantiles are estimates of the engine.

    Args:
        source: The opened data.
        progress: Told of columns done and their total.
    """
    columns = source.columns
    rows = int(source.table.count().to_pyarrow().as_py())
    profiles: list[ColumnProfile] = []
    for start in range(0, len(columns), COLUMNS_AT_ONCE):
        names = columns[start : start + COLUMNS_AT_ONCE]
        for name, figures in zip(names, _figures(source.table, names, is_exact=rows <= EXACT_ROWS), strict=True):
            profiles.append(_column_profile(source.table, name, rows, figures))
            if progress:
                progress(len(profiles), len(columns))
    return TableProfile(source.name, source.engine, rows, tuple(profiles), source.fingerprint)


def _figures(table: ir.Table, columns: Sequence[str], *, is_exact: bool) -> list[dict[str, Any]]:
    """Return the figures of each column from one query."""
    aggregates: dict[str, ir.Value] = {}
    for number, column in enumerate(columns):
        for name, figure in _aggregates(table, column, is_exact=is_exact).items():
            aggregates[f"{number} {name}"] = figure
    answer = table.aggregate(**aggregates).to_pyarrow().to_pylist()[0]
    figures: list[dict[str, Any]] = [{} for _ in columns]
    for key, value in answer.items():
        number, name = key.split(" ", 1)
        figures[int(number)][name] = value
    return figures


def _aggregates(table: ir.Table, column: str, *, is_exact: bool) -> dict[str, ir.Value]:
    value, kind = table[column], kind_of(table[column].type())
    unreadable = is_unreadable(table, column)
    figures: dict[str, ir.Value] = {
        "nulls": table.count(where=source_value(table, column).isnull()),
        "unreadable": table.count(where=unreadable) if unreadable is not None else ibis.literal(0),
    }
    if kind is ColumnKind.OTHER:
        return figures
    figures["distinct"] = value.nunique() if is_exact else value.approx_nunique()
    if kind is not ColumnKind.BOOLEAN:
        figures.update(minimum=value.min(), maximum=value.max())
    if kind is ColumnKind.TEXT:
        figures["blanks"] = table.count(where=value.strip() == "")
        figures.update(shortest=value.length().min(), longest=value.length().max())
    if kind in _NUMERIC:
        number = value.cast("float64")
        figures.update(mean=number.mean(), deviation=number.std(how="sample"))
        figures["quantiles"] = _quantiles(number, is_exact=is_exact)
    if kind in _TEMPORAL:
        figures["quantiles"] = _quantiles(value.cast("timestamp").epoch_seconds().cast("float64"), is_exact=is_exact)
    return figures


def _quantiles(number: ir.FloatingColumn, *, is_exact: bool) -> ir.Value:
    shares = [float(quantile) for quantile in QUANTILES]
    return number.quantile(shares) if is_exact else number.approx_quantile(shares)


def _column_profile(table: ir.Table, column: str, rows: int, figures: dict[str, Any]) -> ColumnProfile:
    kind = kind_of(table[column].type())
    distinct = figures.get("distinct", 0)
    present = rows - figures["nulls"] - figures["unreadable"]
    repeats = kind is not ColumnKind.OTHER and present > 0 and distinct < present
    has_patterns = kind is ColumnKind.TEXT or figures["unreadable"]
    return ColumnProfile(
        name=column,
        kind=kind,
        rows=rows,
        nulls=figures["nulls"],
        blanks=figures.get("blanks", 0),
        unreadable=figures["unreadable"],
        distinct=distinct,
        distinct_is_exact=rows <= EXACT_ROWS,
        minimum=figures.get("minimum"),
        maximum=figures.get("maximum"),
        mean=figures.get("mean"),
        standard_deviation=figures.get("deviation"),
        quantiles=_named_quantiles(kind, figures.get("quantiles")),
        top_values=_top_values(table, column) if repeats else (),
        shortest=figures.get("shortest"),
        longest=figures.get("longest"),
        patterns=pattern_counts(table, column, MOST_FREQUENT) if has_patterns and rows > figures["nulls"] else (),
    )


def _named_quantiles(kind: ColumnKind, values: Sequence[float] | None) -> dict[str, Any] | None:
    if not values or values[0] is None:
        return None
    named: dict[str, Any] = dict(zip(QUANTILES, values, strict=True))
    if kind in _TEMPORAL:
        named = {name: datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None) for name, seconds in named.items()}
    return {name: moment.date() for name, moment in named.items()} if kind is ColumnKind.DATE else named


def _top_values(table: ir.Table, column: str) -> tuple[ValueCount, ...]:
    """Return the most frequent values, most frequent first, the smaller value first among equally frequent ones."""
    values = table.filter(table[column].notnull()).select(value=table[column])
    counted = values.group_by("value").aggregate(count=values.count())
    top = counted.order_by([ibis.desc("count"), "value"]).limit(MOST_FREQUENT)
    return tuple(ValueCount(row["value"], row["count"]) for row in top.to_pyarrow().to_pylist())
