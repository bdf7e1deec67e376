"""Data with everything that makes legacy texts stumble: gaps, blanks, bad values, repeated values, whole floats."""

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat

TYPES = {
    "tag": pa.string(),
    "digits": pa.string(),
    "written": pa.string(),
    "grade": pa.int64(),
    "rank": pa.int64(),
    "amount": pa.float64(),
    "ceiling": pa.float64(),
    "day": pa.date32(),
}
_KINDS = {pa.string(): ColumnKind.TEXT, pa.int64(): ColumnKind.INTEGER, pa.float64(): ColumnKind.NUMBER,
          pa.date32(): ColumnKind.DATE}  # fmt: skip
FORMATS = {name: DeclaredFormat(_KINDS[kind]) for name, kind in TYPES.items()}

_VALUES: dict[str, Sequence[Any]] = {
    "tag": ("A1", "a1", "AB-12", "", "  ", None, "nan", "None", "x" * 21, "x" * 20, "RED", "BLUE", "RED", "N/A", " A1 ",
            "A_B", "4.25", "17", "O'Neil"),
    "digits": ("1", "22", "333", "4444", "-5", "6.5", "7.125", "8e2", "nine", "", None, "00012", " 13 ", "1.50", "100"),
    "written": ("2024-02-29", "2023-02-29", "1999-12-31", "2031-01-01", "", None, "soon", "2024-01-05", "2010-06-15"),
    "grade": (1, 2, 3, 5, 7, 0, -1, 99, 100, 1000, 123456789, None),
    "rank": (1, 2, 3, 4, 5, 2, 9, 0),
    "amount": (0.0, 1.0, -2.5, 10.25, 10.255, 99.999, 5000.0, 5000.01, 1e7, 1e7 + 0.5, None, 0.1, 3.0, -7.0, 0.29),
    "ceiling": (0.0, 1.0, 10.0, 100.5, 6000.0, None),
    "day": (date(1999, 12, 31), date(2000, 1, 1), date(2024, 2, 29), date(2031, 5, 6), None, date(2010, 6, 15)),
}  # fmt: skip


def write_frames(folder: Path) -> list[Path]:
    """Write frames to files: all values, random rows with gaps, without gaps, one row, and gaps alone."""
    chance = random.Random(20240229)
    everything = {name: [values[n % len(values)] for n in range(40)] for name, values in _VALUES.items()}
    mixed = {name: [chance.choice(values) for _ in range(60)] for name, values in _VALUES.items()}
    complete = {name: [v for v in column if v is not None][:30] for name, column in mixed.items()}
    shortest = min(map(len, complete.values()))
    one = {name: [values[0]] for name, values in _VALUES.items()}
    gaps = {name: [None, None, None] for name in _VALUES}
    found = [everything, mixed, {name: column[:shortest] for name, column in complete.items()}, one, gaps]
    return [_written(folder / f"frame {number}.parquet", columns) for number, columns in enumerate(found)]


def _written(path: Path, columns: dict[str, list[Any]]) -> Path:
    arrays = {name: pa.array(values, TYPES[name]) for name, values in columns.items()}
    pq.write_table(pa.table(arrays), path)
    return path
