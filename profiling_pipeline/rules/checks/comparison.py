"""Checks that compare a value with given ones."""

from typing import Annotated, ClassVar, Self

import ibis.expr.types as ir
from pydantic import Field, model_validator

from profiling_pipeline.rules.checks.base import ORDERED, OrderedScalar, RowCheck, Scalar
from profiling_pipeline.rules.portable.literals import literal_for
from profiling_pipeline.rules.portable.numbers import comparable
from profiling_pipeline.rules.portable.text import engine_of, sortable
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.rules.sentences import listed, shown

Scalars = Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=10_000)]


def compared(column: ir.Column, *parameters: Scalar) -> list[ir.Value]:
    """Return the column and the parameters as literals, in types that compare."""
    what = f"column '{column.get_name()}'"
    literals = [literal_for(parameter, column.type(), what) for parameter in parameters]
    return comparable([column, *literals]) if column.type().is_numeric() else [column, *literals]


class _ComparingCheck(RowCheck):
    dimension: ClassVar = Dimension.VALIDITY
    judges_value_alone: ClassVar = True


class EqualTo(_ComparingCheck):
    """Every value is the given one."""

    name: ClassVar[str] = "equal_to"
    example: ClassVar = {"value": "USD"}
    value: Scalar = Field(description="The value.")

    def sentence(self, column: str) -> str:
        return f"{column} is {shown(self.value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        column, wanted = compared(value, self.value)
        return column == wanted


class NotEqualTo(_ComparingCheck):
    """No value is the given one."""

    name: ClassVar[str] = "not_equal_to"
    example: ClassVar = {"value": 0}
    value: Scalar = Field(description="The value that none may be.")

    def sentence(self, column: str) -> str:
        return f"{column} is not {shown(self.value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        column, unwanted = compared(value, self.value)
        return column != unwanted


class _BoundedCheck(_ComparingCheck):
    """A check that compares with bounds, by order."""

    kinds: ClassVar = ORDERED

    def _sortable(self, table: ir.Table, value: ir.Column, *bounds: Scalar) -> list[ir.Value]:
        engine = engine_of(table)
        return [sortable(each, engine) for each in compared(value, *bounds)]


class GreaterThan(_BoundedCheck):
    """Every value is above a bound."""

    name: ClassVar[str] = "greater_than"
    example: ClassVar = {"min_value": 0}
    min_value: OrderedScalar = Field(description="The bound: a number, a date or a text.")

    def sentence(self, column: str) -> str:
        return f"{column} is greater than {shown(self.min_value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        column, bound = self._sortable(table, value, self.min_value)
        return column > bound


class GreaterThanOrEqualTo(_BoundedCheck):
    """Every value is at least a bound."""

    name: ClassVar[str] = "greater_than_or_equal_to"
    example: ClassVar = {"min_value": 0}
    min_value: OrderedScalar = Field(description="The bound: a number, a date or a text.")

    def sentence(self, column: str) -> str:
        return f"{column} is at least {shown(self.min_value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        column, bound = self._sortable(table, value, self.min_value)
        return column >= bound


class LessThan(_BoundedCheck):
    """Every value is below a bound."""

    name: ClassVar[str] = "less_than"
    example: ClassVar = {"max_value": 100}
    max_value: OrderedScalar = Field(description="The bound: a number, a date or a text.")

    def sentence(self, column: str) -> str:
        return f"{column} is less than {shown(self.max_value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        column, bound = self._sortable(table, value, self.max_value)
        return column < bound


class LessThanOrEqualTo(_BoundedCheck):
    """Every value is at most a bound."""

    name: ClassVar[str] = "less_than_or_equal_to"
    example: ClassVar = {"max_value": 100}
    max_value: OrderedScalar = Field(description="The bound: a number, a date or a text.")

    def sentence(self, column: str) -> str:
        return f"{column} is at most {shown(self.max_value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        column, bound = self._sortable(table, value, self.max_value)
        return column <= bound


class InRange(_BoundedCheck):
    """Every value lies between two bounds."""

    name: ClassVar[str] = "in_range"
    example: ClassVar = {"min_value": 300, "max_value": 850}
    min_value: OrderedScalar = Field(description="The lower bound: a number, a date or a text.")
    max_value: OrderedScalar = Field(description="The upper bound.")
    include_min: bool = Field(default=True, description="Whether the lower bound itself passes.")
    include_max: bool = Field(default=True, description="Whether the upper bound itself passes.")

    @model_validator(mode="after")
    def _bounds_are_ordered(self) -> Self:
        low, high = self.min_value, self.max_value
        if isinstance(low, str) is not isinstance(high, str):
            raise ValueError("min_value and max_value are a number and a text; write both alike")
        if low > high:  # type: ignore[operator]  # both text or both numbers, as seen above
            raise ValueError(f"min_value {low} is above max_value {high}; exchange them")
        return self

    def sentence(self, column: str) -> str:
        excluded = [name for name, is_in in (("lower", self.include_min), ("upper", self.include_max)) if not is_in]
        note = f", the {' and the '.join(excluded)} bound excluded" if excluded else ""
        return f"{column} is between {shown(self.min_value)} and {shown(self.max_value)}{note}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        column, low, high = self._sortable(table, value, self.min_value, self.max_value)
        above = column >= low if self.include_min else column > low
        return above & (column <= high if self.include_max else column < high)


def _is_among(value: ir.Column, values: tuple[Scalar, ...], ignore_case: bool) -> ir.BooleanValue:
    column, *members = compared(value, *values)
    if ignore_case and column.type().is_string():
        column, *members = (each.lower() for each in (column, *members))
    return column.isin(members)


class Isin(_ComparingCheck):
    """Every value is one of a set."""

    name: ClassVar[str] = "isin"
    example: ClassVar = {"allowed_values": ["A", "B"]}
    allowed_values: Scalars = Field(description="The set.")
    ignore_case: bool = Field(default=False, description="Whether capitals and small letters are the same.")

    def sentence(self, column: str) -> str:
        return f"{column} is one of {listed(self.allowed_values)}{', in any case' if self.ignore_case else ''}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        return _is_among(value, self.allowed_values, self.ignore_case)


class Notin(_ComparingCheck):
    """No value is one of a set."""

    name: ClassVar[str] = "notin"
    example: ClassVar = {"forbidden_values": ["X", "N/A"]}
    forbidden_values: Scalars = Field(description="The set.")
    ignore_case: bool = Field(default=False, description="Whether capitals and small letters are the same.")

    def sentence(self, column: str) -> str:
        return f"{column} is none of {listed(self.forbidden_values)}{', in any case' if self.ignore_case else ''}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        return ~_is_among(value, self.forbidden_values, self.ignore_case)
