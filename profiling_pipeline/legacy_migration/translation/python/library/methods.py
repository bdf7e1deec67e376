"""What methods give, by what they are methods of."""

from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call, plain
from profiling_pipeline.legacy_migration.translation.python.library.frame_methods import frame_method
from profiling_pipeline.legacy_migration.translation.python.library.functions import apply_known
from profiling_pipeline.legacy_migration.translation.python.library.series_methods import series_method
from profiling_pipeline.legacy_migration.translation.python.library.text_methods import text_accessor_method
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import (
    Accessor,
    ColumnNames,
    Count,
    Flag,
    Frame,
    Frequencies,
    Pattern,
    Series,
)
from profiling_pipeline.legacy_migration.translation.symbolic.arithmetic import is_whole
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Choice,
    Constant,
    Match,
    Number,
    Row,
    Text,
    missing_of,
)
from profiling_pipeline.legacy_migration.translation.symbolic.moments import Point
from profiling_pipeline.legacy_migration.translation.symbolic.parts import split
from profiling_pipeline.legacy_migration.translation.symbolic.texts import call_method

# The named arguments that are understood, by method of tables, columns and `.str`.
_NAMED_ARGUMENTS: Mapping[str, frozenset[str]] = {
    "astype": frozenset({"dtype"}), "between": frozenset({"left", "right", "inclusive"}),
    "fillna": frozenset({"value"}), "duplicated": frozenset({"keep", "subset"}), "dropna": frozenset({"subset"}),
    "apply": frozenset({"axis"}),
    "match": frozenset({"case", "flags", "na"}), "fullmatch": frozenset({"case", "flags", "na"}),
    "contains": frozenset({"case", "flags", "na", "regex"}), "replace": frozenset({"regex"}),
    "startswith": frozenset({"na"}), "endswith": frozenset({"na"}), "nunique": frozenset({"dropna"}),
    "value_counts": frozenset({"normalize"}), "round": frozenset({"decimals"}), "reset_index": frozenset({"drop"}),
}  # fmt: skip


def call_method_of(evaluator: Evaluator, owner: Any, call: Call) -> Any:
    """Return what a method of a value gives.

    Raises:
        NotRecognisedError: It is not known here.
        StopsError: It always stops with an error.
    """
    name = call.name
    match owner:
        case Frame() | Series() | Accessor(owner=Series(), name="str"):
            call.require_known(_NAMED_ARGUMENTS, f"it uses .{name}()")
            return _method_of_pandas(evaluator, owner, call)
        case Accessor(owner=Series() as series, name="dt") if name == "normalize":
            return series
        case Pattern():
            return apply_known(evaluator, Call(f"re.{name}", [owner, *call.given], call.named))
        case Flag() if name in ("any", "all", "item", "sum"):
            return owner
        case Count() if name in ("item", "sum", "astype"):
            return owner
        case Frequencies() if name == "max" and not call.given:
            return owner
        case ColumnNames() if name in ("tolist", "to_list") and not call.given:
            return owner
        case Cell():
            return _method_of_cell(evaluator.state, owner, call)
    raise NotRecognisedError(f"it uses .{name[:40]}() of something that is not known here")


def _method_of_pandas(evaluator: Evaluator, owner: Frame | Series | Accessor, call: Call) -> Any:
    match owner:
        case Frame():
            return frame_method(evaluator, owner, call)
        case Series():
            return series_method(evaluator, owner, call)
        case Accessor(owner=texts):
            return text_accessor_method(evaluator.state, texts, call)


def _method_of_cell(state: State, owner: Cell, call: Call) -> Cell:
    name = call.name
    match owner:
        case Point() if name == "normalize":
            return Point(owner.base, owner.spans)
        case Point() if name in ("date", "to_pydatetime"):
            return Point(owner.base, owner.spans, owner.has_time and name != "date")
        case Row() if name == "get" and call.given:
            return state.columns.cell(plain(call.given[0]))
        case Match() if name in ("group", "span", "start", "end"):
            raise NotRecognisedError("it uses what a pattern found")
        case Number() | Constant(value=float() | int()) if name == "is_integer" and not call.given:
            return is_whole(owner)
        case Text() | Constant(value=str()) | Choice() if name == "split":
            return split(owner, plain(call.given[0]) if len(call.given) == 1 else None)
        case Text() if name in ("match", "search"):
            raise StopsError("it looks for a pattern the wrong way round")
    if not isinstance(owner, Choice | Constant):
        state.stop_where(missing_of(owner))
    return call_method(owner, name, [plain(each) for each in call.given])
