"""Values that hold another column's value at their end, which is missing where it belongs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from profiling_pipeline.generation.statistics import wilson_lower_bound
from profiling_pipeline.generation.suggestions.patterns import escaped
from profiling_pipeline.generation.suggestions.subject import Subject, count
from profiling_pipeline.profiling.sample import ColumnSample, RowSample
from profiling_pipeline.rules.predicate.columns import quoted
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import ColumnKind

_LAST_WORD = re.compile(r"^(.*\S)([ ,;/|-]+)(\S+)$")
_FEWEST_ROWS = 5  # that are missing in one column and merged into the other
_MOST_VALUES = 500  # of the column that was merged
_WITH_VALUE_SHARE = 0.5  # of the missing ones are found in the other column, for certain
_BY_CHANCE = 0.02  # share of the rows with a value that end so nevertheless


@dataclass(frozen=True)
class Merged:
    """`tail`'s values stand at the end of `whole`'s in `rows` rows of the `missing` where `tail` has none."""

    whole: str
    tail: str
    rows: int
    missing: int
    pattern: str


def find_merged(sample: RowSample) -> list[Merged]:
    """Return the columns whose values end in another column's, nearly only where that has none."""
    found = []
    texts = [column for column in sample.columns.values() if column.kind is ColumnKind.TEXT]
    tails = [
        column
        for column in sample.columns.values()
        if 2 <= len(column.texts) <= _MOST_VALUES and sample.rows - column.present >= _FEWEST_ROWS
    ]
    for whole in texts:
        last = [match[3] if (match := _LAST_WORD.match(text)) else "" for text in whole.texts]
        for tail in tails:
            if tail.name != whole.name and (merged := _merged(whole, last, tail)):
                found.append(merged)
    return found


def suggest(subject: Subject, merged: Sequence[Merged], labels: Mapping[str, str]) -> Iterable[Rule]:
    """Yield the rules that the value does not end in another column's, and that this one is then not missing."""
    for each in merged:
        whole, tail = quoted(each.whole), quoted(each.tail)
        ends_so = f"REGEXP_LIKE({whole}, '{each.pattern.replace(chr(39), chr(39) * 2)}')"
        because = (
            f"In {count(each.rows)} of {count(each.missing)} rows without {labels.get(each.tail, each.tail)}, "
            f"{labels.get(each.whole, each.whole)} ends like one; where there is one, hardly any does."
        )
        if subject.column.name == each.whole:
            yield subject.rule(
                f"does not end in a {labels.get(each.tail, each.tail)}",
                "expression",
                {"predicate": f"{tail} IS NOT NULL OR NOT {ends_so}"},
                because=because,
                holding=subject.given - each.rows,
                tested=subject.given,
            )
        if subject.column.name == each.tail:
            yield subject.rule(
                f"is not part of {labels.get(each.whole, each.whole)} instead",
                "required_when",
                {"when": ends_so},
                because=because,
                holding=0,
                tested=each.rows,
            )


def _merged(whole: ColumnSample, last: Sequence[str], tail: ColumnSample) -> Merged | None:
    values = frozenset(tail.texts)
    ends_so = np.array([word in values for word in last], dtype=bool)
    if not ends_so.any():
        return None
    in_rows = np.where(whole.codes >= 0, ends_so[whole.codes], False)
    is_missing = tail.codes < 0
    missing, rows = int(is_missing.sum()), int((in_rows & is_missing).sum())
    elsewhere = int((in_rows & ~is_missing).sum())
    if rows < _FEWEST_ROWS or wilson_lower_bound(rows, missing) < _WITH_VALUE_SHARE:
        return None
    if elsewhere > _BY_CHANCE * tail.present:
        return None
    return Merged(whole.name, tail.name, rows, missing, _pattern(tail))


def _pattern(tail: ColumnSample) -> str:
    """Return the expression for an end like the column's values: a short code by its characters, else the values."""
    lengths = {len(text) for text, rows in tail.by_count if rows > 1}
    longest = max(lengths, default=0)
    upper = all(text.isascii() and text.isupper() and text.isalpha() for text, rows in tail.by_count if rows > 1)
    if upper and longest <= 3:
        size = f"{{{min(lengths)},{longest}}}" if len(lengths) > 1 else f"{{{longest}}}"
        return f"[^ ,;/|-][ ,;/|-]+[A-Z]{size}$"
    return f"[^ ,;/|-][ ,;/|-]+(?:{'|'.join(escaped(text) for text in tail.texts[:100])})$"
