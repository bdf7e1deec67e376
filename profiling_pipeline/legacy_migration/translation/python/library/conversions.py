"""Conversions of values from one type to another: str(), int(), float(), bool(), pd.to_numeric, .astype()."""

from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call, Function, plain
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import Count, Flag, Known, Series
from profiling_pipeline.legacy_migration.translation.symbolic.arithmetic import whole_part
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Choice,
    Constant,
    Moment,
    Number,
    Text,
    Truth,
    chosen,
    missing_of,
    present,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    both,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conversions import as_number, as_text, truthiness
from profiling_pipeline.legacy_migration.translation.symbolic.texts import matched

MISSING_TEXT = "pandas writes a missing value as the text '{}', which is judged like any other text. This is kept."
_MAY_NOT_READ = "Where a value is no {}, the text stopped with an error; here such rows fail and the others are tested."


def text_with_missing(state: State, cell: Cell, rows: Condition = EVERY_ROW) -> Cell:
    """Return the texts of values as Python writes them, missing ones included."""
    missing = missing_of(cell)
    if isinstance(cell, Choice | Constant) or both(state.path, rows, missing) == NO_ROW:
        return as_text(present(cell))
    word = state.columns.missing_text
    if word is None:
        return as_text(cell)
    if isinstance(cell, Number):
        word = "nan"
    elif isinstance(cell, Moment) and cell.text is None:
        word = "NaT"
    state.note(MISSING_TEXT.format(word))
    return chosen([(missing, Constant(word)), (negated(missing), as_text(present(cell)))])


def astype(state: State, series: Series, target: Any) -> Series:
    """Return a column as one of another type.

    Raises:
        NotRecognisedError: The type is not known here.
    """
    name = target.name if isinstance(target, Known) else plain(target)
    cell = series.cell
    match str(name).removeprefix("np."):
        case "object" if name == "object":
            return series
        case "str" | "string":
            return Series(text_with_missing(state, cell, series.rows), series.rows, series.column)
        case "float" | "float64" | "Float64" | "float32":
            number, fails = as_number(cell)
            if fails != NO_ROW:
                state.note(_MAY_NOT_READ.format("number"))
            return Series(number, series.rows)
        case "int" | "int64" | "Int64" | "int32":
            number, fails = (cell, NO_ROW) if isinstance(cell, Choice | Number) else as_number(cell)
            if both(series.rows, either(fails, missing_of(number))) != NO_ROW:
                state.note(_MAY_NOT_READ.format("whole number"))
            return Series(whole_part(number), series.rows)
        case "bool":
            return Series(Truth(truthiness(cell)), series.rows)
    raise NotRecognisedError("it changes a column to a type that is not known here")


def read_from(state: State, given: Any, read: Cell, stops: Condition, kind: str) -> Cell | Series:
    """Return a column, or one value, as it was read; `stops` is where the text ended because it could not be."""
    if not isinstance(given, Series):
        state.stop_where(stops)
        return read
    if stops != NO_ROW:
        state.note(_MAY_NOT_READ.format(kind))
    return Series(read, given.rows)


def _to_numeric(evaluator: Evaluator, call: Call) -> Any:
    if len(call.given) != 1:
        return NotImplemented
    is_coerced = call.plain("errors", "raise") == "coerce"
    given = call.given[0]
    cell = given.cell if isinstance(given, Series) else given
    if isinstance(cell, Number):
        return given
    number, fails = as_number(cell)
    return read_from(evaluator.state, given, number, NO_ROW if is_coerced else fails, "number")


def _float(evaluator: Evaluator, call: Call) -> Any:
    match call.given:
        case [Count() as count, *_] if call.short_name == "float":
            return count
        case [Cell() as cell]:
            return _to_number(evaluator.state, cell)
    return NotImplemented


def _int(evaluator: Evaluator, call: Call) -> Any:
    match call.given:
        case [Count() as count, *_]:
            return count
        case [Cell() as cell]:
            return _to_whole(evaluator.state, cell)
    return NotImplemented


def _str(evaluator: Evaluator, call: Call) -> Any:
    match call.given:
        case [Cell() as cell]:
            return text_with_missing(evaluator.state, cell)
    return NotImplemented


def _bool(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Cell() as cell]:
            return Truth(truthiness(cell))
        case [Flag() as flag]:
            return flag
    return NotImplemented


def _to_number(state: State, cell: Cell) -> Cell:
    number, fails = as_number(cell)
    state.stop_where(either(fails, cell.missing if isinstance(cell, Text) else NO_ROW))
    if cell == Constant(None):
        raise StopsError("it reads nothing as a number")
    return number


def _to_whole(state: State, cell: Cell) -> Cell:
    """Return int(x): of a text only where it is a whole number, of NaN never."""
    if isinstance(cell, Text) and cell.of is None:
        whole = matched(cell, r"^\s*[+-]?[0-9]+\s*$", 0, "match").true
        state.stop_where(negated(whole))
        sql = f"TRY_CAST({cell.sql} AS BIGINT)"
        return Number(sql, NO_ROW, frozenset({sql}), is_float=False)
    state.stop_where(missing_of(cell))
    if isinstance(cell, Text):
        if cell.of is not None and cell.of.is_float:
            raise StopsError("it reads the text of a binary number as a whole one")
        return cell.of or cell
    return whole_part(cell)


FUNCTIONS: Mapping[str, Function] = {
    "float": _float, "Decimal": _float, "int": _int, "str": _str, "bool": _bool, "to_numeric": _to_numeric,
}  # fmt: skip
