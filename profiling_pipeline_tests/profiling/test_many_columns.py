"""Profiles of wide and long data: batches of columns change no figure."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from profiling_pipeline.profiling import frequencies, profiler
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline_tests.sources.opened import Files

WIDE = [f"column {number}" for number in range(130)]


def wide_csv() -> str:
    lines = [",".join(str((row * number) % 7) for number in range(len(WIDE))) for row in range(20)]
    return "\n".join([",".join(WIDE), *lines])


def test_batches_change_no_figure(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    with files.open_text(wide_csv()) as source:
        in_many = profile_source(source)
        for module in (profiler, frequencies):
            monkeypatch.setattr(module, "CELLS_AT_ONCE", 1)
        one_by_one = profile_source(source)
    assert [column.name for column in in_many.columns] == WIDE
    assert in_many == one_by_one


def test_progress_ends_with_all_columns(files: Files) -> None:
    told: list[tuple[int, int]] = []
    with files.open_text(wide_csv()) as source:
        profile_source(source, lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (130, 130)


def test_names_are_names_whatever_they_hold(files: Files) -> None:
    names = [
        'a "quoted" name',
        "its value",
        "its text",
        "number",
        "value",
        "batch",
        "typed",
        "x'); DROP TABLE typed; --",
    ]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    lines = [",".join(str(row % (place + 2)) for place in range(len(names))) for row in range(10)]
    with files.open_text("\n".join([header, *lines])) as source:
        profile = profile_source(source)
    assert {column.name: column.distinct for column in profile.columns} == {
        name: place + 2 for place, name in enumerate(names)
    }


def test_above_the_limit_figures_are_estimates_and_say_so(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiler, "EXACT_ROWS", 999)
    table = pa.table({"id": list(range(1000)), "few": [n % 4 for n in range(1000)]})
    pq.write_table(table, files.folder / "long.parquet")
    with files.open("long.parquet") as source:
        profile = profile_source(source)
    ids, few = profile.column("id"), profile.column("few")
    assert (ids.distinct_is_exact, few.distinct_is_exact) == (False, False)
    assert ids.distinct == pytest.approx(1000, rel=0.1)
    assert ids.quantiles
    assert ids.quantiles["0.5"] == pytest.approx(500, rel=0.05)
    assert [(value.value, value.count) for value in few.top_values] == [(n, 250) for n in range(4)]


def test_types_without_an_order_are_counted_only(files: Files) -> None:
    pq.write_table(pa.table({"list": [[1], None, [2, 3]]}), files.folder / "lists.parquet")
    with files.open(Path("lists.parquet")) as source:
        column = profile_source(source).column("list")
    assert (column.rows, column.nulls, column.distinct, column.top_values) == (3, 1, 0, ())
