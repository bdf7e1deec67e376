"""What methods of pandas' `.str` give for each text of a column, and those of `str` taken as functions."""

import re
from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call, Function, plain
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import Pattern, Series
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Cell, Constant, Moment, Text, Truth, as_truth
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import either
from profiling_pipeline.legacy_migration.translation.symbolic.parts import sliced, split
from profiling_pipeline.legacy_migration.translation.symbolic.patterns import differences_of
from profiling_pipeline.legacy_migration.translation.symbolic.texts import call_method, length, matched


def text_accessor_method(state: State, series: Series, call: Call) -> Series:
    """Return what a method of `.str` gives for each text; nothing for what is none.

    Raises:
        NotRecognisedError: It is not known here.
        StopsError: It always stops with an error.
    """
    return Series(_of_texts(state, _texts(state, series.cell), call), series.rows)


def _of_texts(state: State, cell: Cell, call: Call) -> Cell:
    match call.name, call.given:
        case ("split", [separator]):
            return split(cell, plain(separator))
        case ("len", []):
            return length(cell)
        case ("match" | "fullmatch" | "contains", [pattern, *_]):
            return _matched(state, cell, pattern, call)
        case ("slice", [start]):
            return sliced(cell, plain(start), None)
        case ("slice", [start, stop]):
            return sliced(cell, plain(start), plain(stop))
        case ("replace", [old, new]):
            return _replaced(cell, plain(old), plain(new), call)
        case ("startswith" | "endswith", [part, *_]):
            truth = as_truth(call_method(cell, call.name, [plain(part)]))
            return _with_na(truth, call.plain("na", None, position=1))
    return call_method(cell, call.name, [plain(each) for each in call.given])


def _texts(state: State, cell: Cell) -> Cell:
    """Return a column whose texts are asked for, as a column of texts."""
    state.columns.learn(cell, Constant(""))
    if isinstance(cell, Moment) and cell.text:
        return Text(cell.text, cell.missing, cell.needs)
    return cell


def _matched(state: State, cell: Cell, pattern: Any, call: Call) -> Truth:
    flags = pattern.flags if isinstance(pattern, Pattern) else 0
    text = pattern.pattern if isinstance(pattern, Pattern) else plain(pattern)
    if not isinstance(text, str):
        raise NotRecognisedError("it looks for a pattern that is not written out")
    flags |= call.plain("flags", 0, position=2)
    if call.plain("case", True, position=1) is False:
        flags |= re.IGNORECASE
    if call.plain("regex", True, position=4) is False:
        text = re.escape(text)
    for difference in differences_of(text):
        state.note(difference)
    return _with_na(matched(cell, text, flags, call.name), call.plain("na", None, position=3))


def _with_na(truth: Truth, na: Any) -> Truth:
    """Return a truth value that is what was asked for where there is no text."""
    if na is None:
        return truth
    return Truth(either(truth.true, truth.missing) if na else truth.true)


def _replaced(cell: Cell, old: Any, new: Any, call: Call) -> Cell:
    is_pattern = call.plain("regex", False) is True
    if not isinstance(old, str) or not isinstance(new, str) or (is_pattern and not old.replace(" ", "").isalnum()):
        raise NotRecognisedError("it replaces by a pattern")
    return call_method(cell, "replace", [old, new])


def _unbound(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Cell() as cell] if call.name.startswith("str."):
            return call_method(cell, call.short_name, [])
    return NotImplemented


FUNCTIONS: Mapping[str, Function] = dict.fromkeys(("strip", "upper", "lower", "isdigit"), _unbound)
