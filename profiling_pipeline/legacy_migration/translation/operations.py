"""What becomes of values when a legacy text compares them, computes with them and takes texts apart."""

import math
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from profiling_pipeline.exchange.sql_text import value_sql
from profiling_pipeline.legacy_migration.translation.cells import (
    Cell,
    Choice,
    Constant,
    LengthOfPart,
    Match,
    Moment,
    Nanoseconds,
    Number,
    Part,
    Text,
    Truth,
    as_truth,
    each_case,
    missing_of,
)
from profiling_pipeline.legacy_migration.translation.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    Missing,
    both,
    comparison,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.moments import Point
from profiling_pipeline.legacy_migration.translation.patterns import re2_pattern

_SQL = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPPOSITES = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_LONGEST_TRIED = 16
_ARITHMETIC = {"+", "-", "*", "/", "%"}
# Moments of whole days, against a moment with the time of day of the run.
_WITHOUT_TIME = {"<": "<=", "<=": "<=", ">": ">", ">=": ">", "==": "==", "!=": "!="}
_PATTERNS_OF_METHODS = {
    "isdigit": "^[0-9]+$", "isnumeric": "^[0-9]+$", "isdecimal": "^[0-9]+$", "isalpha": "^[A-Za-z]+$",
    "isalnum": "^[A-Za-z0-9]+$", "isspace": r"^\s+$",
}  # fmt: skip
_PYTHON: dict[str, Any] = {
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def literal(value: Any) -> str:
    """Return a plain value as SQL.

    Raises:
        NotRecognisedError: Rules have no such value.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotRecognisedError("it compares with a number that is not finite")
        value = int(value) if value.is_integer() and abs(value) < 10**15 else Decimal(repr(value))
    if not isinstance(value, bool | int | Decimal | str):
        raise NotRecognisedError(f"it compares with a value of type {type(value).__name__}")
    if isinstance(value, str) and "\0" in value:
        raise NotRecognisedError("it has a character that texts cannot have")
    return value_sql(value)


def compare(operator: str, left: Cell, right: Cell) -> Condition:
    """Return where a comparison holds; one with a missing value does not, unless it is `!=`.

    Raises:
        StopsError: Values of these kinds have no order.
    """
    if operator == "!=":
        return negated(compare("==", left, right))
    if isinstance(left, Choice):
        return either(*(both(condition, compare(operator, cell, right)) for condition, cell in left.cases))
    if isinstance(right, Choice) or (isinstance(left, Constant | Point) and not isinstance(right, Constant)):
        return compare(MIRRORED[operator], right, left)
    match left, right:
        case Constant(value=a), Constant(value=b):
            return _compare_constants(operator, a, b)
        case _, Constant(value=None):
            return NO_ROW
        case Truth(), Constant(value=bool() | int() | float() as value):
            wanted = left.true if value == 1 else both(negated(left.true), negated(left.missing))
            return wanted if operator == "==" and value in (0, 1) else _refuse_order(operator)
        case Number(), Constant(value=bool()):
            return compare(operator, left, Constant(int(right.value)))
        case Number(), Constant(value=int() | float() | Decimal() as value):
            return _tested(left, operator, literal(value))
        case Text(), Constant(value=str() as value):
            return _tested(left, operator, literal(value))
        case (Moment() | Nanoseconds(), Point()):
            return _compare_moment(operator, left, right)
        case LengthOfPart(), Constant(value=int() as value):
            return _compare_part(operator, left, value)
        case Number(), Number():
            return _between_two(left, operator, right)
        case Text(), Text():
            return _between_two(left, operator, right)
        case Moment(), Moment():
            return _between_two(left, operator, right)
        case Nanoseconds(), Nanoseconds():
            return _between_two(left, operator, right)
        case Truth(), Truth() if operator == "==":
            same = both(left.true, right.true), both(negated(left.true), negated(right.true))
            return both(either(*same), negated(left.missing), negated(right.missing))
    if isinstance(left, Match | Part) or isinstance(right, Match | Part):
        raise NotRecognisedError("it compares parts of a text in a way that is not known here")
    return NO_ROW if operator == "==" else _refuse_order(operator)


def is_in(cell: Cell, values: list[Any]) -> Condition:
    """Return where a value is one of a list."""
    if isinstance(cell, Choice):
        return either(*(both(condition, is_in(each, values)) for condition, each in cell.cases))
    if isinstance(cell, Constant):
        return EVERY_ROW if any(_is_same(cell.value, value) for value in values) else NO_ROW
    has_missing = any(value is None or value != value for value in values)  # NaN is unlike itself
    if isinstance(cell, Truth):
        found = [compare("==", cell, Constant(value)) for value in (True, False) if value in values]
        return either(*found, missing_of(cell) if has_missing else NO_ROW)
    options = list(dict.fromkeys(literal(value) for value in values if _goes_with(cell, value)))
    missing = missing_of(cell) if has_missing else NO_ROW
    if not options or not isinstance(cell, Number | Text):
        return missing
    if len(options) == 1:
        return either(missing, comparison(f"{cell.sql} = {options[0]}", f"{cell.sql} <> {options[0]}", cell.needs))
    listed = f"({', '.join(options)})"
    return either(missing, comparison(f"{cell.sql} IN {listed}", f"{cell.sql} NOT IN {listed}", cell.needs))


def compute(operator: str, left: Cell, right: Cell) -> Cell:
    """Return a sum, difference, product, quotient or remainder of numbers.

    Raises:
        NotRecognisedError: It is none.
    """
    if isinstance(left, Choice):
        return each_case(left, lambda cell: compute(operator, cell, right))
    if isinstance(right, Choice):
        return each_case(right, lambda cell: compute(operator, left, cell))
    if operator not in _ARITHMETIC:
        raise NotRecognisedError(f"it computes with {operator}")
    numbers = [cell for cell in (left, right) if isinstance(cell, Number)]
    if not numbers or not all(_is_number(cell) for cell in (left, right)):
        raise StopsError("it computes with what is no number")
    sql = f"({_operand(left)} {operator} {_operand(right)})"
    missing = either(*(cell.missing for cell in numbers))
    needs = frozenset().union(*(cell.needs for cell in numbers))
    if operator in "/%":
        if isinstance(right, Number):
            raise NotRecognisedError("it divides by a column")
        if isinstance(right, Constant) and right.value == 0:
            raise NotRecognisedError("it divides by zero")
    return Number(sql, missing, needs, operator == "/" or any(each.is_float for each in numbers) or _has_float(right))


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


def as_text(cell: Cell) -> Cell:
    """Return a value as Python writes it; a missing one has been replaced before."""
    match cell:
        case Choice():
            return each_case(cell, as_text)
        case Constant(value):
            return Constant(str(value))
        case Text() | Part():
            return cell
        case Number():
            return _number_text(cell)
        case Truth():
            return Choice(((cell.true, Constant("True")), (negated(cell.true), Constant("False"))))
        case Moment():
            return Text(cell.text or f"CAST({cell.sql} AS VARCHAR)", cell.missing, cell.needs)
    raise NotRecognisedError("it writes something as text that is not known here")


def as_number(cell: Cell) -> tuple[Cell, Condition]:
    """Return a value as a binary number, and where that stops because it is none."""
    match cell:
        case Choice():
            cases = [(condition, *as_number(each)) for condition, each in cell.cases]
            fails = either(*(both(condition, stops) for condition, _, stops in cases))
            return Choice(tuple((condition, number) for condition, number, _ in cases)), fails
        case Constant(value=bool() | int() | float() as value):
            return Constant(float(value)), NO_ROW
        case Constant(value=str() as value):
            try:
                number = float(value)
            except ValueError:
                return Constant(None), EVERY_ROW
            return Constant(None if math.isnan(number) else number), NO_ROW
        case Constant(value=None):
            return cell, NO_ROW
        case Number():
            return replace(cell, is_float=True, is_whole=cell.is_whole or not cell.is_float), NO_ROW
        case Text(of=Number() as number):
            whole = number.is_whole or not number.is_float
            return replace(number, missing=cell.missing, is_float=True, is_whole=whole), NO_ROW
        case Text():
            sql = f"TRY_CAST({cell.sql} AS DOUBLE)"
            is_none = Missing(sql)
            return Number(sql, is_none, frozenset({sql}), is_float=True), both(negated(cell.missing), is_none)
        case Truth():
            return Choice(((cell.true, Constant(1.0)), (negated(cell.true), Constant(0.0)))), NO_ROW
    raise StopsError("it reads something as a number that can be none")


def whole_part(cell: Cell) -> Cell:
    """Return a number without its decimals."""
    match cell:
        case Choice():
            return each_case(cell, whole_part)
        case Constant(value=int() | float() as value):
            return Constant(int(value))
        case Number() if cell.is_whole or not cell.is_float:
            return Number(cell.sql, cell.missing, cell.needs, is_float=False)
        case Number():
            sql = f"CASE WHEN {cell.sql} < 0 THEN CEIL({cell.sql}) ELSE FLOOR({cell.sql}) END"
            return Number(sql, cell.missing, cell.needs, is_float=False)
    raise StopsError("it takes the whole part of what is no number")


def is_whole(cell: Cell) -> Truth:
    """Return where a number has no decimals."""
    match cell:
        case Choice():
            return as_truth(each_case(cell, is_whole))
        case Constant(value=int() | float() as value):
            return Truth(EVERY_ROW if float(value).is_integer() else NO_ROW)
        case Number() if cell.is_whole or not cell.is_float:
            return Truth(negated(cell.missing))
        case Number():
            tested = comparison(f"{cell.sql} = FLOOR({cell.sql})", f"{cell.sql} <> FLOOR({cell.sql})", cell.needs)
            return Truth(both(negated(cell.missing), tested))
    raise StopsError("it asks whether something is whole that is no number")


def rounded(cell: Cell, decimals: int) -> Cell:
    """Return a number rounded to some decimals."""
    if isinstance(cell, Choice):
        return each_case(cell, lambda each: rounded(each, decimals))
    if isinstance(cell, Constant) and isinstance(cell.value, int | float):
        return Constant(round(cell.value, decimals))
    if not isinstance(cell, Number) or not 0 <= decimals <= 15:
        raise NotRecognisedError("it rounds in a way that is not known here")
    return Number(f"ROUND({cell.sql}, {decimals})", cell.missing, cell.needs, cell.is_float)


def text_method(cell: Cell, method: str, arguments: list[Any]) -> Cell:
    """Return what a method of Python's texts gives.

    Raises:
        NotRecognisedError: The method is not known here.
    """
    if isinstance(cell, Choice):
        return each_case(cell, lambda each: text_method(each, method, arguments))
    if isinstance(cell, Constant) and isinstance(cell.value, str):
        return _method_of_constant(cell.value, method, arguments)
    if isinstance(cell, Constant) and cell.value is None:
        return cell
    if not isinstance(cell, Text):
        raise StopsError(f"it asks for .{method}() of what is no text")
    match method, arguments:
        case ("strip", []):
            return Text(f"TRIM({cell.sql})", cell.missing, cell.needs)
        case ("upper" | "lower", []):
            return Text(f"{method.upper()}({cell.sql})", cell.missing, cell.needs)
        case ("replace", [str() as old, str() as new]):
            return Text(f"REPLACE({cell.sql}, {literal(old)}, {literal(new)})", cell.missing, cell.needs)
        case ("startswith" | "endswith", [str() as part]) if part:
            side = "LEFT" if method == "startswith" else "RIGHT"
            return Truth(_tested(cell, "==", literal(part), f"{side}({cell.sql}, {len(part)})"), cell.missing)
        case ("startswith" | "endswith", [[*parts]]) if parts:
            each = [as_truth(text_method(cell, method, [part])).true for part in parts]
            return Truth(either(*each), cell.missing)
    if method in _PATTERNS_OF_METHODS and not arguments:
        return matched(cell, _PATTERNS_OF_METHODS[method], 0, "match")
    raise NotRecognisedError(f"it uses .{method}() of texts")


def parted(cell: Cell, separator: Any) -> Cell:
    """Return a text taken apart at a character, of which the first, second or last part may be asked for.

    Raises:
        NotRecognisedError: It is taken apart otherwise.
    """
    match cell:
        case Choice():
            return each_case(cell, lambda each: parted(each, separator))
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
            return part_of_text(cell, place, place + 1 if place >= 0 else None)
    raise NotRecognisedError("it takes a part of a text in a way that is not known here")


def part_of_text(cell: Cell, start: int | None, stop: int | None) -> Cell:
    """Return a slice of a text.

    Raises:
        NotRecognisedError: It is neither from the start, nor to the end, nor between two places.
    """
    if isinstance(cell, Choice):
        return each_case(cell, lambda each: part_of_text(each, start, stop))
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


def holds(cell: Cell) -> Condition:
    """Return where Python takes a value for true: also where it is NaN."""
    match cell:
        case Truth(true):
            return true
        case Match(found):
            return found
        case Constant(value):
            return EVERY_ROW if value else NO_ROW
        case Choice(cases):
            return either(*(both(condition, holds(each)) for condition, each in cases))
        case Number():
            return either(cell.missing, _tested(cell, "!=", "0"))
        case Text():
            return both(negated(cell.missing), _tested(cell, "!=", "''"))
    raise NotRecognisedError("it takes something for true or false that is neither")


def _tested(cell: Number | Text, operator: str, right: str, left: str | None = None) -> Condition:
    sql, word = left or cell.sql, _SQL[operator]
    return both(
        negated(cell.missing), comparison(f"{sql} {word} {right}", f"{sql} {_OPPOSITES[word]} {right}", cell.needs)
    )


def _between_two(left: Any, operator: str, right: Any) -> Condition:
    word = _SQL[operator]
    tested = comparison(
        f"{left.sql} {word} {right.sql}", f"{left.sql} {_OPPOSITES[word]} {right.sql}", left.needs | right.needs
    )
    return both(negated(left.missing), negated(right.missing), tested)


def _compare_moment(operator: str, left: Moment | Nanoseconds, right: Point) -> Condition:
    if isinstance(left, Nanoseconds):
        point = right.nanoseconds_sql
    else:
        operator, point = (_WITHOUT_TIME[operator] if right.has_time else operator), right.sql
    word = _SQL[operator]
    tested = comparison(f"{left.sql} {word} {point}", f"{left.sql} {_OPPOSITES[word]} {point}", left.needs)
    return both(negated(left.missing), tested)


def _compare_part(operator: str, left: LengthOfPart, value: int) -> Condition:
    if operator == "==":
        return both(_is_short(left, value), negated(_is_short(left, value - 1)))
    most = {"<=": value, "<": value - 1, ">": value, ">=": value - 1}[operator]
    return _is_short(left, most) if operator in ("<", "<=") else negated(_is_short(left, most))


def _is_short(left: LengthOfPart, most: int) -> Condition:
    """Return where a part has at most so many characters."""
    if most < 0:
        return NO_ROW
    text, place = left.part.text, left.part.place
    if text.of is not None and left.part.separator == "." and place != 0:
        return _has_decimals(text, text.of, most)
    mark = re.escape(left.part.separator)
    short = f"[^{mark}]{{0,{most}}}"
    patterns = {-1: f"(?:^|{mark}){short}$", 0: f"^{short}(?:{mark}|$)", 1: f"^[^{mark}]*{mark}{short}(?:{mark}|$)"}
    return matched(text, patterns[place or 0], re.DOTALL, "contains").true


def _has_decimals(text: Text, number: Number, most: int) -> Condition:
    """Return where a number is written with at most so many decimals.

    Python writes every binary number with at least one, and with as few as make it that number.
    """
    if not number.is_float:
        return compare("<=", length(text), Constant(most))  # without a point, all of it is the last part
    if most == 0 or most > 15 or number.is_whole:
        return NO_ROW if most == 0 else EVERY_ROW
    rounded_sql = f"ROUND({number.sql}, {most})"
    return comparison(f"{number.sql} = {rounded_sql}", f"{number.sql} <> {rounded_sql}", number.needs)


def _number_text(cell: Number) -> Text:
    if not cell.is_float:
        return Text(f"CAST({cell.sql} AS VARCHAR)", cell.missing, cell.needs, cell)
    if cell.is_whole:
        return Text(f"CONCAT(CAST({cell.sql} AS VARCHAR), '.0')", cell.missing, cell.needs, cell)
    binary = f"CAST(CAST({cell.sql} AS DOUBLE) AS VARCHAR)"
    sql = f"CASE WHEN {cell.sql} = FLOOR({cell.sql}) THEN CONCAT({binary}, '.0') ELSE {binary} END"
    return Text(sql, cell.missing, cell.needs, cell)


def _method_of_constant(value: str, method: str, arguments: list[Any]) -> Cell:
    if method not in {"strip", "upper", "lower", "startswith", "endswith", "replace", *_PATTERNS_OF_METHODS}:
        raise NotRecognisedError(f"it uses .{method}() of texts")
    if len(value) > 1000 or not all(isinstance(each, str) and len(each) < 100 for each in arguments):
        raise NotRecognisedError(f"it uses .{method}() of texts")
    try:
        return Constant(getattr(value, method)(*arguments))
    except TypeError as error:
        raise StopsError(f"it uses .{method}() with wrong arguments") from error


def _compare_constants(operator: str, left: Any, right: Any) -> Condition:
    if left is None or right is None:
        return EVERY_ROW if operator == "==" and left is right else NO_ROW
    try:
        return EVERY_ROW if _PYTHON[operator](left, right) else NO_ROW
    except TypeError as error:
        raise StopsError("it compares values that have no order") from error


def _refuse_order(operator: str) -> Condition:
    raise StopsError(f"it compares values of different kinds with {operator}")


def _is_same(left: Any, right: Any) -> bool:
    return bool(left == right) or (left is None and right is None)


def _goes_with(cell: Cell, value: Any) -> bool:
    if isinstance(cell, Number):
        return isinstance(value, int | float | Decimal) and value == value  # NaN is unlike itself
    return isinstance(value, str)


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, Number) or (isinstance(cell, Constant) and isinstance(cell.value, int | float | Decimal))


def _has_float(cell: Cell) -> bool:
    return isinstance(cell, Constant) and isinstance(cell.value, float)


def _operand(cell: Cell) -> str:
    return cell.sql if isinstance(cell, Number) else literal(cell.value)  # type: ignore[attr-defined]  # as just asked
