"""The most frequent values of columns, and the most frequent shapes of values."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from profiling_pipeline.profiling.profile import ValueCount
from profiling_pipeline.profiling.shapes import Shapes
from profiling_pipeline.sources.column_sql import ColumnSql

MOST_FREQUENT = 10
CELLS_AT_ONCE = 1_000_000  # what a query may hold of the columns that it stacks
COLUMNS_AT_ONCE = 100
_STACKED = "values of some columns"

# Given a table of the columns "number" and "value", how often each value stands with each number.
Counting = Callable[[ir.Table], ir.Table]


@dataclass(frozen=True)
class Frequencies:
    """How many different values a column has, and the most frequent ones, most frequent first."""

    distinct: int = 0
    top: tuple[ValueCount, ...] = ()


class FrequencyQueries:
    """Asks for the frequencies of a table's columns: one group-by for as many columns as may be stacked."""

    def __init__(self, sql: ColumnSql, table: ir.Table, rows: int) -> None:
        self._sql = sql
        self._source = sql.relation(table)
        self._schema = table.schema()
        self._shapes = Shapes(table.get_backend())
        self._at_once = max(1, min(COLUMNS_AT_ONCE, CELLS_AT_ONCE // max(rows, 1)))
        self._templates: dict[tuple[Counting, dt.DataType], str] = {}

    def values(self, columns: Iterable[str]) -> dict[str, Frequencies]:
        """Return the frequencies of columns' values; among equally frequent ones the smaller value is first."""
        return dict(self._answers(columns, _counted))

    def patterns(self, columns: Iterable[str]) -> dict[str, Frequencies]:
        """Return the frequencies of text columns' patterns.

        ASCII letters read A or a, digits 9, other characters themselves; only the first 50 characters count.
        """
        return dict(self._answers(columns, self._counted_shapes))

    def _answers(self, columns: Iterable[str], counting: Counting) -> Iterator[tuple[str, Frequencies]]:
        of_type: Mapping[dt.DataType, list[str]] = defaultdict(list)
        for column in columns:
            of_type[self._schema[column]].append(column)
        for dtype, names in of_type.items():
            if (counting, dtype) not in self._templates:
                counted = counting(ibis.table({"number": dt.int32, "value": dtype}, name=_STACKED))
                most_frequent = _most_frequent(counted) if self._at_once == 1 else _most_frequent_of_each(counted)
                self._templates[counting, dtype] = self._sql.compiled(most_frequent, dtype)
            for start in range(0, len(names), self._at_once):
                batch = names[start : start + self._at_once]
                yield from zip(batch, self._batch(batch, self._templates[counting, dtype]), strict=True)

    def _counted_shapes(self, stacked: ir.Table) -> ir.Table:
        # Values first: most columns of text have far fewer values than rows.
        values = _counted(stacked)
        shapes = values.mutate(value=self._shapes.of(values.value))
        return shapes.group_by(["number", "value"]).aggregate(count=shapes["count"].sum())

    def _batch(self, columns: list[str], template: str) -> list[Frequencies]:
        batch, stacked = self._sql.stacked(columns, self._source)
        answer = template.replace(self._sql.quoted(_STACKED), f"({stacked})")
        rows = self._sql.rows(f"{batch} SELECT number, place, value, count, different FROM ({answer}) AS answer")  # noqa: S608
        found: list[list[ValueCount]] = [[] for _ in columns]
        distinct = [0] * len(columns)
        for number, _, value, count, different in sorted(rows, key=lambda row: row[:2]):
            found[number].append(ValueCount(value, int(count)))
            distinct[number] = different
        return [Frequencies(number, tuple(counted)) for number, counted in zip(distinct, found, strict=True)]


def _counted(stacked: ir.Table) -> ir.Table:
    present = stacked.filter(stacked.value.notnull())
    return present.group_by(["number", "value"]).aggregate(count=present.count())


def _most_frequent_of_each(counted: ir.Table) -> ir.Table:
    order = [ibis.desc("count"), "value"]
    ranked = counted.mutate(
        place=ibis.row_number().over(group_by="number", order_by=order),
        different=counted.count().over(group_by="number"),
    )
    return ranked.filter(ranked.place < MOST_FREQUENT)


def _most_frequent(counted: ir.Table) -> ir.Table:
    """Return the same of one number: without a window, which would sort all values."""
    order = [ibis.desc("count"), "value"]
    first = counted.order_by(order).limit(MOST_FREQUENT)
    return first.mutate(place=ibis.row_number().over(order_by=order), different=counted.count().as_scalar())
