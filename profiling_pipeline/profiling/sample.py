"""Rows of a source in memory, for questions on several columns or on many values at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from profiling_pipeline.sources.answers import arrow_table
from profiling_pipeline.sources.drawing import SAMPLE_ROWS, drawn_rows
from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, OpenSource, kind_of

SAMPLE_CELLS = 2_400_000  # of a sample: so many rows times columns, and at least `SAMPLE_ROWS`

Codes = NDArray[np.int32]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class ColumnSample:
    """A column of the sampled rows: for each row the place of its text among the different `texts`, -1 for no value.

    Texts are as the source writes them, also where they do not read as the column's type. `readable` says for each
    text whether it does, `numbers` holds what it reads as (days and times as seconds); NaN where it does not, or where
    the column is text.
    """

    name: str
    kind: ColumnKind
    codes: Codes
    texts: tuple[str, ...]
    numbers: Numbers

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Rows of each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    @cached_property
    def present(self) -> int:
        """Rows with a value, readable or not."""
        return int((self.codes >= 0).sum())

    @cached_property
    def is_present(self) -> NDArray[np.bool_]:
        """For each row, whether it has a value."""
        return self.codes >= 0

    @cached_property
    def values(self) -> Numbers:
        """For each row, what it reads as; NaN for none."""
        if not self.texts:
            return np.full(len(self.codes), np.nan)
        return np.where(self.codes >= 0, self.numbers[self.codes], np.nan)

    def thinned(self, most: int) -> "ColumnSample":
        """Return the column in at most so many rows, evenly drawn from all; the same rows for every column."""
        step = -(-len(self.codes) // most) if most else 1
        if step <= 1:
            return self
        kept, codes = np.unique(self.codes[::step], return_inverse=True)
        has_missing = bool(len(kept)) and kept[0] == -1
        places = kept[1:] if has_missing else kept
        texts = tuple(self.texts[place] for place in places)
        return replace(self, codes=(codes - has_missing).astype(np.int32), texts=texts, numbers=self.numbers[places])

    @cached_property
    def by_count(self) -> tuple[tuple[str, int], ...]:
        """Texts with their rows, most frequent first, equally frequent ones as they come."""
        counts = self.counts
        return tuple((self.texts[place], int(counts[place])) for place in np.argsort(-counts, kind="stable"))


@dataclass(frozen=True)
class RowSample:
    """`rows` of the `total` rows of a source, all of them or a seeded sample; columns without an order are left out."""

    rows: int
    total: int
    columns: Mapping[str, ColumnSample]

    @property
    def is_whole(self) -> bool:
        """Whether these are all rows."""
        return self.rows == self.total


def sample_rows(source: OpenSource, total: int, most: int | None = None) -> RowSample:
    """Return all rows of a source that is small enough, otherwise a seeded draw of them.

    Rows of files are drawn by their number, so that the same file gives the same rows; a database draws by its own
    random numbers, seeded where it can be.

    Args:
        source: The opened data.
        total: Its rows.
        most: Rows to draw; fewer of wide tables than of narrow ones, unless given.
    """
    most = most or max(SAMPLE_ROWS, SAMPLE_CELLS // max(1, len(source.columns)))
    names = [name for name in source.columns if kind_of(source.table[name].type()) is not ColumnKind.OTHER]
    beside = [f"{name}{TEXT_SUFFIX}" for name in names if f"{name}{TEXT_SUFFIX}" in source.table.columns]
    rows = source.table if total <= most else drawn_rows(source, most / total)
    data = arrow_table(source.connection, rows.select([*names, *beside]))
    columns = {name: _column(data, name, kind_of(source.table[name].type())) for name in names}
    return RowSample(data.num_rows, total if total > most else data.num_rows, columns)


def _column(data: pa.Table, name: str, kind: ColumnKind) -> ColumnSample:
    typed = data[name].combine_chunks()
    beside = f"{name}{TEXT_SUFFIX}"
    texts = data[beside].combine_chunks() if beside in data.column_names else _as_text(typed)
    encoded = texts.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    different = tuple(encoded.dictionary.to_pylist())
    numbers = np.full(len(different), np.nan)
    if different and kind not in {ColumnKind.TEXT, ColumnKind.OTHER}:
        present = codes >= 0
        numbers[codes[present]] = _as_numbers(typed, kind)[present]
    return ColumnSample(name, kind, codes, different, numbers)


def _as_text(values: pa.Array) -> pa.Array:
    text = values.cast(pa.string())
    return pc.replace_substring_regex(text, r"\.0$", "") if pa.types.is_floating(values.type) else text


def _as_numbers(values: pa.Array, kind: ColumnKind) -> Numbers:
    if kind in {ColumnKind.DATE, ColumnKind.DATETIME}:
        values = values.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
    numbers: Numbers = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return numbers


def joint_codes(columns: Sequence[ColumnSample]) -> Codes:
    """Return one code for each combination of the columns' values, -1 where one has none."""
    joint = columns[0].codes.astype(np.int64)
    for column in columns[1:]:
        both = np.where((joint >= 0) & (column.codes >= 0), joint * max(1, len(column.texts)) + column.codes, -1)
        _, joint = np.unique(both, return_inverse=True)
        joint = np.where(both >= 0, joint, -1)
    return _compact(joint)


def _compact(codes: NDArray[np.int64]) -> Codes:
    different, places = np.unique(codes, return_inverse=True)
    shift = int(len(different) > 0 and different[0] == -1)
    return (places - shift).astype(np.int32)
