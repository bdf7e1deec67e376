"""What names, attributes, subscripts and calls in a legacy text stand for."""

import ast
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from profiling_pipeline.legacy_migration.translation import frames, limits
from profiling_pipeline.legacy_migration.translation import operations as ops
from profiling_pipeline.legacy_migration.translation.cells import (
    Cell,
    Choice,
    Constant,
    Match,
    Moment,
    Nanoseconds,
    Number,
    Part,
    Row,
    Text,
    Truth,
    as_truth,
    chosen,
    missing_of,
)
from profiling_pipeline.legacy_migration.translation.conditions import (
    EVERY_ROW,
    NO_ROW,
    Repeated,
    both,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.frames import plain
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.moments import Point, point_of, read_as_moment, span_of
from profiling_pipeline.legacy_migration.translation.patterns import differences_of
from profiling_pipeline.legacy_migration.translation.values import (
    Accessor,
    Count,
    Distinct,
    Flag,
    Frame,
    Frequencies,
    Function,
    Known,
    Method,
    Names,
    Pattern,
    Rarer,
    Record,
    Series,
    every,
)

if TYPE_CHECKING:
    from profiling_pipeline.legacy_migration.translation.interpreter import Interpreter

_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_FLAGS = {"I": 2, "IGNORECASE": 2, "M": 8, "MULTILINE": 8, "S": 16, "DOTALL": 16, "A": 256, "ASCII": 256}
_CONSTANTS = {"np.nan": None, "np.NaN": None, "np.NAN": None, "pd.NA": None, "pd.NaT": None, "math.nan": None}
_NUMBERS = frozenset({"int", "float", "np.integer", "np.int64", "np.int32", "np.floating", "np.float64", "np.number",
                      "numbers.Number", "numbers.Integral", "numbers.Real", "Decimal", "decimal.Decimal", "complex",
                      "bool", "np.bool_", "str"})  # fmt: skip
_INTEGERS = frozenset({"int", "np.integer", "np.int64", "np.int32", "numbers.Integral"})
_FLOATS = frozenset({"float", "np.floating", "np.float64"})
_ANY_NUMBER = frozenset({"np.number", "numbers.Number", "numbers.Real"})
_MOMENTS = frozenset({"datetime", "date", "datetime.datetime", "datetime.date", "pd.Timestamp"})
_MODULES = frozenset({"pd", "np", "re", "datetime", "math", "decimal", "numbers", "date", "pd.api", "pd.api.types",
                      "pd.Timestamp", "datetime.datetime", "datetime.date", "str", "float", "int"})  # fmt: skip
_NOW = frozenset({"pd.Timestamp.now", "datetime.now", "datetime.datetime.now", "pd.Timestamp.today", "datetime.today",
                  "datetime.datetime.today", "datetime.utcnow", "datetime.datetime.utcnow",
                  "pd.Timestamp.utcnow"})  # fmt: skip
_SPANS = frozenset({"timedelta", "Timedelta", "DateOffset", "relativedelta"})


_NO_NAMES: frozenset[str] = frozenset()
# The named arguments that are understood, by function.
_NAMED: Mapping[str, frozenset[str]] = {
    "to_datetime": frozenset({"format", "errors"}), "to_numeric": frozenset({"errors"}),
    **dict.fromkeys(("compile", "match", "fullmatch", "search"), frozenset({"flags"})),
    **dict.fromkeys(_SPANS, frozenset({"years", "months", "weeks", "days", "hours", "minutes"})),
}  # fmt: skip


def attribute(interpreter: "Interpreter", owner: Any, name: str) -> Any:
    """Return what an attribute stands for; a method that is not called yet."""
    match owner, name:
        case (Known(name=module), _):
            return _of_module(module, name)
        case (Frame(), "columns"):
            return Names()
        case (Frame(rows=rows), "shape"):
            return Constant([Count(((1, rows),)), Constant(None)])
        case (Frame(rows=rows), "empty"):
            return Flag(rows, is_negated=True)
        case (Frame(rows=rows), "index"):
            return Series(Constant(0), rows)
        case (Frame() | Series(), "loc" | "iloc" | "str" | "dt" | "at"):
            return Accessor(owner, name)
        case (Frequencies(), "iloc"):
            return Accessor(owner, name)
        case (Series(), _):
            found = frames.series_attribute(owner, name)
            return Method(owner, name) if found is None else found
        case (Accessor(owner=Series() as series, name="dt"), "year" | "month" | "day"):
            return frames.date_accessor(series, name)
        case (Frame(), _) if name not in _FRAME_METHODS:
            return frames.column_of(interpreter, owner, name)
        case (Constant(value=str() as text), "kind" | "name") if text in ("object", "float64", "int64", "bool"):
            return Constant(text if name == "name" else {"object": "O"}.get(text, text[0]))
    return Method(owner, name)


_FRAME_METHODS = frozenset({"copy", "reset_index", "dropna", "duplicated", "iterrows", "apply", "get", "head", "query",
                            "isna", "isnull", "notna", "notnull", "groupby", "sort_values", "fillna"})  # fmt: skip


def _of_module(module: str, name: str) -> Any:
    dotted = f"{module}.{name}"
    if dotted in _CONSTANTS:
        return Constant(_CONSTANTS[dotted])
    if module == "re" and name in _FLAGS:
        return Constant(_FLAGS[name])
    if module not in _MODULES:
        raise NotRecognisedError(f"it uses {dotted[:60]}")
    return Known(dotted)


def subscript(interpreter: "Interpreter", owner: Any, index: ast.expr, names: dict[str, Any]) -> Any:
    """Return what `owner[index]` stands for."""
    if isinstance(index, ast.Slice):
        bounds = [plain(interpreter.value(each, names)) if each else None for each in (index.lower, index.upper)]
        if index.step or not all(each is None or type(each) is int for each in bounds):
            raise NotRecognisedError("it takes a part in a way that is not known here")
        return _slice(interpreter, owner, bounds[0], bounds[1])
    key = None
    if isinstance(owner, Accessor) and owner.name == "loc" and isinstance(index, ast.Tuple) and len(index.elts) == 2:
        frame = subscript(interpreter, owner.owner, index.elts[0], names)
        return subscript(interpreter, frame, index.elts[1], names)
    key = interpreter.value(index, names)
    match owner, key:
        case (Accessor(owner=inner, name="loc"), _):
            return _selected(interpreter, inner, key)
        case (Accessor(owner=Series() as series, name="str"), Constant(value=int() as place)):
            return Series(ops.part_at(series.cell, place), series.rows)
        case (Accessor(owner=Frequencies() as frequencies, name="iloc"), Constant(value=0)):
            return frequencies
        case (Frame() | Series(), _):
            return _selected(interpreter, owner, key)
        case (Row(), Constant(value=str() as column)):
            return interpreter.columns.cell(column)
        case (Constant(value=list() as values), Constant(value=int() as place)) if -len(values) <= place < len(values):
            found = values[place]
            return found if not _is_plain(found) else Constant(found)
        case (Constant(value=str() as text), Constant(value=int() as place)) if -len(text) <= place < len(text):
            return Constant(text[place])
        case (Choice() | Part() | Text(), Constant(value=int() as place)):
            return ops.part_at(interpreter.reachable(owner), place)
        case (Record(), Constant(value=str() as name)) if name in owner.nodes:
            return interpreter.value(owner.nodes[name], owner.names)
    raise NotRecognisedError("it looks something up in a way that is not known here")


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str | list)


