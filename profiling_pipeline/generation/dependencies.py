"""Functional dependencies that nearly all rows keep, found in the rows at hand.

For columns X and Y, rows alike in X form groups. X determines Y when nearly all rows have their group's most frequent
Y, in nearly every group, and far more so than if Y were dealt out at random: a shuffled copy of Y says how often groups
agree by chance, which allows for small groups and for values that are frequent anyway. Approximate dependencies, after
Y. Huhtala et al., TANE: an efficient algorithm for discovering functional and approximate dependencies (1999).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiling_pipeline.generation.grouping import Groups, deviating, grouped
from profiling_pipeline.generation.statistics import wilson_lower_bound
from profiling_pipeline.profiling.drawing import SEED
from profiling_pipeline.profiling.sample import Codes, ColumnSample, joint_codes
from profiling_pipeline.sources.model import ColumnKind

_FEWEST_ROWS = 50  # in groups of two rows and more
_FEWEST_GROUPS = 3
_LEAST_COVERED = 0.3  # share of the dependent's rows that are in such groups
_MOST_DETERMINED = 0.995  # share of one value above which nothing is left to determine
_TIGHT = 0.9  # least share of rows with their group's usual value ...
_NOISY = 0.5  # ... or less, where many rows of nearly every group tell the same thing, some of them wrongly
_LARGE_GROUP = 8  # rows, on average
_MANY_GROUPS = 20
_NOISY_GROUPS = 0.5  # share of those groups with a deviating row: noise is everywhere, a second pattern is in places
_CLEARLY_MORE = 1.5  # times the second most frequent value that the most frequent one then has ...
_CLEARLY = 0.8  # ... in groups of so many rows
_LEAST_NOISY_LIFT = 0.5  # the same as the least lift, where the groups are noisy
_TIME = frozenset({ColumnKind.DATE, ColumnKind.DATETIME})
_NEARLY_ALL = 0.96  # least share of rows with their group's usual value, where one value is nearly everywhere
_TELLING_ROWS = 3
_LEAST_LIFT = 0.75  # share of the disagreement by chance that the groups do away with
_CLEAR_GROUPS = 0.95  # share of rows in groups where more than half agree
_SPLIT_SHARE = 0.02  # of groups that hold two values, each usual elsewhere: a structure, not an error
_REPEATED_SHARE = 0.5  # of the deviating rows that deviate alike within their group: two right values, not errors
_SCREENED_ROWS = 10_000
_PURE = 0.95  # least share of a determinant's own values that are right, as far as other columns tell
_AS_GOOD = 0.01  # less in share than the best determinant may have
_SYSTEMATIC_ROWS = 5  # with one value of another column ...
_SYSTEMATIC_SHARE = 0.8  # ... of which so many deviate that they do so because of it
_BLAMED_SHARE = 0.5  # of the deviating rows, in which a determinant itself deviates from what determines it
_LEAST_ALIKE = 0.5  # of the rows in groups that are alike in the other column, too, or it tells too little
_MOST_CONDITIONS = 200
_DETERMINANTS = 2  # kept for each dependent column
_PAIRED = 8  # columns of which pairs are tried ...
_TELLING = 0.05  # ... each of which does away with so much of the disagreement by itself
_MOST_DIFFERENT = 0.7  # different values for each row, above which no group can agree


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
        return wilson_lower_bound(self.holding, self.tested) >= _TIGHT


Places = NDArray[np.int64]


def find_dependencies(
    columns: Sequence[ColumnSample], determinants: Sequence[ColumnSample], keys: Collection[str] = ()
) -> list[Dependency]:
    """Return, for each column, the one or two sets of columns that determine it best.

    Args:
        columns: Those that may depend, and the only ones that rules are made for.
        determinants: Those whose values may tell something: names, codes, days; no amounts.
        keys: Names of columns that tell things apart, so that no two names together can tell them.
    """
    rows = len(columns[0].codes) if columns else 0
    shuffled = np.random.default_rng(SEED).permutation(rows)
    usable = [column for column in determinants if _may_determine(column)]
    found: list[Dependency] = []
    for dependent in columns:
        if not _may_depend(dependent):
            continue
        others = [column for column in usable if column.name != dependent.name]
        single = [d for column in others if (d := _dependency((column,), dependent, shuffled))]
        single = [d for d in single if d.is_tight or not _is_series(d, columns)]
        refined = [_refined(each, others, dependent, shuffled) for each in single]
        if not single and dependent.name not in keys:
            refined = list(_pairs(others, dependent, shuffled))
        found += [each for each in refined if each]
    return _rightly_blamed(_best(found), {column.name: column for column in columns})


def _best(found: Sequence[Dependency]) -> list[Dependency]:
    """Return the surest dependencies of each column, without those on columns that are themselves full of errors."""
    purity: dict[str, float] = {}
    for dependency in found:
        purity[dependency.dependent] = max(purity.get(dependency.dependent, 0.0), dependency.share)

    def least_purity(dependency: Dependency) -> float:
        return min(purity.get(name, 1.0) for name in dependency.determinants)

    by_column: dict[str, dict[tuple[str, ...], Dependency]] = {}
    for dependency in found:
        if least_purity(dependency) >= _TIGHT:
            by_column.setdefault(dependency.dependent, {})[dependency.determinants] = dependency
    kept = []
    for choices in by_column.values():
        first, *others = sorted(choices.values(), key=_rank)
        pure = (d for d in others if least_purity(d) >= _PURE)
        kept += [first, *(d for d in pure if d.share >= first.share - _AS_GOOD)][:_DETERMINANTS]
    return kept


def _rightly_blamed(found: Sequence[Dependency], columns: Mapping[str, ColumnSample]) -> list[Dependency]:
    """Return the dependencies without those whose exceptions are mostly known to be errors of a determinant.

    Where a wrong state deviates from its zip code, whatever the state determines deviates, too, and is right.
    """
    rows = {each: _deviating_rows(each, columns) for each in found}

    def is_blamed(dependency: Dependency) -> bool:
        others = [
            rows[other]
            for other in found
            if other.dependent in dependency.determinants and dependency.dependent not in other.determinants
        ]
        own = rows[dependency]
        if not others or own.sum() < _SYSTEMATIC_ROWS:
            return False
        return bool((own & np.logical_or.reduce(others)).sum() > _BLAMED_SHARE * own.sum())

    return [each for each in found if not is_blamed(each)]


def _deviating_rows(dependency: Dependency, columns: Mapping[str, ColumnSample]) -> NDArray[np.bool_]:
    determinants = [columns[name] for name in dependency.determinants]
    codes = determinants[0].codes if len(determinants) == 1 else joint_codes(determinants)
    return deviating(codes, columns[dependency.dependent].codes)


def _rank(dependency: Dependency) -> tuple[Any, ...]:
    """Order dependencies: by their share where nearly all rows hold them, else by the rows that do."""
    sure = -round(dependency.share, 2) if dependency.is_tight else -dependency.holding
    return not dependency.is_tight, sure, -dependency.tested, dependency.determinants


def _refined(
    dependency: Dependency, others: Sequence[ColumnSample], dependent: ColumnSample, shuffled: Places
) -> Dependency | None:
    """Return the dependency, or where it fails for all rows with some value of another column, that of both columns.

    Rows that deviate because of another column are no errors: where nearly all rows of one state deviate, the state is
    part of what determines. None where the two do not determine the dependent either. Where hardly two rows are alike
    in both columns, as reports of several sources on the same things, the other column only says who is wrong; and one
    that the determinant tells as well says nothing new.
    """
    [name] = dependency.determinants
    determinant = next(column for column in others if column.name == name)
    deviates = deviating(determinant.codes, dependent.codes)
    if deviates.sum() < _SYSTEMATIC_ROWS:
        return dependency
    for other in sorted(others, key=lambda column: (len(column.texts), column.name)):
        if other.name == name or len(other.texts) > _MOST_CONDITIONS:
            continue
        present = other.codes >= 0
        rows = np.bincount(other.codes[present], minlength=len(other.texts))
        wrong = np.bincount(other.codes[present & deviates], minlength=len(other.texts))
        if ((rows >= _SYSTEMATIC_ROWS) & (wrong >= _SYSTEMATIC_SHARE * rows)).any():
            if _dependency((determinant,), other, shuffled):
                continue
            both = grouped(joint_codes((determinant, other)), dependent.codes)
            if both is not None and both.tested >= _LEAST_ALIKE * dependency.tested:
                return _dependency((determinant, other), dependent, shuffled)
    return dependency


def _is_series(dependency: Dependency, columns: Sequence[ColumnSample]) -> bool:
    """Return whether the rows of a group are of different days, so that what they tell may change."""
    [name] = dependency.determinants
    determinant = next(column for column in columns if column.name == name)
    days = (grouped(determinant.codes, column.codes) for column in columns if column.kind in _TIME)
    return any(found is not None and found.tested and found.share < _NOISY for found in days)


def _may_determine(column: ColumnSample) -> bool:
    different = len(column.texts)
    return different >= 2 and (1 + _LEAST_COVERED) * different < column.present


def _may_depend(column: ColumnSample) -> bool:
    if len(column.texts) < 2 or column.present < _FEWEST_ROWS:
        return False
    if len(column.texts) > _MOST_DIFFERENT * column.present:
        return False
    return bool(column.counts.max() < _MOST_DETERMINED * column.present)


def _pairs(columns: Sequence[ColumnSample], dependent: ColumnSample, shuffled: Places) -> Iterator[Dependency]:
    """Yield dependencies on two columns, of the few that tell most of the dependent by themselves."""
    telling = [(_lift(column.codes, dependent.codes, shuffled), column.name, column) for column in columns]
    best = [
        column
        for lift, _, column in sorted(telling, key=lambda entry: (-entry[0], entry[1]))[:_PAIRED]
        if lift >= _TELLING
    ]
    for pair in combinations(best, 2):
        if found := _dependency(pair, dependent, shuffled):
            yield found


def _dependency(determinants: Sequence[ColumnSample], dependent: ColumnSample, shuffled: Places) -> Dependency | None:
    codes = determinants[0].codes if len(determinants) == 1 else joint_codes(determinants)
    step = len(codes) // _SCREENED_ROWS
    if step > 1 and grouped(codes[::step], dependent.codes[::step], least=0.9 * _NOISY) is None:
        return None
    groups = grouped(codes, dependent.codes, least=_NOISY)
    if groups is None or not _is_kept(groups, dependent):
        return None
    is_tight = wilson_lower_bound(groups.holding, groups.tested) >= _TIGHT
    if not is_tight and len(determinants) > 1:
        return None
    lift = _lift(codes, dependent.codes, shuffled)
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


def _lift(determinant: Codes, dependent: Codes, shuffled: Places) -> float:
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
    return bool(rows >= _TELLING_ROWS**2 and groups.most[others].sum() >= _TIGHT * rows)


def _is_kept(groups: Groups, dependent: ColumnSample) -> bool:
    """Return whether the rows keep the dependency so well that what deviates is an error and no second structure."""
    tested = groups.tested
    if tested < max(_FEWEST_ROWS, _LEAST_COVERED * dependent.present) or len(groups.sizes) < _FEWEST_GROUPS:
        return False
    if wilson_lower_bound(groups.holding, tested) >= _TIGHT:
        if groups.sizes[groups.most > groups.sizes / 2].sum() < _CLEAR_GROUPS * tested:
            return False
        repeated = groups.second[(groups.second >= 2) & (groups.second >= 0.1 * groups.sizes)].sum()
        if repeated > _REPEATED_SHARE * max(1, tested - groups.holding):
            return False
        return _splits(groups) <= max(1, _SPLIT_SHARE * len(groups.sizes))
    return _is_noisy(groups)


def _is_noisy(groups: Groups) -> bool:
    """Return whether groups agree although many rows deviate: as where several sources report the same things."""
    if len(groups.sizes) < _MANY_GROUPS or groups.share < _NOISY or groups.sizes.mean() < _LARGE_GROUP:
        return False
    clear = groups.sizes[groups.most >= _CLEARLY_MORE * groups.second].sum()
    return bool(clear >= _CLEARLY * groups.tested and (groups.most < groups.sizes).mean() >= _NOISY_GROUPS)


def _splits(groups: Groups) -> int:
    """Return in how many groups a second value stands more than once that is the usual one of other groups."""
    usual = np.unique(groups.most_value)
    is_split = (groups.second >= 2) & (groups.second >= 0.1 * groups.sizes) & np.isin(groups.second_value, usual)
    return int(is_split.sum())
