"""What rule texts counted when they were run: asked of a sandbox, and only by tests."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.legacy_migration.translation import Translation, Untranslated, translate
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import DeclaredFormat
from profiling_pipeline.sources.opening import open_source

Counts = tuple[int, int, int]  # passed, failed, total
_SANDBOX = Path(__file__).parent / "sandbox.py"


@dataclass(frozen=True)
class RuleText:
    """A rule text about a column."""

    text: str
    column: str


def original_counts(texts: Sequence[RuleText], frames: Sequence[Path]) -> list[list[Counts | None]]:
    """Return for each frame what each text counted; None where it stopped with an error."""
    job = {"frames": [str(path) for path in frames], "texts": [(each.text, each.column) for each in texts]}
    done = subprocess.run(
        [sys.executable, "-I", str(_SANDBOX)],
        input=json.dumps(job), env={}, capture_output=True, text=True, timeout=200, check=True,
    )  # fmt: skip
    return [[counts and (counts[0], counts[1], counts[2]) for counts in row] for row in json.loads(done.stdout)]


def translated(each: RuleText, formats: dict[str, DeclaredFormat]) -> Translation | Untranslated:
    """Return the translation of a text, in a source of declared columns."""
    return translate(each.text, each.column, list(formats), formats)


def translated_counts(
    translations: Sequence[tuple[RuleText, Translation]], frame: Path, formats: dict[str, DeclaredFormat]
) -> list[Counts | str]:
    """Return what translations count on a frame, or the error they end in."""
    rules = [
        Rule(name=str(number), attribute=each.column, check=found.check, parameters=dict(found.parameters))
        for number, (each, found) in enumerate(translations)
    ]
    spill = frame.parent / "spill"
    with open_source(
        FileLocation(frame), formats=formats, allowed_folders=None, memory_limit="500MB", spill_folder=spill
    ) as source:
        report = execute_rules(rules, source, sample_rows=0)
    return [outcome.error or (outcome.passed, outcome.failed, outcome.tested) for outcome in report.outcomes]
