"""Checks of one figure of the whole source: it lies within bounds."""

from abc import abstractmethod
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

import ibis.expr.types as ir
from pydantic import Field, model_validator

from profiling_pipeline.rules.checks.base import NUMERIC, TEMPORAL, FigureCheck, OrderedScalar
from profiling_pipeline.rules.checks.bounds import check_bounds
from profiling_pipeline.rules.portable.literals import literal_for, parse_datetime
from profiling_pipeline.rules.portable.numbers import as_float, total
from profiling_pipeline.rules.portable.text import engine_of
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.rules.sentences import bounds
from profiling_pipeline.sources.model import source_value


class _FigureBetween(FigureCheck):
    """A figure with optional bounds, both included; at least one is given."""

    dimension: ClassVar = Dimension.ACCURACY
    kinds: ClassVar = NUMERIC
    example: ClassVar = {"min_value": 0, "max_value": 1000}
    min_value: Decimal | None = Field(default=None, description="The least that passes.")
    max_value: Decimal | None = Field(default=None, description="The most that passes.")

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Self:
        check_bounds(self.min_value, self.max_value)
        return self

    @abstractmethod
    def figure(self, column: str) -> str:
        """Return what the figure is called."""

    def sentence(self, column: str) -> str:
        return f"{self.figure(column)} is {bounds(self.min_value, self.max_value)}."

    def accepts(self, observed: Any) -> bool:
        figure = Decimal(str(observed))
        above = self.min_value is None or figure >= self.min_value
        return not figure.is_nan() and above and (self.max_value is None or figure <= self.max_value)


class MeanBetween(_FigureBetween):
    """The mean of the values lies within bounds."""

    name: ClassVar[str] = "mean_between"

    def figure(self, column: str) -> str:
        return f"The mean of {column}"

    def observe(self, value: ir.NumericColumn, table: ir.Table) -> ir.Scalar:
        return as_float(value).mean()


class MedianBetween(_FigureBetween):
    """The median of the values lies within bounds."""

    name: ClassVar[str] = "median_between"
    shows_values: ClassVar = True

    def figure(self, column: str) -> str:
        return f"The median of {column}"

    def observe(self, value: ir.NumericColumn, table: ir.Table) -> ir.Scalar:
        return as_float(value).quantile(0.5)


class QuantileBetween(_FigureBetween):
    """A quantile of the values, interpolated between neighbours, lies within bounds."""

    name: ClassVar[str] = "quantile_between"
    shows_values: ClassVar = True
    example: ClassVar = {"quantile": 0.95, "max_value": 1000}
    quantile: Decimal = Field(ge=0, le=1, description="A share: 0 is the least value, 0.5 the median, 1 the greatest.")

    def figure(self, column: str) -> str:
        return f"The {self.quantile} quantile of {column}"

    def observe(self, value: ir.NumericColumn, table: ir.Table) -> ir.Scalar:
        return as_float(value).quantile(float(self.quantile))


class SumBetween(_FigureBetween):
    """The sum of the values lies within bounds."""

    name: ClassVar[str] = "sum_between"

    def figure(self, column: str) -> str:
        return f"The sum of {column}"

    def observe(self, value: ir.NumericColumn, table: ir.Table) -> ir.Scalar:
        return total(value, engine_of(table))


class StddevBetween(_FigureBetween):
    """The standard deviation (of a sample: divided by n - 1) lies within bounds."""

    name: ClassVar[str] = "stddev_between"

    def figure(self, column: str) -> str:
        return f"The standard deviation of {column}"

    def observe(self, value: ir.NumericColumn, table: ir.Table) -> ir.Scalar:
        return as_float(value).std(how="sample")


class RowCountBetween(_FigureBetween):
    """The number of rows lies within bounds."""

    name: ClassVar[str] = "row_count_between"
    skips: ClassVar = "nothing"
    dimension: ClassVar = Dimension.COMPLETENESS
    kinds: ClassVar = FigureCheck.kinds
    example: ClassVar = {"min_value": 1}

    def figure(self, column: str) -> str:
        return "The number of rows"

    def observe(self, value: ir.Column, table: ir.Table) -> ir.Scalar:
        return table.count()


