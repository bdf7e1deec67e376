"""Checks that values do not repeat."""

from collections.abc import Sequence
from typing import ClassVar, Self

import ibis
import ibis.expr.types as ir
from ibis import _
from pydantic import ConfigDict, Field

from profiling_pipeline.rules.checks.base import GroupCheck
from profiling_pipeline.rules.checks.grouping import with_keys
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.sources.column_names import resolve_column
from profiling_pipeline.sources.model import ROW_NUMBER


class Unique(GroupCheck):
    """No two rows have the same key; every row of a repeated key fails, unless its first row passes."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)
    name: ClassVar[str] = "unique"
    dimension: ClassVar = Dimension.UNIQUENESS
    skips: ClassVar = "rows without a value in one of the key's columns"
    example: ClassVar = {"with": ["BRANCH"]}
    with_columns: tuple[str, ...] = Field(default=(), alias="with", description="Further columns of the key.")
    first_passes: bool = Field(
        default=False, description="Whether the first row of a repeated key passes, so that only its repetitions fail."
    )
    nulls_are_equal: bool = Field(
        default=False, description="Whether a missing value is like any other, and rows without one are not skipped."
    )

    def sentence(self, column: str) -> str:
        others = f" together with {' and '.join(self.with_columns)}" if self.with_columns else ""
        notes = ["the first row of a key passes"] * self.first_passes
        notes += ["missing values count as equal"] * self.nulls_are_equal
        return f"{column}{others} is different in every row{''.join(f'; {note}' for note in notes)}."

    def further_columns(self) -> tuple[str, ...]:
        return self.with_columns

    def bind(self, table: ir.Table, columns: Sequence[str]) -> Self:
        return self.model_copy(update={"with_columns": tuple(resolve_column(c, columns) for c in self.with_columns)})

    def tested(self, table: ir.Table, column: str) -> ir.Table:
        keyed, keys = self._keyed(table, column)
        groups = keyed.group_by(keys).aggregate(rows=keyed.count())
        passing = int(self.first_passes)
        repeated = (groups.rows - passing).sum(where=groups.rows > 1)
        return groups.aggregate(tested=groups.rows.sum().coalesce(0), failed=repeated.coalesce(0))

    def failing(self, table: ir.Table, column: str) -> ir.Table:
        keyed, keys = self._keyed(table, column)
        if self.first_passes:
            order = [keyed[ROW_NUMBER]] if ROW_NUMBER in table.columns else None
            number = ibis.row_number().over(group_by=keys, order_by=order)
            return keyed.mutate(number_in_key=number).filter(_.number_in_key > 0).select(table.columns)
        counted = keyed.mutate(rows_of_key=keyed.count().over(group_by=keys))
        return counted.filter(counted.rows_of_key > 1).select(table.columns)

    def _keyed(self, table: ir.Table, column: str) -> tuple[ir.Table, list[str]]:
        return with_keys(table, (column, *self.with_columns), keeps_missing=self.nulls_are_equal)
