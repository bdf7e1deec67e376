"""Failing rows and the most frequent failing values, masked where the column is not for everybody's eyes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from profiling_pipeline.execution.fused import rows_failing, rows_of
from profiling_pipeline.rules.binding import BoundRule
from profiling_pipeline.sources.model import ROW_NUMBER, TEXT_SUFFIX, OpenSource, text_of

MASK = "•••"
MOST_FREQUENT = 10


@dataclass(frozen=True)
class Sampling:
    """Which failing rows are shown: how many, with which columns to know them by, and what is masked."""

    rows: int = 20
    key_columns: tuple[str, ...] = ()
    hidden_columns: frozenset[str] = frozenset()


def failed_rows(rule: BoundRule, source: OpenSource, sampling: Sampling) -> tuple[dict[str, Any], ...]:
    """Return failing rows with their number (files), the key columns and the columns that the rule read.

    A value that does not read as its column's type is given as its text.
    """
    if sampling.rows == 0:
        return ()
    failing = rows_failing(rule, source.table)
    columns = list(dict.fromkeys((*sampling.key_columns, *rule.columns_read)))
    texts = [f"{column}{TEXT_SUFFIX}" for column in columns if f"{column}{TEXT_SUFFIX}" in failing.columns]
    if source.has_row_numbers:
        failing = failing.select(ROW_NUMBER, *columns, *texts).order_by(ROW_NUMBER)
    else:
        failing = failing.select(*columns, *texts).order_by([failing[c] for c in sampling.key_columns])
    return tuple(_shown(row, columns, sampling.hidden_columns) for row in rows_of(source, failing.limit(sampling.rows)))


def frequent_values(rule: BoundRule, source: OpenSource, sampling: Sampling) -> tuple[dict[str, Any], ...]:
    """Return the most frequent failing values of the rule's column with their counts, most frequent first.

    Of a masked column the values are left out: how often each occurs would tell them apart.
    """
    if sampling.rows == 0 or rule.column in sampling.hidden_columns:
        return ()
    failing = rows_failing(rule, source.table)
    values = failing.select(value=text_of(failing, rule.column))
    counted = values.group_by("value").aggregate(count=values.count())
    ordered = counted.order_by([ibis.desc("count"), "value"]).limit(MOST_FREQUENT)
    return tuple(rows_of(source, ordered))


def _shown(row: dict[str, Any], columns: Sequence[str], hidden: frozenset[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"row": row[ROW_NUMBER]} if ROW_NUMBER in row else {}
    for column in columns:
        value = row[column] if row[column] is not None else row.get(f"{column}{TEXT_SUFFIX}")
        shown[column] = MASK if column in hidden and value is not None else value
    return shown
