"""Checks of a value against other columns of its row."""

from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from typing import Annotated, ClassVar, Self

import ibis.expr.types as ir
from pydantic import Field

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.checks.base import NUMERIC, ORDERED, TEMPORAL, RowCheck
from profiling_pipeline.rules.portable.literals import float_literal, number_literal
from profiling_pipeline.rules.portable.numbers import absolute, add, comparable, subtract
from profiling_pipeline.rules.portable.text import engine_of, sortable
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.rules.sentences import shown
from profiling_pipeline.sources.column_names import resolve_column
from profiling_pipeline.sources.model import ColumnKind, kind_of

_FLOAT_SLACK = Decimal("0.000001")  # what sums of binary numbers may be off by


def pair(table: ir.Table, value: ir.Column, other: str) -> list[ir.Value]:
    """Return the value and that of another column, in forms that compare.

    Raises:
        RuleError: The two columns do not compare.
    """
    values = [value, table[other]]
    kinds = {kind_of(each.type()) for each in values}
    if kinds <= NUMERIC:
        return comparable(values)
    if kinds <= TEMPORAL:
        return values if len(kinds) == 1 else [each.cast("timestamp") for each in values]
    if len(kinds) > 1:
        both = " and ".join(f"'{each.get_name()}' ({kind_of(each.type())})" for each in values)
        raise RuleError(f"columns {both} do not compare. Choose columns of the same kind.")
    return [sortable(each, engine_of(table)) for each in values]


class _ColumnPair(RowCheck):
    """A comparison with one other column; rows in which it is null are skipped."""

    dimension: ClassVar = Dimension.CONSISTENCY
    skips: ClassVar = "rows in which one of the two has no value"
    example: ClassVar = {"other": "MINIMUM_PAYMENT"}
    other: str = Field(description="The other column.")

    def further_columns(self) -> tuple[str, ...]:
        return (self.other,)

    def bind(self, table: ir.Table, columns: Sequence[str]) -> Self:
        return self.model_copy(update={"other": resolve_column(self.other, columns)})


class ColumnGe(_ColumnPair):
    """Every value is at least that of another column."""

    name: ClassVar[str] = "column_ge"
    kinds: ClassVar = ORDERED

    def sentence(self, column: str) -> str:
        return f"{column} is at least {self.other}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        own, other = pair(table, value, self.other)
        return own >= other


class ColumnGt(_ColumnPair):
    """Every value is above that of another column."""

    name: ClassVar[str] = "column_gt"
    kinds: ClassVar = ORDERED

    def sentence(self, column: str) -> str:
        return f"{column} is greater than {self.other}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        own, other = pair(table, value, self.other)
        return own > other


class ColumnEq(_ColumnPair):
    """Every value equals that of another column."""

    name: ClassVar[str] = "column_eq"
    kinds: ClassVar = ORDERED | {ColumnKind.BOOLEAN}

    def sentence(self, column: str) -> str:
        return f"{column} equals {self.other}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        own, other = pair(table, value, self.other)
        return own == other


class DateOrder(RowCheck):
    """No date is after that of another column."""

    name: ClassVar[str] = "date_order"
    dimension: ClassVar = Dimension.CONSISTENCY
    kinds: ClassVar = TEMPORAL
    skips: ClassVar = "rows in which one of the two has no value"
    example: ClassVar = {"later": "CLOSING_DATE"}
    later: str = Field(description="The column with the later date; the same day is in order.")

    def sentence(self, column: str) -> str:
        return f"{column} is not after {self.later}."

    def further_columns(self) -> tuple[str, ...]:
        return (self.later,)

    def bind(self, table: ir.Table, columns: Sequence[str]) -> Self:
        return self.model_copy(update={"later": resolve_column(self.later, columns)})

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        earlier, later = pair(table, value, self.later)
        return earlier <= later


class SumEquals(RowCheck):
    """Every value is the sum of other columns."""

    name: ClassVar[str] = "sum_equals"
    dimension: ClassVar = Dimension.CONSISTENCY
    kinds: ClassVar = NUMERIC
    skips: ClassVar = "rows in which one of the columns has no value"
    example: ClassVar = {"parts": ["PRINCIPAL", "INTEREST"], "tolerance": 0.01}
    parts: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)] = Field(
        description="The columns that are added up."
    )
    tolerance: Decimal = Field(
        default=Decimal(0), ge=0, description="Largest difference allowed; binary numbers get a millionth on top."
    )

    def sentence(self, column: str) -> str:
        slack = f", give or take {shown(self.tolerance)}" if self.tolerance else ""
        return f"{column} equals {' + '.join(self.parts)}{slack}."

    def further_columns(self) -> tuple[str, ...]:
        return self.parts

    def bind(self, table: ir.Table, columns: Sequence[str]) -> Self:
        parts = tuple(resolve_column(part, columns) for part in self.parts)
        for part in parts:
            if kind_of(table[part].type()) not in NUMERIC:
                raise RuleError(f"column '{part}' holds no numbers. Name numeric columns as parts.")
        return self.model_copy(update={"parts": parts})

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        difference = absolute(subtract(value, reduce(add, [table[part] for part in self.parts])))
        if difference.type().is_floating():
            return difference <= float_literal(self.tolerance + _FLOAT_SLACK)
        difference, tolerance = comparable([difference, number_literal(self.tolerance)])
        return difference <= tolerance