def _slice(interpreter: "Interpreter", owner: Any, start: int | None, stop: int | None) -> Any:
    match owner:
        case Accessor(owner=Series() as series, name="str"):
            return Series(ops.part_of_text(series.cell, start, stop), series.rows)
        case Cell() if not isinstance(owner, Row):
            return ops.part_of_text(owner, start, stop)
    raise NotRecognisedError("it takes a part of the rows")


def _selected(interpreter: "Interpreter", owner: Any, key: Any) -> Any:
    """Return the column of a table that a name means, or the rows of a table or column that a mask lets through."""
    match key:
        case Constant(value=str() as name) if isinstance(owner, Frame):
            return frames.column_of(interpreter, owner, name)
        case Constant(value=list() as several) if isinstance(owner, Frame) and all(isinstance(n, str) for n in several):
            return owner
        case Series(cell=cell):
            truth = as_truth(cell)
            if both(key.rows, truth.missing) != NO_ROW:
                interpreter.note(
                    "Where the text picks rows by something that may be missing, pandas stopped with an error."
                )
            rows = both(owner.rows, key.rows, truth.true)
            if isinstance(owner, Frame):
                return Frame(rows)
            return Series(owner.cell, rows, owner.column)
    raise NotRecognisedError("it picks rows in a way that is not known here")


