"""What names in a rule text stand for beyond a value of each row: frames, columns, counts, functions."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from profiling_pipeline.legacy_migration.translation.symbolic.cells import Cell
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import EVERY_ROW, Condition, negated
from profiling_pipeline.legacy_migration.translation.verdict import ShareAtMost

Scope = dict[str, Any]


# Of all rows


@dataclass(frozen=True)
class Frame:
    """Rows of the source: those for which a condition holds."""

    rows: Condition = EVERY_ROW


@dataclass(frozen=True)
class Series:
    """A value of each of some rows; `column` is the column whose values it has, None where they are computed."""

    cell: Cell
    rows: Condition
    column: str | None = None


@dataclass(frozen=True)
class Tuples:
    """Several values of each of some rows, as `zip`, `enumerate` and `.items` give them, to be taken apart."""

    parts: tuple[Any, ...]  # values of a row, or again tuples of them
    rows: Condition


@dataclass(frozen=True)
class ColumnNames:
    """The names of the source's columns."""


@dataclass(frozen=True)
class Count:
    """A number of rows: how many there are for which each condition holds, each so many times, and a number."""

    terms: tuple[tuple[int, Condition], ...] = ()
    constant: int = 0

    @classmethod
    def of(cls, rows: Condition) -> "Count":
        """Return how many rows there are for which a condition holds."""
        return cls(((1, rows),))

    def plus(self, other: "Count", times: int = 1) -> "Count":
        """Return the sum with another, that one taken so many times."""
        terms = *self.terms, *((factor * times, condition) for factor, condition in other.terms)
        return Count(terms, self.constant + times * other.constant)


@dataclass(frozen=True)
class Distinct:
    """How many different values a column has, rows without one left out or counted as one more."""

    column: str
    rows: Condition
    counts_missing: bool = False


@dataclass(frozen=True)
class Frequencies:
    """How often each value of a column occurs, as numbers or as shares of all values; the greatest comes first."""

    column: str
    rows: Condition
    are_shares: bool


@dataclass(frozen=True)
class Flag:
    """Something that is true or false of the rows as a whole: that some row fulfils a condition, or the contrary."""

    condition: Condition | ShareAtMost
    is_negated: bool = False

    def turned(self) -> "Flag":
        """Return its negation."""
        return Flag(self.condition, not self.is_negated)


def every(condition: Condition) -> Flag:
    """Return whether all rows fulfil a condition."""
    return Flag(negated(condition), is_negated=True)


@dataclass(frozen=True)
class Conditional:
    """One of two values, by something that is true or false of the rows as a whole."""

    flag: Flag
    if_true: Any
    if_false: Any


# Of the text itself


@dataclass(frozen=True)
class Known:
    """A module, type or function of Python or of a library, by its dotted name."""

    name: str


@dataclass(frozen=True)
class BoundMethod:
    """A method of a value, not yet called."""

    owner: Any
    name: str


@dataclass(frozen=True)
class Accessor:
    """What `.str`, `.dt`, `.loc` and `.iloc` of a value give."""

    owner: Any
    name: str


@dataclass(frozen=True)
class Pattern:
    """A compiled regular expression."""

    pattern: str
    flags: int = 0


@dataclass(frozen=True)
class Closure:
    """A function that the text defines, with the names that it sees."""

    node: ast.FunctionDef | ast.Lambda
    scope: Scope = field(hash=False, compare=False)


@dataclass(frozen=True)
class Record:
    """A dictionary, whose values are looked at when they are asked for."""

    nodes: Mapping[str, ast.expr] = field(hash=False, compare=False)
    scope: Scope = field(hash=False, compare=False)


@dataclass(frozen=True)
class Unknown:
    """Something that is not known here, which only matters where it is used."""

    reason: str
