"""Checks that no value lies far from the others.

What is usual is measured on the tested rows: those that `where` lets through. Infinite values have no part in it, and
are always too far away.
"""

import sys
from abc import abstractmethod
from decimal import Decimal
from typing import ClassVar

import ibis
import ibis.expr.types as ir
from pydantic import Field

from profiling_pipeline.rules.checks.base import NUMERIC, OUTCOME, JudgedCheck, failed_if_unreadable
from profiling_pipeline.rules.portable.numbers import as_float
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.rules.sentences import shown

# Engines add up in different orders; a value that lies on a limit is within it on each of them.
_ROUNDING = 1e-14


class _OutlierCheck(JudgedCheck):
    dimension: ClassVar = Dimension.ACCURACY
    kinds: ClassVar = NUMERIC

    @abstractmethod
    def measure(self, number: ir.FloatingColumn) -> tuple[ir.Scalar, ir.Scalar, ir.Scalar]:
        """Return a lower and an upper place, and how far from them a value may lie; null where nobody can say."""

    def judge(self, table: ir.Table, column: str) -> ir.Table:
        number = as_float(table[column])
        is_finite = number.abs() <= ibis.literal(sys.float_info.max, "float64")
        finite = table.select(number=is_finite.ifelse(number, ibis.null("float64")))
        low, high, reach = self.measure(finite.number)
        measured = finite.aggregate(low=low, high=high, reach=reach)
        slack = (measured.low.abs() + measured.high.abs() + measured.reach) * _ROUNDING
        limits = measured.select(
            {"least usual": measured.low - measured.reach - slack, "most usual": measured.high + measured.reach + slack}
        )
        judged = table.cross_join(limits)
        number = as_float(judged[column])
        is_usual = (number >= judged["least usual"]) & (number <= judged["most usual"])
        return judged.mutate(**{OUTCOME: failed_if_unreadable(judged, column, is_usual)})


class ZscoreBelow(_OutlierCheck):
    """No value lies more than so many standard deviations from the mean.

    Mean and standard deviation (of a sample: divided by n - 1) are those of the tested rows. Where all values are the
    same they all pass.
    """

    name: ClassVar[str] = "zscore_below"
    skips: ClassVar = "rows without a value, and a value that is the only one"
    example: ClassVar = {"max_zscore": 3}
    max_zscore: Decimal = Field(gt=0, description="Standard deviations that a value may lie from the mean, at most.")

    def sentence(self, column: str) -> str:
        return f"{column} lies at most {shown(self.max_zscore)} standard deviations from its mean."

    def measure(self, number: ir.FloatingColumn) -> tuple[ir.Scalar, ir.Scalar, ir.Scalar]:
        mean = number.mean()
        return mean, mean, number.std(how="sample") * float(self.max_zscore)


class IqrOutlier(_OutlierCheck):
    """No value lies further outside the middle half of the values than that half is wide, times a factor (Tukey).

    The quartiles are those of the tested rows, exact and interpolated between neighbours. Where the middle half is one
    value, all others fail.
    """

    name: ClassVar[str] = "iqr_outlier"
    example: ClassVar = {"factor": 3}
    factor: Decimal = Field(
        default=Decimal("1.5"), ge=0, description="Widths of the middle half that a value may lie outside it, at most."
    )

    def sentence(self, column: str) -> str:
        return f"{column} lies at most {shown(self.factor)} interquartile ranges outside its quartiles."

    def measure(self, number: ir.FloatingColumn) -> tuple[ir.Scalar, ir.Scalar, ir.Scalar]:
        low, high = number.quantile(0.25), number.quantile(0.75)
        return low, high, (high - low) * float(self.factor)
