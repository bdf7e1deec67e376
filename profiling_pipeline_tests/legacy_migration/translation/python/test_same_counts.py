"""Translations count what the texts counted: the originals in a sandbox against the checks, on the same data."""

from pathlib import Path

import pytest

from profiling_pipeline.legacy_migration.translation import Translation
from profiling_pipeline_tests.legacy_migration.translation.python.frames import FORMATS, write_frames
from profiling_pipeline_tests.legacy_migration.translation.python.originals import (
    Counts,
    RuleText,
    original_counts,
    translated,
    translated_counts,
)
from profiling_pipeline_tests.legacy_migration.translation.python.texts import texts


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_frames(tmp_path_factory.mktemp("frames"))


def test_every_text_is_translated_and_counts_the_same(frames: list[Path]) -> None:
    """Where the original stopped with an error it counted nothing; the translation goes on."""
    found = [(each, translated(each, FORMATS)) for each in texts()]
    translations = [(each, result) for each, result in found if isinstance(result, Translation)]
    assert [(each.text, result) for each, result in found if not isinstance(result, Translation)] == []
    originals = original_counts([each for each, _ in translations], frames)
    for frame, counted in zip(frames, originals, strict=True):
        counts = translated_counts(translations, frame, FORMATS)
        assert _different(translations, counted, counts) == [], frame.name
        assert sum(each is not None for each in counted) > 200


def _different(
    translations: list[tuple[RuleText, Translation]], originals: list[Counts | None], counts: list[Counts | str]
) -> list[tuple[str, object, Counts, Counts | str]]:
    return [
        (each.text, result.parameters, original, counted)
        for (each, result), original, counted in zip(translations, originals, counts, strict=True)
        if original is not None and original != counted
    ]