def call(interpreter: "Interpreter", node: ast.Call, names: dict[str, Any]) -> Any:
    """Return what a call gives."""
    if any(isinstance(each, ast.Starred) for each in node.args) or any(each.arg is None for each in node.keywords):
        raise NotRecognisedError("it calls something with arguments that are not written out")
    function = interpreter.value(node.func, names)
    if isinstance(function, Known) and function.name in ("any", "all") and len(node.args) == 1:
        return _any_or_all(interpreter, function.name, interpreter.value(node.args[0], names))
    given = [interpreter.value(each, names) for each in node.args]
    named = {str(each.arg): interpreter.value(each.value, names) for each in node.keywords}
    if isinstance(function, Method):
        return _method(interpreter, function, given, named)
    return invoke(interpreter, function, given, named)


def invoke(interpreter: "Interpreter", function: Any, given: list[Any], named: Mapping[str, Any] | None = None) -> Any:
    """Return what a function gives for some arguments."""
    if isinstance(function, Function):
        if named:
            raise NotRecognisedError("it calls its own function with named arguments")
        return interpreter.follow(function, given)
    if isinstance(function, Known):
        if unknown := (named or {}).keys() - _NAMED.get(function.name.rsplit(".", 1)[-1], _NO_NAMES):
            raise NotRecognisedError(f"it calls {function.name[:60]} with {min(unknown)[:40]}")
        return _known(interpreter, function.name, given, named or {})
    if isinstance(function, Method):
        return _method(interpreter, function, given, named or {})
    raise NotRecognisedError("it calls something that is not known here")


def _method(interpreter: "Interpreter", method: Method, given: list[Any], named: Mapping[str, Any]) -> Any:
    owner, name = method.owner, method.name
    match owner:
        case Frame():
            if name in ("isna", "isnull", "notna", "notnull"):
                raise NotRecognisedError("it asks of all columns at once")
            return frames.frame_method(interpreter, owner, name, given, named)
        case Series():
            return frames.series_method(interpreter, owner, name, given, named)
        case Accessor(owner=Series() as series, name="str"):
            return frames.text_accessor(interpreter, series, name, given, named)
        case Accessor(owner=Series() as series, name="dt") if name == "normalize":
            return series
        case Pattern():
            return _known(interpreter, f"re.{name}", [owner, *given], named)
        case Flag() if name in ("any", "all", "item", "sum"):
            return owner
        case Count() if name in ("item", "sum", "astype"):
            return owner
        case Frequencies() if name == "max" and not given:
            return owner
        case Names() if name in ("tolist", "to_list") and not given:
            return owner
        case Point() if name == "normalize":
            return Point(owner.base, owner.spans)
        case Point() if name in ("date", "to_pydatetime"):
            return Point(owner.base, owner.spans, owner.has_time and name != "date")
        case Row() if name == "get" and given:
            return interpreter.columns.cell(plain(given[0]))
        case Match() if name in ("group", "span", "start", "end"):
            raise NotRecognisedError("it uses what a pattern found")
        case Number() | Constant(value=float() | int()) if name == "is_integer" and not given:
            return ops.is_whole(owner)
        case Text() | Constant(value=str()) | Choice() if name == "split":
            return ops.parted(owner, plain(given[0]) if len(given) == 1 else None)
        case Text() if name in ("match", "search"):
            raise StopsError("it looks for a pattern the wrong way round")
        case Cell():
            if not isinstance(owner, Choice | Constant):
                interpreter.stop_where(missing_of(owner))
            return ops.text_method(owner, name, [plain(each) for each in given])
    raise NotRecognisedError(f"it uses .{name[:40]}() of something that is not known here")


