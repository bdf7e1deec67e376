"""What a column is about, by its name and its values: what may be compared, added, or determine something."""

from collections.abc import Mapping
from enum import StrEnum

from profiling_pipeline.generation.suggestions.subject import Subject
from profiling_pipeline.sources.model import ColumnKind

_MOST_CODES = 50  # different numbers of a code; with more they measure something, unless their name says otherwise
_LONGEST_NAME = 40  # characters; longer texts are prose
_NUMERIC = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})


class Meaning(StrEnum):
    """The semantic type of a column."""

    IDENTIFIER = "identifier"
    CODE = "code"
    FLAG = "flag"
    DATE = "date"
    AMOUNT = "amount"
    RATE = "rate"
    SCORE = "score"
    COUNT = "count"
    DURATION = "duration"
    MEASURE = "measure"
    TEXT = "text"


# Words of a name, the more telling ones first; the last word of a name decides before the others.
_WORDS: Mapping[Meaning, frozenset[str]] = {
    Meaning.FLAG: frozenset({"flag", "indicator", "yn"}),
    Meaning.CODE: frozenset({"code", "type", "status", "class", "category", "grade", "reason", "channel", "name",
                             "segment", "index", "bucket"}),
    Meaning.SCORE: frozenset({"score", "fico", "rating"}),
    Meaning.RATE: frozenset({"rate", "apr", "ratio", "pct", "percent", "percentage", "margin", "utilization",
                             "probability", "yield", "share", "pd", "lgd", "ltv", "dti"}),
    Meaning.DURATION: frozenset({"days", "months", "years", "age", "term", "tenor", "dpd"}),
    Meaning.COUNT: frozenset({"count", "cycles", "quantity", "qty", "times", "users"}),
    Meaning.DATE: frozenset({"date", "day", "dt"}),
    Meaning.AMOUNT: frozenset({"amount", "amt", "balance", "limit", "payment", "fee", "fees", "due", "income", "salary",
                               "price", "cost", "total", "charge", "charges", "charged", "principal", "interest",
                               "credit", "debit", "exposure", "value", "received", "credits", "earned"}),
}  # fmt: skip

_DURATIONS, _COUNTS = frozenset({"days", "months", "years"}), frozenset({"number", "count", "times", "cycles"})


def meaning_of(subject: Subject) -> Meaning:
    """Return what a column is about."""
    column = subject.column
    if column.kind in {ColumnKind.DATE, ColumnKind.DATETIME}:
        return Meaning.DATE
    if column.kind is ColumnKind.BOOLEAN:
        return Meaning.FLAG
    if subject.is_identifier:
        return Meaning.IDENTIFIER
    named = _by_name(subject)
    if column.kind in _NUMERIC:
        return named or Meaning.MEASURE
    return named if named in {Meaning.CODE, Meaning.FLAG, Meaning.DATE} else Meaning.TEXT


def may_determine(subject: Subject) -> bool:
    """Return whether a column's values may tell another column's: names, codes, identifiers; no measures, no days."""
    meaning = meaning_of(subject)
    if subject.column.kind is ColumnKind.NUMBER or meaning is Meaning.DATE:
        return False
    if subject.column.kind is not ColumnKind.INTEGER or meaning in {Meaning.IDENTIFIER, Meaning.CODE, Meaning.FLAG}:
        return True
    return meaning is Meaning.MEASURE and subject.column.distinct <= _MOST_CODES


def may_be_in_key(subject: Subject) -> bool:
    """Return whether a column may be part of what tells rows apart: names, codes, days; no measures, no prose."""
    meaning = meaning_of(subject)
    if meaning is Meaning.TEXT:
        return (subject.column.longest or 0) <= _LONGEST_NAME
    return meaning in {Meaning.IDENTIFIER, Meaning.CODE, Meaning.FLAG, Meaning.DATE}


def _by_name(subject: Subject) -> Meaning | None:
    firsts = {words[0] for words in subject.name_words}
    if firsts & _DURATIONS:
        return Meaning.DURATION
    if firsts & _COUNTS:
        return Meaning.COUNT
    for last_only in (True, False):
        for words in subject.name_words:
            asked = words[-1:] if last_only else words
            for meaning, telling in _WORDS.items():
                if telling & set(asked):
                    return meaning
    return None
