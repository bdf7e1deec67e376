"""Functional dependencies among columns: of those that nearly all rows keep, the surest for each column."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiling_pipeline.generation.determination import (
    NOISY,
    TIGHT,
    Dependency,
    Places,
    dependency_on,
    lift_of,
    may_depend,
    may_determine,
)
from profiling_pipeline.generation.grouping import deviating, grouped
from profiling_pipeline.profiling.sample import ColumnSample, joint_codes
from profiling_pipeline.sources.drawing import SEED
from profiling_pipeline.sources.model import ColumnKind

_TIME = frozenset({ColumnKind.DATE, ColumnKind.DATETIME})
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
    usable = [column for column in determinants if may_determine(column)]
    found: list[Dependency] = []
    for dependent in columns:
        if not may_depend(dependent):
            continue
        others = [column for column in usable if column.name != dependent.name]
        single = [d for column in others if (d := dependency_on((column,), dependent, shuffled))]
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
        if least_purity(dependency) >= TIGHT:
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
            if dependency_on((determinant,), other, shuffled):
                continue
            both = grouped(joint_codes((determinant, other)), dependent.codes)
            if both is not None and both.tested >= _LEAST_ALIKE * dependency.tested:
                return dependency_on((determinant, other), dependent, shuffled)
    return dependency


def _is_series(dependency: Dependency, columns: Sequence[ColumnSample]) -> bool:
    """Return whether the rows of a group are of different days, so that what they tell may change."""
    [name] = dependency.determinants
    determinant = next(column for column in columns if column.name == name)
    days = (grouped(determinant.codes, column.codes) for column in columns if column.kind in _TIME)
    return any(found is not None and found.tested and found.share < NOISY for found in days)


def _pairs(columns: Sequence[ColumnSample], dependent: ColumnSample, shuffled: Places) -> Iterator[Dependency]:
    """Yield dependencies on two columns, of the few that tell most of the dependent by themselves."""
    telling = [(lift_of(column.codes, dependent.codes, shuffled), column.name, column) for column in columns]
    best = [
        column
        for lift, _, column in sorted(telling, key=lambda entry: (-entry[0], entry[1]))[:_PAIRED]
        if lift >= _TELLING
    ]
    for pair in combinations(best, 2):
        if found := dependency_on(pair, dependent, shuffled):
            yield found
