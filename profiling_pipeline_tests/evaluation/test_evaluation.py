"""Scores against tables whose errors are known, counted by hand."""

from pathlib import Path

import pytest

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.evaluation.evaluation import Evaluation, Score, evaluate
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline.sources.opening import open_source

CLEAN = "id,score,town\n1,700,Bern\n2,900,Thun\n3,650,Bern\n4,,Thun\n"
DIRTY = "id,score,city\n1,700,Bern\n2,-3,Thun\n3,650,Brn\n4,,\n"

RULES = [
    Rule("Score is in range", "score", "in_range", {"min_value": 0, "max_value": 850}),
    Rule("Score is below 700", "score", "less_than", {"max_value": 700}),
    Rule("Town is known", "city", "isin", {"allowed_values": ["Bern", "Thun"]}),
    Rule("Few rows", "id", "row_count_between", {"max_value": 2}),
    Rule("Town follows from score", "city", "functional_dependency", {"determines": "id"}),
]


def _opened(folder: Path, name: str, content: str) -> OpenSource:
    path = folder / name
    path.write_text(content)
    return open_source(FileLocation(path), allowed_folders=None, memory_limit="1GB", spill_folder=folder / "spill")


def _evaluated(folder: Path, dirty: str, clean: str) -> Evaluation:
    with _opened(folder, "dirty.csv", dirty) as source, _opened(folder, "clean.csv", clean) as truth:
        return evaluate(source, truth, lambda _: RULES)


def test_cells_are_scored_by_column_and_by_check(tmp_path: Path) -> None:
    evaluation = _evaluated(tmp_path, DIRTY, CLEAN)
    # Wrong: score of row 2, towns of rows 3 and 4. Flagged: scores of rows 1 and 2, town of row 3.
    assert evaluation.overall == Score(wrong=3, flagged=3, found=2)
    assert evaluation.columns == {"id": Score(0, 0, 0), "score": Score(1, 2, 1), "city": Score(2, 1, 1)}
    assert evaluation.checks["isin"] == Score(3, 1, 1)
    assert evaluation.checks["row_count_between"] == Score(3, 0, 0)
    assert evaluation.overall.f1 == 66.67
    by_name = {each.rule.name: each for each in evaluation.rules}
    [false_positive] = by_name["Score is below 700"].false_positives
    assert (false_positive.row, false_positive.column, false_positive.value) == (1, "score", "700")
    [missed] = evaluation.missed
    assert (missed.row, missed.value, missed.right_value) == (4, "", "Thun")
    assert evaluation.to_dict()["overall"]["precision"] == 66.67


def test_nothing_wrong_and_nothing_flagged_has_no_shares(tmp_path: Path) -> None:
    score = Score(0, 0, 0)
    assert (score.precision, score.recall, score.f1) == (None, None, None)
    assert _evaluated(tmp_path, CLEAN.replace("town", "city"), CLEAN).overall.wrong == 0


@pytest.mark.parametrize("clean", ["id,score\n1,700\n", "id,score,town\n1,700,Bern\n"])
def test_files_that_are_not_aligned_are_refused(tmp_path: Path, clean: str) -> None:
    with pytest.raises(InvalidInputError, match="Give two files"):
        _evaluated(tmp_path, DIRTY, clean)
