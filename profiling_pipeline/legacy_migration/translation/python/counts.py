"""Numbers of rows: how a text comes by them, computes with them and decides by them."""

from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.series import true_rows
from profiling_pipeline.legacy_migration.translation.python.values import (
    Count,
    Distinct,
    Flag,
    Frequencies,
    Series,
)
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Choice, Constant, Truth, cases_of, is_truth
from profiling_pipeline.legacy_migration.translation.symbolic.comparisons import MIRRORED
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import EVERY_ROW, Repeated, both
from profiling_pipeline.legacy_migration.translation.verdict import ShareAtMost


def as_count(value: Any) -> Count | None:
    """Return a value as a number of rows, None if it is none; a list starts as none and grows by rows."""
    if isinstance(value, Count):
        return value
    if isinstance(value, Constant) and type(value.value) is int:
        return Count(constant=value.value)
    return Count() if isinstance(value, Constant) and value.value == [] else None


def count_true(series: Series) -> Count:
    """Return the sum of a column of truth values, or of ones and zeros."""
    cell = series.cell
    if isinstance(cell, Constant | Choice) and not all(is_truth(each) for _, each in cases_of(cell)):
        terms = []
        for condition, each in cases_of(cell):
            if not isinstance(each, Constant) or not isinstance(each.value, int):
                raise NotRecognisedError("it adds up the values themselves")
            terms.append((int(each.value), both(series.rows, condition)))
        return Count(tuple(terms))
    if not isinstance(cell, Truth | Constant | Choice):
        raise NotRecognisedError("it adds up the values themselves")
    return Count.of(true_rows(series))


def repeated_count(total: Count, distinct: Distinct) -> Count:
    """Return how many rows there are beyond one of each value.

    Raises:
        NotRecognisedError: The rows are not those among which the values were counted.
    """
    if total.terms != ((1, distinct.rows),) or total.constant or distinct.rows != EVERY_ROW:
        raise NotRecognisedError("it takes a number of values from a number of other rows")
    if not distinct.counts_missing:
        raise NotRecognisedError("it counts rows without a value among the repeated ones")
    return Count.of(Repeated((distinct.column,), "first"))


def as_shares(frequencies: Frequencies, total: Any) -> Frequencies:
    """Return how often values occur, in relation to all rows.

    Raises:
        NotRecognisedError: The divisor is no number of rows.
    """
    if not isinstance(total, Count) or len(total.terms) != 1 or frequencies.are_shares:
        raise NotRecognisedError("it divides frequencies by something that is not known here")
    return Frequencies(frequencies.column, frequencies.rows, are_shares=True)


def compare_counts(operator: str, left: Any, right: Any) -> Flag:
    """Return what a comparison with a number of rows, of values or with frequencies says of the rows as a whole.

    Raises:
        NotRecognisedError: It is none that a check could make.
    """
    if not isinstance(left, Count | Frequencies | Distinct):
        left, right, operator = right, left, MIRRORED[operator]
    match left, right:
        case (Frequencies(are_shares=True), Constant(value=int() | float() as share)) if operator in (">", ">="):
            return Flag(ShareAtMost(left.column, float(share), operator == ">="), is_negated=True)
        case (Frequencies(are_shares=True), Constant(value=int() | float() as share)) if operator in ("<", "<="):
            return Flag(ShareAtMost(left.column, float(share), operator == "<"))
        case (Count(terms=((1, condition),), constant=0), Constant(value=0)):
            match operator:
                case ">" | "!=":
                    return Flag(condition)
                case "==" | "<=":
                    return Flag(condition, is_negated=True)
        case (Distinct(column=column, rows=rows), Count(terms=((1, counted),), constant=0)):
            if rows == counted and operator in ("==", "!=", "<"):
                return Flag(Repeated((column,), "first"), is_negated=operator == "==")
    raise NotRecognisedError("it decides by a number of rows")
