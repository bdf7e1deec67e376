"""Texts that stand for a missing value, such as N/A: how a table writes what it does not know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from profiling_pipeline.generation.suggestions.subject import Subject, count, share
from profiling_pipeline.plurals import counted
from profiling_pipeline.profiling.sample import ColumnSample, RowSample
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import ColumnKind

# In lower case. Nobody means anything else by these ...
_ALWAYS = frozenset(
    {"n/a", "#n/a", "n.a.", "n.a", "nan", "null", "nil", "(null)", "<null>", "empty", "(empty)", "missing", "undefined",
     "not available", "not applicable", "not known", "tbd", "tba", "?", "??", "???"}
)  # fmt: skip
# ... while these may be a category, so they count only beside values of another form (numbers, days, codes).
_BESIDE_NUMBERS = frozenset({"na", "none", "unknown", "unk", "-", "--", "---", ".", "..", "x", "xx", "xxx", "no data"})
_NUMERIC_SHARE = 0.9  # of the other values are numbers or days
_LOOKED_AT = 1_000  # of the other values, the most frequent ones
_LONGEST = 20  # characters of a marker
_OWN_WAY = 0.1  # share of a column that a marker fills where it is the table's own way of writing a missing value


@dataclass(frozen=True)
class MissingMarkers:
    """The markers of each column, and those that the table itself uses in place of empty cells."""

    by_column: Mapping[str, frozenset[str]]
    own: frozenset[str]

    def disguised(self, column: str) -> frozenset[str]:
        """Return the markers of a column that the table does not use consistently."""
        return self.by_column.get(column, frozenset()) - self.own


NO_MARKERS = MissingMarkers({}, frozenset())


def find_markers(sample: RowSample) -> MissingMarkers:
    """Return the markers of a table.

    A table without any empty cell in which a marker fills much of a column writes its missing values so: there the
    marker is no error, but its way. Everywhere else a missing value is an empty cell, and a marker hides it.
    """
    by_column = {name: found for name, column in sample.columns.items() if (found := _markers_of(column))}
    has_empty_cells = any(column.present < sample.rows for column in sample.columns.values())
    own: frozenset[str] = frozenset()
    if not has_empty_cells:
        own = frozenset(
            marker
            for name, markers in by_column.items()
            for marker, rows in sample.columns[name].by_count
            if marker in markers and rows >= _OWN_WAY * sample.rows
        )
    return MissingMarkers(by_column, own)


def suggest(subject: Subject, disguised: frozenset[str]) -> Iterable[Rule]:
    """Yield the rule that a missing value is not written as a marker; in numbers and days no marker can be read."""
    if not disguised or subject.data is None or subject.column.kind is not ColumnKind.TEXT:
        return
    rows = {text: number for text, number in subject.data.by_count if text in disguised}
    shown = ", ".join(f"'{text}' in {counted(number, 'row')}" for text, number in rows.items())
    holding = subject.data.present - sum(rows.values())
    yield subject.rule(
        "has no word for a missing value",
        "notin",
        {"forbidden_values": sorted(disguised)},
        because=(
            f"{shown}. Where a value is missing this table has empty cells, or such a word is not of this column's "
            f"form; the other {count(holding)} values ({share(holding, subject.data.present)}) are real."
        ),
        holding=holding,
        tested=subject.data.present,
    )


def _markers_of(column: ColumnSample) -> frozenset[str]:
    if column.kind is ColumnKind.BOOLEAN:
        return frozenset()
    words = {text: text.strip().casefold() for text in column.texts if len(text) <= _LONGEST and not text[:1].isdigit()}
    always = {text for text, word in words.items() if word in _ALWAYS}
    perhaps = {text for text, word in words.items() if word in _BESIDE_NUMBERS}
    if not perhaps:
        return frozenset(always)
    others = [(text, rows) for text, rows in column.by_count[:_LOOKED_AT] if text not in always | perhaps]
    total = sum(rows for _, rows in others)
    numeric = sum(rows for text, rows in others if _starts_like_a_number(text))
    return frozenset(always | perhaps if total and numeric >= _NUMERIC_SHARE * total else always)


def _starts_like_a_number(text: str) -> bool:
    return text.lstrip(" +-$€£")[:1].isdigit()
