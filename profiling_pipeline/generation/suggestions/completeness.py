"""Rules that a value is there: where the plan says so, or where nearly all rows have one."""

from collections.abc import Iterable

from profiling_pipeline.generation.statistics import is_supported
from profiling_pipeline.generation.suggestions.subject import Subject, count, share
from profiling_pipeline.plurals import counted
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline.sources.model import ColumnKind

_GIVEN_SHARE = 0.98  # of the rows; a value that is missing more often may be one that need not be there


def suggest(subject: Subject) -> Iterable[Rule]:
    """Yield a presence rule for mandatory attributes, and for undeclared ones that are nearly always there.

    Attributes declared as conditional or optional may be empty, whatever the data of today show.
    """
    column, attribute = subject.column, subject.attribute
    blanks = column.blanks if column.kind is ColumnKind.TEXT else 0
    words = subject.data.present - subject.seen if subject.data and subject.data.present == subject.given else 0
    holding = subject.given - blanks - words
    declared = (attribute.mandatory or "").strip().casefold()
    if attribute.is_primary_key or declared == "mandatory":
        because = "Declared as part of the key" if attribute.is_primary_key else "Declared mandatory"
        severity = Severity.HIGH
    elif not declared and holding >= _GIVEN_SHARE * column.rows and is_supported(holding, column.rows):
        because, severity = "Nearly every row has one", Severity.MEDIUM
    else:
        return
    evidence = f"{count(holding)} of {counted(column.rows, 'row')} ({share(holding, column.rows)}) have a value"
    if blanks:
        evidence += f", {count(column.nulls)} are empty and {count(blanks)} hold white space only"
    yield subject.rule(
        "is present",
        "not_blank" if blanks else "not_null",
        {},
        because=f"{because}. {evidence}.",
        holding=holding,
        tested=column.rows,
        severity=severity,
    )
