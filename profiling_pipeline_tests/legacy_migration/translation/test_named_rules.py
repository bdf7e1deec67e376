"""Rule texts in JSON that only name a kind of check."""

from profiling_pipeline.legacy_migration.translation import Certainty, Translation, Untranslated, translate

COLUMNS = ("amount",)


def test_names_of_checks() -> None:
    assert translate('{"type": "not_null"}', "amount", COLUMNS) == Translation(
        "not_null",
        {},
        "the name not_null",
        Certainty.GUESSED,
        translate('{"type": "not_null"}', "x", ()).differences,  # type: ignore[union-attr]
    )
    ranged = translate('{"type": "range", "min": 1, "max": 5}', "amount", COLUMNS)
    assert isinstance(ranged, Translation)
    assert (ranged.check, ranged.parameters) == ("in_range", {"min_value": 1, "max_value": 5})
    for text in ('{"type": "range"}', '{"type": "pattern"}', '{"type": "astrology"}', '{"kind": 1}', "{broken"):
        assert isinstance(translate(text, "amount", COLUMNS), Untranslated), text