class NullRateBetween(_FigureBetween):
    """The percentage of rows without a value lies within bounds."""

    name: ClassVar[str] = "null_rate_between"
    skips: ClassVar = "the rule as a whole, where there is no row"
    dimension: ClassVar = Dimension.COMPLETENESS
    kinds: ClassVar = FigureCheck.kinds
    example: ClassVar = {"max_value": 5}
    min_value: Decimal | None = Field(default=None, ge=0, le=100, description="The least percentage that passes.")
    max_value: Decimal | None = Field(default=None, ge=0, le=100, description="The highest percentage that passes.")

    def figure(self, column: str) -> str:
        return f"The percentage of rows without a {column}"

    def observe(self, value: ir.Column, table: ir.Table) -> ir.Scalar:
        missing = source_value(table, value.get_name()).isnull().sum()
        return missing.cast("float64") * 100.0 / table.count().nullif(0)


class DistinctCountBetween(_FigureBetween):
    """The number of different values lies within bounds."""

    name: ClassVar[str] = "distinct_count_between"
    skips: ClassVar = "nothing"
    dimension: ClassVar = Dimension.UNIQUENESS
    kinds: ClassVar = FigureCheck.kinds
    example: ClassVar = {"min_value": 2, "max_value": 50}

    def figure(self, column: str) -> str:
        return f"The number of different values of {column}"

    def observe(self, value: ir.Column, table: ir.Table) -> ir.Scalar:
        return value.nunique()


class DistinctRatioBetween(_FigureBetween):
    """The number of different values, divided by that of all values, lies within bounds."""

    name: ClassVar[str] = "distinct_ratio_between"
    dimension: ClassVar = Dimension.UNIQUENESS
    kinds: ClassVar = FigureCheck.kinds
    example: ClassVar = {"min_value": 0.9}
    min_value: Decimal | None = Field(
        default=None, ge=0, le=1, description="The least share that passes; 1 where all values are different."
    )
    max_value: Decimal | None = Field(default=None, ge=0, le=1, description="The highest share that passes.")

    def figure(self, column: str) -> str:
        return f"The share of different values among those of {column}"

    def observe(self, value: ir.Column, table: ir.Table) -> ir.Scalar:
        return value.nunique().cast("float64") / value.count().nullif(0)


class _ExtremeBetween(FigureCheck):
    """The least or greatest value, number or date, with optional bounds."""

    shows_values: ClassVar = True
    dimension: ClassVar = Dimension.ACCURACY
    kinds: ClassVar = NUMERIC | TEMPORAL
    example: ClassVar = {"min_value": "2020-01-01", "max_value": "2029-12-31"}
    min_value: OrderedScalar | None = Field(default=None, description="The least that passes: a number or a date.")
    max_value: OrderedScalar | None = Field(default=None, description="The most that passes.")

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Self:
        low, high = self.min_value, self.max_value
        if low is not None and high is not None and isinstance(low, str) is not isinstance(high, str):
            raise ValueError("min_value and max_value are a number and a date; write both alike")
        check_bounds(low, high)
        return self

    def accepts(self, observed: Any) -> bool:
        figure = observed if isinstance(observed, date) else Decimal(str(observed))
        low, high = (_like(figure, bound) for bound in (self.min_value, self.max_value))
        return (low is None or figure >= low) and (high is None or figure <= high)

    def _checked(self, value: ir.Column) -> ir.Column:
        """Return the column, after a look at whether the bounds compare with it."""
        for bound in (self.min_value, self.max_value):
            if bound is not None:
                literal_for(bound, value.type(), f"column '{value.get_name()}'")
        return value


class MinBetween(_ExtremeBetween):
    """The least value lies within bounds."""

    name: ClassVar[str] = "min_between"

    def sentence(self, column: str) -> str:
        return f"The least value of {column} is {bounds(self.min_value, self.max_value)}."

    def observe(self, value: ir.Column, table: ir.Table) -> ir.Scalar:
        return self._checked(value).min()


class MaxBetween(_ExtremeBetween):
    """The greatest value lies within bounds."""

    name: ClassVar[str] = "max_between"

    def sentence(self, column: str) -> str:
        return f"The greatest value of {column} is {bounds(self.min_value, self.max_value)}."

    def observe(self, value: ir.Column, table: ir.Table) -> ir.Scalar:
        return self._checked(value).max()


def _like(figure: date | Decimal, bound: OrderedScalar | None) -> Any:
    """Return a bound in the type of the figure that it is compared with."""
    if bound is None or not isinstance(figure, date):
        return bound
    moment = parse_datetime(str(bound))
    if moment is None:
        return None
    return moment.replace(tzinfo=figure.tzinfo) if isinstance(figure, datetime) else moment.date()
