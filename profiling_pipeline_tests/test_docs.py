"""The documentation says what the code does."""

import json
import re
from pathlib import Path

from profiling_pipeline.exchange.manual import counterparts_page
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.manual import checks_page
from profiling_pipeline.rules.rule import Rule

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_checks_is_current() -> None:
    assert (DOCS / "checks.md").read_text(encoding="utf-8") == checks_page(), "Run `make docs`."


def test_the_page_of_counterparts_is_current() -> None:
    assert (DOCS / "counterparts.md").read_text(encoding="utf-8") == counterparts_page(), "Run `make docs`."


def test_what_other_tools_know_is_said_in_rules_that_could_run() -> None:
    page = (DOCS / "coming-from.md").read_text(encoding="utf-8")
    said = [line.split(" | ")[-1] for line in page.splitlines() if line.startswith("| ")][1:]
    rules = [found for cell in said for found in re.findall(r"`([a-z_0-9]+)(?: (\{.*?\}))?`", cell)]
    names = {name for name, _ in rules}

    assert names <= set(CATALOGUE)
    for name, parameters in rules:
        if parameters:
            validate_rule(Rule("r", "X", name, json.loads(parameters.replace("\\|", "|"))))
