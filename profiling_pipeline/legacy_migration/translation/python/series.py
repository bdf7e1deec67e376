"""What is the same for all columns in memory: masks, operations row by row, types."""

from collections.abc import Callable
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.state import State
from profiling_pipeline.legacy_migration.translation.python.values import Frame, Series
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Constant,
    Moment,
    Number,
    Text,
    Truth,
    as_truth,
    missing_of,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import NO_ROW, Condition, both, negated


def elementwise(apply: Callable[[Cell, Cell], Cell], left: Any, right: Any) -> Series:
    """Apply a function to two columns row by row, or to a column and a value."""
    series = [each for each in (left, right) if isinstance(each, Series)]
    if not all(isinstance(each, Series | Cell) for each in (left, right)):
        raise NotRecognisedError("it joins a column with something that is not known here")
    rows = series[0].rows
    if any(each.rows != rows for each in series):
        # pandas joins them by row; what only one of them has becomes a missing value.
        raise NotRecognisedError("it joins columns of different rows")
    cells = [each.cell if isinstance(each, Series) else each for each in (left, right)]
    return Series(apply(cells[0], cells[1]), rows)


def column_of(state: State, frame: Frame, name: str) -> Series:
    """Return a column of a table."""
    found = state.columns.find(name) or name
    return Series(state.columns.cell(name), frame.rows, found)


def column_name(series: Series) -> str:
    """Return the column whose values these are.

    Raises:
        NotRecognisedError: They are computed.
    """
    if series.column is None:
        raise NotRecognisedError("it counts different values of something that is computed")
    return series.column


def missing_mask(series: Series) -> Series:
    """Return where values are missing."""
    return Series(Truth(missing_of(series.cell)), series.rows)


def present_mask(series: Series) -> Series:
    """Return where values are not missing."""
    return Series(Truth(negated(missing_of(series.cell))), series.rows)


def true_rows(series: Series) -> Condition:
    """Return the rows in which a column of truth values is true."""
    return both(series.rows, as_truth(series.cell).true)


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
