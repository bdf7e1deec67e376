"""What is measured: a file and the rules for it."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import wide_table
from benchmarks.rules import LINEITEM, LINEITEM_A_THIRD_FAILS, BenchmarkRule

DATA = Path(__file__).parent / "data"
WIDE_ROWS = 5_000_000
SMALL_ROWS = 1_000_000


@dataclass(frozen=True)
class Case:
    """A file, made once, and the rules that contenders check on it."""

    name: str
    title: str
    file: Path
    make: Callable[[Path], None]
    rules: Sequence[BenchmarkRule]
    longest_seconds: int = 600  # what takes longer for all rounds is ended

    def ensure_file(self) -> None:
        """Make the file where it is not there yet."""
        if self.file.exists():
            return
        print(f"Making {self.file.name} ...", file=sys.stderr)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        partial = self.file.with_name(f"partial-{self.file.name}")
        self.make(partial)
        partial.rename(self.file)


def _lineitem(scale: int) -> Callable[[Path], None]:
    def make(target: Path) -> None:
        generator = Path(sys.executable).with_name("tpchgen-cli")
        folder = target.with_suffix("")
        command = [generator, "parquet", "-s", str(scale), "--tables=lineitem", "-o", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (folder / "lineitem.parquet").rename(target)
        folder.rmdir()

    return make


def _wide(rows: int, options: str) -> Callable[[Path], None]:
    def make(target: Path) -> None:
        import duckdb

        duckdb.execute("SET preserve_insertion_order = false")
        duckdb.execute(f"COPY ({wide_table.select_sql(rows)}) TO '{target}' ({options})")

    return make


_WIDE = wide_table.wide_rules()
CASES = {
    case.name: case
    for case in (
        Case(
            "lineitem",
            "TPC-H lineitem, scale factor 1 (6 million rows, Parquet), 32 rules",
            DATA / "lineitem-1.parquet",
            _lineitem(1),
            LINEITEM,
        ),
        Case(
            "third-fails",
            "The same file, 13 rules of which rows fail twelve, about a third of them each",
            DATA / "lineitem-1.parquet",
            _lineitem(1),
            LINEITEM_A_THIRD_FAILS,
            longest_seconds=120,
        ),
        Case(
            "wide",
            "118 columns, 5 million rows (Parquet), 500 rules",
            DATA / "wide.parquet",
            _wide(WIDE_ROWS, "FORMAT parquet"),
            _WIDE,
            longest_seconds=120,
        ),
        Case(
            "wide-csv",
            "118 columns, 5 million rows (CSV), 500 rules",
            DATA / "wide.csv",
            _wide(WIDE_ROWS, "FORMAT csv, HEADER"),
            _WIDE,
            longest_seconds=180,
        ),
        Case(
            "lineitem-10",
            "TPC-H lineitem, scale factor 10 (60 million rows, Parquet), 32 rules",
            DATA / "lineitem-10.parquet",
            _lineitem(10),
            LINEITEM,
            longest_seconds=120,
        ),
        *(
            Case(
                f"rules-{number}",
                f"118 columns, 1 million rows (Parquet), {number:,} rules",
                DATA / "wide-small.parquet",
                _wide(SMALL_ROWS, "FORMAT parquet"),
                wide_table.wide_rules(number),
            )
            for number in (1, 10, 100, 1_000)
        ),
    )
}