def _any_or_all(interpreter: "Interpreter", name: str, found: Any) -> Any:
    match found:
        case Series():
            rows = frames.true_rows(found)
            return Flag(rows) if name == "any" else every(either(negated(found.rows), rows))
        case Constant(value=list() as values):
            return Constant(any(values) if name == "any" else all(values))
    raise NotRecognisedError(f"it uses {name}() of something that is not known here")


def _known(interpreter: "Interpreter", name: str, given: list[Any], named: Mapping[str, Any]) -> Any:
    short = name.rsplit(".", 1)[-1]
    if short in _SPANS:
        return span_of(short, {key: plain(value) for key, value in named.items()}, [plain(each) for each in given])
    if name in _NOW:
        return Point(None, has_time=True)
    if name in ("date.today", "datetime.date.today"):
        return Point(None)
    match short, given:
        case ("Timestamp", [Constant(value=value)]):
            return point_of(value)
        case ("datetime" | "date" | "Timestamp", [*_]) if given and all(type(plain(each)) is int for each in given):
            return _written_point([plain(each) for each in given])
        case ("to_datetime", [one]):
            return frames.to_datetime(interpreter, one, named)
        case ("to_numeric", [one]):
            return frames.to_numeric(interpreter, one, named)
        case ("Series" | "array" | "asarray", [Series() as series]):
            return series
        case ("strptime", [Cell() as cell, Constant(value=str() as date_format)]):
            return _strptime(interpreter, cell, date_format)
        case ("isna" | "isnull" | "notna" | "notnull" | "isnan" | "isfinite", [one]):
            return _is_missing(interpreter, short, one)
        case ("where", [Series() as mask, one, other]):
            return _where(mask, one, other)
        case ("is_numeric_dtype" | "is_float_dtype" | "is_integer_dtype" | "is_string_dtype" | "is_object_dtype"
              | "is_datetime64_any_dtype", [one]):  # fmt: skip
            return _has_dtype(interpreter, short, one)
        case ("compile", [Constant(value=str() as pattern), *flags]):
            return Pattern(pattern, plain(flags[0]) if flags else plain(named.get("flags", Constant(0))))
        case ("match" | "fullmatch" | "search", [pattern, text, *flags]) if name.startswith("re."):
            further = flags[0] if flags else named.get("flags", Constant(0))
            return _found(interpreter, short, pattern, text, plain(further))
        case ("sum" | "count_nonzero", [Series() as series]):
            return frames.count_true(series)
        case ("sum" | "int" | "float" | "round" | "abs" | "int64", [Count() as count, *_]):
            return count
    return _builtin(interpreter, name, short, given, named)


