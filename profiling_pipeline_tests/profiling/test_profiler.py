"""Every figure of a profile is the one that plain Python computes, for files and for PostgreSQL tables."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, stdev

import psycopg
import pytest

from profiling_pipeline.profiling.profile import TableProfile, ValueCount
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.sources.location import FileLocation, TableLocation
from profiling_pipeline.sources.model import ColumnKind
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline.storage.database import Database

AMOUNTS = [n * 3 % 17 for n in range(100)]
NAMES = [None if n % 10 == 0 else " " if n % 25 == 1 else f"Ab-{n % 7}" for n in range(100)]


def profile_of(path: Path, spill: Path) -> TableProfile:
    with open_source(FileLocation(path), allowed_folders=None, memory_limit="256MB", spill_folder=spill) as source:
        return profile_source(source)


def of_a_file(folder: Path, database: Database) -> TableProfile:
    lines = [f"{amount},{name or ''}" for amount, name in zip(AMOUNTS, NAMES, strict=True)]
    (folder / "data.csv").write_text("amount,name\n" + "\n".join(lines) + "\n")
    return profile_of(folder / "data.csv", folder / "spill")


def of_a_table(folder: Path, database: Database) -> TableProfile:
    url = database.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        connection.execute("CREATE TABLE data (amount bigint, name text)")
        with connection.cursor() as cursor:
            rows = zip(AMOUNTS, NAMES, strict=True)
            cursor.executemany("INSERT INTO data VALUES (%s, %s)", list(rows))
    location = TableLocation(str(url.query["host"]), 5432, url.database or "", "public", "data", url.username)
    with open_source(location, allowed_folders=None, memory_limit="256MB", spill_folder=folder) as source:
        return profile_source(source)


@pytest.mark.parametrize("make", [of_a_file, of_a_table])
def test_figures_are_those_of_plain_python(
    make: Callable[[Path, Database], TableProfile], tmp_path: Path, database: Database
) -> None:
    profile = make(tmp_path, database)
    amount, name = profile.column("amount"), profile.column("name")

    assert profile.rows == 100
    assert (amount.kind, amount.nulls, amount.distinct) == (ColumnKind.INTEGER, 0, len(set(AMOUNTS)))
    assert (amount.minimum, amount.maximum) == (min(AMOUNTS), max(AMOUNTS))
    assert amount.mean == pytest.approx(fmean(AMOUNTS))
    assert amount.standard_deviation == pytest.approx(stdev(AMOUNTS))
    assert amount.quantiles
    assert amount.quantiles["0.5"] == pytest.approx(sorted(AMOUNTS)[50], abs=1)
    present = [value for value in NAMES if value is not None]
    expected = sorted(Counter(present).items(), key=lambda item: (-item[1], item[0]))
    assert name.top_values == tuple(ValueCount(value, count) for value, count in expected[:10])
    assert (name.nulls, name.blanks) == (NAMES.count(None), NAMES.count(" "))
    assert (name.shortest, name.longest) == (1, 4)
    assert name.patterns[0] == ValueCount("Aa-9", len(present) - NAMES.count(" "))


def test_a_column_of_nulls_has_no_figures(tmp_path: Path) -> None:
    (tmp_path / "nulls.csv").write_text("a,b\n1,\n2,\n")
    column = profile_of(tmp_path / "nulls.csv", tmp_path / "spill").column("b")
    assert (column.nulls, column.present, column.distinct) == (2, 0, 0)
    assert (column.minimum, column.maximum, column.top_values, column.patterns) == (None, None, (), ())
