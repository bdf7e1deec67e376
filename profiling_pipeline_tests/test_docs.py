"""The documentation says what the code does."""

from pathlib import Path

from profiling_pipeline.exchange.manual import counterparts_page
from profiling_pipeline.rules.manual import checks_page

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_checks_is_current() -> None:
    assert (DOCS / "checks.md").read_text(encoding="utf-8") == checks_page(), "Run `make docs`."


def test_the_page_of_counterparts_is_current() -> None:
    assert (DOCS / "counterparts.md").read_text(encoding="utf-8") == counterparts_page(), "Run `make docs`."
