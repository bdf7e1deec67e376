"""Checks of values against those of another source."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Annotated, ClassVar, Self

import ibis
import ibis.expr.types as ir
from pydantic import Field, PrivateAttr, model_validator

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.checks.base import (
    NUMERIC,
    ORDERED,
    OUTCOME,
    TEMPORAL,
    Check,
    JudgedCheck,
    failed_if_unreadable,
)
from profiling_pipeline.rules.portable.numbers import comparable
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.sources.column_names import resolve_column
from profiling_pipeline.sources.model import ColumnKind, OpenSource, kind_of, source_value, text_of
from profiling_pipeline.sources.others import OtherSources

_FOUND = "found in the other source"


ASK_OTHER = "The other source: another data source of the phase, or what `--reference NAME=DATA` names so."


class AsksOther(Check):
    """A check that needs another source beside the tested one."""

    @abstractmethod
    def look_into(self, others: OtherSources, table: ir.Table, column: str) -> Self:
        """Return the check with what it needs of the other source at hand.

        Raises:
            RuleError: The other source or one of its columns is missing, or the columns do not compare.
        """


class _LookupCheck(JudgedCheck, AsksOther):
    """A check that looks the row's value, and a key with it, up in another source."""

    kinds: ClassVar = ORDERED | {ColumnKind.BOOLEAN}
    source: str = Field(min_length=1, description=ASK_OTHER)
    column: str = Field(description="The column of the other source that has the value.")
    _wanted: ir.Table | None = PrivateAttr(default=None)  # the other source's rows, once the check is bound to it

    def keys(self) -> list[tuple[str, str]]:
        """Return the columns besides the value that must agree: here, and in the other source."""
        return []

    def look_into(self, others: OtherSources, table: ir.Table, column: str) -> Self:
        other = others.find(self.source)
        looked_up = {}
        for number, (own, theirs) in enumerate([(column, self.column), *self.keys()]):
            _, value = _alike(table, own, other.table, column_of(other, theirs))
            looked_up[_looked_up(number)] = value
        rows = other.table.select(**looked_up)
        wanted = rows.filter([rows[name].notnull() for name in looked_up]).distinct()
        bound = self.model_copy()
        bound._wanted = others.hold(self.source, wanted)
        return bound

    def judge(self, table: ir.Table, column: str) -> ir.Table:
        assert self._wanted is not None  # noqa: S101  # binding has looked into the other source
        wanted = self._wanted.mutate(**{_FOUND: True})
        asked = [column, *(own for own, _ in self.keys())]
        pairs = [_alike(table, own, wanted, _looked_up(number)) for number, own in enumerate(asked)]
        joined = table.left_join(wanted, [own == theirs for own, theirs in pairs])
        is_there = ibis.ifelse(joined[column].notnull(), joined[_FOUND].notnull(), ibis.null("boolean"))
        outcome = failed_if_unreadable(joined, column, is_there)
        if asked[1:]:
            has_keys = reduce(and_, [source_value(joined, own).notnull() for own in asked[1:]])
            outcome = ibis.ifelse(has_keys, outcome, ibis.null("boolean"))
        return joined.select(*table.columns, **{OUTCOME: outcome})


class References(_LookupCheck):
    """Every value exists in a column of another source."""

    name: ClassVar[str] = "references"
    dimension: ClassVar = Dimension.CONSISTENCY
    example: ClassVar = {"source": "branches", "column": "BRANCH_ID"}

    def sentence(self, column: str) -> str:
        return f"{column} exists as {self.column} in {self.source}."


class MatchesReference(_LookupCheck):
    """Every value is the one that another source has for the row's key.

    A row whose key is not in the other source fails, and so does one for which it has no value. Where the other source
    has a key several times, one of its values is enough.
    """

    name: ClassVar[str] = "matches_reference"
    dimension: ClassVar = Dimension.ACCURACY
    skips: ClassVar = "rows without a value or without a key"
    example: ClassVar = {"source": "ledger", "key": "LOAN_ID", "column": "BALANCE"}
    key: str | Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        description="The key's column, or columns, in the rule's own source."
    )
    reference_key: str | Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        default=None, description="What the same columns are called in the other source, where that differs."
    )

    @model_validator(mode="after")
    def _keys_are_alike(self) -> Self:
        if self.reference_key is not None and len(_listed(self.reference_key)) != len(_listed(self.key)):
            raise ValueError("key and reference_key name different numbers of columns; name as many of both")
        return self

    def sentence(self, column: str) -> str:
        return f"{column} equals {self.column} in {self.source} for the same {' and '.join(_listed(self.key))}."

    def further_columns(self) -> tuple[str, ...]:
        return _listed(self.key)

    def bind(self, table: ir.Table, columns: Sequence[str]) -> Self:
        keys = tuple(resolve_column(name, columns) for name in _listed(self.key))
        return self.model_copy(update={"key": keys, "reference_key": self.reference_key or self.key})

    def keys(self) -> list[tuple[str, str]]:
        return list(zip(_listed(self.key), _listed(self.reference_key or self.key), strict=True))


def _listed(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


def _looked_up(number: int) -> str:
    return f"looked up {number}"


def column_of(other: OpenSource, name: str) -> str:
    """Return the other source's column that `name` means.

    Raises:
        RuleError: There is none; the message names the source.
    """
    try:
        return resolve_column(name, other.columns)
    except RuleError as error:
        raise RuleError(f"in {other.name}: {error}") from error


def _alike(table: ir.Table, own: str, other: ir.Table, theirs: str) -> list[ir.Value]:
    """Return two columns in forms that are equal where their values are; whole numbers are compared with text as text.

    Raises:
        RuleError: They do not compare.
    """
    columns = [table[own], other[theirs]]
    kinds = {kind_of(column.type()) for column in columns}
    if kinds <= NUMERIC:
        return comparable(columns)
    if kinds <= TEMPORAL and columns[0].type() != columns[1].type():
        return [column.cast("timestamp") for column in columns]
    if kinds == {ColumnKind.TEXT, ColumnKind.INTEGER}:
        return [text_of(table, own), text_of(other, theirs)]
    if len(kinds) > 1:
        mine, other_kind = (kind_of(column.type()) for column in columns)
        raise RuleError(
            f"column '{own}' ({mine}) does not compare with '{theirs}' ({other_kind}) of the other source. "
            "Choose columns of the same kind, or declare their types alike."
        )
    return columns
