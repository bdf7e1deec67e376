"""All that the suggestions of a table's columns rest on, gathered once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from profiling_pipeline.generation.composite_keys import find_composite_key
from profiling_pipeline.generation.conditions import Condition, find_conditions
from profiling_pipeline.generation.dependencies import find_dependencies
from profiling_pipeline.generation.determination import Dependency
from profiling_pipeline.generation.relations import Order, Sum, find_orders, find_sums
from profiling_pipeline.generation.rule_packs import RulePack
from profiling_pipeline.generation.semantics import Meaning, may_be_in_key, may_determine, meaning_of
from profiling_pipeline.generation.suggestions import keys, packed
from profiling_pipeline.generation.suggestions.merged import Merged, find_merged
from profiling_pipeline.generation.suggestions.missing import NO_MARKERS, MissingMarkers, find_markers
from profiling_pipeline.generation.suggestions.subject import Subject
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.profiling.sample import ColumnSample, sample_rows
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import Attribute, ColumnKind, ColumnMatches, OpenSource

_RELATED_CELLS = 1_200_000  # in which relations between columns are looked for: rows times columns ...
_RELATED_ROWS = 10_000  # ... and at least so many rows
_ORDERED = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER, ColumnKind.DATE, ColumnKind.DATETIME})
_NAMING = frozenset({Meaning.IDENTIFIER, Meaning.CODE, Meaning.FLAG})
_ADDABLE = (Meaning.AMOUNT, Meaning.MEASURE, Meaning.COUNT)


@dataclass(frozen=True)
class Table:
    """The subjects of a table, and what was found between its columns."""

    subjects: Sequence[Subject]
    markers: MissingMarkers
    dependencies: Mapping[str, Sequence[Dependency]]
    merged: Sequence[Merged]
    conditions: Sequence[Condition]
    orders: Sequence[Order]
    sums: Sequence[Sum]
    packed: Mapping[str, Sequence[Rule]]
    composite_key: Sequence[Rule] = ()
    related_note: str = ""  # what to say of evidence between columns, where it rests on fewer rows than all

    @classmethod
    def of(
        cls,
        profile: TableProfile,
        attributes: Sequence[Attribute],
        matches: ColumnMatches,
        source: OpenSource | None,
        packs: Sequence[RulePack],
    ) -> "Table":
        """Gather it from a profile and, where the source is given, from its rows or a seeded sample of them."""
        sample = sample_rows(source, profile.rows) if source and profile.rows else None
        markers = find_markers(sample) if sample else NO_MARKERS
        columns = {column.name: column for column in profile.columns}
        subjects = []
        for attribute in attributes:
            column = columns.get(matches.columns.get(attribute.attribute_id, ""))
            if column is None:
                continue
            found = markers.by_column.get(column.name, frozenset())
            subjects.append(
                Subject(
                    column,
                    attribute,
                    data=sample.columns.get(column.name) if sample else None,
                    markers=found,
                    own_markers=found & markers.own,
                    note=_note(sample.rows, sample.total) if sample else "",
                )
            )
        known = packed.suggest(subjects, packs, source)
        if sample is None or source is None:
            return cls(subjects, markers, {}, [], [], [], [], known)
        related_rows = max(_RELATED_ROWS, _RELATED_CELLS // max(1, len(subjects)))
        columns_at_hand = _columns(subjects, markers)
        few = {name: column.thinned(related_rows) for name, column in columns_at_hand.items()}
        by_meaning = _by_meaning(subjects, few)
        telling_apart = frozenset(subject.column.name for subject in subjects if subject.may_be_key)
        determining = [few[name] for name in dict.fromkeys(s.column.name for s in subjects if may_determine(s))]
        return cls(
            subjects,
            markers,
            _by_dependent(find_dependencies(list(few.values()), determining, telling_apart)),
            find_merged(sample),
            find_conditions(list(few.values())),
            [order for alike in by_meaning.values() for order in find_orders(alike)],
            [total for meaning in _ADDABLE for total in find_sums(by_meaning.get(meaning, []))],
            known,
            _composite_key(subjects, few, source),
            _note(min(sample.rows, related_rows), sample.total),
        )

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """Kinds of columns."""
        return {subject.column.name: subject.column.kind for subject in self.subjects}

    @property
    def labels(self) -> dict[str, str]:
        """Names of columns for people."""
        return {subject.column.name: subject.label for subject in self.subjects}


def _composite_key(
    subjects: Sequence[Subject], columns: Mapping[str, ColumnSample], source: OpenSource
) -> Sequence[Rule]:
    """Return the rule of the columns that only together tell rows apart; none where one does alone, or is declared."""
    if any(subject.attribute.is_primary_key or keys.tells_apart(subject) for subject in subjects):
        return ()
    naming = {s.column.name: s for s in subjects if s.column.name in columns and may_be_in_key(s)}
    likelier_first = sorted(naming.values(), key=lambda subject: not subject.may_be_key)
    found = find_composite_key([columns[subject.column.name] for subject in likelier_first])
    return (
        () if found is None else list(keys.suggest_composite([naming[name] for name in found.columns], found, source))
    )


def _note(rows: int, total: int) -> str:
    return f" Seen in a seeded sample of about {rows:,} of {total:,} rows." if rows < total else ""


def _columns(subjects: Sequence[Subject], markers: MissingMarkers) -> dict[str, ColumnSample]:
    """Return the subjects' columns, each once, in which disguised missing values are missing."""
    return {
        subject.column.name: _without(subject.data, markers.disguised(subject.column.name))
        for subject in subjects
        if subject.data
    }


def _by_dependent(dependencies: Sequence[Dependency]) -> dict[str, list[Dependency]]:
    by_column: dict[str, list[Dependency]] = {}
    for dependency in dependencies:
        by_column.setdefault(dependency.dependent, []).append(dependency)
    return by_column


def _by_meaning(subjects: Sequence[Subject], columns: Mapping[str, ColumnSample]) -> dict[Meaning, list[ColumnSample]]:
    """Return the columns of numbers and of days by what they measure: only like is compared with like."""
    alike: dict[Meaning, dict[str, ColumnSample]] = {}
    for subject in subjects:
        name, meaning = subject.column.name, meaning_of(subject)
        if subject.column.kind in _ORDERED and meaning not in _NAMING and name in columns:
            alike.setdefault(meaning, {})[name] = columns[name]
    return {meaning: list(found.values()) for meaning, found in alike.items()}


def _without(column: ColumnSample, texts: frozenset[str]) -> ColumnSample:
    """Return a column with some of its texts taken for missing values."""
    if not texts:
        return column
    is_out = np.array([text in texts for text in column.texts], dtype=bool)
    codes = np.where(column.is_present & is_out[column.codes], -1, column.codes).astype(np.int32)
    return replace(column, codes=codes)