def _builtin(interpreter: "Interpreter", name: str, short: str, given: list[Any], named: Mapping[str, Any]) -> Any:
    match short, given:
        case ("len", [one]):
            return _length(one)
        case ("isinstance", [one, types]):
            return _is_instance(interpreter, one, types)
        case ("range", [*bounds]) if all(type(plain(bound)) is int for bound in bounds):
            return _range([plain(bound) for bound in bounds])
        case ("set" | "list" | "tuple" | "frozenset" | "sorted" | "array", [Constant(value=list())]):
            return given[0]
        case ("set" | "list" | "tuple" | "frozenset", [Constant(value=str() as text)]) if len(text) < 1000:
            return Constant(list(text))
        case ("set" | "list" | "tuple" | "frozenset", []):
            return Constant([])
        case ("set" | "list" | "sorted" | "tuple", [Series() | Names() as found]):
            return found
        case ("enumerate", [Series(cell=cell, rows=rows)]):
            return Series((Constant(0), cell), rows)  # type: ignore[arg-type]  # taken apart by the loop
        case ("zip", [Series() as one, Series() as other]) if one.rows == other.rows:
            return Series((one.cell, other.cell), one.rows)  # type: ignore[arg-type]  # as above
        case ("map", [function, Series() as series]):
            return interpreter.each_row(function, series)
        case ("max", [Constant(value=0), Count() as count]) | ("max", [Count() as count, Constant(value=0)]):
            return count
        case ("float" | "Decimal", [Cell() as cell]):
            return _to_number(interpreter, cell)
        case ("int", [Cell() as cell]):
            return _to_whole(interpreter, cell)
        case ("str", [Cell() as cell]):
            return _to_text(interpreter, cell)
        case ("bool", [Cell() as cell]):
            return Truth(ops.holds(cell))
        case ("bool", [Flag() as flag]):
            return flag
        case ("abs", [Number() as number]):
            return Number(f"ABS({number.sql})", number.missing, number.needs, number.is_float)
        case ("abs", [Constant(value=int() | float() as value)]):
            return Constant(abs(value))
        case ("round", [Cell() as cell, *decimals]):
            return ops.rounded(cell, plain(decimals[0]) if decimals else 0)
        case ("floor" | "ceil" | "trunc", [Number() as number]):
            function = "CEIL" if short == "ceil" else "FLOOR"
            if short == "trunc":
                return ops.whole_part(number)
            return Number(f"{function}({number.sql})", number.missing, number.needs, number.is_float)
        case ("len" | "strip" | "upper" | "lower" | "isdigit", [Cell() as cell]) if name.startswith("str."):
            return ops.text_method(cell, short, [])
    raise NotRecognisedError(f"it uses {name[:60]}()")


def compare(interpreter: "Interpreter", left: Any, operator: ast.cmpop, right: Any) -> Any:
    """Return what one comparison gives."""
    if isinstance(operator, ast.In | ast.NotIn):
        found = _contained(interpreter, left, right)
        return _turned(found) if isinstance(operator, ast.NotIn) else found
    if isinstance(operator, ast.Is | ast.IsNot):
        found = _is_same(left, right)
        return _turned(found) if isinstance(operator, ast.IsNot) else found
    word = _COMPARISONS[type(operator)]
    if isinstance(left, Count | Frequencies | Distinct) or isinstance(right, Count | Frequencies | Distinct):
        return _compare_counts(word, left, right)
    if (
        isinstance(left, Flag)
        and isinstance(right, Constant)
        and isinstance(right.value, bool)
        and word in ("==", "!=")
    ):
        return left if right.value is (word == "==") else left.turned()
    if isinstance(left, Series) or isinstance(right, Series):
        return interpreter.elementwise(lambda a, b: Truth(frames.tested(interpreter, word, a, b)), left, right)
    if isinstance(left, Known) or isinstance(right, Known):
        left, right = (_type_name(each) if isinstance(each, Known) else each for each in (left, right))
    if isinstance(left, Cell) and isinstance(right, Cell):
        if interpreter.in_rows and word not in ("==", "!="):
            _stop_without_value(interpreter, left, right)
        return Truth(frames.tested(interpreter, word, left, right))
    raise NotRecognisedError("it compares something that is not known here")


def _stop_without_value(interpreter: "Interpreter", *cells: Cell) -> None:
    """None has no order, unlike NaN."""
    for cell in cells:
        if isinstance(cell, Text):
            interpreter.stop_where(cell.missing)


def _type_name(known: Known) -> Constant:
    return Constant({"float": "float64", "int": "int64", "str": "object", "object": "object", "bool": "bool",
                     "np.float64": "float64", "np.int64": "int64"}.get(known.name, known.name))  # fmt: skip


