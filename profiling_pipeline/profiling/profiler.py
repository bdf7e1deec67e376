"""Describing every column of a source in numbers."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from profiling_pipeline.profiling.figures import FigureQueries, named_quantiles
from profiling_pipeline.profiling.frequencies import Frequencies, FrequencyQueries
from profiling_pipeline.profiling.profile import ColumnProfile, TableProfile
from profiling_pipeline.sources.answers import count_rows
from profiling_pipeline.sources.column_sql import ColumnSql
from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, OpenSource, kind_of

EXACT_ROWS = 1_000_000  # above it, distinct counts and quantiles are approximate
MOSTLY_DISTINCT = 0.9  # above a million rows, a column with more distinct values than this share has no top values
TOGETHER = 2  # queries that DuckDB answers at the same time
CELLS_AT_ONCE = 5_000_000  # exact quantiles hold a query's values in memory
COLUMNS_AT_ONCE = 50  # a query's compile time grows faster than its length


def profile_source(source: OpenSource, progress: Callable[[int, int], None] | None = None) -> TableProfile:
    """Describe every column: some columns' figures in one query, then their most frequent values and patterns.

    Up to a million rows everything is exact; above, distinct counts and quantiles are estimates of the engine.

    Args:
        source: The opened data.
        progress: Told of columns done and their total.
    """
    columns = source.columns
    rows = count_rows(source.connection, source.table)
    queries = _Queries(source, rows)
    at_once = max(1, min(COLUMNS_AT_ONCE, CELLS_AT_ONCE // max(rows, 1))) if rows <= EXACT_ROWS else COLUMNS_AT_ONCE
    profiles: list[ColumnProfile] = []
    with ThreadPoolExecutor(TOGETHER if source.engine == "duckdb" else 1) as pool:
        batches = (columns[start : start + at_once] for start in range(0, len(columns), at_once))
        for described in pool.map(queries.described, batches):
            profiles += described
            if progress:
                progress(len(profiles), len(columns))
    return TableProfile(source.name, source.engine, rows, tuple(profiles), dict(source.fingerprint))


class _Queries:
    """What is asked of some columns at a time.

    DuckDB is asked by two threads: it finishes exact quantiles and small groups on one core.
    """

    def __init__(self, source: OpenSource, rows: int) -> None:
        sql = ColumnSql(source.connection)
        self._rows = rows
        self._kinds = {name: kind_of(dtype) for name, dtype in source.table.schema().items()}
        self._figures = FigureQueries(sql, source.table, is_exact=rows <= EXACT_ROWS)
        self._frequencies = FrequencyQueries(sql, source.table, rows)

    def described(self, names: Sequence[str]) -> list[ColumnProfile]:
        """Return the profiles of some columns."""
        kinds, rows = self._kinds, self._rows
        figures = dict(zip(names, self._figures.answer(names), strict=True))
        values = self._frequencies.values(n for n in names if _has_values(kinds[n], rows, figures[n]))
        texts = {name: text for name in names if (text := _text_with_patterns(name, kinds[name], rows, figures[name]))}
        patterns = self._frequencies.patterns(texts.values())
        return [
            _column_profile(
                name,
                kinds[name],
                rows,
                figures[name],
                values.get(name, Frequencies()),
                patterns.get(texts.get(name, ""), Frequencies()),
            )
            for name in names
        ]


def _has_values(kind: ColumnKind, rows: int, figures: dict[str, Any]) -> bool:
    """Return whether a column's values are to be counted one by one."""
    present = rows - figures["nulls"] - figures["unreadable"]
    if kind is ColumnKind.OTHER or not present:
        return False
    return rows <= EXACT_ROWS or figures["distinct"] <= MOSTLY_DISTINCT * present


def _text_with_patterns(name: str, kind: ColumnKind, rows: int, figures: dict[str, Any]) -> str | None:
    """Return which column has a column's text, None for one whose patterns would say nothing."""
    if figures["nulls"] == rows:
        return None
    if kind is ColumnKind.TEXT:
        return name
    return f"{name}{TEXT_SUFFIX}" if figures["unreadable"] else None


def _column_profile(
    name: str, kind: ColumnKind, rows: int, figures: dict[str, Any], values: Frequencies, patterns: Frequencies
) -> ColumnProfile:
    distinct = figures.get("distinct", values.distinct)
    present = rows - figures["nulls"] - figures["unreadable"]
    return ColumnProfile(
        name=name,
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
        quantiles=named_quantiles(kind, figures.get("quantiles")),
        top_values=values.top if distinct < present else (),
        shortest=figures.get("shortest"),
        longest=figures.get("longest"),
        patterns=patterns.top,
    )
