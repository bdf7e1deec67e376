"""The documentation says what the code does."""

from pathlib import Path

from profiling_pipeline.rules.manual import catalogue_table

DOCS = Path(__file__).parents[1] / "docs"


def test_the_documented_catalogue_is_current() -> None:
    table = catalogue_table()
    assert table in (DOCS / "rules.md").read_text(encoding="utf-8"), f"Put this into docs/rules.md:\n{table}"
