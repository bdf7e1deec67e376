"""When a value that is not always there must be: columns that say by their value, or by their presence, that it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiling_pipeline.generation.statistics import wilson_lower_bound
from profiling_pipeline.profiling.sample import ColumnSample

_FEWEST_ROWS = 30  # with the condition, and without it
_GIVEN_SHARE = 0.9  # of the rows with the condition have a value, for certain
_ABSENT_SHARE = 0.97  # of the rows without it have none
_MOST_VALUES = 20  # of a column that says it by its value
_USUAL_SHARE = 0.005  # of rows: rarer values of such a column are mistakes and say nothing
_USUAL_ROWS = 0.9  # of its rows have one of the usual values
_OFTEN_MISSING = 0.03  # share of rows without a value, from which on one may ask when
_SHOWN_VALUES = 10


@dataclass(frozen=True)
class Condition:
    """`column` has a value where `by` is one of `values` (where it has any value, if these are none)."""

    column: str
    by: str
    values: tuple[str, ...]
    holding: int
    tested: int
    absent: int
    elsewhere: int


def find_conditions(columns: Sequence[ColumnSample]) -> list[Condition]:
    """Return for each column that is often empty the one that says best when it is not."""
    found = []
    for column in columns:
        missing = 1 - column.present / max(1, len(column.codes))
        if _OFTEN_MISSING <= missing <= 1 - _OFTEN_MISSING:
            conditions = [c for other in columns if other.name != column.name and (c := _condition(column, other))]
            if conditions:
                found.append(max(conditions, key=lambda c: (c.holding / c.tested + c.absent / c.elsewhere, c.by)))
    return found


def _condition(column: ColumnSample, other: ColumnSample) -> Condition | None:
    given = column.is_present
    rows = np.bincount(other.codes[other.is_present], minlength=len(other.texts))
    usual = rows >= max(_FEWEST_ROWS // 3, _USUAL_SHARE * len(other.codes))
    if rows[usual].sum() >= _USUAL_ROWS * max(1, other.present) and 0 < usual.sum() <= _MOST_VALUES:
        with_value = np.bincount(other.codes[other.is_present & given], minlength=len(other.texts))
        asks = usual & (with_value > 0.5 * rows)
        if 0 < asks.sum() <= _SHOWN_VALUES and (asks.sum() < usual.sum() or other.present < len(other.codes)):
            known = ~other.is_present | usual[other.codes]
            holds = np.where(other.is_present, asks[other.codes], False)
            values = tuple(text for text, is_asked in zip(other.texts, asks, strict=True) if is_asked)
            return _judged(column, other, values, holds, known & ~holds)
    if other.present < len(other.codes):
        return _judged(column, other, (), other.is_present, ~other.is_present)
    return None


def _judged(
    column: ColumnSample,
    other: ColumnSample,
    values: tuple[str, ...],
    holds: NDArray[np.bool_],
    otherwise: NDArray[np.bool_],
) -> Condition | None:
    given = column.is_present
    tested, holding = int(holds.sum()), int((holds & given).sum())
    elsewhere, absent = int(otherwise.sum()), int((otherwise & ~given).sum())
    if min(tested, elsewhere) < _FEWEST_ROWS:
        return None
    if wilson_lower_bound(holding, tested) < _GIVEN_SHARE or absent < _ABSENT_SHARE * elsewhere:
        return None
    return Condition(column.name, other.name, values, holding, tested, absent, elsewhere)
