"""What methods of pandas' columns give."""

from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.comparisons import tested
from profiling_pipeline.legacy_migration.translation.python.counts import count_true
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call, plain
from profiling_pipeline.legacy_migration.translation.python.library.conversions import astype
from profiling_pipeline.legacy_migration.translation.python.loops import apply_to_rows
from profiling_pipeline.legacy_migration.translation.python.series import (
    column_name,
    elementwise,
    missing_mask,
    present_mask,
    true_rows,
)
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import (
    Count,
    Distinct,
    Flag,
    Frequencies,
    Series,
    Tuples,
)
from profiling_pipeline.legacy_migration.translation.symbolic.arithmetic import absolute, rounded
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Constant,
    Number,
    Truth,
    as_truth,
    filled,
    missing_of,
    present,
)
from profiling_pipeline.legacy_migration.translation.symbolic.comparisons import is_in
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Repeated,
    both,
    negated,
)

_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def series_method(evaluator: Evaluator, series: Series, call: Call) -> Any:
    """Return what a method of a column gives.

    Raises:
        NotRecognisedError: It is not known here.
        StopsError: It always stops with an error.
    """
    state = evaluator.state
    match call.name, call.given:
        case ("isin", _):
            return _isin(state, series, call)
        case ("between", _):
            return _between(state, series, call)
        case ("fillna", _):
            return _fillna(state, series, call)
        case ("astype", _):
            return astype(state, series, call.given[0] if call.given else call.named.get("dtype"))
        case ("apply" | "map", _):
            return _apply(evaluator, series, call)
        case ("duplicated", _):
            return _duplicated(series, call.plain("keep", "first", position=0))
        case ("where" | "mask", _):
            raise NotRecognisedError("it replaces values by condition")
        case (name, [other]) if name in _COMPARISONS:
            operator = _COMPARISONS[name]
            return elementwise(lambda a, b: Truth(tested(state, operator, a, b)), series, other)
        case ("round", _):
            return Series(rounded(series.cell, call.plain("decimals", 0, position=0)), series.rows)
        case (_, []):
            return _without_arguments(series, call)
    raise NotRecognisedError(f"it uses .{call.name}() of columns")


def kept(keep: Any) -> str:
    """Return which row of each group of equal ones does not count as repeated: `first`, `last` or `none`.

    Raises:
        NotRecognisedError: It is another.
    """
    if keep not in ("first", "last", False):
        raise NotRecognisedError("it looks for repeated values in a way that is not known here")
    return keep or "none"


def _without_arguments(series: Series, call: Call) -> Any:
    cell, rows = series.cell, series.rows
    match call.name:
        case "isna" | "isnull":
            return missing_mask(series)
        case "notna" | "notnull":
            return present_mask(series)
        case "dropna":
            return Series(present(cell), both(rows, negated(missing_of(cell))), series.column)
        case "copy" | "tolist" | "to_list" | "to_numpy" | "reset_index" | "infer_objects":
            return series
        case "items" | "iteritems":
            return Tuples((Constant(None), cell), rows)
        case "abs":
            return Series(_absolute(cell), rows)
    return _aggregated(series, call)


def _aggregated(series: Series, call: Call) -> Any:
    cell, rows = series.cell, series.rows
    match call.name:
        case "sum":
            return count_true(series)
        case "count":
            return Count.of(both(rows, negated(missing_of(cell))))
        case "any":
            return Flag(true_rows(series))
        case "all":
            return Flag(both(rows, negated(as_truth(cell).true)), is_negated=True)
        case "nunique":
            return Distinct(column_name(series), rows, call.plain("dropna", True) is False)
        case "unique":
            return Distinct(column_name(series), rows, counts_missing=True)
        case "value_counts":
            return Frequencies(column_name(series), rows, call.plain("normalize", False) is True)
    raise NotRecognisedError(f"it uses .{call.name}() of columns")


def _isin(state: State, series: Series, call: Call) -> Series:
    match call.given:
        case [Constant(value=list() as values)]:
            state.columns.learn(series.cell, *map(Constant, values[:3]))
            return Series(Truth(is_in(series.cell, values)), series.rows)
    raise NotRecognisedError("it looks values up in something that is not known here")


def _between(state: State, series: Series, call: Call) -> Series:
    bounds = [*call.given, *(call.named[key] for key in ("left", "right") if key in call.named)]
    inclusive = plain(call.named.get("inclusive", bounds.pop() if len(bounds) == 3 else Constant("both")))
    if len(bounds) != 2 or inclusive not in ("both", "neither", "left", "right", True, False):
        raise NotRecognisedError("it asks for a range in a way that is not known here")
    if not all(isinstance(bound, Cell) for bound in bounds):
        raise NotRecognisedError("it asks for a range between columns")
    above = tested(state, ">=" if inclusive in ("both", "left", True) else ">", series.cell, bounds[0])
    below = tested(state, "<=" if inclusive in ("both", "right", True) else "<", series.cell, bounds[1])
    return Series(Truth(both(above, below)), series.rows)


def _fillna(state: State, series: Series, call: Call) -> Series:
    value = call.given[0] if call.given else call.named.get("value")
    if not isinstance(value, Constant) or isinstance(value.value, list):
        raise NotRecognisedError("it fills gaps with something else than one value")
    state.columns.learn(series.cell, value)
    if isinstance(value.value, str) and isinstance(series.cell, Number):
        raise NotRecognisedError("it fills gaps among numbers with a text")
    return Series(filled(series.cell, value), series.rows)


def _apply(evaluator: Evaluator, series: Series, call: Call) -> Series:
    if len(call.given) != 1 or call.named:
        raise NotRecognisedError("it applies a function with further arguments")
    return apply_to_rows(evaluator, call.given[0], series)


def _duplicated(series: Series, keep: Any) -> Series:
    if missing_of(series.cell) != NO_ROW and series.rows != EVERY_ROW:
        raise NotRecognisedError("it looks for repeated values among some of the rows")
    return Series(Truth(Repeated((column_name(series),), kept(keep))), series.rows)


def _absolute(cell: Cell) -> Number:
    if not isinstance(cell, Number):
        raise StopsError("it takes the absolute value of what is no number")
    return absolute(cell)
