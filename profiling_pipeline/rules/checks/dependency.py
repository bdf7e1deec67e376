"""Checks of what one column says about another, over all rows."""

from collections.abc import Sequence
from typing import ClassVar, Self

import ibis
import ibis.expr.types as ir
from pydantic import Field

from profiling_pipeline.rules.checks.base import GroupCheck
from profiling_pipeline.rules.checks.grouping import with_keys
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.sources.column_names import resolve_column


class FunctionalDependency(GroupCheck):
    """Rows that agree in the rule's column (and `also`) agree in another.

    With `majority`, only rows unlike the group's most frequent value fail (of equally frequent ones the least stays),
    without it every row of a group with more than one value.
    """

    name: ClassVar[str] = "functional_dependency"
    dimension: ClassVar = Dimension.CONSISTENCY
    skips: ClassVar = "rows without a value in one of the columns"
    example: ClassVar = {"determines": "CITY", "also": ["COUNTRY"]}
    determines: str = Field(description="The dependent column.")
    also: tuple[str, ...] = Field(default=(), description="Further columns of the determinant.")
    majority: bool = Field(
        default=True, description="Whether a group's most frequent value is taken for the right one."
    )

    def sentence(self, column: str) -> str:
        return f"{' and '.join((column, *self.also))} determine{'' if self.also else 's'} {self.determines}."

    def further_columns(self) -> tuple[str, ...]:
        return (*self.also, self.determines)

    def bind(self, table: ir.Table, columns: Sequence[str]) -> Self:
        return self.model_copy(
            update={
                "determines": resolve_column(self.determines, columns),
                "also": tuple(resolve_column(name, columns) for name in self.also),
            }
        )

    def tested(self, table: ir.Table, column: str) -> ir.Table:
        keyed, determinants, dependents = self._keyed(table, column)
        values = keyed.group_by([*determinants, *dependents]).aggregate(rows=keyed.count())
        groups = values.group_by(determinants).aggregate(
            rows=values.rows.sum(), most=values.rows.max(), values=values.count()
        )
        wrong = groups.rows - groups.most if self.majority else groups.rows
        return groups.aggregate(
            tested=groups.rows.sum().coalesce(0), failed=wrong.sum(where=groups["values"] > 1).coalesce(0)
        )

    def failing(self, table: ir.Table, column: str) -> ir.Table:
        keyed, determinants, dependents = self._keyed(table, column)
        counted = keyed.mutate(alike=keyed.count().over(group_by=[*determinants, *dependents]))
        by_frequency = ibis.window(
            group_by=determinants, order_by=[ibis.desc("alike"), *(counted[name] for name in dependents)]
        )
        ranked = counted.mutate(
            all_alike=counted.count().over(group_by=determinants), rank=ibis.dense_rank().over(by_frequency)
        )
        wrong = ranked["rank"] > 0 if self.majority else ranked["alike"] < ranked["all_alike"]
        return ranked.filter(wrong).select(table.columns)

    def _keyed(self, table: ir.Table, column: str) -> tuple[ir.Table, list[str], list[str]]:
        """Return the rows with key columns, and the names of these: of the determinant, then of the dependent."""
        keyed, determinants = with_keys(table, (column, *self.also))
        both, dependents = with_keys(keyed, (self.determines,))
        return both, determinants, dependents


class DeterminedBy(GroupCheck):
    """The value is the one that most rows with the same values in other columns have.

    The dependency of `functional_dependency`, seen from the column that depends, so that its own deviating values fail.
    A group that has no single most frequent value is skipped: nobody can say which of its rows is wrong.
    """

    name: ClassVar[str] = "determined_by"
    dimension: ClassVar = Dimension.CONSISTENCY
    skips: ClassVar = "rows without a value in one of the columns, and those of which nobody can say which is wrong"
    example: ClassVar = {"columns": ["ZIP_CODE"]}
    columns: tuple[str, ...] = Field(min_length=1, description="The columns that determine the rule's own.")

    def sentence(self, column: str) -> str:
        others = " and ".join(self.columns)
        return f"{column} is the value that most rows with the same {others} have."

    def further_columns(self) -> tuple[str, ...]:
        return self.columns

    def bind(self, table: ir.Table, columns: Sequence[str]) -> Self:
        return self.model_copy(update={"columns": tuple(resolve_column(name, columns) for name in self.columns)})

    def tested(self, table: ir.Table, column: str) -> ir.Table:
        keyed, determinants, dependents = self._keyed(table, column)
        values = keyed.group_by([*determinants, *dependents]).aggregate(rows=keyed.count())
        ranked = values.mutate(most=values.rows.max().over(group_by=determinants))
        judged = ranked.mutate(leaders=(ranked.rows == ranked.most).sum().over(group_by=determinants))
        clear = judged.leaders == 1
        return judged.aggregate(
            tested=judged.rows.sum(where=clear).coalesce(0),
            failed=judged.rows.sum(where=clear & (judged.rows < judged.most)).coalesce(0),
        )

    def failing(self, table: ir.Table, column: str) -> ir.Table:
        keyed, determinants, dependents = self._keyed(table, column)
        counted = keyed.mutate(alike=keyed.count().over(group_by=[*determinants, *dependents]))
        ranked = counted.mutate(most=counted.alike.max().over(group_by=determinants))
        judged = ranked.mutate(leading=(ranked.alike == ranked.most).sum().over(group_by=determinants))
        # Rows of the most frequent values are as many as one such value has: it is the only one.
        wrong = (judged.alike < judged.most) & (judged.leading == judged.most)
        return judged.filter(wrong).select(table.columns)

    def _keyed(self, table: ir.Table, column: str) -> tuple[ir.Table, list[str], list[str]]:
        keyed, determinants = with_keys(table, self.columns)
        both, dependents = with_keys(keyed, (column,))
        return both, determinants, dependents
