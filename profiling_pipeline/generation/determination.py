"""Whether columns determine another one: a functional dependency that nearly all rows at hand keep.

For columns X and Y, rows alike in X form groups. X determines Y when nearly all rows have their group's most frequent
Y, in nearly every group, and far more so than if Y were dealt out at random: a shuffled copy of Y says how often groups
agree by chance, which allows for small groups and for values that are frequent anyway. Approximate dependencies, after
Y. Huhtala et al., TANE: an efficient algorithm for discovering functional and approximate dependencies (1999).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiling_pipeline.generation.grouping import Groups, grouped
from profiling_pipeline.generation.statistics import wilson_lower_bound
from profiling_pipeline.profiling.sample import Codes, ColumnSample, joint_codes

_FEWEST_ROWS = 50  # in groups of two rows and more
_FEWEST_GROUPS = 3
_LEAST_COVERED = 0.3  # share of the dependent's rows that are in such groups
_MOST_DETERMINED = 0.995  # share of one value above which nothing is left to determine
_MOST_DIFFERENT = 0.7  # different values for each row, above which no group can agree
TIGHT = 0.9  # least share of rows with their group's usual value ...
NOISY = 0.5  # ... or less, where many rows of nearly every group tell the same thing, some of them wrongly
_LARGE_GROUP = 8  # rows, on average
_MANY_GROUPS = 20
_NOISY_GROUPS = 0.5  # share of those groups with a deviating row: noise is everywhere, a second pattern is in places
_CLEARLY_MORE = 1.5  # times the second most frequent value that the most frequent one then has ...
_CLEARLY = 0.8  # ... in groups of so many rows
_LEAST_LIFT = 0.75  # share of the disagreement by chance that the groups do away with
_LEAST_NOISY_LIFT = 0.5  # the same as the least lift, where the groups are noisy
_NEARLY_ALL = 0.96  # least share of rows with their group's usual value, where one value is nearly everywhere
_TELLING_ROWS = 3
_CLEAR_GROUPS = 0.95  # share of rows in groups where more than half agree
_SPLIT_SHARE = 0.02  # of groups that hold two values, each usual elsewhere: a structure, not an error
_REPEATED_SHARE = 0.5  # of the deviating rows that deviate alike within their group: two right values, not errors
_SCREENED_ROWS = 10_000

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Dependency:
    """Columns that determine another one, and in how many of the rows that can tell."""

    determinants: tuple[str, ...]
    dependent: str
    holding: int
    tested: int
    groups: int
    known_nulls: int  # rows without a value of the dependent, of whose group the other rows tell it
    nulls: int  # rows without a value of the dependent that have the determinants

    @property
    def share(self) -> float:
        """Share of the rows in groups that have their group's most frequent value."""
        return self.holding / self.tested

    @property
    def is_tight(self) -> bool:
        """Whether nearly all rows have it, for certain."""
        return wilson_lower_bound(self.holding, self.tested) >= TIGHT


def may_determine(column: ColumnSample) -> bool:
    """Return whether enough rows can share a value of the column for its values to tell another one."""
    different = len(column.texts)
    return different >= 2 and (1 + _LEAST_COVERED) * different < column.present


def may_depend(column: ColumnSample) -> bool:
    """Return whether there is something to determine: enough rows, several values, most of them repeated."""
    if len(column.texts) < 2 or column.present < _FEWEST_ROWS:
        return False
    if len(column.texts) > _MOST_DIFFERENT * column.present:
        return False
    return bool(column.counts.max() < _MOST_DETERMINED * column.present)


