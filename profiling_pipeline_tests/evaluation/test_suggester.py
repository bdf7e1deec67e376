"""The offline suggester on made-up tables with errors of several kinds: it finds most of them and little else."""

import random
from pathlib import Path

import pytest

from profiling_pipeline.evaluation.evaluation import Evaluation, evaluate
from profiling_pipeline.generation.suggester import suggest_for_file
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline_tests.evaluation.tables import TABLES, Spoil, as_csv, marker, spoil, typo, unit, x_typo

ERRORS: dict[str, list[tuple[str, Spoil]]] = {
    "people": [
        ("city", typo),
        ("phone", lambda text, dice: text.replace("-", "")),
        ("rate", unit("%")),
        ("salary", marker("nan")),
    ],
    "departures": [
        ("scheduled", marker("")),
        ("departed", lambda text, dice: f"12/02/2011 {text}"),
        ("arrived", x_typo),
    ],
    "articles": [
        ("journal", typo),
        ("issn", lambda text, dice: text.replace("-", "")),
        ("pages", marker("Jun-70")),
        ("short", marker("")),
    ],
    "films": [("country", typo), ("duration", marker("1 hr. 30 min.")), ("rating", unit("/10", " of 10"))],
    "payments": [
        ("branch_name", typo),
        ("status", typo),
        ("limit", lambda text, dice: f"-{text}"),
        ("score", marker("999")),
    ],
}


def _opened(folder: Path, name: str, content: str) -> OpenSource:
    path = folder / name
    path.write_text(content)
    return open_source(FileLocation(path), allowed_folders=None, memory_limit="1GB", spill_folder=folder / "spill")


def _evaluated(folder: Path, dirty: str, clean: str) -> Evaluation:
    with _opened(folder, "dirty.csv", dirty) as source, _opened(folder, "clean.csv", clean) as truth:
        return evaluate(source, truth, lambda opened: suggest_for_file(opened, profile_source(opened)).kept)


@pytest.mark.parametrize("name", TABLES)
def test_errors_are_found_and_right_values_are_not_flagged(name: str, tmp_path: Path) -> None:
    dice = random.Random(20)
    clean = TABLES[name](720, dice)
    overall = _evaluated(tmp_path, as_csv(spoil(clean, ERRORS[name], 0.03, dice)), as_csv(clean)).overall
    assert overall.precision is not None
    assert overall.precision >= 90
    assert overall.recall is not None
    assert overall.recall >= 75


def test_unreliable_sites_are_outvoted(tmp_path: Path) -> None:
    dice = random.Random(22)
    clean = TABLES["departures"](720, dice)
    dirty = {name: list(values) for name, values in clean.items()}
    for place, site in enumerate(sorted(set(clean["source"]))):
        for column in ("scheduled", "departed", "arrived"):
            missing, other, dated = dice.choice([0, 0, 0.1, 0.4]), dice.choice([0.02, 0.1, 0.4]), place % 8 == 0
            for row in [row for row, source in enumerate(clean["source"]) if source == site]:
                drawn = dice.random()
                if drawn < missing:
                    dirty[column][row] = ""
                elif drawn < missing + other:
                    dirty[column][row] = f"{dice.randrange(1, 13)}:{dice.randrange(60):02d} a.m."
                elif dated:
                    dirty[column][row] = f"12/02/2011 {clean[column][row]}"
    overall = _evaluated(tmp_path, as_csv(dirty), as_csv(clean)).overall
    assert overall.wrong > 0.3 * 3 * 720
    assert overall.precision is not None
    assert overall.precision >= 95
    assert overall.recall is not None
    assert overall.recall >= 90


@pytest.mark.parametrize("name", TABLES)
def test_clean_tables_break_hardly_any_suggested_rule(name: str, tmp_path: Path) -> None:
    clean = as_csv(TABLES[name](720, random.Random(21)))
    evaluation = _evaluated(tmp_path, clean, clean)
    assert sum(rule.flagged > 0 for rule in evaluation.rules) <= 0.05 * len(evaluation.rules) + 1
    assert evaluation.overall.flagged <= 5
