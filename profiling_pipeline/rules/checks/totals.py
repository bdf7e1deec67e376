"""Checks that a source comes to the same as another one."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Self

import ibis.expr.types as ir
from pydantic import Field, PrivateAttr

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.checks.base import ANY_KIND, NUMERIC, ValuesCheck
from profiling_pipeline.rules.checks.lookups import ASK_OTHER, AsksOther, column_of
from profiling_pipeline.rules.portable.numbers import total
from profiling_pipeline.rules.portable.text import engine_of
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.rules.sentences import shown
from profiling_pipeline.sources.model import OpenSource, kind_of
from profiling_pipeline.sources.others import OtherSources


class _TotalCheck(ValuesCheck, AsksOther):
    """A figure of the tested rows against that of all rows of another source; the difference is shown."""

    dimension: ClassVar = Dimension.CONSISTENCY
    skips: ClassVar = "nothing: what has no rows comes to zero"
    source: str = Field(min_length=1, description=ASK_OTHER)
    tolerance: Decimal = Field(default=Decimal(0), ge=0, description="Largest difference allowed.")
    _theirs: ir.Table | None = PrivateAttr(default=None)  # one row with the other source's figure

    @abstractmethod
    def own_figure(self, table: ir.Table, column: str) -> ir.Scalar:
        """Return the figure of the tested rows."""

    @abstractmethod
    def other_figure(self, other: OpenSource) -> ir.Scalar:
        """Return the figure of the other source's rows."""

    def look_into(self, others: OtherSources, table: ir.Table, column: str) -> Self:
        other = others.find(self.source)
        bound = self.model_copy()
        bound._theirs = others.hold(self.source, other.table.aggregate(theirs=self.other_figure(other).coalesce(0)))
        return bound

    def find(self, table: ir.Table, column: str) -> ir.Table:
        assert self._theirs is not None  # noqa: S101  # binding has looked into the other source
        own = table.aggregate(own=self.own_figure(table, column).coalesce(0))
        return own.cross_join(self._theirs)

    def verdict(self, found: Sequence[Mapping[str, Any]]) -> tuple[Any, bool]:
        own, theirs = (Decimal(str(found[0][name])) for name in ("own", "theirs"))
        difference = own - theirs if own != theirs else Decimal(0)
        return difference, abs(difference) <= self.tolerance

    def _slack(self) -> str:
        return f", give or take {shown(self.tolerance)}" if self.tolerance else ""


class SumMatches(_TotalCheck):
    """The sum of the values is that of a column of another source."""

    name: ClassVar[str] = "sum_matches"
    kinds: ClassVar = NUMERIC
    example: ClassVar = {"source": "ledger", "column": "BALANCE", "tolerance": 0.01}
    column: str = Field(description="The column of the other source.")

    def sentence(self, column: str) -> str:
        return f"The sum of {column} is that of {self.column} in {self.source}{self._slack()}."

    def own_figure(self, table: ir.Table, column: str) -> ir.Scalar:
        return total(table[column], engine_of(table))

    def other_figure(self, other: OpenSource) -> ir.Scalar:
        column = column_of(other, self.column)
        if kind_of(other.table[column].type()) not in NUMERIC:
            raise RuleError(f"in {other.name}: column '{column}' holds no numbers. Name a numeric column.")
        return total(other.table[column], other.engine)


class RowCountMatches(_TotalCheck):
    """The number of rows is that of another source."""

    name: ClassVar[str] = "row_count_matches"
    kinds: ClassVar = ANY_KIND
    example: ClassVar = {"source": "ledger"}

    def sentence(self, column: str) -> str:
        return f"The number of rows is that of {self.source}{self._slack()}."

    def own_figure(self, table: ir.Table, column: str) -> ir.Scalar:
        return table.count()

    def other_figure(self, other: OpenSource) -> ir.Scalar:
        return other.table.count()
