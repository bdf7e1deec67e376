"""Columns that only together tell rows apart, as an account and a month, or a site and what it reports on.

Of many columns some combination is without repetition by chance, because few rows are alike in three columns of many
values anyway. So a combination counts only where chance would have repeated it often: pairs of rows that would be alike
if the columns had nothing to do with each other are expected by the dozen, and hardly any is there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

from profiling_pipeline.generation.statistics import is_supported
from profiling_pipeline.profiling.sample import Codes, ColumnSample

_MOST_COLUMNS = 16  # of which combinations are tried
_LARGEST = 3  # columns of a key
_FEWEST_ROWS = 100
_LEAST_PRESENT = 0.99  # share of the rows that have a value of each column
_SINGLE_SHARE = 0.99  # of the rows, for certain, are alike with no other in all columns of a key
_LEAST_EXPECTED = 30.0  # pairs of rows alike by chance: none of so many is a chance of 1 in 10^13
_MOST_OF_EXPECTED = 0.02  # share of those pairs that there may be
_TRIED_ROWS = 2_000  # first


@dataclass(frozen=True)
class CompositeKey:
    """Columns that together tell rows apart; by chance so many pairs of the rows looked at would be alike in all."""

    columns: tuple[str, ...]
    rows: int
    by_chance: float


def find_composite_key(columns: Sequence[ColumnSample]) -> CompositeKey | None:
    """Return the smallest combination of columns that tells rows apart although none of them does alone.

    Args:
        columns: Those that name things, such as codes and days, the ones that are likelier part of a key first.
    """
    usable = [column for column in columns if _may_be_part(column)][:_MOST_COLUMNS]
    for size in range(2, _LARGEST + 1):
        found = list(_keys(usable, size))
        if found:
            return min(found, key=lambda entry: entry[0])[1]
    return None


def _keys(columns: Sequence[ColumnSample], size: int) -> Iterator[tuple[tuple[int, int], CompositeKey]]:
    """Yield keys of so many columns, each with its rank: the rows that it does not tell apart, its place."""
    for place, parts in enumerate(combinations(columns, size)):
        codes = _joint(parts, _TRIED_ROWS)
        if np.unique(codes).size < 0.9 * codes.size:
            continue
        codes = _joint(parts)
        known = codes[codes >= 0]
        counts = np.bincount(known)
        pairs = float((counts * (counts - 1)).sum()) / 2
        expected = known.size * (known.size - 1) / 2 * prod(_alike(part) for part in parts)
        single = int((counts == 1).sum())
        if expected < _LEAST_EXPECTED or pairs > _MOST_OF_EXPECTED * expected:
            continue
        if known.size >= _FEWEST_ROWS and is_supported(single, known.size, _SINGLE_SHARE):
            names = tuple(part.name for part in parts)
            yield (known.size - single, place), CompositeKey(names, known.size, expected)


def _may_be_part(column: ColumnSample) -> bool:
    """Return whether nearly every row has a value of the column, and it repeats."""
    return 2 <= len(column.texts) <= 0.9 * column.present and column.present >= _LEAST_PRESENT * len(column.codes)


def _joint(parts: Sequence[ColumnSample], rows: int | None = None) -> Codes:
    """Return one code for each combination of values in the first rows, or in all."""
    joint: NDArray[np.int64] = parts[0].codes[:rows].astype(np.int64)
    for part in parts[1:]:
        codes = part.codes[:rows]
        joint = np.where((joint >= 0) & (codes >= 0), joint * len(part.texts) + codes, -1)
    _, places = np.unique(joint, return_inverse=True)
    return np.where(joint >= 0, places, -1).astype(np.int32)


def _alike(column: ColumnSample) -> float:
    """Return the chance that two rows have the same value."""
    shares = column.counts / max(1, column.present)
    return float((shares**2).sum())
