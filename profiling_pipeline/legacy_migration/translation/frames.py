"""What methods of pandas' columns and tables come to."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from profiling_pipeline.legacy_migration.translation import operations as ops
from profiling_pipeline.legacy_migration.translation.cells import (
    Cell,
    Choice,
    Constant,
    Moment,
    Nanoseconds,
    Number,
    Row,
    Text,
    Truth,
    as_truth,
    chosen,
    filled,
    missing_of,
    present,
)
from profiling_pipeline.legacy_migration.translation.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    Repeated,
    both,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.moments import (
    GUESSED_FORM,
    NANOSECONDS,
    read_as_moment,
)
from profiling_pipeline.legacy_migration.translation.patterns import differences_of
from profiling_pipeline.legacy_migration.translation.values import (
    Count,
    Distinct,
    Flag,
    Frame,
    Frequencies,
    Known,
    Pattern,
    Series,
)

if TYPE_CHECKING:
    from profiling_pipeline.legacy_migration.translation.interpreter import Interpreter

_TESTED = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
MISSING_TEXT = "pandas writes a missing value as the text '{}', which is judged like any other text. This is kept."
_MAY_NOT_READ = "Where a value is no {}, the text stopped with an error; here such rows fail and the others are tested."


# The named arguments that are understood, by method.
_NAMED: Mapping[str, frozenset[str]] = {
    "astype": frozenset({"dtype"}), "between": frozenset({"left", "right", "inclusive"}),
    "fillna": frozenset({"value"}), "duplicated": frozenset({"keep", "subset"}), "dropna": frozenset({"subset"}),
    "apply": frozenset({"axis"}),
    "match": frozenset({"case", "flags", "na"}), "fullmatch": frozenset({"case", "flags", "na"}),
    "contains": frozenset({"case", "flags", "na", "regex"}), "replace": frozenset({"regex"}),
    "startswith": frozenset({"na"}), "endswith": frozenset({"na"}), "nunique": frozenset({"dropna"}),
    "value_counts": frozenset({"normalize"}), "round": frozenset({"decimals"}), "reset_index": frozenset({"drop"}),
}  # fmt: skip


def _require_known(method: str, named: Mapping[str, Any]) -> None:
    if unknown := named.keys() - _NAMED.get(method, frozenset()):
        raise NotRecognisedError(f"it uses .{method}() with {min(unknown)[:40]}")


def missing_mask(series: Series) -> Series:
    """Return where values are missing."""
    return Series(Truth(missing_of(series.cell)), series.rows)


def present_mask(series: Series) -> Series:
    """Return where values are not missing."""
    return Series(Truth(negated(missing_of(series.cell))), series.rows)


def true_rows(series: Series) -> Condition:
    """Return the rows in which a column of truth values is true."""
    return both(series.rows, as_truth(series.cell).true)


def count_true(series: Series) -> Count:
    """Return the sum of a column of truth values, or of ones and zeros."""
    cell = series.cell
    if isinstance(cell, Constant | Choice) and not _is_all_truth(cell):
        cases = cell.cases if isinstance(cell, Choice) else ((EVERY_ROW, cell),)
        terms = []
        for condition, each in cases:
            if not isinstance(each, Constant) or not isinstance(each.value, int):
                raise NotRecognisedError("it adds up the values themselves")
            terms.append((int(each.value), both(series.rows, condition)))
        return Count(tuple(terms))
    if not isinstance(cell, Truth | Constant | Choice):
        raise NotRecognisedError("it adds up the values themselves")
    return Count(((1, true_rows(series)),))


def _is_all_truth(cell: Cell) -> bool:
    cases = [each for _, each in cell.cases] if isinstance(cell, Choice) else [cell]
    return all(isinstance(c, Truth) or (isinstance(c, Constant) and isinstance(c.value, bool)) for c in cases)


def series_attribute(series: Series, name: str) -> Any:
    """Return what an attribute of a column is, None where it is a method."""
    match name:
        case "values" | "array" | "T":
            return series
        case "size" | "shape":
            count = Count(((1, series.rows),))
            return count if name == "size" else Constant([count])
        case "empty":
            return Flag(series.rows, is_negated=True)
        case "is_unique":
            return Flag(Repeated((_column(series),), "first"), is_negated=True)
        case "hasnans":
            return Flag(both(series.rows, missing_of(series.cell)))
        case "dtype":
            return dtype_of(series.cell)
    return None


def dtype_of(cell: Cell) -> Constant:
    """Return the name of the type that pandas gives a column."""
    match cell:
        case Text():
            return Constant("object")
        case Number(is_float=is_float):
            return Constant("float64" if is_float else "int64")
        case Moment():
            return Constant("datetime64[ns]")
        case Truth(missing=missing):
            return Constant("bool" if missing == NO_ROW else "object")
    raise NotRecognisedError("it asks for a type that is not known here")


def frame_method(
    interpreter: "Interpreter", frame: Frame, name: str, given: list[Any], named: Mapping[str, Any]
) -> Any:
    """Return what a method of a table gives."""
    _require_known(name, named)
    match name, given:
        case ("copy" | "reset_index" | "head", []) if name != "head":
            return frame
        case ("dropna", []):
            columns = plain(named.get("subset", Constant(None)))
            if columns is None:
                raise NotRecognisedError("it leaves out rows in a way that is not known here")
            names = [columns] if isinstance(columns, str) else columns
            gaps = [missing_of(interpreter.columns.cell(each)) for each in names]
            return Frame(both(frame.rows, *(negated(gap) for gap in gaps)))
        case ("duplicated", _):
            columns = plain(named.get("subset", given[0] if given else Constant(None)))
            keep = plain(named.get("keep", Constant("first")))
            names = [columns] if isinstance(columns, str) else columns
            if not names or frame.rows != EVERY_ROW:
                raise NotRecognisedError("it looks for rows that are the same in all columns")
            found = tuple(interpreter.columns.find(each) or each for each in names)
            return Series(Truth(Repeated(found, _kept(keep))), frame.rows)
        case ("iterrows", []):
            return Series((Constant(None), Row()), frame.rows)  # type: ignore[arg-type]  # taken apart by the loop
        case ("apply", [function]) if plain(named.get("axis", Constant(0))) in (1, "columns"):
            return interpreter.each_row(function, Series(Row(), frame.rows))
        case ("apply", _):
            raise StopsError("it applies a function of one value to whole columns")
        case ("get", [Constant(value=str() as column), *_]):
            return column_of(interpreter, frame, column)
    raise NotRecognisedError(f"it uses .{name}() of tables")


def column_of(interpreter: "Interpreter", frame: Frame, name: str) -> Series:
    """Return a column of a table."""
    found = interpreter.columns.find(name) or name
    return Series(interpreter.columns.cell(name), frame.rows, found)


def series_method(
    interpreter: "Interpreter", series: Series, name: str, given: list[Any], named: Mapping[str, Any]
) -> Any:
    """Return what a method of a column gives."""
    _require_known(name, named)
    if found := _SERIES.get(name):
        return found(interpreter, series, given, named)
    cell, rows = series.cell, series.rows
    match name, given:
        case ("isna" | "isnull", []):
            return missing_mask(series)
        case ("notna" | "notnull", []):
            return present_mask(series)
        case ("dropna", []):
            return Series(present(cell), both(rows, negated(missing_of(cell))), series.column)
        case ("sum", []):
            return count_true(series)
        case ("count", []):
            return Count(((1, both(rows, negated(missing_of(cell)))),))
        case ("any", []):
            return Flag(true_rows(series))
        case ("all", []):
            return Flag(both(rows, negated(as_truth(cell).true)), is_negated=True)
        case ("copy" | "tolist" | "to_list" | "to_numpy" | "items" | "iteritems" | "reset_index" | "infer_objects", []):
            return _with_index(series) if name in ("items", "iteritems") else series
        case ("abs", []):
            return Series(_absolute(cell), rows)
        case ("round", [*decimals]):
            places = plain(decimals[0]) if decimals else plain(named.get("decimals", Constant(0)))
            return Series(ops.rounded(cell, places), rows)
        case ("nunique", []):
            return Distinct(_column(series), rows, plain(named.get("dropna", Constant(True))) is False)
        case ("unique", []):
            return Distinct(_column(series), rows, counts_missing=True)
        case ("value_counts", []):
            return Frequencies(_column(series), rows, plain(named.get("normalize", Constant(False))) is True)
    if name in _TESTED and len(given) == 1:
        return interpreter.elementwise(lambda a, b: Truth(tested(interpreter, _TESTED[name], a, b)), series, given[0])
    raise NotRecognisedError(f"it uses .{name}() of columns")


def _with_index(series: Series) -> Series:
    return Series((Constant(None), series.cell), series.rows)  # type: ignore[arg-type]  # taken apart by the loop


def tested(interpreter: "Interpreter", operator: str, left: Cell, right: Cell) -> Condition:
    """Return where a comparison holds, and learn from it what columns hold."""
    from profiling_pipeline.legacy_migration.translation.moments import CLOCK, Point, point_of

    for one, other in ((left, right), (right, left)):
        if isinstance(one, Moment | Nanoseconds) and isinstance(other, Constant) and isinstance(other.value, str):
            left, right, operator = one, point_of(other.value), operator if one is left else ops.MIRRORED[operator]
            break
    if any(isinstance(each, Point) and each.base is None for each in (left, right)):
        interpreter.note(CLOCK)
    interpreter.hint(left, right)
    return ops.compare(operator, left, right)


def _isin(interpreter: "Interpreter", series: Series, given: list[Any], _: Mapping[str, Any]) -> Series:
    if len(given) != 1 or not isinstance(given[0], Constant) or not isinstance(given[0].value, list):
        raise NotRecognisedError("it looks values up in something that is not known here")
    values = given[0].value
    interpreter.hint(series.cell, *(Constant(value) for value in values[:3]))
    return Series(Truth(ops.is_in(series.cell, values)), series.rows)


def _between(interpreter: "Interpreter", series: Series, given: list[Any], named: Mapping[str, Any]) -> Series:
    bounds = [*given, *(named[key] for key in ("left", "right") if key in named)]
    inclusive = plain(named.get("inclusive", bounds.pop() if len(bounds) == 3 else Constant("both")))
    if len(bounds) != 2 or inclusive not in ("both", "neither", "left", "right", True, False):
        raise NotRecognisedError("it asks for a range in a way that is not known here")
    above = ">=" if inclusive in ("both", "left", True) else ">"
    below = "<=" if inclusive in ("both", "right", True) else "<"

    def within(cell: Cell, low: Cell, high: Cell) -> Truth:
        return Truth(both(tested(interpreter, above, cell, low), tested(interpreter, below, cell, high)))

    if not all(isinstance(bound, Cell) for bound in bounds):
        raise NotRecognisedError("it asks for a range between columns")
    return Series(within(series.cell, bounds[0], bounds[1]), series.rows)


def _fillna(interpreter: "Interpreter", series: Series, given: list[Any], named: Mapping[str, Any]) -> Series:
    value = given[0] if given else named.get("value")
    if not isinstance(value, Constant) or isinstance(value.value, list):
        raise NotRecognisedError("it fills gaps with something else than one value")
    interpreter.hint(series.cell, value)
    if isinstance(value.value, str) and isinstance(series.cell, Number):
        raise NotRecognisedError("it fills gaps among numbers with a text")
    return Series(filled(series.cell, value), series.rows)


def _astype(interpreter: "Interpreter", series: Series, given: list[Any], named: Mapping[str, Any]) -> Series:
    target = given[0] if given else named.get("dtype")
    name = target.name if isinstance(target, Known) else plain(target)
    cell = series.cell
    match str(name).removeprefix("np."):
        case "str" | "string" | "object" if name == "object":
            return series
        case "str" | "string":
            return Series(text_with_missing(interpreter, series.cell, series.rows), series.rows, series.column)
        case "float" | "float64" | "Float64" | "float32":
            number, fails = ops.as_number(cell)
            if fails != NO_ROW:
                interpreter.note(_MAY_NOT_READ.format("number"))
            return Series(number, series.rows)
        case "int" | "int64" | "Int64" | "int32":
            number, fails = (cell, NO_ROW) if isinstance(cell, Choice | Number) else ops.as_number(cell)
            if both(series.rows, either(fails, missing_of(number))) != NO_ROW:
                interpreter.note(_MAY_NOT_READ.format("whole number"))
            return Series(ops.whole_part(number), series.rows)
        case "bool":
            return Series(Truth(ops.holds(cell)), series.rows)
    raise NotRecognisedError("it changes a column to a type that is not known here")


def text_with_missing(interpreter: "Interpreter", cell: Cell, rows: Condition = EVERY_ROW) -> Cell:
    """Return the texts of values as Python writes them, missing ones included."""
    missing = missing_of(cell)
    if isinstance(cell, Choice | Constant) or both(interpreter.live, rows, missing) == NO_ROW:
        return ops.as_text(present(cell))
    word = interpreter.columns.missing_text
    if word is None:
        return ops.as_text(cell)
    if isinstance(cell, Number):
        word = "nan"
    elif isinstance(cell, Moment) and cell.text is None:
        word = "NaT"
    interpreter.note(MISSING_TEXT.format(word))
    return chosen([(missing, Constant(word)), (negated(missing), ops.as_text(present(cell)))])


def _apply(interpreter: "Interpreter", series: Series, given: list[Any], named: Mapping[str, Any]) -> Series:
    if len(given) != 1 or named:
        raise NotRecognisedError("it applies a function with further arguments")
    return interpreter.each_row(given[0], series)


def _duplicated(_: "Interpreter", series: Series, given: list[Any], named: Mapping[str, Any]) -> Series:
    keep = plain(named.get("keep", given[0] if given else Constant("first")))
    cell = series.cell
    if missing_of(cell) == NO_ROW and series.rows != EVERY_ROW:
        return Series(Truth(Repeated((_column(series),), _kept(keep))), series.rows)
    if series.rows != EVERY_ROW:
        raise NotRecognisedError("it looks for repeated values among some of the rows")
    return Series(Truth(Repeated((_column(series),), _kept(keep))), series.rows)


def _where(interpreter: "Interpreter", series: Series, given: list[Any], _: Mapping[str, Any]) -> Series:
    raise NotRecognisedError("it replaces values by condition")


_SERIES: Mapping[str, Callable[..., Any]] = {
    "isin": _isin, "between": _between, "fillna": _fillna, "astype": _astype, "apply": _apply, "map": _apply,
    "duplicated": _duplicated, "where": _where, "mask": _where,
}  # fmt: skip


def text_accessor(
    interpreter: "Interpreter", series: Series, name: str, given: list[Any], named: Mapping[str, Any]
) -> Series:
    """Return what a method of `.str` gives for each text; nothing for what is none."""
    _require_known(name, named)
    cell = _texts(interpreter, series.cell)
    match name, given:
        case ("split", [separator]):
            return Series(ops.parted(cell, plain(separator)), series.rows)
        case ("len", []):
            return Series(ops.length(cell), series.rows)
        case ("match" | "fullmatch" | "contains", [pattern, *_]):
            return Series(_matched(interpreter, cell, name, pattern, given, named), series.rows)
        case ("slice", [*bounds]):
            return Series(
                ops.part_of_text(cell, *[plain(bound) for bound in (*bounds, Constant(None))][:2]), series.rows
            )
        case ("replace", [old, new, *_]):
            return Series(_replaced(cell, plain(old), plain(new), named), series.rows)
        case ("startswith" | "endswith", [part, *_]):
            truth = as_truth(ops.text_method(cell, name, [plain(part)]))
            return Series(_with_na(truth, named.get("na")), series.rows)
    result = ops.text_method(cell, name, [plain(each) for each in given])
    return Series(result, series.rows)


def _texts(interpreter: "Interpreter", cell: Cell) -> Cell:
    """Return a column whose texts are asked for, as a column of texts."""
    interpreter.hint(cell, Constant(""))
    if isinstance(cell, Moment) and cell.text:
        return Text(cell.text, cell.missing, cell.needs)
    return cell


def _matched(
    interpreter: "Interpreter", cell: Cell, name: str, pattern: Any, given: list[Any], named: Mapping[str, Any]
) -> Truth:
    flags = pattern.flags if isinstance(pattern, Pattern) else 0
    text = pattern.pattern if isinstance(pattern, Pattern) else plain(pattern)
    if not isinstance(text, str):
        raise NotRecognisedError("it looks for a pattern that is not written out")
    case = named.get("case", given[1] if len(given) > 1 else Constant(True))
    further = named.get("flags", given[2] if len(given) > 2 else Constant(0))
    flags |= plain(further) | (0 if plain(case) is not False else 2)
    if plain(named.get("regex", Constant(True))) is False:
        import re

        text = re.escape(text)
    for difference in differences_of(text):
        interpreter.note(difference)
    return _with_na(ops.matched(cell, text, flags, name), named.get("na"))


def _with_na(truth: Truth, na: Any) -> Truth:
    """Return a truth value that is what was asked for where there is no text."""
    if na is None or plain(na) is None:
        return truth
    return Truth(either(truth.true, truth.missing) if plain(na) else truth.true)


def _replaced(cell: Cell, old: Any, new: Any, named: Mapping[str, Any]) -> Cell:
    is_pattern = plain(named.get("regex", Constant(False))) is True
    if not isinstance(old, str) or not isinstance(new, str) or (is_pattern and not old.replace(" ", "").isalnum()):
        raise NotRecognisedError("it replaces by a pattern")
    return ops.text_method(cell, "replace", [old, new])


def date_accessor(series: Series, name: str) -> Series:
    """Return what an attribute of `.dt` is."""
    cell = series.cell
    if name in ("year", "month", "day") and isinstance(cell, Moment):
        return Series(Number(f"{name.upper()}({cell.sql})", cell.missing, cell.needs, is_float=True), series.rows)
    raise NotRecognisedError(f"it uses .dt.{name}")


def to_datetime(interpreter: "Interpreter", given: Any, named: Mapping[str, Any]) -> Any:
    """Return what pd.to_datetime gives."""
    from profiling_pipeline.legacy_migration.translation.moments import point_of

    if isinstance(given, Constant):
        return point_of(given.value)
    date_format = plain(named.get("format", Constant(None)))
    is_coerced = plain(named.get("errors", Constant("raise"))) == "coerce"
    cell = given.cell if isinstance(given, Series) else given
    if isinstance(cell, Number) and date_format is None:
        interpreter.note(NANOSECONDS)
        read: Cell = Nanoseconds(cell.sql, cell.missing, cell.needs)
    else:
        if isinstance(cell, Number):
            cell = ops.as_text(cell)
        if date_format is None and isinstance(cell, Text):
            interpreter.note(GUESSED_FORM)
        read = read_as_moment(cell, date_format)
    unreadable = both(negated(missing_of(cell)), missing_of(read))
    return _read_from(interpreter, given, read, NO_ROW if is_coerced else unreadable, "date")


def to_numeric(interpreter: "Interpreter", given: Any, named: Mapping[str, Any]) -> Any:
    """Return what pd.to_numeric gives."""
    is_coerced = plain(named.get("errors", Constant("raise"))) == "coerce"
    cell = given.cell if isinstance(given, Series) else given
    if isinstance(cell, Number):
        return given
    number, fails = ops.as_number(cell)
    return _read_from(interpreter, given, number, NO_ROW if is_coerced else fails, "number")


def _read_from(interpreter: "Interpreter", given: Any, read: Cell, stops: Condition, kind: str) -> Any:
    """Return a column, or one value, as it was read; `stops` is where the text ended because it could not be."""
    if not isinstance(given, Series):
        if stops != NO_ROW:
            interpreter.stop_where(stops)
        return read
    if stops != NO_ROW:
        interpreter.note(_MAY_NOT_READ.format(kind))
    return Series(read, given.rows)


def _absolute(cell: Cell) -> Cell:
    if not isinstance(cell, Number):
        raise StopsError("it takes the absolute value of what is no number")
    return Number(f"ABS({cell.sql})", cell.missing, cell.needs, cell.is_float)


def _column(series: Series) -> str:
    if series.column is None:
        raise NotRecognisedError("it counts different values of something that is computed")
    return series.column


def _kept(keep: Any) -> str:
    if keep not in ("first", "last", False):
        raise NotRecognisedError("it looks for repeated values in a way that is not known here")
    return keep or "none"


def plain(value: Any) -> Any:
    """Return the plain value of a constant.

    Raises:
        NotRecognisedError: It is none.
    """
    if not isinstance(value, Constant):
        raise NotRecognisedError("it uses a value that is not written out")
    return value.value
