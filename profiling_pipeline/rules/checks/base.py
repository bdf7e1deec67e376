"""What every check of the catalogue is made of.

A check is a frozen model of its own parameters. The three kinds differ in what they test: each row, one figure of the
whole source, or rows in the light of other rows.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

import ibis
import ibis.expr.types as ir
import pandera.ibis as pa
from pandera.api.ibis.types import IbisData
from pydantic import AfterValidator, BaseModel, ConfigDict

from profiling_pipeline.rules.predicate import parse_predicate
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.sources.model import ColumnKind, is_unreadable, source_value, text_of

Scalar = bool | int | Decimal | str
OrderedScalar = int | Decimal | str


def _with_valid_syntax(predicate: str) -> str:
    parse_predicate(predicate)
    return predicate


Predicate = Annotated[str, AfterValidator(_with_valid_syntax)]

ANY_KIND = frozenset(ColumnKind)
NUMERIC = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
TEMPORAL = frozenset({ColumnKind.DATE, ColumnKind.DATETIME})
ORDERED = NUMERIC | TEMPORAL | {ColumnKind.TEXT}


class Check(BaseModel):
    """One entry of the catalogue; its fields are its parameters, validated when a rule is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    dimension: ClassVar[Dimension]
    kinds: ClassVar[frozenset[ColumnKind]] = ANY_KIND  # column kinds it can run on
    example: ClassVar[Mapping[str, Any]] = {}  # parameters as a person would write them

    @abstractmethod
    def sentence(self, column: str) -> str:
        """Say in plain English what the check demands of `column`."""

    def further_columns(self) -> tuple[str, ...]:
        """Return the columns that are read besides the rule's own."""
        return ()

    def bind(self, table: ir.Table, columns: Sequence[str]) -> Self:
        """Return the check with names in its parameters resolved against `columns`, or as it is.

        Raises:
            RuleError: A parameter names a missing column or does not fit the columns' types.
        """
        return self


class RowCheck(Check):
    """A check of each row: true passes, false fails, null (undefined) skips the row.

    `holds` is strict: it gives null for a null value, as SQL's own functions do, unless the check `tests_nulls`.
    """

    reads_text: ClassVar[bool] = False  # looks at the value as the source writes it, whatever its declared type
    tests_nulls: ClassVar[bool] = False  # null is an answer, not a reason to skip
    judges_value_alone: ClassVar[bool] = False  # equal values have equal outcomes, whatever else the table holds

    @abstractmethod
    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        """Return where the check holds; `value` is the rule's own column (its text where `reads_text`)."""

    def result(self, table: ir.Table, column: str) -> ir.BooleanValue:
        """Return the outcome of each row: true passed, false failed, null skipped.

        A value that does not read as the column's type fails, unless the check looks at its text or for its presence.
        """
        if self.reads_text:
            return self.holds(text_of(table, column), table)
        if self.tests_nulls:
            return self.holds(source_value(table, column), table)
        holds = self.holds(table[column], table)
        unreadable = is_unreadable(table, column)
        return holds if unreadable is None else ibis.ifelse(unreadable, False, holds)

    def to_pandera(self, column: str) -> pa.Check:
        """Return the check as Pandera's; calling it on an Ibis table gives a lazy boolean column as `check_output`."""

        def check_fn(data: IbisData) -> ir.BooleanValue:
            return self.result(data.table, data.key or column)

        return pa.Check(check_fn, name=self.name, error=self.sentence(column), ignore_na=False)


class FigureCheck(Check):
    """A check of one figure of the whole source, such as a row count or a mean."""

    shows_values: ClassVar[bool] = False  # the figure is, or may be, one of the column's own values

    @abstractmethod
    def observe(self, value: ir.Column, table: ir.Table) -> ir.Scalar:
        """Return the figure as a lazy aggregate."""

    @abstractmethod
    def accepts(self, observed: Any) -> bool:
        """Return whether an observed figure (never None) is as demanded."""


class GroupCheck(Check):
    """A check of rows in the light of other rows; it brings queries of its own."""

    @abstractmethod
    def tested(self, table: ir.Table, column: str) -> ir.Table:
        """Return one row with the counts `tested` and `failed`, without the rows that are skipped."""

    @abstractmethod
    def failing(self, table: ir.Table, column: str) -> ir.Table:
        """Return the failing rows of `table`, with all its columns."""
