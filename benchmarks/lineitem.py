"""Compares ways to run 32 rules on TPC-H lineitem (6 million rows) and writes RESULTS.md.

The project's fused execution, a DuckDB query written by hand, and Pandera's own `validate(lazy=True)`, each in
processes of its own, in turns, so that a busy machine is unfair to all alike. All must count the same failing rows.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.rules import RULES

HERE = Path(__file__).parent
FILE = HERE / "data" / "lineitem.parquet"
RESULTS = HERE / "RESULTS.md"
BASELINE = "hand-written"
TARGET = 1.2

# Contender, turns, rounds a turn: what takes most of a minute is run once.
SCHEDULE = (("hand-written", 3, 4), ("fused", 3, 4), ("fused-with-samples", 3, 4))
SLOW_SCHEDULE = (("pandera-ibis", 1, 1), ("pandera-pandas", 1, 1))
TITLES = {
    "hand-written": "DuckDB query written by hand",
    "fused": "fused execution, counts",
    "fused-with-samples": "fused execution, counts and samples of failing rows",
    "pandera-ibis": "Pandera validate(lazy=True), Ibis on DuckDB",
    "pandera-pandas": "Pandera validate(lazy=True), pandas",
}


@dataclass
class Measured:
    """The best of a contender's rounds, and the most memory any of its processes took."""

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    peak_bytes: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def add(self, turn: Mapping[str, Any]) -> None:
        """Take in the rounds of one process."""
        self.seconds += turn["seconds"]
        self.cpu_seconds += turn["cpu_seconds"]
        self.peak_bytes = max(self.peak_bytes, turn["peak_bytes"])
        self.counts = turn["counts"]


def main() -> None:
    ensure_data()
    turns = [(name, rounds) for turn in range(3) for name, turns, rounds in SCHEDULE if turn < turns]
    turns += [(name, rounds) for name, _, rounds in SLOW_SCHEDULE]
    measured = {name: Measured() for name, _ in turns}
    for name, rounds in track(turns, "Measuring", console=Console(stderr=True), transient=True):
        measured[name].add(run(name, rounds))
    for name, result in measured.items():
        if result.counts != measured[BASELINE].counts:
            raise SystemExit(f"{name} counts other failing rows than {BASELINE}: no comparison is worth anything.")
    Console().print(as_table(measured))
    RESULTS.write_text(as_markdown(measured), encoding="utf-8")
    ratio = min(measured["fused"].seconds) / min(measured[BASELINE].seconds)
    print(f"Fused execution takes {ratio:.2f} x the time of the query written by hand (target: at most {TARGET}).")


def ensure_data() -> None:
    """Generate the table once."""
    if FILE.exists():
        return
    print("Generating TPC-H lineitem, scale factor 1 (230 MB) ...")
    generator = Path(sys.executable).with_name("tpchgen-cli")
    partial = FILE.parent / "partial"
    partial.mkdir(parents=True, exist_ok=True)
    subprocess.run([generator, "parquet", "-s", "1", "--tables=lineitem", "-o", partial], check=True)
    (partial / FILE.name).rename(FILE)
    partial.rmdir()


def run(name: str, rounds: int) -> dict[str, Any]:
    """Return what one process of a contender measured."""
    command = [sys.executable, "-m", "benchmarks.contenders", name, str(FILE), str(rounds)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE.parent)
    answer: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return answer


def rows(measured: Mapping[str, Measured]) -> list[tuple[str, str, str, str, str]]:
    """Return each contender's title, best time, ratio, best processor time and peak memory."""
    base = min(measured[BASELINE].seconds)
    return [
        (
            TITLES[name],
            f"{min(result.seconds):.2f} s",
            f"{min(result.seconds) / base:.2f} x",
            f"{min(result.cpu_seconds):.2f} s",
            f"{result.peak_bytes / 2**20:,.0f} MB",
        )
        for name, result in measured.items()
    ]


HEADS = ("", "best time", "ratio", "processor time", "peak memory")


def as_table(measured: Mapping[str, Measured]) -> Table:
    table = Table(title=f"{len(RULES)} rules on 6,001,215 rows", title_justify="left", show_edge=False)
    for number, head in enumerate(HEADS):
        table.add_column(head, justify="right" if number else "left")
    for row in rows(measured):
        table.add_row(*row)
    return table


def as_markdown(measured: Mapping[str, Measured]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (HEADS, ("---", *["---:"] * 4), *rows(measured))]
    libraries = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "ibis-framework", "pandera", "pandas"))
    failing = sum(count > 0 for count in measured[BASELINE].counts.values())
    return "\n".join(
        [
            "# Benchmark",
            "",
            f"{len(RULES)} rules on TPC-H lineitem (6,001,215 rows, Parquet); rows fail {failing} of them. Written by",
            "`make bench`. Time is the best round; opening the file, and loading it into pandas, is not in it.",
            "",
            *lines,
            "",
            f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {libraries}.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
