"""All that the suggestions of a table's columns rest on, gathered once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from profiling_pipeline.generation.conditions import Condition, find_conditions
from profiling_pipeline.generation.dependencies import Dependency, find_dependencies
from profiling_pipeline.generation.relations import Order, Sum, find_orders, find_sums
from profiling_pipeline.generation.suggestions.merged import Merged, find_merged
from profiling_pipeline.generation.suggestions.missing import NO_MARKERS, MissingMarkers, find_markers
from profiling_pipeline.generation.suggestions.subject import Subject
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.profiling.sample import ColumnSample, RowSample, sample_rows
from profiling_pipeline.sources.model import Attribute, ColumnKind, ColumnMatches, OpenSource

_NUMERIC = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
_COMPARABLE = (_NUMERIC, frozenset({ColumnKind.DATE}), frozenset({ColumnKind.DATETIME}))


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

    @classmethod
    def of(
        cls,
        profile: TableProfile,
        attributes: Sequence[Attribute],
        matches: ColumnMatches,
        source: OpenSource | None,
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
                    note=_note(sample),
                )
            )
        if sample is None:
            return cls(subjects, markers, {}, [], [], [], [])
        columns_at_hand = _columns(subjects, markers)
        return cls(
            subjects,
            markers,
            _dependencies(columns_at_hand),
            find_merged(sample),
            find_conditions(columns_at_hand),
            [order for kinds in _COMPARABLE for order in find_orders(_of_kinds(subjects, columns_at_hand, kinds))],
            find_sums(_of_kinds(subjects, columns_at_hand, _NUMERIC)),
        )

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """Kinds of columns."""
        return {subject.column.name: subject.column.kind for subject in self.subjects}

    @property
    def labels(self) -> dict[str, str]:
        """Names of columns for people."""
        return {subject.column.name: subject.label for subject in self.subjects}


def _note(sample: RowSample | None) -> str:
    if sample is None or sample.is_whole:
        return ""
    return f" Seen in a seeded sample of {sample.rows:,} of {sample.total:,} rows."


def _columns(subjects: Sequence[Subject], markers: MissingMarkers) -> list[ColumnSample]:
    """Return the subjects' columns, each once, in which disguised missing values are missing."""
    columns = [_without(subject.data, markers.disguised(subject.column.name)) for subject in subjects if subject.data]
    return list({column.name: column for column in columns}.values())


def _dependencies(columns: Sequence[ColumnSample]) -> dict[str, list[Dependency]]:
    determinants = [column for column in columns if column.kind is not ColumnKind.NUMBER]
    by_column: dict[str, list[Dependency]] = {}
    for dependency in find_dependencies(columns, determinants):
        by_column.setdefault(dependency.dependent, []).append(dependency)
    return by_column


def _of_kinds(
    subjects: Sequence[Subject], columns: Sequence[ColumnSample], kinds: frozenset[ColumnKind]
) -> list[ColumnSample]:
    """Return the columns of amounts or days; numbers that name things are none."""
    naming = {subject.column.name for subject in subjects if subject.is_identifier}
    return [column for column in columns if column.kind in kinds and column.name not in naming]


def _without(column: ColumnSample, texts: frozenset[str]) -> ColumnSample:
    """Return a column with some of its texts taken for missing values."""
    if not texts:
        return column
    is_out = np.array([text in texts for text in column.texts], dtype=bool)
    codes = np.where(column.is_present & is_out[column.codes], -1, column.codes).astype(np.int32)
    return replace(column, codes=codes)
