"""What methods of pandas' tables give."""

from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call
from profiling_pipeline.legacy_migration.translation.python.library.series_methods import kept
from profiling_pipeline.legacy_migration.translation.python.loops import apply_to_rows
from profiling_pipeline.legacy_migration.translation.python.series import column_of
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import Frame, Series, Tuples
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Constant, Row, Truth, missing_of
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import EVERY_ROW, Repeated, both, negated


def frame_method(evaluator: Evaluator, frame: Frame, call: Call) -> Any:
    """Return what a method of a table gives.

    Raises:
        NotRecognisedError: It is not known here.
        StopsError: It always stops with an error.
    """
    if call.name in ("isna", "isnull", "notna", "notnull"):
        raise NotRecognisedError("it asks of all columns at once")
    match call.name, call.given:
        case ("copy" | "reset_index", []):
            return frame
        case ("dropna", []):
            return _with_values(evaluator.state, frame, call.plain("subset", None))
        case ("duplicated", _):
            return _duplicated(evaluator.state, frame, call)
        case ("iterrows", []):
            return Tuples((Constant(None), Row()), frame.rows)
        case ("apply", [function]) if call.plain("axis", 0) in (1, "columns"):
            return apply_to_rows(evaluator, function, Series(Row(), frame.rows))
        case ("apply", _):
            raise StopsError("it applies a function of one value to whole columns")
        case ("get", [Constant(value=str() as column), *_]):
            return column_of(evaluator.state, frame, column)
    raise NotRecognisedError(f"it uses .{call.name}() of tables")


def _with_values(state: State, frame: Frame, columns: Any) -> Frame:
    if columns is None:
        raise NotRecognisedError("it leaves out rows in a way that is not known here")
    names = [columns] if isinstance(columns, str) else columns
    gaps = [missing_of(state.columns.cell(each)) for each in names]
    return Frame(both(frame.rows, *(negated(gap) for gap in gaps)))


def _duplicated(state: State, frame: Frame, call: Call) -> Series:
    columns = call.plain("subset", None, position=0)
    keep = call.plain("keep", "first")
    names = [columns] if isinstance(columns, str) else columns
    if not names or frame.rows != EVERY_ROW:
        raise NotRecognisedError("it looks for rows that are the same in all columns")
    found = tuple(state.columns.find(each) or each for each in names)
    return Series(Truth(Repeated(found, kept(keep))), frame.rows)
