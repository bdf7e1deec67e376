"""Rules that a value is one of a few: codes and flags."""

from collections.abc import Iterable

from profiling_pipeline.generation.statistics import FORM_SHARE, is_supported
from profiling_pipeline.generation.suggestions.spelling import is_near_miss
from profiling_pipeline.generation.suggestions.subject import Subject, portion
from profiling_pipeline.generation.suggestions.values import as_json
from profiling_pipeline.plurals import counted
from profiling_pipeline.profiling.profile import ValueCount
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import ColumnKind

_RARE_SHARE = 0.005  # of rows: rarer values are looked at twice
_MISSPELT_SHARE = 0.03  # of rows: more frequent values are no misspellings
_GAP = 20  # a rare value is left out when the next more frequent one has so many times its rows ...
_GAP_OF_MANY = 8  # ... or so many where ten values or more show how rare the rarest are
_MANY = 10
_FEW_ODD = 0.1  # left-out values for each of a set, unlike any of them, above which the set is not closed
_MOST_LEFT_OUT = 0.5  # left-out values for each of a set, whatever they look like
_CODED = frozenset({"type", "flag", "status", "class", "category", "grade", "rating", "indicator", "reason", "channel"})
_MOST_MARKED = 0.08  # share of rows in which a number may stand for a missing one
_MOST_NUMBERS = 20  # numbers of a set; more are amounts or counts
_MOST_TEXTS = 300
_FEWEST_ROWS = 10  # for each value of a set, on average
_SHOWN = 5


def suggest(subject: Subject) -> Iterable[Rule]:
    """Yield the rule that values are among the few that the column has, doubtful ones left out and named."""
    if subject.column.kind not in {ColumnKind.TEXT, ColumnKind.INTEGER}:
        return
    kept, left_out = _sorted_out(subject)
    holding = sum(top.count for top in kept)
    if not kept or (len(kept) < 2 and not left_out) or holding < _FEWEST_ROWS * len(kept):
        return
    if not is_supported(holding, subject.seen, FORM_SHARE):
        return
    rarest = _shown(subject, kept[-1])
    because = f"{portion(holding, subject.seen, 'values')} are one of {len(kept)}; the rarest of these, {rarest}."
    if left_out:
        because += f" Left out as too rare to be meant: {', '.join(_shown(subject, top) for top in left_out[:_SHOWN])}."
    unnamed = max(0, subject.readable - holding - sum(top.count for top in left_out[:_SHOWN]))
    if unnamed:
        because += f" Still rarer values in {counted(unnamed, 'row')} are left out too."
    yield subject.rule(
        f"is one of {len(kept)} known values" if len(kept) > 1 else "is the one known value",
        "isin",
        {"allowed_values": sorted((as_json(top.value) for top in kept), key=lambda value: (str(type(value)), value))},
        because=because,
        holding=holding,
        tested=subject.seen,
    )


def _sorted_out(subject: Subject) -> tuple[list[ValueCount], list[ValueCount]]:
    """Return the values that make up the set and the ones left out; none where the column has no set."""
    values, rows = subject.values, subject.readable
    most = _MOST_NUMBERS if subject.column.kind is ColumnKind.INTEGER else _MOST_TEXTS
    if subject.data and sum(top.count >= max(_FEWEST_ROWS, _RARE_SHARE * rows) for top in values) > most:
        return [], []
    kept: list[ValueCount] = []
    left_out: list[ValueCount] = []
    for top in values:
        (left_out if _is_doubtful(top, kept, rows) else kept).append(top)
        if len(kept) > most:
            return [], []
    unlisted = rows - sum(top.count for top in values)
    if unlisted > 0:
        if not left_out or unlisted > _RARE_SHARE * rows:
            return [], []  # values that the profile does not list are part of the set
        kept = [top for top in kept if top.count >= _RARE_SHARE * rows]
        left_out = [top for top in values if top not in kept]
    elif _is_open(kept, left_out, rows) or not _may_be_codes(subject, kept):
        return [], []
    meant = [top for top in kept if not _stands_for_nothing(top, kept, rows)]
    return meant, [*(top for top in kept if top not in meant), *left_out]


def _stands_for_nothing(top: ValueCount, kept: list[ValueCount], rows: int) -> bool:
    """Return whether a number is the only one below zero, -1, and seldom: a missing value in disguise."""
    return (
        top.value == -1
        and top.count <= _MOST_MARKED * rows
        and all(isinstance(other.value, int) and other.value >= 0 for other in kept if other is not top)
    )


def _may_be_codes(subject: Subject, kept: list[ValueCount]) -> bool:
    """Return whether numbers stand for something: they follow one another, or their name says so."""
    numbers = [top.value for top in kept if isinstance(top.value, int)]
    if not numbers or subject.is_identifier or subject.words & _CODED:
        return True
    return max(numbers) - min(numbers) < 2 * len(numbers)


def _is_open(kept: list[ValueCount], left_out: list[ValueCount], rows: int) -> bool:
    """Return whether values that no list knows are to be expected: many are seen only once or twice, or left out.

    Source: I. J. Good, The population frequencies of species and the estimation of population parameters (1953).
    """
    if len(kept) <= _MANY:
        return False
    once = sum(top.count == 1 for top in kept)
    odd = [top for top in left_out if not any(_looks_like(top, other) for other in kept)]
    is_strewn = len(left_out) > _MOST_LEFT_OUT * len(kept)
    return is_strewn or once > 0.001 * rows or len(odd) > max(1, _FEW_ODD * len(kept))


def _looks_like(top: ValueCount, other: ValueCount) -> bool:
    return is_near_miss(_folded(top.value), _folded(other.value))


def _is_doubtful(top: ValueCount, kept: list[ValueCount], present: int) -> bool:
    """Return whether a value is rare, and either looks like a far more frequent one or is far rarer than the next."""
    spelling = _folded(top.value)
    frequent = [_folded(other.value) for other in kept if top.count * _GAP <= other.count]
    if top.count < _MISSPELT_SHARE * present and any(
        spelling == other or is_near_miss(spelling, other) for other in frequent
    ):
        return True
    if top.count >= _RARE_SHARE * present:
        return False
    if any(_folded(other.value) == spelling for other in kept):
        return True
    if _fades_out(top, kept):
        return False
    if len(kept) >= _MANY:
        return top.count <= 2 and top.count * _GAP_OF_MANY <= kept[-1].count
    # Beside one frequent value a rare one may be the flag that is seldom set, unless it is seen once or twice.
    return (len(kept) >= 2 or top.count <= 2) and top.count * _GAP <= kept[-1].count if kept else False


def _fades_out(top: ValueCount, kept: list[ValueCount]) -> bool:
    """Return whether a whole number is the next of 0, 1, 2... each rarer than the one before: a count, not a code."""
    return isinstance(top.value, int) and [other.value for other in (*kept, top)] == list(range(len(kept) + 1))


def _folded(value: object) -> str:
    return str(as_json(value)).strip().casefold()


def _shown(subject: Subject, top: ValueCount) -> str:
    return f"'{subject.quote(top.value)}' in {counted(top.count, 'row')}"
