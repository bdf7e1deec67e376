"""Functions of lists, ranges and columns as a whole: len, sum, list, zip and the like."""

from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation import limits
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.counts import count_true
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call, Function, plain
from profiling_pipeline.legacy_migration.translation.python.loops import apply_to_rows
from profiling_pipeline.legacy_migration.translation.python.values import (
    ColumnNames,
    Count,
    Distinct,
    Frame,
    Series,
    Tuples,
)
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Cell, Constant
from profiling_pipeline.legacy_migration.translation.symbolic.texts import length


def _length(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Frame(rows=rows) | Series(rows=rows) | Tuples(rows=rows)]:
            return Count.of(rows)
        case [Constant(value=list() as values)]:
            return Constant(len(values))
        case [Count() | Distinct() as number]:
            return number
        case [Cell() as cell]:
            return length(cell)
        case [_]:
            raise NotRecognisedError("it takes the length of something that is not known here")
    return NotImplemented


def _sum(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Series() as series]:
            return count_true(series)
        case [Count() as count, *_] if call.short_name == "sum":
            return count
    return NotImplemented


def _range(_: Evaluator, call: Call) -> Any:
    if not all(type(plain(bound)) is int for bound in call.given):
        return NotImplemented
    bounds = [plain(bound) for bound in call.given]
    if not 1 <= len(bounds) <= 3 or (len(bounds) == 3 and bounds[2] == 0):
        raise StopsError("it makes a range that cannot be")
    values = range(*bounds)
    if max(map(abs, bounds)) > 10**15 or len(values) > limits.MOST_ELEMENTS:
        raise NotRecognisedError("it has a long range")
    return Constant(list(values))


def _list(_: Evaluator, call: Call) -> Any:
    match call.short_name, call.given:
        case (_, [Constant(value=list()) as values]):
            return values
        case ("set" | "list" | "tuple" | "frozenset", [Constant(value=str() as text)]) if len(text) < 1000:
            return Constant(list(text))
        case ("set" | "list" | "tuple" | "frozenset", []):
            return Constant([])
        case ("set" | "list" | "tuple" | "sorted", [Series() | Tuples() | ColumnNames() as found]):
            return found
    return NotImplemented


def _array(evaluator: Evaluator, call: Call) -> Any:
    match call.short_name, call.given:
        case (_, [Series() as series]):
            return series
        case ("array", [Constant(value=list()) as values]):
            return values
    return NotImplemented


def _enumerate(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Series(cell=each, rows=rows) | Tuples(parts=each, rows=rows)]:
            return Tuples((Constant(0), each), rows)
    return NotImplemented


def _zip(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Series() as one, Series() as other] if one.rows == other.rows:
            return Tuples((one.cell, other.cell), one.rows)
    return NotImplemented


def _map(evaluator: Evaluator, call: Call) -> Any:
    match call.given:
        case [function, Series() as series]:
            return apply_to_rows(evaluator, function, series)
    return NotImplemented


def _max(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Constant(value=0), Count() as count] | [Count() as count, Constant(value=0)]:
            return count
    return NotImplemented


FUNCTIONS: Mapping[str, Function] = {
    "len": _length, "range": _range, "enumerate": _enumerate, "zip": _zip, "map": _map, "max": _max,
    **dict.fromkeys(("sum", "count_nonzero"), _sum),
    **dict.fromkeys(("set", "list", "tuple", "frozenset", "sorted"), _list),
    **dict.fromkeys(("Series", "array", "asarray"), _array),
}  # fmt: skip
