"""Checks that data arrive: lately, and in every period."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Literal

import ibis.expr.types as ir
from pydantic import Field

from profiling_pipeline.plurals import counted
from profiling_pipeline.rules.checks.base import TEMPORAL, FigureCheck, ValuesCheck
from profiling_pipeline.rules.portable.reading import today
from profiling_pipeline.rules.rule import Dimension

_MONTHS = 12


class FreshWithin(FigureCheck):
    """The newest date is at most so many days ago (UTC)."""

    name: ClassVar[str] = "fresh_within"
    dimension: ClassVar = Dimension.COMPLETENESS
    kinds: ClassVar = TEMPORAL
    shows_values: ClassVar = True
    example: ClassVar = {"days": 3}
    days: int = Field(ge=0, le=36500, description="Days that the newest date may be ago.")

    def sentence(self, column: str) -> str:
        return f"The newest {column} is at most {counted(self.days, 'day')} ago."

    def observe(self, value: ir.Column, table: ir.Table) -> ir.Scalar:
        return value.max()

    def accepts(self, observed: Any) -> bool:
        return _day(observed) >= today() - timedelta(days=self.days)


class EveryPeriod(ValuesCheck):
    """There is a date in every day, week (from Monday), month or year from the first date to the last.

    The number of periods without one is shown.
    """

    name: ClassVar[str] = "every_period"
    dimension: ClassVar = Dimension.COMPLETENESS
    kinds: ClassVar = TEMPORAL
    example: ClassVar = {"period": "month"}
    period: Literal["day", "week", "month", "year"] = Field(description="The period.")

    def sentence(self, column: str) -> str:
        return f"There is a {column} in every {self.period} from the first to the last."

    def find(self, table: ir.Table, column: str) -> ir.Table:
        day = table[column].cast("date")
        unit = {"day": "D", "week": "W", "month": "M", "year": "Y"}[self.period]
        return table.aggregate(first=day.min(), last=day.max(), present=day.truncate(unit).nunique())

    def verdict(self, found: Sequence[Mapping[str, Any]]) -> tuple[Any, bool]:
        first, last, present = (found[0][name] for name in ("first", "last", "present"))
        if first is None:
            return None, False
        missing = self._number(_day(last)) - self._number(_day(first)) + 1 - present
        return missing, missing == 0

    def _number(self, day: date) -> int:
        """Return the number of a day's period."""
        match self.period:
            case "day":
                return day.toordinal()
            case "week":
                return (day.toordinal() - 1) // 7
            case "month":
                return day.year * _MONTHS + day.month
        return day.year


def _day(moment: date) -> date:
    if not isinstance(moment, datetime):
        return moment
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
