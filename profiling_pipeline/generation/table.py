"""All that the suggestions of a table's columns rest on, gathered once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from profiling_pipeline.generation.dependencies import Dependency, find_dependencies
from profiling_pipeline.generation.suggestions.merged import Merged, find_merged
from profiling_pipeline.generation.suggestions.missing import NO_MARKERS, MissingMarkers, find_markers
from profiling_pipeline.generation.suggestions.subject import Subject
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.profiling.sample import ColumnSample, RowSample, sample_rows
from profiling_pipeline.sources.model import Attribute, ColumnKind, ColumnMatches, OpenSource


@dataclass(frozen=True)
class Table:
    """The subjects of a table, and what was found between its columns."""

    subjects: Sequence[Subject]
    markers: MissingMarkers
    dependencies: Mapping[str, Sequence[Dependency]]
    merged: Sequence[Merged]

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
            return cls(subjects, markers, {}, [])
        return cls(subjects, markers, _dependencies(subjects, markers), find_merged(sample))

    @property
    def labels(self) -> dict[str, str]:
        """Names of columns for people."""
        return {subject.column.name: subject.label for subject in self.subjects}


def _note(sample: RowSample | None) -> str:
    if sample is None or sample.is_whole:
        return ""
    return f" Seen in a seeded sample of {sample.rows:,} of {sample.total:,} rows."


def _dependencies(subjects: Sequence[Subject], markers: MissingMarkers) -> dict[str, list[Dependency]]:
    columns = [_without(subject.data, markers.disguised(subject.column.name)) for subject in subjects if subject.data]
    columns = list({column.name: column for column in columns}.values())
    determinants = [column for column in columns if column.kind is not ColumnKind.NUMBER]
    by_column: dict[str, list[Dependency]] = {}
    for dependency in find_dependencies(columns, determinants):
        by_column.setdefault(dependency.dependent, []).append(dependency)
    return by_column


def _without(column: ColumnSample, texts: frozenset[str]) -> ColumnSample:
    """Return a column with some of its texts taken for missing values."""
    if not texts:
        return column
    is_out = np.array([text in texts for text in column.texts], dtype=bool)
    codes = np.where(column.is_present & is_out[column.codes], -1, column.codes).astype(np.int32)
    return replace(column, codes=codes)
