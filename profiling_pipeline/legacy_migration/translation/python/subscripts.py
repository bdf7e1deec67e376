"""What `owner[index]` in a rule text stands for."""

import ast
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import plain
from profiling_pipeline.legacy_migration.translation.python.series import column_of
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import (
    Accessor,
    Frame,
    Frequencies,
    Record,
    Scope,
    Series,
)
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Choice,
    Constant,
    Part,
    Row,
    Text,
    as_truth,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import NO_ROW, both
from profiling_pipeline.legacy_migration.translation.symbolic.parts import part_at, sliced


def subscript(evaluator: Evaluator, owner: Any, index: ast.expr, scope: Scope) -> Any:
    """Return what `owner[index]` stands for."""
    if isinstance(index, ast.Slice):
        return _slice(owner, *_bounds(evaluator, index, scope))
    if isinstance(owner, Accessor) and owner.name == "loc" and isinstance(index, ast.Tuple) and len(index.elts) == 2:
        rows, column = index.elts
        return subscript(evaluator, subscript(evaluator, owner.owner, rows, scope), column, scope)
    return _item(evaluator, owner, evaluator.evaluate(index, scope))


def _item(evaluator: Evaluator, owner: Any, key: Any) -> Any:
    state = evaluator.state
    match owner, key:
        case (Accessor(owner=inner, name="loc"), _):
            return _selected(state, inner, key)
        case (Accessor(owner=Series() as series, name="str"), Constant(value=int() as place)):
            return Series(part_at(series.cell, place), series.rows)
        case (Accessor(owner=Frequencies() as frequencies, name="iloc"), Constant(value=0)):
            return frequencies
        case (Frame() | Series(), _):
            return _selected(state, owner, key)
        case (Row(), Constant(value=str() as column)):
            return state.columns.cell(column)
        case (Constant(value=list() as values), Constant(value=int() as place)) if -len(values) <= place < len(values):
            found = values[place]
            return Constant(found) if found is None or isinstance(found, bool | int | float | str | list) else found
        case (Constant(value=str() as text), Constant(value=int() as place)) if -len(text) <= place < len(text):
            return Constant(text[place])
        case (Choice() | Part() | Text(), Constant(value=int() as place)):
            return part_at(state.reachable(owner), place)
        case (Record(), Constant(value=str() as name)) if name in owner.nodes:
            return evaluator.evaluate(owner.nodes[name], owner.scope)
    raise NotRecognisedError("it looks something up in a way that is not known here")


def _selected(state: State, owner: Frame | Series, key: Any) -> Frame | Series:
    """Return the column of a table that a name means, or the rows of a table or column that a mask lets through."""
    match key:
        case Constant(value=str() as name) if isinstance(owner, Frame):
            return column_of(state, owner, name)
        case Constant(value=list() as several) if isinstance(owner, Frame) and all(isinstance(n, str) for n in several):
            return owner
        case Series(cell=cell):
            truth = as_truth(cell)
            if both(key.rows, truth.missing) != NO_ROW:
                state.note("Where the text picks rows by something that may be missing, pandas stopped with an error.")
            rows = both(owner.rows, key.rows, truth.true)
            return Frame(rows) if isinstance(owner, Frame) else Series(owner.cell, rows, owner.column)
    raise NotRecognisedError("it picks rows in a way that is not known here")


def _bounds(evaluator: Evaluator, index: ast.Slice, scope: Scope) -> list[Any]:
    bounds = [plain(evaluator.evaluate(each, scope)) if each else None for each in (index.lower, index.upper)]
    if index.step or not all(each is None or type(each) is int for each in bounds):
        raise NotRecognisedError("it takes a part in a way that is not known here")
    return bounds


def _slice(owner: Any, start: int | None, stop: int | None) -> Cell | Series:
    match owner:
        case Accessor(owner=Series() as series, name="str"):
            return Series(sliced(series.cell, start, stop), series.rows)
        case Cell() if not isinstance(owner, Row):
            return sliced(owner, start, stop)
    raise NotRecognisedError("it takes a part of the rows")