def _turned(found: Any) -> Any:
    if isinstance(found, Flag):
        return found.turned()
    if isinstance(found, Constant):
        return Constant(not found.value)
    return Truth(negated(found.true))


def _contained(interpreter: "Interpreter", left: Any, right: Any) -> Any:
    match left, right:
        case (Constant(value=str() as name), Names()):
            return Constant(interpreter.columns.find(name) is not None)
        case (Constant(), Constant(value=list() as values)):
            return Constant(left.value in values)
        case (Constant(value=str() as part), Constant(value=str() as text)):
            return Constant(part in text)
        case (Cell(), Constant(value=list() as values)):
            interpreter.hint(left, *(Constant(value) for value in values[:3]))
            return Truth(ops.is_in(left, values))
        case (Constant(value=str() as part), Text() | Choice() as text):
            return Truth(ops.contains(text, part))
    raise NotRecognisedError("it looks something up in a way that is not known here")


def _is_same(left: Any, right: Any) -> Any:
    if isinstance(right, Constant) and right.value is None and isinstance(left, Cell):
        if isinstance(left, Number):
            return Truth(NO_ROW)  # it is NaN
        return Truth(missing_of(left))
    if isinstance(right, Constant) and isinstance(right.value, bool) and isinstance(left, Cell):
        truth = as_truth(left)
        return Truth(truth.true if right.value else both(negated(truth.true), negated(truth.missing)))
    raise NotRecognisedError("it asks whether things are the same object")


def _compare_counts(word: str, left: Any, right: Any) -> Any:
    if not isinstance(left, Count | Frequencies | Distinct):
        left, right, word = right, left, ops.MIRRORED[word]
    match left, right:
        case (Frequencies(are_shares=True), Constant(value=int() | float() as share)) if word in (">", ">="):
            return Flag(Rarer(left.column, float(share), word == ">="), is_negated=True)
        case (Frequencies(are_shares=True), Constant(value=int() | float() as share)) if word in ("<", "<="):
            return Flag(Rarer(left.column, float(share), word == "<"))
        case (Count(terms=((1, condition),), constant=0), Constant(value=0)):
            match word:
                case ">" | "!=":
                    return Flag(condition)
                case "==" | "<=":
                    return Flag(condition, is_negated=True)
        case (Distinct(column=column, rows=rows), Count(terms=((1, counted),), constant=0)) if word in (
            "==",
            "!=",
            "<",
        ):
            if rows == counted:
                return Flag(Repeated((column,), "first"), is_negated=word == "==")
    raise NotRecognisedError("it decides by a number of rows")


def repeated_count(total: Count, distinct: Distinct) -> Count:
    """Return how many rows there are beyond one of each value.

    Raises:
        NotRecognisedError: The rows are not those among which the values were counted.
    """
    if total.terms != ((1, distinct.rows),) or total.constant or distinct.rows != EVERY_ROW:
        raise NotRecognisedError("it takes a number of values from a number of other rows")
    if not distinct.counts_missing:
        raise NotRecognisedError("it counts rows without a value among the repeated ones")
    return Count(((1, Repeated((distinct.column,), "first")),))


def as_shares(frequencies: Frequencies, total: Any) -> Frequencies:
    """Return how often values occur, in relation to all rows."""
    if not isinstance(total, Count) or len(total.terms) != 1 or frequencies.are_shares:
        raise NotRecognisedError("it divides frequencies by something that is not known here")
    return Frequencies(frequencies.column, frequencies.rows, are_shares=True)


