"""A table described in numbers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from profiling_pipeline.sources.model import ColumnKind


@dataclass(frozen=True)
class ValueCount:
    """A value (or character pattern) and the number of rows that have it."""

    value: Any
    count: int


@dataclass(frozen=True)
class ColumnProfile:
    """One column in numbers.

    Counts are rows. `nulls` are missing values, `blanks` texts of white space only, `unreadable` values present that
    do not parse as the column's type. `quantiles` maps "0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99" to
    values. Figures that make no sense for the kind are None or empty. In `patterns` a letter reads A or a, a digit 9,
    other characters themselves.
    """

    name: str
    kind: ColumnKind
    rows: int
    nulls: int
    blanks: int
    unreadable: int
    distinct: int
    distinct_is_exact: bool
    minimum: Any = None
    maximum: Any = None
    mean: float | None = None
    standard_deviation: float | None = None
    quantiles: Mapping[str, Any] | None = None
    top_values: tuple[ValueCount, ...] = ()
    shortest: int | None = None
    longest: int | None = None
    patterns: tuple[ValueCount, ...] = ()

    @property
    def present(self) -> int:
        """Rows with a value that reads as the column's type."""
        return self.rows - self.nulls - self.unreadable


@dataclass(frozen=True)
class TableProfile:
    """All columns of one source in numbers; `fingerprint` says which state of the data was read."""

    source: str
    engine: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    fingerprint: Mapping[str, Any]

    def column(self, name: str) -> ColumnProfile:
        """Return the profile of the column called `name`; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]

    def to_dict(self) -> dict[str, Any]:
        """Return the profile as plain values."""
        return asdict(self)
