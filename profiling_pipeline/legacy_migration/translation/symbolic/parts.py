"""Texts taken apart: at a separator, or between two places."""

import re
from dataclasses import replace
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.symbolic import texts
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Choice,
    Constant,
    LengthOfPart,
    Number,
    Part,
    Text,
    each_case,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    both,
    negated,
)
from profiling_pipeline.legacy_migration.translation.symbolic.expressions import compared, compared_with


def split(cell: Cell, separator: Any) -> Cell:
    """Return a text taken apart at a character, of which the first, second or last part may be asked for.

    Raises:
        NotRecognisedError: It is taken apart otherwise.
    """
    match cell:
        case Choice():
            return each_case(cell, lambda each: split(each, separator))
        case Constant(value=str() as value) if isinstance(separator, str) and separator:
            return Constant(value.split(separator))
        case Constant(value=None):
            return cell
        case Text() if isinstance(separator, str) and len(separator) == 1:
            return Part(cell, separator)
    raise NotRecognisedError("it takes texts apart in a way that is not known here")


def part_at(cell: Cell, place: int) -> Cell:
    """Return the part at a place of a text that was taken apart, or its character.

    Raises:
        NotRecognisedError: It is another part.
    """
    match cell:
        case Choice():
            return each_case(cell, lambda each: part_at(each, place))
        case Part(place=None) if place in (-1, 0, 1):
            return replace(cell, place=place)
        case Constant(value=list() | str() as parts):
            if not -len(parts) <= place < len(parts):
                raise StopsError("it takes a part that is not there")
            return Constant(parts[place])
        case Constant(value=None):
            return cell
        case Text() if place >= -1:
            return sliced(cell, place, place + 1 if place >= 0 else None)
    raise NotRecognisedError("it takes a part of a text in a way that is not known here")


def sliced(cell: Cell, start: int | None, stop: int | None) -> Cell:
    """Return a slice of a text.

    Raises:
        NotRecognisedError: It is neither from the start, nor to the end, nor between two places.
    """
    if isinstance(cell, Choice):
        return each_case(cell, lambda each: sliced(each, start, stop))
    if isinstance(cell, Constant) and isinstance(cell.value, str):
        return Constant(cell.value[start:stop])
    if not isinstance(cell, Text):
        raise StopsError("it takes a part of what is no text")
    begin = start or 0
    if begin >= 0 and stop is not None and stop >= begin:
        sql = f"SUBSTRING({cell.sql}, {begin + 1}, {stop - begin})" if begin else f"LEFT({cell.sql}, {stop})"
    elif begin >= 0 and stop is None:
        sql = f"SUBSTRING({cell.sql}, {begin + 1})"
    elif begin < 0 and stop is None:
        sql = f"RIGHT({cell.sql}, {-begin})"
    else:
        raise NotRecognisedError("it takes a part of a text in a way that is not known here")
    return Text(sql, cell.missing, cell.needs)


def compare_length(operator: str, left: LengthOfPart, value: int) -> Condition:
    """Return where the number of characters in a part compares with a number."""
    if operator == "==":
        return both(_is_at_most(left, value), negated(_is_at_most(left, value - 1)))
    most = {"<=": value, "<": value - 1, ">": value, ">=": value - 1}[operator]
    return _is_at_most(left, most) if operator in ("<", "<=") else negated(_is_at_most(left, most))


def _is_at_most(left: LengthOfPart, most: int) -> Condition:
    """Return where a part has at most so many characters."""
    if most < 0:
        return NO_ROW
    text, place = left.part.text, left.part.place
    if text.of is not None and left.part.separator == "." and place != 0:
        return _has_decimals(text, text.of, most)
    mark = re.escape(left.part.separator)
    short = f"[^{mark}]{{0,{most}}}"
    patterns = {-1: f"(?:^|{mark}){short}$", 0: f"^{short}(?:{mark}|$)", 1: f"^[^{mark}]*{mark}{short}(?:{mark}|$)"}
    return texts.matched(text, patterns[place or 0], re.DOTALL, "contains").true


def _has_decimals(text: Text, number: Number, most: int) -> Condition:
    """Return where a number is written with at most so many decimals.

    Python writes every binary number with at least one, and with as few as make it that number.
    """
    if not number.is_float:
        return compared_with(text, "<=", str(most), f"LENGTH({text.sql})")  # without a point it is one part
    if most == 0 or most > 15 or number.is_whole:
        return NO_ROW if most == 0 else EVERY_ROW
    return compared(number.sql, "==", f"ROUND({number.sql}, {most})", number.needs)
