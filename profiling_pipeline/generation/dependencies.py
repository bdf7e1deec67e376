"""Functional dependencies that nearly all rows keep, found in the rows at hand.

For columns X and Y, rows alike in X form groups. X determines Y when nearly all rows have their group's most frequent
Y, in nearly every group, and far more so than if Y were dealt out at random: a shuffled copy of Y says how often groups
agree by chance, which allows for small groups and for values that are frequent anyway. Approximate dependencies, after
Y. Huhtala et al., TANE: an efficient algorithm for discovering functional and approximate dependencies (1999).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from profiling_pipeline.generation.grouping import Groups, deviating, grouped
from profiling_pipeline.generation.statistics import wilson_lower_bound
from profiling_pipeline.profiling.sample import SEED, Codes, ColumnSample, joint_codes

_FEWEST_ROWS = 50  # in groups of two rows and more
_FEWEST_GROUPS = 3
_LEAST_COVERED = 0.3  # share of the dependent's rows that are in such groups
_MOST_DETERMINED = 0.995  # share of one value above which nothing is left to determine
_TIGHT = 0.9  # least share of rows with their group's usual value ...
_NOISY = 0.6  # ... or less, where groups are large and clear
_LARGE_GROUP = 8  # rows, on average
_LEAST_NOISY_LIFT = 0.5  # the same, where the groups are noisy
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


Places = NDArray[np.int64]


def find_dependencies(
    columns: Sequence[ColumnSample], determinants: Sequence[ColumnSample], *, with_pairs: bool = True
) -> list[Dependency]:
    """Return, for each column, the one or two sets of columns that determine it best.

    Args:
        columns: Those that may depend, and the only ones that rules are made for.
        determinants: Those whose values may tell something: names, codes, days; no amounts.
        with_pairs: Try pairs of determinants for the columns that none determines alone.
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
        refined = [_refined(each, others, dependent, shuffled) for each in single]
        if not single and with_pairs:
            refined = list(_pairs(others, dependent, shuffled))
        found += [each for each in refined if each]
    return _best(found)


def _best(found: Sequence[Dependency]) -> list[Dependency]:
    """Return the surest dependencies of each column, without those on columns that are themselves full of errors."""
    purity: dict[str, float] = {}
    for dependency in found:
        purity[dependency.dependent] = max(purity.get(dependency.dependent, 0.0), dependency.share)
    by_column: dict[str, dict[tuple[str, ...], Dependency]] = {}
    for dependency in found:
        by_column.setdefault(dependency.dependent, {})[dependency.determinants] = dependency
    kept = []
    for choices in by_column.values():
        first, *others = sorted(choices.values(), key=lambda d: (-round(d.share, 2), -d.tested, d.determinants))
        pure = (d for d in others if min(purity.get(name, 1.0) for name in d.determinants) >= _PURE)
        kept += [first, *(d for d in pure if d.share >= first.share - _AS_GOOD)][:_DETERMINANTS]
    return kept


def _refined(
    dependency: Dependency, others: Sequence[ColumnSample], dependent: ColumnSample, shuffled: Places
) -> Dependency | None:
    """Return the dependency, or where it fails for all rows with some value of another column, that of both columns.

    Rows that deviate because of another column are no errors: where nearly all rows of one state deviate, the state is
    part of what determines. None where the two do not determine the dependent either.
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
            return _dependency((determinant, other), dependent, shuffled)
    return dependency


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
    known = set(groups.group[groups.most > groups.sizes / 2].tolist())
    missing = (dependent.codes < 0) & (codes >= 0)
    return Dependency(
        determinants=tuple(column.name for column in determinants),
        dependent=dependent.name,
        holding=groups.holding,
        tested=groups.tested,
        groups=len(groups.sizes),
        known_nulls=int(np.isin(codes[missing], list(known)).sum()),
        nulls=int(missing.sum()),
    )


def _lift(determinant: Codes, dependent: Codes, shuffled: Places) -> float:
    """Return which share of the disagreement that a shuffled dependent has is gone."""
    groups, by_chance = grouped(determinant, dependent), grouped(determinant, dependent[shuffled])
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
    clear = groups.sizes[groups.most > groups.sizes / 2].sum() / tested
    if clear < _CLEAR_GROUPS:
        return False
    if wilson_lower_bound(groups.holding, tested) >= _TIGHT:
        repeated = groups.second[(groups.second >= 2) & (groups.second >= 0.1 * groups.sizes)].sum()
        if repeated > _REPEATED_SHARE * max(1, tested - groups.holding):
            return False
        return _splits(groups) <= max(1, _SPLIT_SHARE * len(groups.sizes))
    return bool(groups.share >= _NOISY and groups.sizes.mean() >= _LARGE_GROUP)


def _splits(groups: Groups) -> int:
    """Return in how many groups a second value stands more than once that is the usual one of other groups."""
    usual = np.unique(groups.most_value)
    is_split = (groups.second >= 2) & (groups.second >= 0.1 * groups.sizes) & np.isin(groups.second_value, usual)
    return int(is_split.sum())