def constant_arithmetic(word: str, left: Any, right: Any) -> Constant:
    """Return what plain numbers come to, or two lists or short texts together.

    Raises:
        NotRecognisedError: They are something else, or too large.
    """
    if isinstance(left, list) and isinstance(right, list) and word == "+":
        if len(left) + len(right) > limits.MOST_ELEMENTS:
            raise NotRecognisedError("it has a long list")
        return Constant(left + right)
    if isinstance(left, str) and isinstance(right, str) and word == "+" and len(left) + len(right) < 2_000:
        return Constant(left + right)
    if not all(type(each) in (int, float) and abs(each) < 10**30 for each in (left, right)):
        raise NotRecognisedError("it computes with something that is not known here")
    if word in "/%" and right == 0:
        raise StopsError("it divides by zero")
    results = {
        "+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right, "/": lambda: left / right,
        "%": lambda: left % right,
    }  # fmt: skip
    return Constant(results[word]())


def hint(columns: Any, cells: Iterable[Cell]) -> None:
    """Learn what undeclared columns hold from what they are compared with."""
    cells = list(cells)
    kinds: set[type] = {type(cell.value) for cell in cells if isinstance(cell, Constant)}
    if any(isinstance(cell, Number) for cell in cells):
        kinds.add(float)
    for cell in cells:
        for case in [each for _, each in cell.cases] if isinstance(cell, Choice) else [cell]:
            if isinstance(case, Text) and case.of is None:
                hints = columns.number_hints if kinds & {int, float} else columns.text_hints if str in kinds else set()
                hints.update(case.needs)


def _length(one: Any) -> Any:
    match one:
        case Frame(rows=rows) | Series(rows=rows):
            return Count(((1, rows),))
        case Constant(value=list() as values):
            return Constant(len(values))
        case Count() | Distinct():
            return one
        case Cell():
            return ops.length(one)
    raise NotRecognisedError("it takes the length of something that is not known here")


def _range(bounds: list[int]) -> Constant:
    if not 1 <= len(bounds) <= 3 or (len(bounds) == 3 and bounds[2] == 0):
        raise StopsError("it makes a range that cannot be")
    values = range(*bounds)
    if max(map(abs, bounds)) > 10**15 or len(values) > limits.MOST_ELEMENTS:
        raise NotRecognisedError("it has a long range")
    return Constant(list(values))


def _is_missing(interpreter: "Interpreter", short: str, one: Any) -> Any:
    is_positive = short in ("isna", "isnull", "isnan")
    match one:
        case Series():
            return frames.missing_mask(one) if is_positive else frames.present_mask(one)
        case Cell():
            if short in ("isnan", "isfinite") and isinstance(one, Text):
                raise StopsError("it asks whether a text is a number's NaN")
            missing = missing_of(one)
            return Truth(missing if is_positive else negated(missing))
    raise NotRecognisedError("it asks whether something is missing that is not known here")


def _where(mask: Series, one: Any, other: Any) -> Series:
    condition = as_truth(mask.cell).true
    cells = [each.cell if isinstance(each, Series) else each for each in (one, other)]
    if not all(isinstance(each, Cell) for each in cells):
        raise NotRecognisedError("it chooses between things that are not known here")
    return Series(chosen([(condition, cells[0]), (negated(condition), cells[1])]), mask.rows)


def _has_dtype(interpreter: "Interpreter", short: str, one: Any) -> Constant:
    name = plain(frames.dtype_of(one.cell)) if isinstance(one, Series) else plain(one)
    families = {
        "is_numeric_dtype": ("float64", "int64", "bool"), "is_float_dtype": ("float64",),
        "is_integer_dtype": ("int64",), "is_string_dtype": ("object",), "is_object_dtype": ("object",),
        "is_datetime64_any_dtype": ("datetime64[ns]",),
    }  # fmt: skip
    return Constant(name in families[short])


def _found(interpreter: "Interpreter", where: str, pattern: Any, text: Any, flags: int) -> Match:
    source = pattern.pattern if isinstance(pattern, Pattern) else plain(pattern)
    flags |= pattern.flags if isinstance(pattern, Pattern) else 0
    if not isinstance(source, str) or not isinstance(text, Cell):
        raise NotRecognisedError("it looks for a pattern in a way that is not known here")
    if isinstance(text, Text):
        interpreter.stop_where(text.missing)
    for difference in differences_of(source):
        interpreter.note(difference)
    return Match(ops.matched(text, source, flags, "contains" if where == "search" else where).true)


