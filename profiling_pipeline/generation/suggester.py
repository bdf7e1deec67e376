"""Rules proposed from a profile and the planned attributes alone, without a language model."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from profiling_pipeline.generation.rule_packs import RulePack, load_packs
from profiling_pipeline.generation.suggestions import (
    completeness,
    conditional,
    days,
    determined,
    formats,
    keys,
    merged,
    missing,
    packed,
    patterns,
    ranges,
    related,
    sets,
    spelling,
    wording,
)
from profiling_pipeline.generation.suggestions.subject import Subject
from profiling_pipeline.generation.table import Table
from profiling_pipeline.generation.vetting import Vetted, vet_rules
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.matching import match_columns
from profiling_pipeline.sources.model import Attribute, ColumnKind, ColumnMatches, OpenSource

_LONGEST_NAME = 255
_SETTLE_FORM = frozenset({"date_format", "has_type"})  # checks that leave nothing to say on a text's form
_TELLS_MARKERS = frozenset({"isin", "has_type", "str_matches", "date_format"})  # a marker fails these


def suggest_rules(
    profile: TableProfile,
    attributes: Sequence[Attribute],
    matches: ColumnMatches,
    *,
    source: OpenSource | None = None,
    packs: Sequence[RulePack] | None = None,
    today: date | None = None,
) -> list[Rule]:
    """Propose rules for the attributes that have a column, each with its evidence in numbers and a confidence.

    What the plan declares is proposed whatever the data say; what is read from the data only where nearly all rows hold
    it.

    Args:
        profile: The source in numbers.
        attributes: What is planned.
        matches: Which attribute is which column.
        source: The opened data, which rules on several columns and on all of a column's values need; without it
            rules rest on the profile alone.
        packs: What is known of attributes by their names; the packs that come with the project unless given.
        today: Tells past from future days; the current day unless given.
    """
    table = Table.of(profile, attributes, matches, source, load_packs() if packs is None else packs)
    key = _declared_key(attributes, table.subjects)
    today = today or datetime.now(UTC).date()
    proposed = (
        rule
        for subject in table.subjects
        for rule in _rules_of(
            subject, table, key if key and subject is key[0] else [], is_in_key=subject in key, today=today
        )
    )
    return [replace(rule, execution_order=order) for order, rule in enumerate(_named_apart(proposed), start=1)]


def suggest_for_file(source: OpenSource, profile: TableProfile, packs: Sequence[RulePack] | None = None) -> Vetted:
    """Propose rules for a file that nobody planned, and keep those that can run on it."""
    attributes = attributes_of(profile)
    matches = match_columns(attributes, source.columns)
    return vet_rules(suggest_rules(profile, attributes, matches, source=source, packs=packs), source)


def attributes_of(profile: TableProfile) -> list[Attribute]:
    """Return one attribute for each column of a file that nobody planned; who has the file may see its values."""
    return [
        Attribute(number, column.name, source_column=column.name, classification="Internal")
        for number, column in enumerate(profile.columns, start=1)
    ]


def _declared_key(attributes: Sequence[Attribute], subjects: Sequence[Subject]) -> list[Subject]:
    """Return the columns of the declared key in its order; none where an attribute of it has no column."""
    key = [subject for subject in subjects if subject.attribute.is_primary_key]
    if len(key) < sum(attribute.is_primary_key for attribute in attributes):
        return []
    last = len(key) + 1
    return sorted(key, key=lambda subject: subject.attribute.primary_key_order or last)


def _rules_of(
    subject: Subject, table: Table, key: Sequence[Subject], *, is_in_key: bool, today: date
) -> Iterator[Rule]:
    """Yield one column's rules: those that packs know, then what the data show and no pack says."""
    yield from table.packed.get(subject.column.name, [])
    observed = _observed(subject, table, key, is_in_key=is_in_key, today=today)
    yield from (rule for rule in observed if not packed.replaces(table.packed, rule))


