"""Which cells of a dirty table are wrong, and which cells rules flag."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.execution.failing import failing_row_numbers
from profiling_pipeline.plurals import counted
from profiling_pipeline.rules.binding import BoundRule
from profiling_pipeline.sources.model import ROW_NUMBER, OpenSource, text_of

Texts = NDArray[np.object_]  # a column's cells as written, in the order of the file; "" for no value
Marks = NDArray[np.bool_]  # one for each row


@dataclass(frozen=True)
class CellTruth:
    """The cells of a dirty table: what is written in each, and whether it differs from the clean table."""

    rows: int
    dirty: Mapping[str, Texts]
    clean: Mapping[str, Texts]
    wrong: Mapping[str, Marks]


@dataclass(frozen=True)
class FlaggedRule:
    """A rule and the rows in which it flags its column."""

    bound: BoundRule
    rows: Marks


def compare_cells(dirty: OpenSource, clean: OpenSource) -> CellTruth:
    """Compare two tables cell by cell, rows and columns in the order of their files.

    Columns are matched by their place, because cleaned copies often rename them.

    Raises:
        InvalidInputError: They have different numbers of rows or columns.
    """
    if len(dirty.columns) != len(clean.columns):
        raise InvalidInputError(
            f"{dirty.name} has {counted(len(dirty.columns), 'column')} and {clean.name} has {len(clean.columns):,}. "
            "Give two files with the same columns in the same order."
        )
    dirty_texts, clean_texts = _texts(dirty), _texts(clean)
    rows = len(next(iter(dirty_texts.values())))
    clean_rows = len(next(iter(clean_texts.values())))
    if rows != clean_rows:
        raise InvalidInputError(
            f"{dirty.name} has {counted(rows, 'row')} and {clean.name} has {clean_rows:,}. "
            "Give two files whose rows stand in the same order."
        )
    clean_by_dirty = dict(zip(dirty_texts, clean_texts.values(), strict=True))
    wrong = {name: np.asarray(texts != clean_by_dirty[name]) for name, texts in dirty_texts.items()}
    return CellTruth(rows, dirty_texts, clean_by_dirty, wrong)


def flag_cells(
    rules: Sequence[BoundRule], source: OpenSource, rows: int, progress: Callable[[int, int], None] | None = None
) -> list[FlaggedRule]:
    """Run the rules; a rule flags its own column in the rows that fail it (a rule on a figure flags no cell)."""
    flagged = []
    for bound, numbers in zip(rules, failing_row_numbers(rules, source, progress), strict=True):
        marks = np.zeros(rows, dtype=bool)
        marks[numbers - 1] = True
        flagged.append(FlaggedRule(bound, marks))
    return flagged


def _texts(source: OpenSource) -> dict[str, Texts]:
    cells = {name: text_of(source.table, name) for name in source.columns}
    numbered = source.table.select(source.table[ROW_NUMBER], **cells).order_by(ROW_NUMBER).to_pyarrow()
    return {name: np.array(numbered[name].fill_null("").to_pylist(), dtype=object) for name in source.columns}
