"""Checks that values do not repeat."""

from collections.abc import Sequence
from typing import ClassVar, Self

import ibis.expr.types as ir
from pydantic import ConfigDict, Field

from profiling_pipeline.rules.checks.base import GroupCheck
from profiling_pipeline.rules.checks.grouping import with_keys
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.sources.column_names import resolve_column


class Unique(GroupCheck):
    """No two rows have the same key; every row of a repeated key fails."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)
    name: ClassVar[str] = "unique"
    dimension: ClassVar = Dimension.UNIQUENESS
    skips: ClassVar = "rows without a value in one of the key's columns"
    example: ClassVar = {"with": ["BRANCH"]}
    with_columns: tuple[str, ...] = Field(default=(), alias="with", description="Further columns of the key.")

    def sentence(self, column: str) -> str:
        if not self.with_columns:
            return f"{column} is different in every row."
        others = " and ".join(self.with_columns)
        return f"{column} together with {others} is different in every row."

    def further_columns(self) -> tuple[str, ...]:
        return self.with_columns

    def bind(self, table: ir.Table, columns: Sequence[str]) -> Self:
        return self.model_copy(update={"with_columns": tuple(resolve_column(c, columns) for c in self.with_columns)})

    def tested(self, table: ir.Table, column: str) -> ir.Table:
        keyed, keys = with_keys(table, (column, *self.with_columns))
        groups = keyed.group_by(keys).aggregate(rows=keyed.count())
        repeated = groups.rows.sum(where=groups.rows > 1)
        return groups.aggregate(tested=groups.rows.sum().coalesce(0), failed=repeated.coalesce(0))

    def failing(self, table: ir.Table, column: str) -> ir.Table:
        keyed, keys = with_keys(table, (column, *self.with_columns))
        counted = keyed.mutate(rows_of_key=keyed.count().over(group_by=keys))
        return counted.filter(counted.rows_of_key > 1).select(table.columns)
