"""All rows that fail rules, by their number in the file."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from profiling_pipeline.execution.fused import tested_rows
from profiling_pipeline.rules.binding import BoundRule
from profiling_pipeline.rules.checks.base import GroupCheck, WholeCheck
from profiling_pipeline.sources.answers import arrow_table
from profiling_pipeline.sources.model import ROW_NUMBER, OpenSource

RowNumbers = NDArray[np.int64]


def failing_row_numbers(
    rules: Sequence[BoundRule], source: OpenSource, progress: Callable[[int, int], None] | None = None
) -> Iterator[RowNumbers]:
    """Yield, for each rule, the numbers (from 1) of the rows that fail it; none for a check of the whole.

    The source must number its rows, as files do.
    """
    for done, rule in enumerate(rules, start=1):
        yield _failing(rule, source)
        if progress:
            progress(done, len(rules))


def _failing(rule: BoundRule, source: OpenSource) -> RowNumbers:
    if isinstance(rule.check, WholeCheck):
        return np.empty(0, dtype=np.int64)
    if isinstance(rule.check, GroupCheck):
        failing = rule.check.failing(tested_rows(rule, source.table), rule.column)
    else:
        judged = source.table.select(ROW_NUMBER, outcome=rule.outcome(source.table))
        failing = judged.filter(~judged.outcome)
    numbers = arrow_table(source.connection, failing.select(ROW_NUMBER))[ROW_NUMBER]
    return np.sort(np.asarray(numbers.to_numpy(), dtype=np.int64))