def _observed(
    subject: Subject, table: Table, key: Sequence[Subject], *, is_in_key: bool, today: date
) -> Iterator[Rule]:
    """Yield the rules that the plan declares or the data show, without those that another one implies."""
    name = subject.column.name
    dependencies = table.dependencies.get(name, [])
    present = list(completeness.suggest(subject)) or list(determined.suggest_presence(subject, dependencies))
    yield from present
    unique = list(keys.suggest_declared(key) if is_in_key else keys.suggest_observed(subject))
    yield from unique
    yield from (rule for rule in table.composite_key if rule.column == name)
    value_rules = list(_value_rules(subject, has_key=bool(unique), today=today))
    yield from value_rules or formats.suggest_type(subject)
    if not any(rule.check in _TELLS_MARKERS for rule in value_rules):
        yield from missing.suggest(subject, table.markers.disguised(name))
    if spelling.may_be_misspelt(subject) and not any(rule.check == "isin" for rule in value_rules):
        yield from spelling.suggest(subject, spelling.find_suspects(subject.texts, subject.seen))
    related_subject = replace(subject, note=table.related_note)
    yield from determined.suggest(related_subject, dependencies)
    yield from merged.suggest(subject, table.merged, table.labels)
    if not present and not (subject.attribute.mandatory or "").strip():
        yield from conditional.suggest(related_subject, table.conditions, table.labels, table.kinds)
    yield from related.suggest(related_subject, table.orders, table.sums, table.labels)


def _value_rules(subject: Subject, *, has_key: bool, today: date) -> Iterator[Rule]:
    written = list(formats.suggest(subject))
    if any(rule.check in _SETTLE_FORM for rule in written):
        further = list(days.suggest(subject, today))
    else:
        further = list(sets.suggest(subject))  # says more than a form or a range
        further = further or list(wording.suggest(subject)) or list(patterns.suggest(subject))
        further += [] if further or has_key else [*ranges.suggest(subject), *days.suggest(subject, today)]
        further += [
            *formats.suggest_whole(subject),
            *formats.suggest_decimals(subject),
            *wording.suggest_unmangled(subject),
        ]
    yield from (rule for rule in written if not _is_implied(rule, further, subject))
    yield from further


def _is_implied(rule: Rule, others: Iterable[Rule], subject: Subject) -> bool:
    """Return whether a limit of characters or digits holds for every value that one of the other rules accepts."""
    if rule.check == "str_length":
        longest, limit = _longest_accepted(others, subject), rule.parameters["max_value"]
    elif rule.check == "decimal_precision" and subject.column.kind is ColumnKind.INTEGER:
        longest, limit = _most_digits_accepted(others), rule.parameters["max_digits"]
    else:
        return False
    return longest is not None and longest <= limit


def _longest_accepted(rules: Iterable[Rule], subject: Subject) -> int | None:
    for rule in rules:
        if rule.check == "isin":
            return max(len(str(value)) for value in rule.parameters["allowed_values"])
        if rule.check == "str_matches":
            return max(form.longest for form in patterns.dominant_forms(subject))
    return None


def _most_digits_accepted(rules: Iterable[Rule]) -> int | None:
    for rule in rules:
        if rule.check == "isin":
            return max(_digits(value) for value in rule.parameters["allowed_values"])
        if rule.check == "in_range":
            return max(_digits(rule.parameters["min_value"]), _digits(rule.parameters["max_value"]))
    return None


def _digits(number: float) -> int:
    return len(str(abs(int(number))))


def _named_apart(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Yield the rules with names that differ from each other and fit where they are stored."""
    taken: set[str] = set()
    for rule in rules:
        name = stem = rule.name[: _LONGEST_NAME - 10]
        number = 2
        while name in taken:
            name = f"{stem} ({number})"
            number += 1
        taken.add(name)
        yield replace(rule, name=name)
