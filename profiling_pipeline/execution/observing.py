"""The figures of each column that are compared with earlier runs.

Missing values are counted in all rows. Distinct values and means of a large source come from a sample: all rows of 118
columns would take as long as 500 rules.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

import ibis
import ibis.expr.types as ir

from profiling_pipeline.errors import SourceUnavailableError
from profiling_pipeline.execution.queries import rows_of
from profiling_pipeline.results.observation import ColumnFigures
from profiling_pipeline.rules.portable.numbers import as_float
from profiling_pipeline.sources.drawing import SAMPLE_ROWS, drawn_rows
from profiling_pipeline.sources.model import ROW_NUMBER, ColumnKind, OpenSource, kind_of, source_value

COLUMNS_AT_ONCE = 300  # PostgreSQL answers with at most 1,664 columns; each column asks for up to four
_BLOCKS = 5  # a Parquet file's row groups without a block are not read
_NUMERIC = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})


def observe_columns(source: OpenSource, rows: int) -> dict[str, ColumnFigures]:
    """Return the figures of each column of a source with so many rows; a column that cannot be asked has none.

    Up to twice `SAMPLE_ROWS` all rows are looked at, else about `SAMPLE_ROWS` for distinct values and means: of a file
    five blocks spread over it, the same in each run, of a table rows drawn at random.

    Raises:
        SourceUnavailableError: The data can no longer be read.
    """
    if not rows:
        return {name: ColumnFigures() for name in source.columns}
    sampled = source.table if rows <= 2 * SAMPLE_ROWS else _sample(source, rows)
    figures: dict[str, ColumnFigures] = {}
    for start in range(0, len(source.columns), COLUMNS_AT_ONCE):
        names = source.columns[start : start + COLUMNS_AT_ONCE]
        presence = _answers(names, source, source.table, _presence)
        spread = _answers(names, source, sampled, _spread)
        figures |= {name: _figures(rows, presence.get(name), spread.get(name)) for name in names}
    return figures


def _sample(source: OpenSource, rows: int) -> ir.Table:
    if not source.has_row_numbers:
        return drawn_rows(source, SAMPLE_ROWS / rows)
    number, length = source.table[ROW_NUMBER], SAMPLE_ROWS // _BLOCKS
    middles = [(2 * block + 1) * rows // (2 * _BLOCKS) for block in range(_BLOCKS)]
    # Not `between`: DuckDB has to see through to the number that it prunes row groups by.
    blocks = ((number > middle - length // 2) & (number <= middle + length // 2) for middle in middles)
    return source.table.filter(ibis.or_(*blocks))


def _presence(table: ir.Table, name: str) -> dict[str, ir.Value]:
    return {"values": source_value(table, name).count()}


def _spread(table: ir.Table, name: str) -> dict[str, ir.Value]:
    value, kind = table[name], kind_of(table[name].type())
    if kind is ColumnKind.OTHER:
        return {}
    asked: dict[str, ir.Value] = {"present": value.count(), "distinct": value.approx_nunique()}
    if kind in _NUMERIC:
        asked |= {"mean": as_float(value).mean(), "deviation": as_float(value).std(how="sample")}
    return asked


_Asked = Callable[[ir.Table, str], dict[str, ir.Value]]


def _answers(
    names: Sequence[str], source: OpenSource, table: ir.Table, asked: _Asked
) -> Mapping[str, Mapping[str, Any]]:
    """Ask about columns in one query; when it fails, halves of them are tried, and who fails alone has no answer."""
    parts = {(name, part): value for name in names for part, value in asked(table, name).items()}
    if not parts:
        return {}
    try:
        query = table.aggregate(**{str(number): value for number, value in enumerate(parts.values())})
        answer = iter(rows_of(source, query)[0].values())
    except SourceUnavailableError:
        raise
    except Exception:  # noqa: BLE001 - engines raise what they like; no comparison is worth a run
        if len(names) == 1:
            return {}
        middle = len(names) // 2
        return {
            name: found
            for half in (names[:middle], names[middle:])
            for name, found in _answers(half, source, table, asked).items()
        }
    answers: dict[str, dict[str, Any]] = {name: {} for name in names}
    for (name, part), value in zip(parts, answer, strict=True):
        answers[name][part] = value
    return answers


def _figures(rows: int, presence: Mapping[str, Any] | None, spread: Mapping[str, Any] | None) -> ColumnFigures:
    spread = spread or {}
    present = int(spread.get("present") or 0)
    return ColumnFigures(
        null_rate=None if presence is None else 100 * (rows - int(presence["values"])) / rows,
        # An estimate may exceed the number of values.
        distinct_ratio=min(int(spread["distinct"]), present) / present if present else None,
        mean=_finite(spread.get("mean")),
        deviation=_finite(spread.get("deviation")),
    )


def _finite(value: Any) -> float | None:
    return float(value) if value is not None and isfinite(value) else None
