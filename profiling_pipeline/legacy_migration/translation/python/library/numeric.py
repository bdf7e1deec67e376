"""Functions of one number: round, abs, floor and the like; a number of rows stays what it is."""

from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call, Function, plain
from profiling_pipeline.legacy_migration.translation.python.values import Count
from profiling_pipeline.legacy_migration.translation.symbolic.arithmetic import (
    absolute,
    ceiling,
    floor,
    rounded,
    whole_part,
)
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Cell, Constant, Number


def _abs(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Count() as count, *_]:
            return count
        case [Number() as number]:
            return absolute(number)
        case [Constant(value=int() | float() as value)]:
            return Constant(abs(value))
    return NotImplemented


def _round(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Count() as count, *_]:
            return count
        case [Cell() as cell, *decimals]:
            return rounded(cell, plain(decimals[0]) if decimals else 0)
    return NotImplemented


def _to_whole_number(_: Evaluator, call: Call) -> Any:
    match call.short_name, call.given:
        case ("floor", [Number() as number]):
            return floor(number)
        case ("ceil", [Number() as number]):
            return ceiling(number)
        case ("trunc", [Number() as number]):
            return whole_part(number)
    return NotImplemented


def _int64(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Count() as count, *_]:
            return count
    return NotImplemented


FUNCTIONS: Mapping[str, Function] = {
    "abs": _abs, "round": _round, "int64": _int64, **dict.fromkeys(("floor", "ceil", "trunc"), _to_whole_number),
}  # fmt: skip
