"""Checks of values from row to row."""

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

import ibis
import ibis.expr.types as ir
from pydantic import Field

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.checks.base import ORDERED, OUTCOME, JudgedCheck, failed_if_unreadable
from profiling_pipeline.rules.portable.text import engine_of, sortable
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.sources.column_names import resolve_column
from profiling_pipeline.sources.model import ROW_NUMBER


class Monotonic(JudgedCheck):
    """From row to row the values only increase, or only decrease.

    A row fails whose value is on the wrong side of that of the tested row before it; the first row passes. Skipped rows
    are as if they were not there. Rows that share a place are taken in the direction that is demanded.
    """

    name: ClassVar[str] = "monotonic"
    dimension: ClassVar = Dimension.CONSISTENCY
    kinds: ClassVar = ORDERED
    skips: ClassVar = "rows without a value, or without a place in the order"
    example: ClassVar = {"direction": "increasing", "order_by": "BOOKED_AT"}
    direction: Literal["increasing", "decreasing"] = Field(description="Which way the values go.")
    strictly: bool = Field(default=False, description="Whether equal neighbours fail.")
    order_by: str | None = Field(
        default=None, description="The column that orders the rows; a file's own order when left out."
    )

    def sentence(self, column: str) -> str:
        strictly = "strictly " if self.strictly else ""
        order = f"in the order of {self.order_by}" if self.order_by else "in the order of the file"
        return f"{column} is {strictly}{self.direction} {order}."

    def further_columns(self) -> tuple[str, ...]:
        return () if self.order_by is None else (self.order_by,)

    def bind(self, table: ir.Table, columns: Sequence[str]) -> Self:
        if self.order_by is not None:
            return self.model_copy(update={"order_by": resolve_column(self.order_by, columns)})
        if ROW_NUMBER not in table.columns:
            raise RuleError(
                "the rows of a table have no order of their own. Name the column that orders them: order_by."
            )
        return self

    def judge(self, table: ir.Table, column: str) -> ir.Table:
        engine = engine_of(table)
        ranked = table.filter(table[self.order_by or ROW_NUMBER].notnull())
        value = sortable(ranked[column], engine)
        is_increasing = self.direction == "increasing"
        places = [sortable(ranked[self.order_by or ROW_NUMBER], engine), value if is_increasing else ibis.desc(value)]
        before = value.lag().over(ibis.window(group_by=value.isnull(), order_by=places))
        stepped = ranked.mutate(**{"value before": before})
        value, before = sortable(stepped[column], engine), stepped["value before"]
        if self.strictly:
            follows = value > before if is_increasing else value < before
        else:
            follows = value >= before if is_increasing else value <= before
        outcome = ibis.cases((value.isnull(), ibis.null("boolean")), (before.isnull(), True), else_=follows)
        return stepped.mutate(**{OUTCOME: failed_if_unreadable(stepped, column, outcome)})
