"""Checks that values are there."""

from typing import ClassVar

import ibis.expr.types as ir

from profiling_pipeline.rules.checks.base import RowCheck
from profiling_pipeline.rules.portable.text import engine_of, matches
from profiling_pipeline.rules.rule import Dimension


class NotNull(RowCheck):
    """Every row has a value, readable or not."""

    name: ClassVar[str] = "not_null"
    dimension: ClassVar = Dimension.COMPLETENESS
    skips: ClassVar = "nothing: rows without a value fail"
    tests_nulls: ClassVar = True
    judges_value_alone: ClassVar = True

    def sentence(self, column: str) -> str:
        return f"{column} has a value."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        return value.notnull()


class NotBlank(RowCheck):
    """Every row has a value that is more than white space."""

    name: ClassVar[str] = "not_blank"
    dimension: ClassVar = Dimension.COMPLETENESS
    skips: ClassVar = "nothing: rows without a value fail"
    tests_nulls: ClassVar = True
    judges_value_alone: ClassVar = True
    reads_text: ClassVar = True

    def sentence(self, column: str) -> str:
        return f"{column} is not blank."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        return matches(value, r"[^\s]", engine_of(table)).coalesce(False)
