"""Checks that are predicates of the expression language."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Self

import ibis
import ibis.expr.types as ir
from pydantic import Field, PrivateAttr

from profiling_pipeline.rules.checks.base import Predicate, RowCheck
from profiling_pipeline.rules.predicate import compile_predicate, predicate_columns
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.sources.model import source_value


class _ConditionCheck(RowCheck):
    """A check made of predicates; it looks at whatever columns they name, and may answer for a null."""

    _columns: tuple[str, ...] = PrivateAttr(default=())  # those that the predicates read, once the check is bound

    @abstractmethod
    def predicates(self) -> tuple[str, ...]:
        """Return the predicates."""

    def further_columns(self) -> tuple[str, ...]:
        return self._columns

    def bind(self, table: ir.Table, columns: Sequence[str]) -> Self:
        bound = self.model_copy()
        read = (name for predicate in self.predicates() for name in predicate_columns(predicate, columns))
        bound._columns = tuple(dict.fromkeys(read))
        return bound

    def _compiled(self, table: ir.Table) -> list[ir.BooleanValue]:
        return [compile_predicate(predicate, table, self._columns) for predicate in self.predicates()]


class Expression(_ConditionCheck):
    """A predicate is true of every row."""

    name: ClassVar[str] = "expression"
    dimension: ClassVar = Dimension.CONSISTENCY
    skips: ClassVar = "rows for which the predicate is null"
    example: ClassVar = {"predicate": "MINIMUM_PAYMENT <= BALANCE"}
    predicate: Predicate = Field(description="What is true of every row.")
    predicate_with_gaps: Predicate | None = Field(
        default=None, description="What is true of every row instead, where some row has no value in the rule's column."
    )

    def sentence(self, column: str) -> str:
        if self.predicate_with_gaps is None:
            return f"{self.predicate}."
        return f"{self.predicate}; but if {column} is missing in some row: {self.predicate_with_gaps}."

    def predicates(self) -> tuple[str, ...]:
        return (self.predicate,) if self.predicate_with_gaps is None else (self.predicate, self.predicate_with_gaps)

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        complete, *with_gaps = self._compiled(table)
        if not with_gaps:
            return complete
        gaps = table.aggregate(gaps=source_value(table, value.get_name()).isnull().any()).as_scalar()
        return ibis.ifelse(gaps, with_gaps[0], complete)


class Implies(_ConditionCheck):
    """Where one predicate is true, another is true as well."""

    name: ClassVar[str] = "implies"
    dimension: ClassVar = Dimension.CONSISTENCY
    skips: ClassVar = "rows for which nobody can say, because one of the predicates is null"
    example: ClassVar = {"when": "STATUS = 'closed'", "then": "CLOSING_DATE IS NOT NULL"}
    when: Predicate = Field(description="Of which rows it is demanded.")
    then: Predicate = Field(description="What is true of them.")

    def sentence(self, column: str) -> str:
        return f"If {self.when} then {self.then}."

    def predicates(self) -> tuple[str, ...]:
        return (self.when, self.then)

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        when, then = self._compiled(table)
        return ~when | then


class RequiredWhen(_ConditionCheck):
    """There is a value in every row for which a predicate is true."""

    name: ClassVar[str] = "required_when"
    dimension: ClassVar = Dimension.COMPLETENESS
    skips: ClassVar = "rows for which `when` is not true"
    example: ClassVar = {"when": "STATUS = 'closed'"}
    tests_nulls: ClassVar = True
    when: Predicate = Field(description="Which rows need a value.")

    def sentence(self, column: str) -> str:
        return f"{column} has a value where {self.when}."

    def predicates(self) -> tuple[str, ...]:
        return (self.when,)

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        return ibis.ifelse(self._compiled(table)[0], value.notnull(), ibis.null("boolean"))
