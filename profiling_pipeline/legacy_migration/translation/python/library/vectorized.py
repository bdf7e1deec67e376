"""Functions of pandas and NumPy that take a column, or one value: isna, where and the like."""

from collections.abc import Mapping
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.python.library.call import Call, Function
from profiling_pipeline.legacy_migration.translation.python.series import missing_mask, present_mask
from profiling_pipeline.legacy_migration.translation.python.values import Series
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Text,
    Truth,
    as_truth,
    chosen,
    missing_of,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import negated


def _is_missing(_: Evaluator, call: Call) -> Any:
    is_positive = call.short_name in ("isna", "isnull", "isnan")
    match call.given:
        case [Series() as series]:
            return missing_mask(series) if is_positive else present_mask(series)
        case [Text()] if call.short_name in ("isnan", "isfinite"):
            raise StopsError("it asks whether a text is a number's NaN")
        case [Cell() as cell]:
            missing = missing_of(cell)
            return Truth(missing if is_positive else negated(missing))
        case [_]:
            raise NotRecognisedError("it asks whether something is missing that is not known here")
    return NotImplemented


def _where(_: Evaluator, call: Call) -> Any:
    match call.given:
        case [Series(cell=mask, rows=rows), one, other]:
            condition = as_truth(mask).true
            cells = [each.cell if isinstance(each, Series) else each for each in (one, other)]
            if not all(isinstance(each, Cell) for each in cells):
                raise NotRecognisedError("it chooses between things that are not known here")
            return Series(chosen([(condition, cells[0]), (negated(condition), cells[1])]), rows)
    return NotImplemented


FUNCTIONS: Mapping[str, Function] = {
    **dict.fromkeys(("isna", "isnull", "notna", "notnull", "isnan", "isfinite"), _is_missing),
    "where": _where,
}
