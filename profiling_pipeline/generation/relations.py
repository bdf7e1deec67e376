"""Relations between numbers of a row, or between its days, that nearly all rows keep and not by chance.

What chance would do is asked of shuffled rows: two columns of which one is nearly always the larger because its values
are larger anyway have no relation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from profiling_pipeline.generation.statistics import wilson_lower_bound
from profiling_pipeline.profiling.sample import ColumnSample, Numbers
from profiling_pipeline.sources.drawing import SEED
from profiling_pipeline.sources.model import ColumnKind

_NUMERIC = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
_FEWEST_ROWS = 100
_ORDER_SHARE = 0.97  # of rows must keep an order, for certain
_SUM_SHARE = 0.9  # of rows must keep a sum, for certain: it does not come about by chance
_LEAST_LIFT = 0.8  # share of the violations in shuffled rows that are gone
_LEAST_MET = 0.02  # of the rows with two amounts, where one limits the other and a few rows break it
_MOST_ORDERS = 2  # that a column is the larger one of, or the smaller one: those that chance would break most often
_FEWEST_AT_EDGE = 20  # rows nearest to an edge that show how dense it is there
_MOST_AT_EDGE = 0.25  # of the violations may lie as near to the edge as those rows do
_FEWEST_BY_CHANCE = 0.05  # share of shuffled rows that must violate an order, or nobody learns from it
_LEAST_EQUAL = 0.95  # share of rows in which two columns are the same: then they are, rather than in order
_CENT = 0.011  # by which sums of rounded amounts may be off
_TRIED_ROWS = 200  # first, when sums are looked for
_FEWEST_ADDED = 2  # parts that are not 0, in a row that shows a sum
_FEWEST_SUMS = 50  # such rows
_MOST_SUMMANDS = 60  # columns that sums are looked for in


@dataclass(frozen=True)
class Order:
    """`small` is at most `large` in `holding` of the `tested` rows with both."""

    small: str
    large: str
    holding: int
    tested: int
    by_chance: float


@dataclass(frozen=True)
class Sum:
    """`total` is the sum of the parts in `holding` of the `tested` rows with all."""

    total: str
    parts: tuple[str, ...]
    holding: int
    tested: int


def find_orders(columns: Sequence[ColumnSample]) -> list[Order]:
    """Return the orders between columns of one kind (numbers, or days), each pair at most once.

    Of orders that follow from others (a to c, from a to b and b to c) only those others are returned.
    """
    if not columns:
        return []
    shuffled = np.random.default_rng(SEED).permutation(len(columns[0].codes))
    found = [
        order for first, second in combinations(columns, 2) if (order := _order(first, second, shuffled)) is not None
    ]
    pairs = {(order.small, order.large) for order in found}
    between = {(a, c) for a, b in pairs for other, c in pairs if b == other}
    kept: list[Order] = []
    for order in sorted(found, key=lambda order: (-order.by_chance, order.small, order.large)):
        alike = max(sum(k.large == order.large for k in kept), sum(k.small == order.small for k in kept))
        if (order.small, order.large) not in between and alike < _MOST_ORDERS:
            kept.append(order)
    return kept


def find_sums(columns: Sequence[ColumnSample]) -> list[Sum]:
    """Return the columns that are the sum of two or three others."""
    usable = [column for column in columns if _varies(column.values)][:_MOST_SUMMANDS]
    if len(usable) < 3:
        return []
    complete = np.all([np.isfinite(column.values) for column in usable], axis=0)
    if complete.sum() < _FEWEST_ROWS:
        complete = np.ones(len(usable[0].codes), dtype=bool)
    rows = np.flatnonzero(complete)[:_TRIED_ROWS]
    tried = np.array([column.values[rows] for column in usable])
    found: dict[str, Sum] = {}
    for size in (2, 3) if len(usable) <= _MOST_SUMMANDS // 2 else (2,):
        for places, total in _candidates(tried, size):
            name = usable[total].name
            if name in found:
                continue
            parts = [usable[place] for place in places]
            if (kept := _sum(usable[total], parts)) is not None:
                found[name] = kept
    return list(found.values())


def _order(first: ColumnSample, second: ColumnSample, shuffled: NDArray[np.int64]) -> Order | None:
    known = np.isfinite(first.values) & np.isfinite(second.values)
    is_number = first.kind in _NUMERIC
    # Where one amount is 0, whatever is not negative is in order with it: such rows show nothing, but must hold, too.
    both = known & (first.values != 0) & (second.values != 0) if is_number else known
    shown = int(both.sum())
    if shown < _FEWEST_ROWS:
        return None
    rises, falls = (
        int(compared[both].sum()) for compared in (first.values <= second.values, first.values >= second.values)
    )
    if rises + falls - shown >= _LEAST_EQUAL * shown:
        return None
    small, large = (first, second) if rises >= falls else (second, first)
    differences = (large.values - small.values)[both]
    violations, tested = int((differences < 0).sum()), int(known.sum())
    holding = int((small.values[known] <= large.values[known]).sum())
    if tested - holding > violations or wilson_lower_bound(shown - violations, shown) < _ORDER_SHARE:
        return None
    dealt = large.values[shuffled]
    comparable = both & np.isfinite(dealt)
    broken = float((small.values[comparable] > dealt[comparable]).mean()) if comparable.any() else 0.0
    if broken < _FEWEST_BY_CHANCE or violations > (1 - _LEAST_LIFT) * broken * shown:
        return None
    if violations and not (_is_met(differences) if is_number else _has_edge(differences)):
        return None
    return Order(small.name, large.name, holding, tested, broken)


def _is_met(differences: Numbers) -> bool:
    """Return whether two amounts are often the same, as where one is the limit of the other."""
    return bool((differences == 0).mean() >= _LEAST_MET)


def _has_edge(differences: Numbers) -> bool:
    """Return whether differences end at zero, and what lies below are errors and not the rest of a tail.

    In a tail as many lie just below zero as just above it. At an edge few do, however many are wrong.
    """
    below = -differences[differences < 0]
    if not len(below):
        return True
    above = np.sort(differences[differences >= 0])
    band = above[min(len(above) - 1, max(_FEWEST_AT_EDGE, 3 * len(below)))]
    return bool((below <= band).mean() <= _MOST_AT_EDGE)


def _candidates(tried: Numbers, size: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield sets of columns and the column that is their sum in most of the tried rows."""
    count = len(tried)
    for places in combinations(range(count), size):
        total = tried[list(places)].sum(axis=0)
        agree = (np.abs(tried - total) <= _CENT).mean(axis=1)
        best = int(agree.argmax())
        if agree[best] >= 0.8 * _SUM_SHARE and best not in places:
            yield places, best


def _sum(total: ColumnSample, parts: Sequence[ColumnSample]) -> Sum | None:
    difference = np.abs(total.values - np.sum([part.values for part in parts], axis=0))
    known = np.isfinite(difference)
    tested, holding = int(known.sum()), int((difference[known] <= _CENT).sum())
    if tested < _FEWEST_ROWS or wilson_lower_bound(holding, tested) < _SUM_SHARE:
        return None
    # Where only one part is not 0, the total is that part, whatever the others are.
    added = known & (np.sum([part.values != 0 for part in parts], axis=0) >= _FEWEST_ADDED)
    if added.sum() < _FEWEST_SUMS or (difference[added] <= _CENT).mean() < _SUM_SHARE:
        return None
    if any((part.values[known] == 0).mean() > _LEAST_EQUAL for part in parts):
        return None
    return Sum(total.name, tuple(part.name for part in parts), holding, tested)


def _varies(values: Numbers) -> bool:
    known = values[np.isfinite(values)]
    return len(known) >= _FEWEST_ROWS and len(np.unique(known)) > 10
