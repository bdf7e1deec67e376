"""Rare values that look like misspellings of frequent ones."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from profiling_pipeline.generation.suggestions.subject import Subject, count, portion
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import ColumnKind

_TIMES_RARER = 10  # than the value that it is taken for
_RARE_SHARE = 0.005  # of rows: more frequent values are no misspellings, unless they are very few
_RARE_ROWS = 3
_MOST_PAIRS = 5_000_000  # of values compared
_CROWDED = 0.1  # share of frequent words that look like another frequent word: likeness says nothing then
_LONG = 12  # letters
_LEAST_SUSPECT = 0.05  # share of the rare values that look like a frequent one, where mistakes are at work
_SHORTEST = 3  # letters
_SHOWN = 5
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Suspect:
    """A rare value and the frequent one that it looks like."""

    text: str
    rows: int
    meant: str
    meant_rows: int


def find_suspects(values: Sequence[tuple[str, int]], rows: int) -> list[Suspect]:
    """Return rare texts that differ by a few letters from one at least ten times as frequent.

    A text of which all words are usual ones is no suspect ("north" is no misspelt "south"), nor is one with other
    digits ("unit 12"). In columns whose frequent words are often alike, such as first names, there are no suspects.

    Args:
        values: Different texts with their rows.
        rows: Rows with a text.
    """
    rare_rows = max(_RARE_ROWS, int(_RARE_SHARE * rows))
    usual = [(text, number) for text, number in values if number >= _TIMES_RARER and len(text) >= _SHORTEST]
    rare = [(text, number) for text, number in values if number <= rare_rows and len(text) >= _SHORTEST]
    if not usual or not rare or len(usual) * len(rare) > _MOST_PAIRS:
        return []
    words = _usual_words(values)
    if _is_crowded(words):
        return []
    texts = [text for text, _ in usual]
    folded = [text.casefold() for text in texts]
    suspects = []
    for text, number in rare:
        found = process.extractOne(text.casefold(), folded, scorer=OSA.distance, score_cutoff=_most_changes(text))
        if found is None:
            continue
        meant, meant_rows = usual[found[2]]
        if meant_rows >= _TIMES_RARER * number and meant != text and _is_misspelt(text, meant, words):
            suspects.append(Suspect(text, number, meant, meant_rows))
    # Of many rare values some look like a frequent one by chance.
    return suspects if len(suspects) >= _LEAST_SUSPECT * len(rare) else [s for s in suspects if len(s.text) >= _LONG]


def suggest(subject: Subject, suspects: Sequence[Suspect]) -> Iterable[Rule]:
    """Yield the rule that no value is one of the suspects."""
    if not suspects:
        return
    failing = sum(suspect.rows for suspect in suspects)
    shown = "; ".join(
        f"'{subject.quote(s.text)}' in {count(s.rows)} beside '{subject.quote(s.meant)}' in {count(s.meant_rows)} rows"
        for s in sorted(suspects, key=lambda s: (-s.rows, s.text))[:_SHOWN]
    )
    more = f" and {len(suspects) - _SHOWN} more" if len(suspects) > _SHOWN else ""
    holding = subject.seen - failing
    yield subject.rule(
        "has none of the likely misspellings",
        "notin",
        {"forbidden_values": sorted(suspect.text for suspect in suspects)},
        because=(
            f"{portion(holding, subject.seen, 'values')} are no near miss of one at least {_TIMES_RARER} "
            f"times as frequent. Suspect: {shown}{more}."
        ),
        holding=holding,
        tested=subject.seen,
    )


def may_be_misspelt(subject: Subject) -> bool:
    """Return whether a column is one of words."""
    return subject.column.kind is ColumnKind.TEXT and subject.data is not None


def _most_changes(text: str) -> int:
    """Return how many letters of a text may be wrong: one of five, at least one, in a longer text one of four."""
    return max(1, len(text) // (5 if len(text) < _LONG else 4))


def _usual_words(values: Sequence[tuple[str, int]]) -> frozenset[str]:
    """Return the words, in lower case, that stand in more rows than mistakes do."""
    counted: Counter[str] = Counter()
    for text, number in values:
        for word in set(_words(text)):
            counted[word] += number
    return frozenset(word for word, number in counted.items() if number > _RARE_ROWS)


def _is_crowded(words: frozenset[str]) -> bool:
    """Return whether so many usual words are a letter from another one that a rare one so near may be right."""
    long = [word for word in words if len(word) >= 4]
    if len(long) < 20 or len(long) ** 2 > _MOST_PAIRS:
        return len(long) ** 2 > _MOST_PAIRS
    near = process.cdist(long, long, scorer=OSA.distance, score_cutoff=1)
    return bool(((near == 1).any(axis=1)).mean() > _CROWDED)


def is_near_miss(rare: str, meant: str) -> bool:
    """Return whether two different texts differ by so few letters that one may be meant for the other."""
    if len(meant) < _SHORTEST or abs(len(rare) - len(meant)) > _most_changes(meant):
        return False
    return 0 < OSA.distance(rare, meant) <= _most_changes(meant) and _digits_left(rare, meant)


def _is_misspelt(rare: str, meant: str, words: frozenset[str]) -> bool:
    rare, meant = rare.casefold(), meant.casefold()
    if rare.split() == meant.split():
        return True  # in another case or with other spaces
    return any(word not in words for word in _words(rare)) and is_near_miss(rare, meant)


def _digits_left(rare: str, meant: str) -> bool:
    """Return whether the rare text has no digit that the usual one lacks, in order."""
    digits = iter(character for character in meant if character.isdigit())
    return all(character in digits for character in rare if character.isdigit())


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
