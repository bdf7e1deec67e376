"""Rows grouped by the value of one column, and how often each value of another one stands in a group."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiling_pipeline.profiling.sample import Codes

_DENSE = 8  # cells of a table of counts for each row, above which the pairs are sorted instead


@dataclass(frozen=True)
class Groups:
    """For each group of two rows and more: its rows, and its most frequent and second most frequent value."""

    group: NDArray[np.int64]
    sizes: NDArray[np.int64]
    most: NDArray[np.int64]
    most_value: NDArray[np.int64]
    second: NDArray[np.int64]
    second_value: NDArray[np.int64]

    @property
    def tested(self) -> int:
        """Rows in groups."""
        return int(self.sizes.sum())

    @property
    def holding(self) -> int:
        """Rows with the most frequent value of their group."""
        return int(self.most.sum())

    @property
    def share(self) -> float:
        """Share of the rows in groups that have their group's most frequent value; 0 without groups."""
        return self.holding / self.tested if self.tested else 0.0


def grouped(determinant: Codes, dependent: Codes, least: float = 0.0) -> Groups | None:
    """Return the groups of `determinant` in the rows with both values.

    Args:
        determinant: Codes of what groups the rows, -1 for no value.
        dependent: Codes of what is counted, -1 for no value.
        least: Share of all rows that must at least have their group's most frequent value; below it the answer is None
            as it is where no row has both values. It spares most of the work for columns that have no relation.
    """
    both = (determinant >= 0) & (dependent >= 0)
    rows = int(both.sum())
    if not rows:
        return None
    width = int(dependent.max()) + 1
    joint = determinant[both].astype(np.int64) * width + dependent[both]
    cells = (int(determinant.max()) + 1) * width
    if cells <= max(_DENSE * rows, 10_000):
        all_counts = np.bincount(joint, minlength=cells)
        keys = np.flatnonzero(all_counts)
        counts = all_counts[keys]
    else:
        keys, counts = np.unique(joint, return_counts=True)
    group = keys // width
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    # Each value of a group beyond its most frequent one is at least one deviating row.
    if rows - (len(keys) - len(starts)) < least * rows:
        return None
    order = np.lexsort((keys, -counts, group))
    value, counts = (keys % width)[order], counts[order]
    sizes = np.add.reduceat(counts, starts)
    following = np.minimum(starts + 1, len(counts) - 1)
    has_second = np.diff(np.r_[starts, len(group)]) > 1
    large = sizes >= 2
    return Groups(
        group=group[starts][large],
        sizes=sizes[large],
        most=counts[starts][large],
        most_value=value[starts][large],
        second=np.where(has_second, counts[following], 0)[large],
        second_value=np.where(has_second, value[following], -1)[large],
    )


def deviating(determinant: Codes, dependent: Codes) -> NDArray[np.bool_]:
    """Return for each row whether its value is not its group's most frequent one."""
    both = (determinant >= 0) & (dependent >= 0)
    width = int(dependent.max()) + 1
    joint = np.where(both, determinant.astype(np.int64) * width + dependent, -1)
    keys, places, counts = np.unique(joint, return_inverse=True, return_counts=True)
    most: NDArray[np.int64] = np.zeros(int(determinant.max()) + 1, dtype=np.int64)
    known = keys >= 0
    np.maximum.at(most, keys[known] // width, counts[known])
    return np.where(both, counts[places] < most[np.maximum(determinant, 0)], False)
