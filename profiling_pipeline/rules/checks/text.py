"""Checks of a value's characters, whatever type the column has."""

from typing import Annotated, ClassVar, Self

import ibis.expr.types as ir
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from profiling_pipeline.plurals import agreeing
from profiling_pipeline.rules.checks.base import RowCheck
from profiling_pipeline.rules.checks.bounds import check_bounds, within
from profiling_pipeline.rules.portable.patterns import check_pattern
from profiling_pipeline.rules.portable.text import engine_of, like, matches
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.rules.sentences import bounds

Pattern = Annotated[str, StringConstraints(min_length=1), AfterValidator(check_pattern)]
Part = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class _TextCheck(RowCheck):
    dimension: ClassVar = Dimension.VALIDITY
    reads_text: ClassVar = True
    judges_value_alone: ClassVar = True


class StrMatches(_TextCheck):
    """Every value matches a regular expression from its first character on."""

    name: ClassVar[str] = "str_matches"
    example: ClassVar = {"pattern": "[A-Z]{2}[0-9]{4}$"}
    pattern: Pattern = Field(description="RE2 syntax; end it with $ to match the whole value.")

    def sentence(self, column: str) -> str:
        return f"{column} starts with what the pattern {self.pattern} describes."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        return matches(value, self.pattern, engine_of(table), at_start=True)


class StrContains(_TextCheck):
    """Every value has a match of a regular expression somewhere."""

    name: ClassVar[str] = "str_contains"
    example: ClassVar = {"pattern": "[0-9]"}
    pattern: Pattern = Field(description="RE2 syntax.")

    def sentence(self, column: str) -> str:
        return f"{column} contains what the pattern {self.pattern} describes."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        return matches(value, self.pattern, engine_of(table))


class StrStartswith(_TextCheck):
    """Every value starts with a given text."""

    name: ClassVar[str] = "str_startswith"
    example: ClassVar = {"string": "US"}
    string: Part = Field(description="The text.")

    def sentence(self, column: str) -> str:
        return f"{column} starts with '{self.string}'."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        return value.startswith(self.string)


class StrEndswith(_TextCheck):
    """Every value ends with a given text."""

    name: ClassVar[str] = "str_endswith"
    example: ClassVar = {"string": ".pdf"}
    string: Part = Field(description="The text.")

    def sentence(self, column: str) -> str:
        return f"{column} ends with '{self.string}'."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        return value.endswith(self.string)


class Like(_TextCheck):
    """Every value matches a SQL LIKE pattern as a whole."""

    name: ClassVar[str] = "like"
    example: ClassVar = {"pattern": "AB%"}
    pattern: Part = Field(description="% stands for any characters, _ for one; there is no escape character.")

    def sentence(self, column: str) -> str:
        return f"{column} is like '{self.pattern}'."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        return like(value, self.pattern, engine_of(table))


class StrLength(_TextCheck):
    """Every value's number of characters lies within bounds."""

    name: ClassVar[str] = "str_length"
    example: ClassVar = {"min_value": 1, "max_value": 18}
    min_value: Annotated[int, Field(ge=0)] | None = Field(default=None, description="The fewest characters.")
    max_value: Annotated[int, Field(ge=0)] | None = Field(default=None, description="The most characters.")

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Self:
        check_bounds(self.min_value, self.max_value)
        return self

    def sentence(self, column: str) -> str:
        most = self.min_value if self.max_value is None else self.max_value
        characters = agreeing(most or 0, "character", "characters")
        return f"The length of {column} is {bounds(self.min_value, self.max_value)} {characters}."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        return within(value.length(), self.min_value, self.max_value)
