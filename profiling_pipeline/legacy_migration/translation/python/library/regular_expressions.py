"""Regular expressions: compiled, and looked for in one value."""

from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call, Function, plain
from profiling_pipeline.legacy_migration.translation.python.values import Pattern
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Cell, Constant, Match, Text
from profiling_pipeline.legacy_migration.translation.symbolic.patterns import differences_of
from profiling_pipeline.legacy_migration.translation.symbolic.texts import matched


def _compile(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Constant(value=str() as pattern), *_]:
            return Pattern(pattern, call.plain("flags", 0, position=1))
    return NotImplemented


def _find(evaluator: Evaluator, call: Call) -> Any:
    if len(call.given) < 2 or not call.name.startswith("re."):
        return NotImplemented
    pattern, text = call.given[:2]
    flags = call.plain("flags", 0, position=2)
    source = pattern.pattern if isinstance(pattern, Pattern) else plain(pattern)
    flags |= pattern.flags if isinstance(pattern, Pattern) else 0
    if not isinstance(source, str) or not isinstance(text, Cell):
        raise NotRecognisedError("it looks for a pattern in a way that is not known here")
    if isinstance(text, Text):
        evaluator.state.stop_where(text.missing)
    for difference in differences_of(source):
        evaluator.state.note(difference)
    where = "contains" if call.short_name == "search" else call.short_name
    return Match(matched(text, source, flags, where).true)


FUNCTIONS: Mapping[str, Function] = {"compile": _compile, **dict.fromkeys(("match", "fullmatch", "search"), _find)}
