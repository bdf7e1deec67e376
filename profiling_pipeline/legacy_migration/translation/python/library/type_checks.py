"""Questions for the type of a value or a column."""

from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call, Function, plain
from profiling_pipeline.legacy_migration.translation.python.series import dtype_of
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import Known, Series
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Choice,
    Constant,
    Moment,
    Nanoseconds,
    Number,
    Text,
    Truth,
    as_truth,
    chosen,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import EVERY_ROW, NO_ROW, negated

_INTEGERS = frozenset({"int", "np.integer", "np.int64", "np.int32", "numbers.Integral"})
_FLOATS = frozenset({"float", "np.floating", "np.float64"})
_ANY_NUMBER = frozenset({"np.number", "numbers.Number", "numbers.Real"})
_MOMENTS = frozenset({"datetime", "date", "datetime.datetime", "datetime.date", "pd.Timestamp"})
_NAMES: Mapping[type, str] = {bool: "bool", int: "int", float: "float", str: "str"}
_DTYPES = {
    "is_numeric_dtype": ("float64", "int64", "bool"), "is_float_dtype": ("float64",),
    "is_integer_dtype": ("int64",), "is_string_dtype": ("object",), "is_object_dtype": ("object",),
    "is_datetime64_any_dtype": ("datetime64[ns]",),
}  # fmt: skip


def _has_dtype(_: Evaluator, call: Call) -> Any:
    if len(call.given) != 1:
        return NotImplemented
    one = call.given[0]
    dtype = dtype_of(one.cell) if isinstance(one, Series) else one
    return Constant(plain(dtype) in _DTYPES[call.short_name])


def _isinstance(evaluator: Evaluator, call: Call) -> Any:
    if len(call.given) != 2:
        return NotImplemented
    value, types = call.given
    wanted = types.value if isinstance(types, Constant) and isinstance(types.value, list) else [types]
    if not all(isinstance(each, Known) for each in wanted):
        raise NotRecognisedError("it asks for a type that is not known here")
    if not isinstance(value, Cell):
        raise NotRecognisedError("it asks for the type of something that is not known here")
    return _is_one_of(evaluator.state, value, frozenset(each.name for each in wanted))


def _is_one_of(state: State, cell: Cell, names: frozenset[str]) -> Truth:
    if isinstance(cell, Choice):
        return as_truth(chosen([(condition, _is_one_of(state, each, names)) for condition, each in cell.cases]))
    if isinstance(cell, Text) or (isinstance(cell, Constant) and isinstance(cell.value, str)):
        if names & (_INTEGERS | _FLOATS | _ANY_NUMBER):
            state.columns.learn(cell, Constant(0))
        if "str" in names:
            state.columns.learn(cell, Constant(""))
    match cell:
        case Text():
            return Truth(negated(cell.missing) if "str" in names else NO_ROW)
        case Number():
            return _is_number(cell, names)
        case Moment(text=text) if text and "str" in names:
            return Truth(negated(cell.missing))
        case Moment() | Nanoseconds():
            return Truth(negated(cell.missing) if names & _MOMENTS else NO_ROW)
        case Truth():
            return Truth(negated(cell.missing) if names & {"bool", "int"} else NO_ROW)
        case Constant(value=value):
            return Truth(EVERY_ROW if _NAMES.get(type(value)) in names else NO_ROW)
    raise NotRecognisedError("it asks for the type of something that is not known here")


def _is_number(number: Number, names: frozenset[str]) -> Truth:
    """Return where a number, or the missing value in its place, is of one of some types; NaN is a float."""
    if names & _ANY_NUMBER or (names & _INTEGERS and names & _FLOATS):
        return Truth(EVERY_ROW)
    if names & _INTEGERS:
        return Truth(NO_ROW if number.is_float else negated(number.missing))
    return Truth((EVERY_ROW if number.is_float else number.missing) if names & _FLOATS else NO_ROW)


FUNCTIONS: Mapping[str, Function] = {"isinstance": _isinstance, **dict.fromkeys(_DTYPES, _has_dtype)}