def dependency_on(determinants: Sequence[ColumnSample], dependent: ColumnSample, shuffled: Places) -> Dependency | None:
    """Return the dependency of a column on others, or None where the rows do not keep it.

    Args:
        determinants: The others, whose values together group the rows.
        dependent: The column.
        shuffled: The places of all rows in a random order.
    """
    codes = determinants[0].codes if len(determinants) == 1 else joint_codes(determinants)
    step = len(codes) // _SCREENED_ROWS
    if step > 1 and grouped(codes[::step], dependent.codes[::step], least=0.9 * NOISY) is None:
        return None
    groups = grouped(codes, dependent.codes, least=NOISY)
    if groups is None or not _is_kept(groups, dependent):
        return None
    is_tight = wilson_lower_bound(groups.holding, groups.tested) >= TIGHT
    if not is_tight and len(determinants) > 1:
        return None
    lift = lift_of(codes, dependent.codes, shuffled)
    if lift < (_LEAST_LIFT if is_tight else _LEAST_NOISY_LIFT) and not (is_tight and _tells_rare_values(groups)):
        return None
    known = groups.group[groups.most >= _CLEARLY_MORE * groups.second]
    missing = (dependent.codes < 0) & (codes >= 0)
    return Dependency(
        determinants=tuple(column.name for column in determinants),
        dependent=dependent.name,
        holding=groups.holding,
        tested=groups.tested,
        groups=len(groups.sizes),
        known_nulls=int(np.isin(codes[missing], known).sum()),
        nulls=int(missing.sum()),
    )


def lift_of(determinant: Codes, dependent: Codes, shuffled: Places) -> float:
    """Return which share of the disagreement that a shuffled dependent has is gone.

    Values are shuffled among the rows that have both columns. What goes with a determinant's being there at all, such
    as no arrears with a payment's channel, its values do not tell.
    """
    both = (determinant >= 0) & (dependent >= 0)
    dealt_out = dependent.copy()
    dealt_out[both] = dependent[shuffled[both[shuffled]]]
    groups, by_chance = grouped(determinant, dependent), grouped(determinant, dealt_out)
    if groups is None or by_chance is None or not by_chance.tested or by_chance.share == 1:
        return 0.0
    return (groups.share - by_chance.share) / (1 - by_chance.share)


def _tells_rare_values(groups: Groups) -> bool:
    """Return whether groups agree on other values than the most frequent one, of three rows and more.

    Where one value is nearly everywhere, most of the disagreement are errors, and the lift is small; but by chance
    hardly any group of three would agree on another value.
    """
    large = groups.sizes >= _TELLING_ROWS
    if groups.share < _NEARLY_ALL or not large.any():
        return False
    usual = np.bincount(groups.most_value[large], weights=groups.sizes[large]).argmax()
    others = large & (groups.most_value != usual)
    rows = groups.sizes[others].sum()
    return bool(rows >= _TELLING_ROWS**2 and groups.most[others].sum() >= TIGHT * rows)


def _is_kept(groups: Groups, dependent: ColumnSample) -> bool:
    """Return whether the rows keep the dependency so well that what deviates is an error and no second structure."""
    tested = groups.tested
    if tested < max(_FEWEST_ROWS, _LEAST_COVERED * dependent.present) or len(groups.sizes) < _FEWEST_GROUPS:
        return False
    if wilson_lower_bound(groups.holding, tested) >= TIGHT:
        if groups.sizes[groups.most > groups.sizes / 2].sum() < _CLEAR_GROUPS * tested:
            return False
        repeated = groups.second[(groups.second >= 2) & (groups.second >= 0.1 * groups.sizes)].sum()
        if repeated > _REPEATED_SHARE * max(1, tested - groups.holding):
            return False
        return _splits(groups) <= max(1, _SPLIT_SHARE * len(groups.sizes))
    return _is_noisy(groups)


def _is_noisy(groups: Groups) -> bool:
    """Return whether groups agree although many rows deviate: as where several sources report the same things."""
    if len(groups.sizes) < _MANY_GROUPS or groups.share < NOISY or groups.sizes.mean() < _LARGE_GROUP:
        return False
    clear = groups.sizes[groups.most >= _CLEARLY_MORE * groups.second].sum()
    return bool(clear >= _CLEARLY * groups.tested and (groups.most < groups.sizes).mean() >= _NOISY_GROUPS)


def _splits(groups: Groups) -> int:
    """Return in how many groups a second value stands more than once that is the usual one of other groups."""
    usual = np.unique(groups.most_value)
    is_split = (groups.second >= 2) & (groups.second >= 0.1 * groups.sizes) & np.isin(groups.second_value, usual)
    return int(is_split.sum())
