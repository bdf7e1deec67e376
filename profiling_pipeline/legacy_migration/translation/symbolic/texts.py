"""Patterns in texts, their lengths and the methods of Python's texts."""

import re
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Choice,
    Constant,
    LengthOfPart,
    Number,
    Part,
    Text,
    Truth,
    as_truth,
    each_case,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    both,
    comparison,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.symbolic.expressions import compared_with, literal
from profiling_pipeline.legacy_migration.translation.symbolic.patterns import re2_pattern

_LONGEST_TRIED = 16
_METHODS_AS_PATTERNS = {
    "isdigit": "^[0-9]+$", "isnumeric": "^[0-9]+$", "isdecimal": "^[0-9]+$", "isalpha": "^[A-Za-z]+$",
    "isalnum": "^[A-Za-z0-9]+$", "isspace": r"^\s+$",
}  # fmt: skip


def matched(cell: Cell, pattern: str, flags: int, where: str) -> Truth:
    """Return where a pattern is found in a text: `where` is match, fullmatch or contains (search)."""
    if isinstance(cell, Choice):
        return as_truth(each_case(cell, lambda each: matched(each, pattern, flags, where)))
    re2 = re2_pattern(pattern, flags, where)
    if isinstance(cell, Constant) and isinstance(cell.value, str):
        # Mostly 'nan' or 'None'; a pattern may need time that grows exponentially with the text.
        if len(cell.value) > _LONGEST_TRIED:
            raise NotRecognisedError("it looks for a pattern in a long text of its own")
        found = getattr(re.compile(pattern, flags), {"contains": "search"}.get(where, where))(cell.value)
        return Truth(EVERY_ROW if found else NO_ROW)
    if isinstance(cell, Constant) and cell.value is None:
        return Truth(NO_ROW, EVERY_ROW)
    if not isinstance(cell, Text):
        raise StopsError("it looks for a pattern in what is no text")
    call = f"REGEXP_LIKE({cell.sql}, {literal(re2)})"
    return Truth(both(negated(cell.missing), comparison(call, f"NOT {call}", cell.needs)), cell.missing)


def contains(cell: Cell, part: str) -> Condition:
    """Return where a text contains another."""
    if isinstance(cell, Choice):
        return either(*(both(condition, contains(each, part)) for condition, each in cell.cases))
    if part == "." and isinstance(cell, Text) and cell.of is not None:
        return negated(cell.missing) if cell.of.is_float else NO_ROW
    return matched(cell, re.escape(part), 0, "contains").true


def length(cell: Cell) -> Cell:
    """Return the number of characters of a text."""
    match cell:
        case Choice():
            return each_case(cell, length)
        case Constant(value=str() as value):
            return Constant(len(value))
        case Text():
            return Number(f"LENGTH({cell.sql})", cell.missing, cell.needs, is_float=False)
        case Part(place=int()):
            return LengthOfPart(cell)
        case Constant(value=None):
            return Constant(None)
    raise StopsError("it takes the length of what is no text")


def call_method(cell: Cell, name: str, arguments: list[Any]) -> Cell:
    """Return what a method of Python's texts gives.

    Raises:
        NotRecognisedError: The method is not known here.
    """
    if isinstance(cell, Choice):
        return each_case(cell, lambda each: call_method(each, name, arguments))
    if isinstance(cell, Constant) and isinstance(cell.value, str):
        return _constant_method(cell.value, name, arguments)
    if isinstance(cell, Constant) and cell.value is None:
        return cell
    if not isinstance(cell, Text):
        raise StopsError(f"it asks for .{name}() of what is no text")
    match name, arguments:
        case ("strip", []):
            return Text(f"TRIM({cell.sql})", cell.missing, cell.needs)
        case ("upper" | "lower", []):
            return Text(f"{name.upper()}({cell.sql})", cell.missing, cell.needs)
        case ("replace", [str() as old, str() as new]):
            return Text(f"REPLACE({cell.sql}, {literal(old)}, {literal(new)})", cell.missing, cell.needs)
        case ("startswith" | "endswith", [str() as part]) if part:
            side = "LEFT" if name == "startswith" else "RIGHT"
            return Truth(compared_with(cell, "==", literal(part), f"{side}({cell.sql}, {len(part)})"), cell.missing)
        case ("startswith" | "endswith", [[*parts]]) if parts:
            each = [as_truth(call_method(cell, name, [part])).true for part in parts]
            return Truth(either(*each), cell.missing)
    if name in _METHODS_AS_PATTERNS and not arguments:
        return matched(cell, _METHODS_AS_PATTERNS[name], 0, "match")
    raise NotRecognisedError(f"it uses .{name}() of texts")


def _constant_method(value: str, name: str, arguments: list[Any]) -> Cell:
    if name not in {"strip", "upper", "lower", "startswith", "endswith", "replace", *_METHODS_AS_PATTERNS}:
        raise NotRecognisedError(f"it uses .{name}() of texts")
    if len(value) > 1000 or not all(isinstance(each, str) and len(each) < 100 for each in arguments):
        raise NotRecognisedError(f"it uses .{name}() of texts")
    try:
        return Constant(getattr(value, name)(*arguments))
    except TypeError as error:
        raise StopsError(f"it uses .{name}() with wrong arguments") from error
