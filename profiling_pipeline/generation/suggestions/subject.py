"""What the suggestions are about: one matched column with its attribute, and how a rule for it is written."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from profiling_pipeline.generation.statistics import confidence
from profiling_pipeline.generation.suggestions.values import as_json
from profiling_pipeline.profiling.profile import ColumnProfile, ValueCount
from profiling_pipeline.profiling.sample import ColumnSample
from profiling_pipeline.profiling.shapes import shape_of
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline.sources.declared_types import declared_format
from profiling_pipeline.sources.model import Attribute, ColumnKind, DeclaredFormat

PROVIDER = "offline"

# Words in a name that say that the value names a thing, so that its size means nothing; the last ones only at the end
# of a name ("account number", but not "number of accounts").
_NAMING = frozenset({"code", "zip", "postal", "phone", "ssn"})
_TELLING_APART = frozenset({"id", "ids", "identifier", "key", "ref", "reference", "uuid", "guid"})
_NUMBERING = frozenset({"number", "no", "nbr", "num"})

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST_LABEL = 120


@dataclass(frozen=True)
class Subject:
    """One column in numbers and the attribute it was matched to; `data` are its values, where they are at hand.

    `markers` are the texts that stand for a missing value in this column, `own_markers` those of them that are the
    table's way of writing it.
    """

    column: ColumnProfile
    attribute: Attribute
    data: ColumnSample | None = None
    markers: frozenset[str] = frozenset()
    own_markers: frozenset[str] = frozenset()
    note: str = ""  # what to say of evidence that rests on a sample of the rows

    @cached_property
    def declared(self) -> DeclaredFormat | None:
        """What the attribute's type and format code say, None where they say nothing."""
        return declared_format(self.attribute.data_type, self.attribute.format_code)

    @property
    def label(self) -> str:
        """The attribute's name, short enough to be part of a rule's name."""
        return self.attribute.name[:_LONGEST_LABEL]

    @cached_property
    def words(self) -> frozenset[str]:
        """Lower-case words of the attribute's and the column's names."""
        return frozenset(word for name in self.name_words for word in name)

    @property
    def is_identifier(self) -> bool:
        """Whether the name says that values name things."""
        return bool(self.words & _NAMING) or self.may_be_key

    @property
    def may_be_key(self) -> bool:
        """Whether the name says that values tell rows apart."""
        return bool(self.words & _TELLING_APART) or any(name[-1] in _NUMBERING for name in self.name_words)

    @cached_property
    def name_words(self) -> list[list[str]]:
        """Lower-case words of each of the attribute's and the column's names, in order."""
        names = (self.attribute.name, self.attribute.technical_name or "", self.column.name)
        words = ([word.lower() for word in _WORD.findall(name)] for name in names)
        return [found for found in words if found]

    def quote(self, value: Any) -> str:
        """Return a single value as evidence, hidden where the attribute's classification asks for it."""
        return str(as_json(value)) if self.attribute.is_shown else "(hidden)"

    @property
    def given(self) -> int:
        """Rows with any value, readable or not."""
        return self.column.rows - self.column.nulls

    @cached_property
    def texts(self) -> tuple[tuple[str, int], ...]:
        """All different texts of the data at hand that are no missing-value markers, most frequent first."""
        if self.data is None:
            return ()
        if not self.markers:
            return self.data.by_count
        return tuple(pair for pair in self.data.by_count if pair[0] not in self.markers)

    @cached_property
    def values(self) -> tuple[ValueCount, ...]:
        """Different values, most frequent first: all of the data at hand, else the most frequent of the profile."""
        if self.data is None:
            return tuple(sorted((t for t in self.column.top_values if t.value is not None), key=lambda top: -top.count))
        if self.column.kind is not ColumnKind.INTEGER:
            return tuple(ValueCount(*pair) for pair in self.texts)
        counted: Counter[int] = Counter()
        for text, number, rows in zip(
            self.data.texts, self.data.numbers.tolist(), self.data.counts.tolist(), strict=True
        ):
            if number == number and text not in self.markers:  # readable, so not NaN
                counted[_whole(text, number)] += rows
        return tuple(ValueCount(*pair) for pair in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))

    @cached_property
    def patterns(self) -> tuple[ValueCount, ...]:
        """Patterns of the values as in a profile: all of the data at hand, else the most frequent of the profile."""
        if self.data is None or self.column.kind is not ColumnKind.TEXT:
            return self.column.patterns
        counted: Counter[str] = Counter()
        for text, rows in self.texts:
            counted[shape_of(text)] += rows
        return tuple(ValueCount(*pair) for pair in counted.most_common())

    @cached_property
    def seen(self) -> int:
        """Rows with a value, readable or not, that `values`, `texts` and `patterns` are counted in."""
        return self.data.present - self._marked if self.data else self.given

    @cached_property
    def readable(self) -> int:
        """Those of the rows `seen` whose value reads as the column's type."""
        if self.data is None:
            return self.column.present
        if self.column.kind is ColumnKind.TEXT:
            return self.seen
        return int(self.data.counts[np.isfinite(self.data.numbers)].sum())

    @cached_property
    def _marked(self) -> int:
        """Rows of the data at hand with a missing-value marker."""
        if self.data is None or not self.markers:
            return 0
        return sum(rows for text, rows in self.data.by_count if text in self.markers)

    def rule(
        self,
        name: str,
        check: str,
        parameters: Mapping[str, Any],
        *,
        because: str,
        holding: float,
        tested: float,
        severity: Severity = Severity.MEDIUM,
    ) -> Rule:
        """Return a rule called `<label> <name>`; `holding` of `tested` rows are known or estimated to hold it."""
        return Rule(
            name=f"{self.label} {name}",
            attribute=self.attribute.name,
            check=check,
            parameters=dict(parameters),
            severity=severity,
            column=self.column.name,
            description=f"Every {self.label} {name}.",
            rationale=because + self.note,
            confidence=confidence(holding, tested),
            provider=PROVIDER,
            attribute_id=self.attribute.attribute_id,
        )


def _whole(text: str, number: float) -> int:
    """Return a whole number exactly, also where it has more digits than a float holds."""
    try:
        return int(text)
    except ValueError:
        return int(number)


def count(number: float) -> str:
    """Return a number of rows for people."""
    return f"{round(number):,}"


def portion(part: float, whole: float, what: str) -> str:
    """Return how many of all, as evidence for people: `18 of 20 values (90 %)`."""
    return f"{count(part)} of {count(whole)} {what} ({share(part, whole)})"


def share(part: float, whole: float) -> str:
    """Return a share as a percentage for people, which says 100 % only when it is all and 0 % only when it is none."""
    if whole <= 0:
        return "0 %"
    percentage = 100 * part / whole
    if 0 < percentage < 0.01:
        return "under 0.01 %"
    if 99.99 < percentage < 100:
        return "over 99.99 %"
    return f"{percentage:.2f}".rstrip("0").rstrip(".") + " %"
