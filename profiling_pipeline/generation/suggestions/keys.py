"""Rules that rows can be told apart: declared keys, and columns that look like one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from profiling_pipeline.generation.composite_keys import CompositeKey
from profiling_pipeline.generation.counting import count_kept
from profiling_pipeline.generation.statistics import confidence, is_supported
from profiling_pipeline.generation.suggestions.subject import Subject, count, portion, share
from profiling_pipeline.generation.suggestions.values import as_number
from profiling_pipeline.plurals import counted
from profiling_pipeline.profiling.profile import ColumnProfile
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline.sources.model import ColumnKind, OpenSource

_KEY_KINDS = frozenset({ColumnKind.TEXT, ColumnKind.INTEGER})


def suggest_declared(key: Sequence[Subject]) -> Iterable[Rule]:
    """Yield the uniqueness rule of the key that the plan declares, its columns in the declared order."""
    if not key:
        return
    first, others = key[0], [subject.column.name for subject in key[1:]]
    if not others:
        yield _unique(first, "Declared as the key", Severity.HIGH)
        return
    most = max(key, key=lambda subject: subject.column.distinct)
    rows = min(subject.given for subject in key)
    yield first.rule(
        f"is unique together with {_names(key[1:])}",
        "unique",
        {"with": others},
        because=(
            f"Declared as one key of {len(key)} columns. Of these {most.label} alone has {count(most.column.distinct)} "
            f"different values in {count(most.column.rows)} rows."
        ),
        holding=min(most.column.distinct, rows),
        tested=rows,
        severity=Severity.HIGH,
    )


def suggest_composite(subjects: Sequence[Subject], key: CompositeKey, source: OpenSource) -> Iterable[Rule]:
    """Yield the uniqueness rule of columns that only together tell rows apart, where all rows bear it out.

    Args:
        subjects: The key's columns.
        key: What is known of them from the rows at hand.
        source: The opened data, all rows of which are counted.
    """
    first, others = subjects[0], [subject.column.name for subject in subjects[1:]]
    rule = first.rule(
        f"is unique together with {_names(subjects[1:])}", "unique", {"with": others}, because="", holding=0, tested=0
    )
    [counted] = count_kept([rule], source)
    if counted is None or not is_supported(*counted):
        return
    holding, tested = counted
    yield replace(
        rule,
        rationale=(
            f"Together they tell rows apart, none of them does alone: {portion(holding, tested, 'rows')} are alike "
            f"with no other row in all {len(subjects)}. If they had nothing to do with each other, "
            f"{count(key.by_chance)} pairs of {count(key.rows)} rows would be alike by chance."
        ),
        confidence=confidence(holding, tested),
    )


def tells_apart(subject: Subject) -> bool:
    """Return whether a column tells rows apart by itself; numbers that merely count the rows do not say by what."""
    column = subject.column
    return not numbers_rows(column) and any(True for _ in suggest_observed(subject))


def numbers_rows(column: ColumnProfile) -> bool:
    """Return whether whole numbers count the rows, so that they tell these apart whatever stands in them."""
    low, high = as_number(column.minimum), as_number(column.maximum)
    return column.kind is ColumnKind.INTEGER and None not in (low, high) and high - low < 1.1 * column.rows  # type: ignore[operator]  # both numbers, as just seen


def suggest_observed(subject: Subject) -> Iterable[Rule]:
    """Yield a uniqueness rule for a column that no plan declares as a key but that has nearly no value twice.

    Amounts and texts are often different by chance, so the name must say that values tell rows apart, or whole numbers
    must number the rows.
    """
    column = subject.column
    if column.kind not in _KEY_KINDS or not (subject.may_be_key or numbers_rows(subject.column)):
        return
    if is_supported(_single_rows(subject), column.present):
        yield _unique(subject, "No plan declares it, but nearly every value is different", Severity.MEDIUM)


def _unique(subject: Subject, because: str, severity: Severity) -> Rule:
    column = subject.column
    about = "" if column.distinct_is_exact else "about "
    return subject.rule(
        "is unique",
        "unique",
        {},
        because=(
            f"{because}. {counted(column.present, 'value')}, {about}{count(column.distinct)} of them different "
            f"({share(min(column.distinct, column.present), column.present)})."
        ),
        holding=_single_rows(subject),
        tested=column.present,
        severity=severity,
    )


def _single_rows(subject: Subject) -> int:
    """Return how many rows at least have a value that no other row has."""
    column = subject.column
    return max(0, column.present - 2 * max(0, column.present - column.distinct))


def _names(subjects: Sequence[Subject]) -> str:
    names = [subject.label for subject in subjects]
    text = " and ".join(names)
    return text if len(text) <= 100 else f"{len(names)} other columns"
