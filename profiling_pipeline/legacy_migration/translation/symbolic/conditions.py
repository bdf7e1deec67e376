"""Conditions on a row that are true or false but never null, kept simple as they are put together.

Python and pandas know two truth values where SQL knows three: a comparison with a missing value is false. So each
comparison is guarded by the presence of what it compares, and negation turns the guard too. What is left over of the
guards reads as a person would have written it: `X IS NULL OR X > 0`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError

_MOST_PARTS = 400
_BOUND = r"(-?[0-9.]+|DATE '[0-9-]+')"
_AT_LEAST, _AT_MOST = re.compile(rf"(.+) >= {_BOUND}"), re.compile(rf"(.+) <= {_BOUND}")


class Condition:
    """What is true of some rows and false of all others."""


@dataclass(frozen=True)
class _Every(Condition):
    pass


@dataclass(frozen=True)
class _None(Condition):
    pass


@dataclass(frozen=True)
class Missing(Condition):
    """An expression is null."""

    sql: str


@dataclass(frozen=True)
class Present(Condition):
    """An expression is not null."""

    sql: str


@dataclass(frozen=True)
class Holds(Condition):
    """A comparison in SQL, which is null where what it compares is; `opposite` is its negation."""

    sql: str
    opposite: str


@dataclass(frozen=True)
class Repeated(Condition):
    """A row has the same values in some columns as another: as any other, or as one before or after it.

    Rows without values count as equal. It stands alone, or with the presence of its columns.
    """

    columns: tuple[str, ...]
    keep: str  # first, last or none: the row of each group that does not count as repeated
    is_repeated: bool = True


@dataclass(frozen=True)
class _Joined(Condition):
    word: str  # AND or OR
    parts: tuple[Condition, ...]


EVERY_ROW: Condition = _Every()
NO_ROW: Condition = _None()


def comparison(sql: str, opposite: str, needs: Iterable[str]) -> Condition:
    """Return where a comparison holds, false where one of the expressions that it needs is null."""
    return both(*(Present(each) for each in sorted(needs)), Holds(sql, opposite))


def both(*conditions: Condition) -> Condition:
    """Return where all of some conditions hold."""
    return _joined("AND", conditions, EVERY_ROW, NO_ROW)


def either(*conditions: Condition) -> Condition:
    """Return where one of some conditions holds."""
    return _joined("OR", conditions, NO_ROW, EVERY_ROW)


def negated(condition: Condition) -> Condition:
    """Return where a condition does not hold."""
    match condition:
        case _Every():
            return NO_ROW
        case _None():
            return EVERY_ROW
        case Missing(sql):
            return Present(sql)
        case Present(sql):
            return Missing(sql)
        case Holds(sql, opposite):
            return Holds(opposite, sql)
        case Repeated(columns, keep, is_repeated):
            return Repeated(columns, keep, not is_repeated)
        case _Joined(word, parts):
            turned = [negated(part) for part in parts]
            return either(*turned) if word == "AND" else both(*turned)
    raise AssertionError(condition)


def parts_of(condition: Condition) -> Iterator[Condition]:
    """Yield the conditions that a condition is made of, those that are joined with AND or OR taken apart."""
    if isinstance(condition, _Joined):
        for part in condition.parts:
            yield from parts_of(part)
    else:
        yield condition


def demands(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions that must hold together."""
    return condition.parts if isinstance(condition, _Joined) and condition.word == "AND" else (condition,)


def alternatives(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions of which one must hold."""
    return condition.parts if isinstance(condition, _Joined) and condition.word == "OR" else (condition,)


def written(condition: Condition, column_sql: str) -> str:
    """Return a condition as a predicate; `column_sql` is named where it is about no column."""
    match condition:
        case _Every():
            return f"{column_sql} IS NULL OR {column_sql} IS NOT NULL"
        case _None():
            return f"{column_sql} IS NULL AND {column_sql} IS NOT NULL"
        case Missing(sql):
            return f"{sql} IS NULL"
        case Present(sql):
            return f"{sql} IS NOT NULL"
        case Holds(sql):
            return sql
        case _Joined(word, parts):
            inner = [
                f"({written(part, column_sql)})" if isinstance(part, _Joined) else written(part, column_sql)
                for part in parts
            ]
            return f" {word} ".join(_with_ranges(inner) if word == "AND" else inner)
    raise NotRecognisedError("it mixes repeated values with other conditions")


def _with_ranges(texts: list[str]) -> list[str]:
    """Return conditions with two bounds of one value as a range."""
    ranged: list[str] = []
    for text in texts:
        low = _AT_LEAST.fullmatch(ranged[-1]) if ranged else None
        high = _AT_MOST.fullmatch(text)
        if low and high and low[1] == high[1]:
            ranged[-1] = f"{low[1]} BETWEEN {low[2]} AND {high[2]}"
        else:
            ranged.append(text)
    return ranged


def _joined(word: str, conditions: Iterable[Condition], neutral: Condition, decisive: Condition) -> Condition:
    flat: dict[Condition, None] = {}
    for condition in conditions:
        parts = condition.parts if isinstance(condition, _Joined) and condition.word == word else (condition,)
        flat.update(dict.fromkeys(parts))
    flat.pop(neutral, None)
    if decisive in flat:
        return decisive
    alone = [part for part in flat if not isinstance(part, _Joined)]
    if any(negated(part) in flat for part in alone):
        return decisive
    groups = [part for part in flat if isinstance(part, _Joined)]
    # Beside `x AND`, x is true in every group; beside `x OR`, it is false in every group that matters.
    known = frozenset(alone if word == "AND" else map(negated, alone))
    reduced = [_knowing(group, known) for group in groups] if known else groups
    if reduced != groups:
        return _joined(word, [*alone, *reduced], neutral, decisive)
    left = [*sorted(alone, key=_is_comparison), *groups]
    if sum(1 for part in left for _ in parts_of(part)) > _MOST_PARTS:
        raise NotRecognisedError("it has too many conditions")
    if not alone and len(groups) > 1 and (shared := _shared(groups)):
        return _factored(groups, shared, word)
    return left[0] if len(left) == 1 else _Joined(word, tuple(left)) if left else neutral


def _knowing(condition: Condition, known: frozenset[Condition]) -> Condition:
    """Return a condition without what is known: `x AND (not x OR y)` is `x AND y`."""
    if isinstance(condition, _Joined):
        parts = [_knowing(part, known) for part in condition.parts]
        return both(*parts) if condition.word == "AND" else either(*parts)
    if condition in known:
        return EVERY_ROW
    return NO_ROW if negated(condition) in known else condition


def _shared(groups: list[_Joined]) -> list[Condition]:
    """Return what stands in each of some groups."""
    return [part for part in groups[0].parts if all(part in group.parts for group in groups)]


def _factored(groups: list[_Joined], shared: list[Condition], word: str) -> Condition:
    """Return `(x OR y) AND (x OR z)` as `x OR (y AND z)`, or the same the other way round."""
    join, rejoin = (both, either) if word == "AND" else (either, both)
    rests = [rejoin(*(part for part in group.parts if part not in shared)) for group in groups]
    return rejoin(*shared, join(*rests))


def _is_comparison(condition: Condition) -> bool:
    return isinstance(condition, Holds)
