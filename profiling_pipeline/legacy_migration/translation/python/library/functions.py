"""The functions that are known here, by their names without the module."""

from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library import (
    conversions,
    dates,
    numeric,
    regular_expressions,
    sequences,
    text_methods,
    type_checks,
    vectorized,
)
from profiling_pipeline.legacy_migration.translation.python.library.call import Call, Function

_FUNCTIONS: Mapping[str, Function] = {
    **conversions.FUNCTIONS, **dates.FUNCTIONS, **numeric.FUNCTIONS, **regular_expressions.FUNCTIONS,
    **sequences.FUNCTIONS, **text_methods.FUNCTIONS, **type_checks.FUNCTIONS, **vectorized.FUNCTIONS,
}  # fmt: skip
_NAMED_ARGUMENTS: Mapping[str, frozenset[str]] = {
    "to_datetime": frozenset({"format", "errors"}), "to_numeric": frozenset({"errors"}),
    **dict.fromkeys(("compile", "match", "fullmatch", "search"), frozenset({"flags"})),
    **dict.fromkeys(dates.SPANS, frozenset({"years", "months", "weeks", "days", "hours", "minutes"})),
}  # fmt: skip


def call_known(evaluator: Evaluator, call: Call) -> Any:
    """Return what a function of Python or of a library gives.

    Raises:
        NotRecognisedError: It is not known here, or not with such arguments.
    """
    call.require_known(_NAMED_ARGUMENTS, f"it calls {call.name[:60]}")
    return apply_known(evaluator, call)


def apply_known(evaluator: Evaluator, call: Call) -> Any:
    """Return what a function gives whose named arguments are known to be understood.

    Raises:
        NotRecognisedError: It is not known here, or not with such arguments.
    """
    function = _FUNCTIONS.get(call.short_name)
    found = function(evaluator, call) if function else NotImplemented
    if found is NotImplemented:
        raise NotRecognisedError(f"it uses {call.name[:60]}()")
    return found
