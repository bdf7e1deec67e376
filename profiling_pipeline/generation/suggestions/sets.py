"""Rules that a value is one of a few: codes and flags."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from profiling_pipeline.generation.statistics import is_supported
from profiling_pipeline.generation.suggestions.subject import Subject, count, share
from profiling_pipeline.generation.suggestions.values import as_json
from profiling_pipeline.profiling.profile import ColumnProfile, ValueCount
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import ColumnKind

_RARE_SHARE = 0.005  # of rows: rarer values are looked at twice
_MISSPELT_SHARE = 0.03  # of rows: more frequent values are no misspellings
_GAP = 20  # a rare value is left out when the next more frequent one has so many times its rows
_FEWEST_ROWS = 10  # for each value of a set, on average
_SHOWN = 5


def suggest(subject: Subject) -> Iterable[Rule]:
    """Yield the rule that values are among the few that the column has, doubtful ones left out and named."""
    column = subject.column
    if column.kind not in {ColumnKind.TEXT, ColumnKind.INTEGER}:
        return
    kept, left_out = _sorted_out(column)
    holding = sum(top.count for top in kept)
    if len(kept) < 2 or holding < _FEWEST_ROWS * len(kept) or not is_supported(holding, subject.given):
        return
    because = (
        f"{count(holding)} of {count(subject.given)} values ({share(holding, subject.given)}) are one of {len(kept)}; "
        f"the rarest of these, {_shown(subject, kept[-1])}."
    )
    if left_out:
        because += f" Left out as too rare to be meant: {', '.join(_shown(subject, top) for top in left_out[:_SHOWN])}."
    unseen = column.distinct - len(kept) - len(left_out)
    if unseen > 0:
        because += f" {count(unseen)} still rarer values are left out too."
    yield subject.rule(
        f"is one of {len(kept)} known values",
        "isin",
        {"allowed_values": sorted((as_json(top.value) for top in kept), key=lambda value: (str(type(value)), value))},
        because=because,
        holding=holding,
        tested=subject.given,
    )


def _sorted_out(column: ColumnProfile) -> tuple[list[ValueCount], list[ValueCount]]:
    """Return the values that make up the set and the ones left out; none where the column has no set."""
    values = sorted((top for top in column.top_values if top.value is not None), key=lambda top: -top.count)
    kept: list[ValueCount] = []
    left_out: list[ValueCount] = []
    for top in values:
        (left_out if _is_doubtful(top, kept, column.present) else kept).append(top)
    unlisted = column.present - sum(top.count for top in values)
    if unlisted <= 0:
        return kept, left_out
    if not left_out or unlisted > _RARE_SHARE * column.present:
        return [], []  # values that the profile does not list are part of the set
    frequent = [top for top in kept if top.count >= _RARE_SHARE * column.present]
    return frequent, [top for top in values if top not in frequent]


def _is_doubtful(top: ValueCount, kept: list[ValueCount], present: int) -> bool:
    """Return whether a value is rare, and either looks like a far more frequent one or is far rarer than the next."""
    spelling = _folded(top.value)
    for other in kept:
        is_far_rarer = top.count * _GAP <= other.count
        if top.count < _MISSPELT_SHARE * present and is_far_rarer and _is_misspelt(spelling, _folded(other.value)):
            return True
    if top.count >= _RARE_SHARE * present:
        return False
    if any(_folded(other.value) == spelling for other in kept):
        return True
    if _fades_out(top, kept):
        return False
    # Beside one frequent value a rare one may be the flag that is seldom set, unless it is seen once or twice.
    return (len(kept) >= 2 or top.count <= 2) and top.count * _GAP <= kept[-1].count if kept else False


def _fades_out(top: ValueCount, kept: list[ValueCount]) -> bool:
    """Return whether a whole number is the next of 0, 1, 2... each rarer than the one before: a count, not a code."""
    return isinstance(top.value, int) and [other.value for other in (*kept, top)] == list(range(len(kept) + 1))


def _is_misspelt(rare: str, frequent: str) -> bool:
    """Return whether a word of three letters or more differs in a letter, or in one of six; digits are no letters."""
    if len(frequent) < 3 or abs(len(rare) - len(frequent)) > len(frequent) / 6 + 1:
        return False
    changes = [change for change in SequenceMatcher(None, rare, frequent, False).get_opcodes() if change[0] != "equal"]
    changed = "".join(rare[a:b] + frequent[c:d] for _, a, b, c, d in changes)
    size = sum(max(b - a, d - c) for _, a, b, c, d in changes)
    return 0 < size <= max(1, len(frequent) // 6) and not any(character.isdigit() for character in changed)


def _folded(value: object) -> str:
    return str(as_json(value)).strip().casefold()


def _shown(subject: Subject, top: ValueCount) -> str:
    return f"'{subject.quote(top.value)}' in {count(top.count)} {'row' if top.count == 1 else 'rows'}"
