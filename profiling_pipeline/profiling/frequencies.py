"""The most frequent values of columns, and the shapes of values: `AA-9999` for two letters, a hyphen, four digits."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from profiling_pipeline.profiling.profile import ValueCount
from profiling_pipeline.sources.column_sql import VALUE, ColumnSql, Query

MOST_FREQUENT = 10
LONGEST = 50  # characters of a value that its pattern shows
CELLS_AT_ONCE = 1_000_000  # of what an engine may set aside to group it column by column
COLUMNS_AT_ONCE = 50
_FROM = ascii_uppercase + ascii_lowercase + digits
_TO = "A" * 26 + "a" * 26 + "9" * 10


@dataclass(frozen=True)
class Frequencies:
    """How many different values a column has, and the most frequent ones, most frequent first."""

    distinct: int = 0
    top: tuple[ValueCount, ...] = ()


class FrequencyQueries:
    """Asks for the frequencies of a table's columns: a group-by for each, as many in a query as are quick."""

    def __init__(self, sql: ColumnSql, table: ir.Table, rows: int) -> None:
        self._sql = sql
        self._source = sql.relation(table)
        self._schema = table.schema()
        self._at_once = max(1, min(COLUMNS_AT_ONCE, CELLS_AT_ONCE // max(rows, 1)))
        self._templates: dict[tuple[Query, dt.DataType], str] = {}

    def values(self, columns: Iterable[str]) -> dict[str, Frequencies]:
        """Return the frequencies of columns' values; among equally frequent ones the smaller value is first."""
        return dict(self._answers(columns, _values))

    def patterns(self, columns: Iterable[str]) -> dict[str, Frequencies]:
        """Return the frequencies of text columns' patterns.

        ASCII letters read A or a, digits 9, other characters themselves; only the first 50 characters count.
        """
        return dict(self._answers(columns, _patterns))

    def _answers(self, columns: Iterable[str], query: Query) -> Iterator[tuple[str, Frequencies]]:
        of_type: Mapping[dt.DataType, list[str]] = defaultdict(list)
        for column in columns:
            of_type[self._schema[column]].append(column)
        for dtype, names in of_type.items():
            if (query, dtype) not in self._templates:
                self._templates[query, dtype] = self._sql.query(query, dtype)
            for start in range(0, len(names), self._at_once):
                batch = names[start : start + self._at_once]
                yield from zip(batch, self._batch(batch, self._templates[query, dtype]), strict=True)

    def _batch(self, columns: list[str], template: str) -> list[Frequencies]:
        read = ", ".join(self._sql.quoted(column) for column in columns)
        counts = " UNION ALL ".join(
            f"SELECT {number} AS number, c.* FROM ({self._sql.query_about(template, 'batch', column)}) AS c"  # noqa: S608
            for number, column in enumerate(columns)
        )
        once = "MATERIALIZED" if len(columns) > 1 else "NOT MATERIALIZED"
        batch = f"WITH batch AS {once} (SELECT {read} FROM {self._source})"  # noqa: S608 quoted names
        rows = self._sql.rows(f"{batch} {counts}")
        found: list[list[ValueCount]] = [[] for _ in columns]
        distinct = [0] * len(columns)
        for number, value, count, different in rows:
            found[number].append(ValueCount(value, int(count)))
            distinct[number] = different
        ordered = (sorted(counted, key=lambda c: (-c.count, c.value)) for counted in found)
        return [Frequencies(number, tuple(counted)) for number, counted in zip(distinct, ordered, strict=True)]


def _values(column: ir.Table) -> ir.Table:
    present = column.filter(column[VALUE].notnull())
    return _most_frequent(present.group_by(value=present[VALUE]).aggregate(count=present.count()))


def _patterns(column: ir.Table) -> ir.Table:
    # Values first: most columns of text have far fewer values than rows.
    present = column.filter(column[VALUE].notnull())
    counted = present.group_by(text=present[VALUE]).aggregate(rows=present.count())
    shapes = counted.select(counted.rows, value=counted.text.substr(0, LONGEST).translate(_FROM, _TO))
    return _most_frequent(shapes.group_by("value").aggregate(count=shapes["rows"].sum()))


def _most_frequent(counted: ir.Table) -> ir.Table:
    top = counted.order_by([ibis.desc("count"), "value"]).limit(MOST_FREQUENT)
    return top.mutate(distinct=counted.count().as_scalar())
