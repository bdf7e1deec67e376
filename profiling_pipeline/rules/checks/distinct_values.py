"""Checks of which values a column has, whatever their rows."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import ibis
import ibis.expr.types as ir
from pydantic import Field

from profiling_pipeline.rules.checks.base import ORDERED, Scalar, ValuesCheck
from profiling_pipeline.rules.checks.comparison import compared
from profiling_pipeline.rules.checks.grouping import with_keys
from profiling_pipeline.rules.portable.text import sortable
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.rules.sentences import listed
from profiling_pipeline.sources.model import ColumnKind

# PostgreSQL answers with at most 1,664 columns; each wanted value asks for one.
Values = Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=1_000, description="The values.")]

_MOST_SHOWN = 20


class _DistinctValuesCheck(ValuesCheck):
    """A check of the set of values; one that does not read as its column's type is among them as the text it is."""

    kinds: ClassVar = ORDERED | {ColumnKind.BOOLEAN}
    values: Values

    def _counted(self, table: ir.Table, column: str) -> ir.Table:
        """Return each value as `value` (or as `text` where it is unreadable) with its `count`, the most frequent first.

        Of values that are equally frequent the least comes first.
        """
        keyed, keys = with_keys(table, (column,))
        counted = keyed.group_by(keys).aggregate(count=keyed.count())
        text = counted[keys[1]] if len(keys) > 1 else ibis.null("string")
        named = counted.select(value=counted[keys[0]], text=text, count=counted["count"])
        engine = str(table.get_backend().name)
        order = [
            named["count"].desc(),
            named.value.isnull(),
            sortable(named.value, engine),
            sortable(named.text, engine),
        ]
        return named.order_by(order)

    def _is_among(self, value: ir.Column) -> ir.BooleanValue:
        own, *members = compared(value, *self.values)
        return own.isin(members)


class DistinctValuesIn(_DistinctValuesCheck):
    """The column has no other values than the given ones; the most frequent of the others are shown."""

    name: ClassVar[str] = "distinct_values_in"
    skips: ClassVar = "nothing: missing values are no values"
    dimension: ClassVar = Dimension.UNIQUENESS
    shows_values: ClassVar = True
    example: ClassVar = {"values": ["USD", "EUR"]}

    def sentence(self, column: str) -> str:
        return f"{column} has no other values than {listed(self.values)}."

    def find(self, table: ir.Table, column: str) -> ir.Table:
        counted = self._counted(table, column)
        return counted.filter(~self._is_among(counted.value).coalesce(False)).limit(_MOST_SHOWN)

    def verdict(self, found: Sequence[Mapping[str, Any]]) -> tuple[Any, bool]:
        return [_shown(row) for row in found], not found


class DistinctValuesContain(_DistinctValuesCheck):
    """The column has each of the given values at least once; those that are missing are shown."""

    name: ClassVar[str] = "distinct_values_contain"
    skips: ClassVar = "nothing: missing values are no values"
    dimension: ClassVar = Dimension.UNIQUENESS
    example: ClassVar = {"values": ["USD", "EUR"]}

    def sentence(self, column: str) -> str:
        return f"{column} has each of the values {listed(self.values)}."

    def find(self, table: ir.Table, column: str) -> ir.Table:
        own, *members = compared(table[column], *self.values)
        present = table.filter(own.isin(members)).select(value=table[column]).distinct()
        own, *members = compared(present.value, *self.values)
        return present.aggregate(**{f"has {number}": (own == member).any() for number, member in enumerate(members)})

    def verdict(self, found: Sequence[Mapping[str, Any]]) -> tuple[Any, bool]:
        missing = [value for number, value in enumerate(self.values) if not found[0][f"has {number}"]]
        return missing, not missing


class MostCommonIn(_DistinctValuesCheck):
    """The most common value is one of the given ones; of values that are equally common the least counts."""

    name: ClassVar[str] = "most_common_in"
    dimension: ClassVar = Dimension.ACCURACY
    shows_values: ClassVar = True
    example: ClassVar = {"values": ["USD"]}

    def sentence(self, column: str) -> str:
        return f"The most common value of {column} is one of {listed(self.values)}."

    def find(self, table: ir.Table, column: str) -> ir.Table:
        counted = self._counted(table, column)
        return counted.mutate(is_among=self._is_among(counted.value)).limit(1)

    def verdict(self, found: Sequence[Mapping[str, Any]]) -> tuple[Any, bool]:
        return (_shown(found[0]), bool(found[0]["is_among"])) if found else (None, False)


def _shown(row: Mapping[str, Any]) -> Any:
    return row["text"] if row["value"] is None else row["value"]