def _written_point(numbers: list[int]) -> Point:
    try:
        return point_of(datetime(*numbers))  # type: ignore[arg-type]  # noqa: DTZ001 pandas' moments have no zone
    except (TypeError, ValueError, OverflowError) as error:
        raise StopsError("it makes a date that cannot be") from error


def _strptime(interpreter: "Interpreter", cell: Cell, date_format: str) -> Cell:
    if isinstance(cell, Moment) and cell.text:
        return cell
    if isinstance(cell, Choice):
        raise NotRecognisedError("it reads one of several things as a date")
    read = read_as_moment(cell, date_format)
    interpreter.stop_where(missing_of(read))
    return read


def _is_instance(interpreter: "Interpreter", one: Any, types: Any) -> Truth:
    wanted = types.value if isinstance(types, Constant) and isinstance(types.value, list) else [types]
    if not all(isinstance(each, Known) for each in wanted):
        raise NotRecognisedError("it asks for a type that is not known here")
    names = {each.name for each in wanted}
    if not isinstance(one, Cell):
        raise NotRecognisedError("it asks for the type of something that is not known here")
    if isinstance(one, Choice):
        return as_truth(chosen([(c, _is_instance(interpreter, each, types)) for c, each in one.cases]))
    if isinstance(one, Text | Constant) and not (isinstance(one, Constant) and not isinstance(one.value, str)):
        if names & (_INTEGERS | _FLOATS | _ANY_NUMBER):
            interpreter.hint(one, Constant(0))
        if "str" in names:
            interpreter.hint(one, Constant(""))
    match one:
        case Text():
            return Truth(negated(one.missing) if "str" in names else NO_ROW)
        case Number(is_float=is_float):
            if names & _ANY_NUMBER or (names & _INTEGERS and names & _FLOATS):
                return Truth(EVERY_ROW)
            if names & _INTEGERS:
                return Truth(NO_ROW if is_float else negated(one.missing))
            return Truth((EVERY_ROW if is_float else one.missing) if names & _FLOATS else NO_ROW)
        case Moment() | Nanoseconds():
            if one.__class__ is Moment and one.text and "str" in names:
                return Truth(negated(one.missing))
            return Truth(negated(one.missing) if names & _MOMENTS else NO_ROW)
        case Truth():
            return Truth(negated(one.missing) if names & {"bool", "int"} else NO_ROW)
        case Constant(value=value):
            kind = {bool: "bool", int: "int", float: "float", str: "str"}.get(type(value), "")
            return Truth(EVERY_ROW if kind in names else NO_ROW)
    raise NotRecognisedError("it asks for the type of something that is not known here")


def _to_number(interpreter: "Interpreter", cell: Cell) -> Cell:
    number, fails = ops.as_number(cell)
    interpreter.stop_where(either(fails, cell.missing if isinstance(cell, Text) else NO_ROW))
    if cell == Constant(None):
        raise StopsError("it reads nothing as a number")
    return number


def _to_whole(interpreter: "Interpreter", cell: Cell) -> Cell:
    """Return int(x): of a text only where it is a whole number, of NaN never."""
    if isinstance(cell, Text) and cell.of is None:
        whole = ops.matched(cell, r"^\s*[+-]?[0-9]+\s*$", 0, "match").true
        interpreter.stop_where(negated(whole))
        sql = f"TRY_CAST({cell.sql} AS BIGINT)"
        return Number(sql, NO_ROW, frozenset({sql}), is_float=False)
    interpreter.stop_where(missing_of(cell))
    if isinstance(cell, Text):
        if cell.of is not None and cell.of.is_float:
            raise StopsError("it reads the text of a binary number as a whole one")
        return cell.of or cell
    return ops.whole_part(cell)


def _to_text(interpreter: "Interpreter", cell: Cell) -> Cell:
    return frames.text_with_missing(interpreter, cell)
