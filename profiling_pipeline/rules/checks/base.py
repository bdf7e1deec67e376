"""What every check of the catalogue is made of.

A check is a frozen model of its own parameters. The kinds differ in what they test: each row by itself (`RowCheck`),
rows in the light of other rows (`GroupCheck`), or one thing that all rows come to (`WholeCheck`).
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

import ibis
import ibis.expr.types as ir
from pydantic import AfterValidator, BaseModel, ConfigDict

from profiling_pipeline.rules.predicate import parse_predicate
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.sources.model import ColumnKind, is_unreadable, source_value, text_of

Scalar = bool | int | Decimal | str
OrderedScalar = int | Decimal | str

OUTCOME = "outcome of the check"


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
    skips: ClassVar[str] = "rows without a value"  # what is neither passed nor failed
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
        return failed_if_unreadable(table, column, self.holds(table[column], table))


class WholeCheck(Check):
    """A check of one thing that all rows come to: it is tested once, and passes or fails as a whole."""

    skips: ClassVar = "the rule as a whole, where there is no value"
    shows_values: ClassVar[bool] = False  # what it observes is, or may be, one of the column's own values

    @abstractmethod
    def verdict(self, found: Any) -> tuple[Any, bool]:
        """Return what is shown of what was found (None where there is nothing to judge), and whether it is accepted."""


class FigureCheck(WholeCheck):
    """A check of one figure, such as a row count or a mean; many figures are taken in one query."""

    @abstractmethod
    def observe(self, value: ir.Column, table: ir.Table) -> ir.Scalar:
        """Return the figure as a lazy aggregate."""

    @abstractmethod
    def accepts(self, observed: Any) -> bool:
        """Return whether an observed figure (never None) is as demanded."""

    def verdict(self, found: Any) -> tuple[Any, bool]:
        return found, self.accepts(found)


class ValuesCheck(WholeCheck):
    """A check of which values a column has; it brings a query of its own."""

    @abstractmethod
    def find(self, table: ir.Table, column: str) -> ir.Table:
        """Return the few rows that decide; `verdict` is given them as a list of mappings."""


class GroupCheck(Check):
    """A check of rows in the light of other rows; it brings queries of its own."""

    @abstractmethod
    def tested(self, table: ir.Table, column: str) -> ir.Table:
        """Return one row with the counts `tested` and `failed`, without the rows that are skipped."""

    @abstractmethod
    def failing(self, table: ir.Table, column: str) -> ir.Table:
        """Return the failing rows of `table`, with all its columns."""


class JudgedCheck(GroupCheck):
    """A group check that says of each row what it thinks of it."""

    @abstractmethod
    def judge(self, table: ir.Table, column: str) -> ir.Table:
        """Return rows of `table` with `OUTCOME`: true passed, false failed; null skipped, as are rows left out."""

    def tested(self, table: ir.Table, column: str) -> ir.Table:
        judged = self.judge(table, column)
        failed = (~judged[OUTCOME]).sum().coalesce(0)
        return judged.aggregate(tested=judged[OUTCOME].count(), failed=failed)

    def failing(self, table: ir.Table, column: str) -> ir.Table:
        judged = self.judge(table, column)
        return judged.filter(~judged[OUTCOME]).select(table.columns)


def failed_if_unreadable(table: ir.Table, column: str, outcome: ir.BooleanValue) -> ir.BooleanValue:
    """Return the outcome, false where the value does not read as its column's type."""
    unreadable = is_unreadable(table, column)
    return outcome if unreadable is None else ibis.ifelse(unreadable, False, outcome)
