"""What a planning data source and its attributes are, whatever place the data lives in."""

from bisect import bisect_left
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from types import TracebackType
from typing import Any, Self

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from profiling_pipeline.sources.float_text import float_text
from profiling_pipeline.sources.location import Location

# Columns that were read as text and then typed keep their text beside them, under the name with this suffix,
# so that a value which does not parse is seen as a bad value and not as a missing one.
TEXT_SUFFIX = " (as text)"

# Where a text is made from the value it was read as, unless that is printed otherwise, the texts that are printed
# otherwise stand under this suffix too. Whether there is a text at all is asked of them: making the texts of all values
# takes longer than the rest of most queries.
KEPT_SUFFIX = f", unless printed so{TEXT_SUFFIX}"

# Column of opened files that numbers their data rows from 1, on from one file to the next; tables of a database have
# no such number.
ROW_NUMBER = "row number"

SHOWN_CLASSIFICATIONS = frozenset({"Public", "Internal"})


class ColumnKind(StrEnum):
    """Families of column types that rules distinguish."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    OTHER = "other"


def kind_of(dtype: dt.DataType) -> ColumnKind:
    """Return the family that an Ibis type belongs to."""
    if dtype.is_string():
        return ColumnKind.TEXT
    if dtype.is_integer():
        return ColumnKind.INTEGER
    if dtype.is_numeric() and not dtype.is_boolean():
        return ColumnKind.NUMBER
    if dtype.is_date():
        return ColumnKind.DATE
    if dtype.is_timestamp():
        return ColumnKind.DATETIME
    return ColumnKind.BOOLEAN if dtype.is_boolean() else ColumnKind.OTHER


@dataclass(frozen=True)
class DeclaredFormat:
    """What an attribute's data type and format code (`C18`, `N6.5`, `Date YYYYMMDD`) declare of its values.

    `date_format` is strptime text. Lengths and digits are maxima; None means not declared.
    """

    kind: ColumnKind
    max_length: int | None = None
    max_digits: int | None = None
    max_decimals: int | None = None
    date_format: str | None = None


# Given a source's columns, what some of them are declared to hold.
FormatsOf = Callable[[Sequence[str]], Mapping[str, DeclaredFormat]]


@dataclass(frozen=True)
class Attribute:
    """One line item of a report, as planned."""

    attribute_id: int
    name: str
    technical_name: str | None = None
    description: str | None = None
    data_type: str | None = None
    format_code: str | None = None
    mandatory: str | None = None
    is_primary_key: bool = False
    primary_key_order: int | None = None
    classification: str | None = None
    source_column: str | None = None
    mapped_column: str | None = None
    line_item_number: str | None = None
    mdrm: str | None = None

    @property
    def is_shown(self) -> bool:
        """Whether values may be shown as they are: Public and Internal only; unknown counts as confidential."""
        return self.classification in SHOWN_CLASSIFICATIONS


@dataclass(frozen=True)
class ColumnMatches:
    """Which attribute is which column, and what found no partner.

    `columns` maps attribute ids to column names, `found_by` attribute ids to the way they were matched.
    """

    columns: Mapping[int, str]
    found_by: Mapping[int, str]
    attributes_without_column: tuple[Attribute, ...] = ()
    columns_without_attribute: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileRows:
    """One of a source's files, and how many rows it has."""

    name: str
    rows: int


@dataclass
class OpenSource:
    """A data source opened for reading; use as a context manager, leaving it frees what was opened.

    `table` has the source's columns, typed as declared, NaN replaced by null; a column that was typed from text also
    has its text under `<name> (as text)`. Files have `row number` too; several files are listed in `files`, in the
    order in which their rows are numbered. `engine` names the Ibis backend, `location` the place of a table.
    """

    name: str
    table: ir.Table
    connection: ibis.BaseBackend
    engine: str
    fingerprint: Mapping[str, Any]
    close: Callable[[], None] = field(default=lambda: None, repr=False)
    files: tuple[FileRows, ...] = ()
    location: Location | None = None

    def when_closed(self, undo: Callable[[], object]) -> None:
        """Have something undone before the source is closed."""
        close = self.close

        def undo_and_close() -> None:
            try:
                undo()
            finally:
                close()

        self.close = undo_and_close

    @property
    def columns(self) -> tuple[str, ...]:
        """The source's own columns, in its order."""
        return tuple(c for c in self.table.columns if c != ROW_NUMBER and not c.endswith(TEXT_SUFFIX))

    @property
    def has_row_numbers(self) -> bool:
        """Whether rows can be named by their position in the file."""
        return ROW_NUMBER in self.table.columns

    def place_of(self, row_number: int) -> dict[str, Any]:
        """Return where people find a row: its number, with its file's name where the source has several files."""
        if not self.files:
            return {"row": row_number}
        last_rows = list(accumulate(file.rows for file in self.files))
        index = bisect_left(last_rows, row_number)
        file = self.files[index]
        return {"file": file.name, "row": row_number - (last_rows[index] - file.rows)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def source_value(table: ir.Table, column: str) -> ir.Column:
    """Return what the source has in a column, for questions about its presence alone: null where it has nothing."""
    value, kept = table[column], kept_text(table.columns, column)
    return value.isnull().ifelse(table[kept], "") if kept else value


def text_of(table: ir.Table, column: str) -> ir.StringColumn:
    """Return a column's values as the source writes them."""
    name = f"{column}{TEXT_SUFFIX}"
    value = table[name if name in table.columns else column]
    if value.type().is_floating():
        return float_text(value, table.get_backend().name)
    return value.cast("string")


def is_unreadable(table: ir.Table, column: str) -> ir.BooleanColumn | None:
    """Return where a value is present but does not read as the column's declared type; None where that cannot be."""
    kept = kept_text(table.columns, column)
    return table[column].isnull().ifelse(table[kept].notnull(), False) if kept else None


def kept_text(names: Container[str], column: str) -> str | None:
    """Return which column has the texts of values that do not read as a column's type; None where it has its own."""
    return next((name for suffix in (KEPT_SUFFIX, TEXT_SUFFIX) if (name := f"{column}{suffix}") in names), None)


def with_texts(columns: Sequence[str], table: ir.Table) -> list[str]:
    """Return columns, each once, with those that hold the text they were typed from."""
    wanted = [name for column in columns for name in (column, f"{column}{TEXT_SUFFIX}", f"{column}{KEPT_SUFFIX}")]
    return [name for name in dict.fromkeys(wanted) if name in table.columns]
