"""What a legacy text computes of one row: values that are known only by how they come from the row's columns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    Missing,
    both,
    either,
    negated,
)

_MOST_CASES = 16


class Cell:
    """A value of each row."""


@dataclass(frozen=True, eq=False)
class Constant(Cell):
    """The same value in every row; None stands for a missing one. Unlike Python's own, True is not 1."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), str(self.value)))


@dataclass(frozen=True)
class Expression(Cell):
    """A value that an expression in SQL gives: null where it is `missing`, or where one of `needs` is null."""

    sql: str
    missing: Condition
    needs: frozenset[str]


@dataclass(frozen=True)
class Number(Expression):
    """A number; `is_float` where pandas holds it as a binary one, `is_whole` where it has no decimals even so."""

    is_float: bool = True
    is_whole: bool = False


@dataclass(frozen=True)
class Text(Expression):
    """A text; `of` is the number that it was written from, if it was."""

    of: Number | None = None


@dataclass(frozen=True)
class Moment(Expression):
    """A date, or a date and time; `text` is how its source writes it, if that is known."""

    text: str | None = None


@dataclass(frozen=True)
class Nanoseconds(Expression):
    """A number that pandas takes for the nanoseconds since 1970."""


@dataclass(frozen=True)
class Truth(Cell):
    """True or false, or missing."""

    true: Condition
    missing: Condition = NO_ROW


@dataclass(frozen=True)
class Part(Cell):
    """A text taken apart at a separator, or one of its parts: the first, the second or (-1) the last."""

    text: Text
    separator: str
    place: int | None = None


@dataclass(frozen=True)
class LengthOfPart(Cell):
    """The number of characters in a part of a text."""

    part: Part


@dataclass(frozen=True)
class Match(Cell):
    """A regular expression's match, or None."""

    found: Condition


@dataclass(frozen=True)
class Choice(Cell):
    """One of several values, each under its condition; exactly one of them holds in every row that counts."""

    cases: tuple[tuple[Condition, Cell], ...]


@dataclass(frozen=True)
class Row(Cell):
    """The row itself, of which columns are asked."""


def column_number(sql: str, *, is_float: bool, is_whole: bool) -> Number:
    """Return a column of numbers."""
    return Number(sql, Missing(sql), frozenset({sql}), is_float, is_whole)


def cases_of(cell: Cell) -> Sequence[tuple[Condition, Cell]]:
    """Return what a value may be, each with its condition."""
    return cell.cases if isinstance(cell, Choice) else ((EVERY_ROW, cell),)


def chosen(cases: Sequence[tuple[Condition, Cell]]) -> Cell:
    """Return one of several values by condition, as one value where that can be."""
    merged: dict[Cell, Condition] = {}
    for condition, cell in cases:
        for inner, value in cases_of(cell):
            reached = both(condition, inner)
            if reached != NO_ROW:
                merged[value] = either(merged.get(value, NO_ROW), reached)
    if len(merged) > _MOST_CASES:
        raise NotRecognisedError("it chooses among too many values")
    if len(merged) == 1:
        return next(iter(merged))
    if merged and all(is_truth(cell) for cell in merged):
        return _chosen_truth((condition, cell) for cell, condition in merged.items())
    return Choice(tuple((condition, cell) for cell, condition in merged.items()))


def each_case(choice: Choice, apply: Callable[[Cell], Cell]) -> Cell:
    """Apply a function to each of the values that one may be."""
    return chosen([(condition, apply(cell)) for condition, cell in choice.cases])


def _chosen_truth(cases: Iterable[tuple[Condition, Cell]]) -> Truth:
    truths = [(condition, as_truth(cell)) for condition, cell in cases]
    return Truth(
        either(*(both(condition, truth.true) for condition, truth in truths)),
        either(*(both(condition, truth.missing) for condition, truth in truths)),
    )


def is_truth(cell: Cell) -> bool:
    """Return whether a value is true or false wherever it is not missing."""
    return isinstance(cell, Truth) or (isinstance(cell, Constant) and isinstance(cell.value, bool))


def as_truth(cell: Cell) -> Truth:
    """Return a value that is true, false or missing as such.

    Raises:
        NotRecognisedError: It is something else.
    """
    if isinstance(cell, Truth):
        return cell
    if isinstance(cell, Constant) and (cell.value is None or isinstance(cell.value, bool)):
        return Truth(EVERY_ROW if cell.value else NO_ROW, EVERY_ROW if cell.value is None else NO_ROW)
    if isinstance(cell, Choice):
        return _chosen_truth(cell.cases)
    raise NotRecognisedError("it takes something for true or false that is neither")


def missing_of(cell: Cell) -> Condition:
    """Return in which rows a value is missing."""
    match cell:
        case Constant(value):
            return EVERY_ROW if value is None or value != value else NO_ROW  # NaN is unlike itself
        case Expression(missing=missing) | Truth(missing=missing):
            return missing
        case Match(found):
            return negated(found)
        case Choice(cases):
            return either(*(both(condition, missing_of(value)) for condition, value in cases))
    return NO_ROW


def filled(cell: Cell, value: Constant) -> Cell:
    """Return a value with another in place of a missing one."""
    if isinstance(cell, Number) and cell.is_float and type(value.value) is int:
        value = Constant(float(value.value))
    if isinstance(cell, Truth):
        return Truth(either(cell.true, both(cell.missing, as_truth(value).true)))
    missing = missing_of(cell)
    return chosen([(missing, value), (negated(missing), present(cell))])


def present(cell: Cell) -> Cell:
    """Return a value of which it is known that it is there."""
    if isinstance(cell, Expression):
        return replace(cell, missing=NO_ROW)
    return Truth(cell.true) if isinstance(cell, Truth) else cell
