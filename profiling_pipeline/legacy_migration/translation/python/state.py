"""Where the abstract interpretation of a rule text stands."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from profiling_pipeline.legacy_migration.translation import limits
from profiling_pipeline.legacy_migration.translation.columns import Columns
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Cell, Choice, chosen
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    both,
    either,
    negated,
)

_STOPPED = "Where a value made the text stop with an error, the row fails here, and the other rows are tested."


@dataclass
class State:
    """Which rows come to the statement at hand, and what has been found out on the way.

    Rows are followed along all paths at once: `path` is the condition on which a row comes to the statement at hand,
    `raised` that on which it stopped with an error since the last `try`.
    """

    columns: Columns
    path: Condition = EVERY_ROW
    raised: Condition = NO_ROW
    row_depth: int = 0  # how deep in what is done for each row
    call_depth: int = 0
    steps: int = 0
    returned: list[tuple[Condition, Any]] = field(default_factory=list)
    counters: frozenset[str] = frozenset()  # names that a loop over rows counts in

    def step(self) -> None:
        """Count one more expression or statement.

        Raises:
            NotRecognisedError: There were too many.
        """
        self.steps += 1
        if self.steps > limits.MOST_STEPS:
            raise NotRecognisedError("it is too complicated")

    def note(self, difference: str) -> None:
        """Keep what the translation does otherwise, or what is wrong in the text."""
        self.columns.note(difference)

    def stop_where(self, condition: Condition) -> None:
        """Let rows of a condition stop with an error here."""
        stops = both(self.path, condition)
        if stops == NO_ROW:
            return
        if self.row_depth:
            self.raised = either(self.raised, stops)
            self.path = both(self.path, negated(condition))
        else:
            self.note(_STOPPED)

    def reachable(self, cell: Cell) -> Cell:
        """Return a value without those that it cannot be in any row that comes here."""
        if not isinstance(cell, Choice):
            return cell
        return chosen([(condition, each) for condition, each in cell.cases if both(self.path, condition) != NO_ROW])

    @contextmanager
    def row_by_row(self, path: Condition, counters: Iterable[str] = ()) -> Iterator[None]:
        """Follow what is done for each row of a condition; errors that nothing catches there stop the text.

        The path is left as it is in the end, for the caller to look at and to restore.

        Args:
            path: On which condition a row is looked at.
            counters: The names that may count rows meanwhile.
        """
        raised, outer_counters = self.raised, self.counters
        self.path, self.raised, self.counters = path, NO_ROW, frozenset(counters)
        self.row_depth += 1
        try:
            yield
        finally:
            if self.raised != NO_ROW:
                self.note(_STOPPED)
            self.raised, self.counters = raised, outer_counters
            self.row_depth -= 1

    @contextmanager
    def within_closure(self) -> Iterator[list[tuple[Condition, Any]]]:
        """Follow a function of the text, which has counters and a list of what it returns of its own."""
        outer = self.returned, self.counters
        self.returned, self.counters = [], frozenset()
        self.call_depth += 1
        try:
            yield self.returned
        finally:
            self.returned, self.counters = outer
            self.call_depth -= 1
