"""Scores the offline suggester on every data set of a folder, and prints the table of docs/generation.md.

python -m benchmarks.evaluation FOLDER     each subfolder with dirty.csv and clean.csv is a data set
"""

import sys
import tempfile
from pathlib import Path

from profiling_pipeline.evaluation.evaluation import Evaluation, evaluate
from profiling_pipeline.generation.suggester import suggest_for_file
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline.sources.opening import open_source

HEADS = ("data set", "rows", "wrong cells", "rules", "flagged", "precision", "recall", "F1")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) == 2 else None
    if folder is None or not folder.is_dir():
        raise SystemExit("Name a folder: make evaluate DATASETS=folder. Each subfolder has dirty.csv and clean.csv.")
    sets = sorted(path.parent for path in folder.glob("*/dirty.csv") if (path.parent / "clean.csv").exists())
    if not sets:
        raise SystemExit(f"{folder} has no subfolder with dirty.csv and clean.csv.")
    print(f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}")
    for data_set in sets:
        print(_row(data_set.name, _evaluated(data_set)), flush=True)


def _evaluated(folder: Path) -> Evaluation:
    with _opened(folder / "dirty.csv") as dirty, _opened(folder / "clean.csv") as clean:
        return evaluate(dirty, clean, lambda source: suggest_for_file(source, profile_source(source)).kept)


def _opened(path: Path) -> OpenSource:
    spill = Path(tempfile.gettempdir()) / "profiling-spill"
    return open_source(FileLocation(path), allowed_folders=None, memory_limit="1GB", spill_folder=spill)


def _row(name: str, evaluation: Evaluation) -> str:
    overall = evaluation.overall
    counts = (evaluation.rows, overall.wrong, len(evaluation.rules), overall.flagged)
    shares = ("" if share is None else f"{share:.1f}" for share in (overall.precision, overall.recall, overall.f1))
    return f"| {name} | {' | '.join(f'{number:,}' for number in counts)} | {' | '.join(shares)} |"


if __name__ == "__main__":
    main()
