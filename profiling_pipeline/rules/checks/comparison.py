"""Checks that compare a value with given ones."""

from decimal import Decimal
from typing import Annotated, ClassVar, Self

import ibis.expr.types as ir
from pydantic import Field, model_validator

from profiling_pipeline.rules.checks.base import ORDERED, RowCheck, Scalar
from profiling_pipeline.rules.literals import literal_for
from profiling_pipeline.rules.portable import engine_of, sortable
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.rules.sentences import listed, shown

Scalars = Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=10_000)]
OrderedScalar = int | Decimal | str


def literal(parameter: Scalar, column: ir.Value) -> ir.Scalar:
    """Return a parameter as a literal of the column's type."""
    return literal_for(parameter, column.type(), f"column '{column.get_name()}'")


class EqualTo(RowCheck):
    """Every value is the given one."""

    name: ClassVar[str] = "equal_to"
    example: ClassVar = {"value": "USD"}
    dimension: ClassVar = Dimension.VALIDITY
    value: Scalar

    def sentence(self, column: str) -> str:
        return f"{column} is {shown(self.value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        return value == literal(self.value, value)


class NotEqualTo(RowCheck):
    """No value is the given one."""

    name: ClassVar[str] = "not_equal_to"
    example: ClassVar = {"value": 0}
    dimension: ClassVar = Dimension.VALIDITY
    value: Scalar

    def sentence(self, column: str) -> str:
        return f"{column} is not {shown(self.value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        return value != literal(self.value, value)


class _BoundedCheck(RowCheck):
    """A check that compares with bounds, by order."""

    dimension: ClassVar = Dimension.VALIDITY
    kinds: ClassVar = ORDERED

    def _compared(self, value: ir.Column, bound: Scalar, table: ir.Table) -> tuple[ir.Value, ir.Value]:
        engine = engine_of(table)
        return sortable(value, engine), sortable(literal(bound, value), engine)


class GreaterThan(_BoundedCheck):
    """Every value is above a bound."""

    name: ClassVar[str] = "greater_than"
    example: ClassVar = {"min_value": 0}
    min_value: OrderedScalar

    def sentence(self, column: str) -> str:
        return f"{column} is greater than {shown(self.min_value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        compared, bound = self._compared(value, self.min_value, table)
        return compared > bound


class GreaterThanOrEqualTo(_BoundedCheck):
    """Every value is at least a bound."""

    name: ClassVar[str] = "greater_than_or_equal_to"
    example: ClassVar = {"min_value": 0}
    min_value: OrderedScalar

    def sentence(self, column: str) -> str:
        return f"{column} is at least {shown(self.min_value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        compared, bound = self._compared(value, self.min_value, table)
        return compared >= bound


class LessThan(_BoundedCheck):
    """Every value is below a bound."""

    name: ClassVar[str] = "less_than"
    example: ClassVar = {"max_value": 100}
    max_value: OrderedScalar

    def sentence(self, column: str) -> str:
        return f"{column} is less than {shown(self.max_value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        compared, bound = self._compared(value, self.max_value, table)
        return compared < bound


class LessThanOrEqualTo(_BoundedCheck):
    """Every value is at most a bound."""

    name: ClassVar[str] = "less_than_or_equal_to"
    example: ClassVar = {"max_value": 100}
    max_value: OrderedScalar

    def sentence(self, column: str) -> str:
        return f"{column} is at most {shown(self.max_value)}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        compared, bound = self._compared(value, self.max_value, table)
        return compared <= bound


class InRange(_BoundedCheck):
    """Every value lies between two bounds."""

    name: ClassVar[str] = "in_range"
    example: ClassVar = {"min_value": 300, "max_value": 850}
    min_value: OrderedScalar
    max_value: OrderedScalar
    include_min: bool = True
    include_max: bool = True

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
        compared, low = self._compared(value, self.min_value, table)
        _, high = self._compared(value, self.max_value, table)
        above = compared >= low if self.include_min else compared > low
        return above & (compared <= high if self.include_max else compared < high)


def _is_among(value: ir.Column, values: tuple[Scalar, ...], ignore_case: bool) -> ir.BooleanValue:
    literals = [literal(each, value) for each in values]
    if ignore_case and value.type().is_string():
        return value.lower().isin([each.lower() for each in literals])
    return value.isin(literals)


class Isin(RowCheck):
    """Every value is one of a set."""

    name: ClassVar[str] = "isin"
    example: ClassVar = {"allowed_values": ["A", "B"]}
    dimension: ClassVar = Dimension.VALIDITY
    allowed_values: Scalars
    ignore_case: bool = False

    def sentence(self, column: str) -> str:
        return f"{column} is one of {listed(self.allowed_values)}{', in any case' if self.ignore_case else ''}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        return _is_among(value, self.allowed_values, self.ignore_case)


class Notin(RowCheck):
    """No value is one of a set."""

    name: ClassVar[str] = "notin"
    example: ClassVar = {"forbidden_values": ["X", "N/A"]}
    dimension: ClassVar = Dimension.VALIDITY
    forbidden_values: Scalars
    ignore_case: bool = False

    def sentence(self, column: str) -> str:
        return f"{column} is none of {listed(self.forbidden_values)}{', in any case' if self.ignore_case else ''}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        return ~_is_among(value, self.forbidden_values, self.ignore_case)
