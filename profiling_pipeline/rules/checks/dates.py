"""Checks of dates against the day on which they are checked."""

from datetime import timedelta
from typing import ClassVar

import ibis
import ibis.expr.types as ir
from pydantic import Field

from profiling_pipeline.plurals import counted
from profiling_pipeline.rules.checks.base import TEMPORAL, RowCheck
from profiling_pipeline.rules.portable.reading import today
from profiling_pipeline.rules.rule import Dimension


class NotInFuture(RowCheck):
    """No date is after today (UTC), give or take some days."""

    name: ClassVar[str] = "not_in_future"
    dimension: ClassVar = Dimension.VALIDITY
    kinds: ClassVar = TEMPORAL
    example: ClassVar = {"tolerance_days": 1}
    tolerance_days: int = Field(default=0, ge=0, le=36500, description="Days that a date may lie in the future.")

    def sentence(self, column: str) -> str:
        slack = f" by more than {counted(self.tolerance_days, 'day')}" if self.tolerance_days else ""
        return f"{column} is not in the future{slack}."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        return value.cast("date") <= ibis.literal(today() + timedelta(days=self.tolerance_days))
