"""What names and attributes in a rule text stand for."""

from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.library.dates import date_part
from profiling_pipeline.legacy_migration.translation.python.series import column_name, column_of, dtype_of
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import (
    Accessor,
    BoundMethod,
    ColumnNames,
    Count,
    Flag,
    Frame,
    Frequencies,
    Known,
    Scope,
    Series,
    Unknown,
)
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Constant, missing_of
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import Repeated, both

_BUILTINS = frozenset({
    "len", "sum", "int", "float", "str", "bool", "round", "abs", "max", "min", "any", "all", "set", "list", "tuple",
    "frozenset", "sorted", "range", "isinstance", "enumerate", "zip", "map", "filter", "type", "dict", "print",
    "object",
    "pd", "np", "re", "datetime", "timedelta", "date", "Decimal", "Exception", "ValueError", "TypeError", "hasattr",
})  # fmt: skip
_MODULES = frozenset({"pd", "np", "re", "datetime", "math", "decimal", "numbers", "date", "pd.api", "pd.api.types",
                      "pd.Timestamp", "datetime.datetime", "datetime.date", "str", "float", "int"})  # fmt: skip
_FLAGS = {"I": 2, "IGNORECASE": 2, "M": 8, "MULTILINE": 8, "S": 16, "DOTALL": 16, "A": 256, "ASCII": 256}
_MISSING = frozenset({"np.nan", "np.NaN", "np.NAN", "pd.NA", "pd.NaT", "math.nan"})
_FRAME_METHODS = frozenset({"copy", "reset_index", "dropna", "duplicated", "iterrows", "apply", "get", "head", "query",
                            "isna", "isnull", "notna", "notnull", "groupby", "sort_values", "fillna"})  # fmt: skip


def lookup(name: str, scope: Scope) -> Any:
    """Return what a name stands for."""
    if name in scope:
        found = scope[name]
        if isinstance(found, Unknown):
            raise NotRecognisedError(found.reason)
        return found
    if name in _BUILTINS:
        return Known(name)
    raise NotRecognisedError(f"it uses the name {name[:60]}, which it does not define")


def attribute(state: State, owner: Any, name: str) -> Any:
    """Return what an attribute stands for; a method that is not called yet."""
    match owner, name:
        case (Known(name=module), _):
            return _of_module(module, name)
        case (Frame() | Series(), "loc" | "iloc" | "str" | "dt" | "at") | (Frequencies(), "iloc"):
            return Accessor(owner, name)
        case (Frame(), _):
            return _of_frame(state, owner, name)
        case (Series(), _):
            return _of_series(owner, name)
        case (Accessor(owner=Series() as series, name="dt"), "year" | "month" | "day"):
            return date_part(series, name)
        case (Constant(value=str() as text), "kind" | "name") if text in ("object", "float64", "int64", "bool"):
            return Constant(text if name == "name" else {"object": "O"}.get(text, text[0]))
    return BoundMethod(owner, name)


def _of_module(module: str, name: str) -> Constant | Known:
    dotted = f"{module}.{name}"
    if dotted in _MISSING:
        return Constant(None)
    if module == "re" and name in _FLAGS:
        return Constant(_FLAGS[name])
    if module not in _MODULES:
        raise NotRecognisedError(f"it uses {dotted[:60]}")
    return Known(dotted)


def _of_frame(state: State, frame: Frame, name: str) -> Any:
    match name:
        case "columns":
            return ColumnNames()
        case "shape":
            return Constant([Count.of(frame.rows), Constant(None)])
        case "empty":
            return Flag(frame.rows, is_negated=True)
        case "index":
            return Series(Constant(0), frame.rows)
    return BoundMethod(frame, name) if name in _FRAME_METHODS else column_of(state, frame, name)


def _of_series(series: Series, name: str) -> Any:
    match name:
        case "values" | "array" | "T":
            return series
        case "size":
            return Count.of(series.rows)
        case "shape":
            return Constant([Count.of(series.rows)])
        case "empty":
            return Flag(series.rows, is_negated=True)
        case "is_unique":
            return Flag(Repeated((column_name(series),), "first"), is_negated=True)
        case "hasnans":
            return Flag(both(series.rows, missing_of(series.cell)))
        case "dtype":
            return dtype_of(series.cell)
    return BoundMethod(series, name)
