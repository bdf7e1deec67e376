"""The source's columns, as the earlier system would have held them in memory."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from profiling_pipeline.exchange.sql_text import name_sql
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Constant,
    Moment,
    Number,
    Text,
    Truth,
    cases_of,
    column_number,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import Missing, comparison
from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat

_NO_LETTERS = re.compile(r"[\W_]+")


@dataclass
class Columns:
    """The columns that a text may read, and what is assumed of those that it reads.

    A whole number is a binary one in pandas wherever its column has a missing value: `has_gaps` says which of the two
    is assumed. A missing value of a column of objects is written as `missing_text`. Of columns whose kind is not
    declared, `taken_for_number` names those (as SQL) that the text itself takes for numbers; reading the text gives
    hints for that.
    """

    names: Sequence[str]
    formats: Mapping[str, DeclaredFormat]
    has_gaps: bool
    taken_for_number: frozenset[str] = frozenset()
    missing_text: str | None = "None"  # None to leave it missing
    number_hints: set[str] = field(default_factory=set)
    text_hints: set[str] = field(default_factory=set)
    differences: dict[str, None] = field(default_factory=dict)
    read: dict[str, None] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)  # names, whether there is such a column or not
    has_whole_numbers: bool = False  # among the columns that were read

    def numbers_found(self) -> set[str]:
        """Return the columns (as SQL) that the text takes for numbers, of those that are not known to be some."""
        declared = {name_sql(name) for name in self.formats}
        return self.number_hints - self.text_hints - self.taken_for_number - declared

    def taking(self, numbers: set[str]) -> "Columns":
        """Return the columns with some more taken for numbers, and nothing read yet."""
        taken = self.taken_for_number | numbers
        return Columns(self.names, self.formats, self.has_gaps, taken, self.missing_text, asked=self.asked)

    def note(self, difference: str) -> None:
        """Keep what the translation does otherwise, or what is wrong in the text."""
        self.differences[difference] = None

    def find(self, name: str) -> str | None:
        """Return the column that a text means by a name; None if there is none."""
        self.asked.add(name)
        if not self.names or name in self.names:
            return name
        for simplify in (str.casefold, _letters):
            found = [column for column in self.names if simplify(column) == simplify(name)]
            if len(found) == 1:
                self.note(
                    f"It names the column '{name}', which is '{found[0]}' in the source: the text would not have "
                    "found it."
                )
                return found[0]
        return None

    def cell(self, name: str) -> Cell:
        """Return the value of a column in each row."""
        column = self.find(name)
        if column is None:
            self.note(f"It reads the column '{name}', which no attribute is mapped to.")
            column = name
        self.read[column] = None
        sql = name_sql(column)
        match self.kind(column):
            case ColumnKind.INTEGER:
                self.has_whole_numbers = True
                return column_number(sql, is_float=self.has_gaps, is_whole=column in self.formats)
            case ColumnKind.NUMBER:
                return column_number(sql, is_float=True, is_whole=False)
            case ColumnKind.DATE | ColumnKind.DATETIME:
                return Moment(sql, Missing(sql), frozenset({sql}), self._date_text(column, sql))
            case ColumnKind.BOOLEAN:
                return Truth(comparison(sql, f"NOT {sql}", {sql}), Missing(sql))
            case ColumnKind.TEXT:
                return Text(sql, Missing(sql), frozenset({sql}))
            case None:  # whatever it turns out to hold
                return Text(f"CAST({sql} AS VARCHAR)", Missing(sql), frozenset({sql}))
        raise NotRecognisedError(f"the column '{column}' is of a type that rules cannot use")

    def kind(self, column: str) -> ColumnKind | None:
        """Return what a column holds, None where neither a declaration nor the text says so."""
        if declared := self.formats.get(column):
            return declared.kind
        return ColumnKind.INTEGER if name_sql(column) in self.taken_for_number else None

    def learn(self, *cells: Cell) -> None:
        """Learn what undeclared columns hold from what they are compared or computed with."""
        kinds: set[type] = {type(cell.value) for cell in cells if isinstance(cell, Constant)}
        if any(isinstance(cell, Number) for cell in cells):
            kinds.add(float)
        for cell in cells:
            for _, case in cases_of(cell):
                if isinstance(case, Text) and case.of is None:
                    hints = self.number_hints if kinds & {int, float} else self.text_hints if str in kinds else set()
                    hints.update(case.needs)

    def _date_text(self, column: str, sql: str) -> str | None:
        """Return a date as its source writes it."""
        declared = self.formats.get(column)
        if declared is None or declared.date_format not in ("%Y%m%d", "%Y-%m-%d"):
            return None
        text = f"CAST({sql} AS VARCHAR)"
        return f"REPLACE({text}, '-', '')" if declared.date_format == "%Y%m%d" else text


def _letters(name: str) -> str:
    return _NO_LETTERS.sub("", name).casefold()
