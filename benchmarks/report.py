"""RESULTS.md: a table for each case."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES
from benchmarks.contenders import CONTENDERS

RESULTS = Path(__file__).parent / "RESULTS.md"
BASELINE = "duckdb_by_hand"
LEGACY = "## Legacy migration"
_HEADS = ("", "from the file", "ratio", "again", "ratio", "processor time", "ratio", "peak memory")

_INTRODUCTION = """\
Written by `make bench`; one case alone: `.venv/bin/python -m benchmarks.run lineitem`. Every contender checks the same
rules on the same file and has counted the same failing rows of each rule. *From the file* is the best time from opening
or loading the file to the counts; *again* the best time of a further round on what is open or loaded by then;
*processor time* is that round's on all cores together, which a busy machine disturbs least. Ratios are to the DuckDB
query written by hand in the same run. Imports of libraries are in the memory, not in the times.""".splitlines()


def write_report(measured: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the tables of the cases measured so far; the section on the legacy migration stays as it is."""
    _, mark, rest = RESULTS.read_text(encoding="utf-8").partition(LEGACY)
    RESULTS.write_text("\n".join(_lines(measured)) + "\n" + (f"\n{mark}{rest}" if mark else ""), encoding="utf-8")


def write_legacy_section(lines: Iterable[str]) -> None:
    """Write the section on the legacy migration, in place of an earlier one; it is the last."""
    before, _, _ = RESULTS.read_text(encoding="utf-8").partition(LEGACY)
    RESULTS.write_text("\n".join([before.rstrip(), "", LEGACY, "", *lines]) + "\n", encoding="utf-8")


def _lines(measured: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield from ("# Benchmark", "", *_INTRODUCTION)
    for name, case in CASES.items():
        if name in measured and not name.startswith("rules-"):
            yield from ("", f"## {case.title}", "", *_table(measured[name]))
    yield from _sweep(measured)
    libraries = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "ibis-framework", "pandera", "pandas"))
    yield from (
        "",
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {libraries};",
        "the peers as in [peers.txt](peers.txt).",
    )


def _table(figures: Mapping[str, Any]) -> Iterator[str]:
    yield from _markdown([_HEADS, ("---", *["---:"] * (len(_HEADS) - 1))])
    base = figures[BASELINE]
    for name, found in figures.items():
        title = CONTENDERS[name].title
        if "failed" in found:
            yield from _markdown([(title, found["failed"], *[""] * (len(_HEADS) - 2))])
            continue
        again, cpu = min(found["again"]), min(found["again_cpu"])
        yield from _markdown([(
            title,
            f"{found['first']:.2f} s", f"{found['first'] / base['first']:.2f} x",
            f"{again:.2f} s", f"{again / min(base['again']):.2f} x",
            f"{cpu:.2f} s", f"{cpu / min(base['again_cpu']):.2f} x",
            f"{found['peak_bytes'] / 2**20:,.0f} MB",
        )])  # fmt: skip


def _sweep(measured: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield how time grows with the number of rules."""
    cases = [name for name in CASES if name.startswith("rules-") and name in measured]
    if not cases:
        return
    yield from ("", "## 118 columns, 1 million rows (Parquet), more and more rules", "")
    heads = ("rules", *(CONTENDERS[name].title for name in measured[cases[0]]))
    yield from _markdown([heads, ("---:", *["---:"] * (len(heads) - 1))])
    for case in cases:
        seconds = (f"{min(found['again']):.2f} s" for found in measured[case].values())
        yield from _markdown([(f"{len(CASES[case].rules):,}", *seconds)])


def _markdown(rows: list[tuple[str, ...]]) -> Iterator[str]:
    return (f"| {' | '.join(row)} |" for row in rows)
