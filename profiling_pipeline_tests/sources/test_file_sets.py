"""All files of a folder or pattern are one source."""

import hashlib
import json
import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from profiling_pipeline.errors import SourceError
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.fingerprint import files_fingerprint
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import ROW_NUMBER, ColumnKind, FileRows, kind_of
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline.sources.paths import resolve_files
from profiling_pipeline_tests.sources.opened import Files, rows_of, values_of


def a_month(files: Files, name: str, rows: list[tuple[int, str]]) -> None:
    """Write a file of rows in the format that its name says."""
    path = files.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(rows, columns=["id", "code"])
    match path.suffix:
        case ".csv":
            frame.to_csv(path, index=False)
        case ".jsonl":
            frame.to_json(path, orient="records", lines=True)
        case ".xlsx":
            frame.to_excel(path, index=False)
        case ".parquet":
            frame.to_parquet(path)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "xlsx", "parquet"])
@pytest.mark.parametrize("asked", ["months", "months/*.{0}", "**/*-0[12].{0}"])
def test_rows_run_on_from_file_to_file_by_name(files: Files, ending: str, asked: str) -> None:
    a_month(files, f"months/2024-02.{ending}", [(3, "c"), (4, "d")])
    a_month(files, f"months/2024-01.{ending}", [(1, "a"), (2, "b")])
    with files.open(asked.format(ending)) as source:
        assert rows_of(source, ROW_NUMBER, "id", "code") == [(1, 1, "a"), (2, 2, "b"), (3, 3, "c"), (4, 4, "d")]
        assert [Path(file.name).name for file in source.files] == [f"2024-01.{ending}", f"2024-02.{ending}"]
        assert [file.rows for file in source.files] == [2, 2]
        assert source.fingerprint["files"] == 2
    assert files.left_behind() == []


def test_failing_rows_are_named_by_file_and_row(files: Files) -> None:
    files.write("m/a.csv", "id,file\n1,x\n2,y\n")
    files.write("m/b.csv", "file,id\nz,3\n,-4\n")
    rules = [Rule("ids", "id", "greater_than", {"min_value": 0}), Rule("files", "file", "not_null")]
    with files.open("m") as source:
        ids, names = execute_rules(rules, source).outcomes
    assert ids.failed_rows == ({"file": "b.csv", "row": 2, "id": -4},)
    assert names.failed_rows == ({"file name": "b.csv", "row": 2, "file": None},)


def test_a_folder_of_one_file_is_that_file(files: Files) -> None:
    files.write("m/a.csv", "id\n1\n")
    files.write("m/_SUCCESS", "")
    files.write("m/.a.csv.crc", "x")
    with files.open("m") as source:
        assert source.files == ()
        assert source.place_of(1) == {"row": 1}


def test_all_rows_of_all_files_decide_a_type(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("profiling_pipeline.sources.loading.SAMPLE_ROWS", 2)
    files.write("m/a.csv", "n\n1\n2\n")
    files.write("m/b.csv", "n\n1.5\nx\ny\n")
    with files.open("m") as source:
        assert kind_of(source.table.n.type()) is ColumnKind.TEXT
        assert values_of(source, "n") == ["1", "2", "1.5", "x", "y"]


def test_rows_from_all_over_a_source_tell_which_columns_all_rows_are_asked_about(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("profiling_pipeline.sources.loading.SAMPLE_ROWS", 10)
    monkeypatch.setattr("profiling_pipeline.sources.loading.DRAWN_ROWS", 300)
    first = "x,x\n" * 10
    rest = "".join(f"{number},{'x' if number % 20 == 0 else number}\n" for number in range(3000))
    files.write("a.csv", f"number,text\n{first}{rest}")
    with files.open("a.csv") as source:
        kinds = [kind_of(source.table[name].type()) for name in ("number", "text")]
        assert kinds == [ColumnKind.INTEGER, ColumnKind.TEXT]
        assert values_of(source, "text")[10:13] == ["x", "1", "2"]


def test_a_file_without_rows_is_passed_over_where_others_have_some(files: Files) -> None:
    files.write("m/a.csv", "n\n")
    files.write("m/b.csv", "n\n1\n")
    files.write("m/c.csv", "n\n")
    with files.open("m") as source:
        assert source.files == (FileRows("a.csv", 0), FileRows("b.csv", 1), FileRows("c.csv", 0))
        assert source.place_of(1) == {"file": "b.csv", "row": 1}
    (files.folder / "m" / "b.csv").unlink()
    with files.open("m") as source:
        assert source.files == (FileRows("a.csv", 0), FileRows("c.csv", 0))


def test_a_key_that_one_json_file_lacks_is_null_there(files: Files) -> None:
    files.write("m/a.jsonl", json.dumps({"id": 1}))
    files.write("m/b.jsonl", json.dumps({"id": 2, "note": "x"}))
    with files.open("m") as source:
        assert rows_of(source, "id", "note") == [(1, None), (2, "x")]


def test_numbers_of_different_sizes_are_one_column(files: Files) -> None:
    pq.write_table(pa.table({"n": pa.array([1], pa.int32())}), files.folder / "a.parquet")
    pq.write_table(pa.table({"n": pa.array([2.5], pa.float64())}), files.folder / "b.parquet")
    with files.open("*.parquet") as source:
        assert values_of(source, "n") == [1.0, 2.5]


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ({"a.csv": "id,code\n1,x\n", "b.csv": "id\n1\n"}, "b.csv has no column 'code', which a.csv has"),
        ({"a.csv": "id\n1\n", "b.csv": "id,code\n1,x\n"}, "b.csv has a column 'code', which a.csv lacks"),
        ({"a.csv": "id\n1\n", "b.tsv": "id\n1\n"}, r"different formats, such as a.csv and b.tsv.*\*.csv"),
        ({"a.csv": "id\n1\n", "readme.md": "x"}, "different formats, such as a.csv and readme.md"),
        ({"a.csv": "id,b\n1,2\n", "b.csv": "id,b\n1,2\n3,4,5\n"}, r"b.csv has 3 values instead of 2 \(line 3\)"),
        ({"a.csv": "id\n1\n", "b.csv": ""}, "b.csv is empty"),
        ({"a.csv": "id\n1\n", "b.csv": b"id\n\xe9\n"}, "b.csv is not in UTF-8"),
        ({"_a.csv": "id\n1\n"}, "has no data files"),
    ],
)
def test_what_is_wrong_with_which_file_is_said(files: Files, contents: dict[str, str | bytes], message: str) -> None:
    for name, content in contents.items():
        files.write(f"m/{name}", content)
    with pytest.raises(SourceError, match=message):
        files.open("m")
    assert files.left_behind() == []


def test_different_types_of_parquet_columns_are_refused(files: Files) -> None:
    pq.write_table(pa.table({"n": [1]}), files.folder / "a.parquet")
    pq.write_table(pa.table({"n": ["x"]}), files.folder / "b.parquet")
    with pytest.raises(SourceError, match=r"b.parquet has text in 'n', a.parquet has numbers"):
        files.open("*.parquet")


@pytest.mark.parametrize("pattern", ["*.csv", "nowhere/*.csv", "a**b/*.csv", "[/x.csv"])
def test_a_pattern_without_files_is_refused(files: Files, pattern: str) -> None:
    with pytest.raises(SourceError, match=r"No file matches|There is no file|cannot be followed"):
        files.open(pattern)


def test_every_file_lies_in_the_upload_folders(files: Files) -> None:
    files.write("secret.csv", "id\n2\n")
    files.write("uploads/months/a.csv", "id\n1\n")
    uploads = files.folder / "uploads"

    def opened(path: str | Path) -> list[object]:
        location = FileLocation(Path(path))
        options = {"memory_limit": "500MB", "spill_folder": files.spill}
        with open_source(location, allowed_folders=(files.folder / "none", uploads), **options) as source:
            return values_of(source, "id")

    for inside in ("months", "months/*.csv", "*/a.csv", uploads / "m*" / "*"):
        assert opened(inside) == [1]
    for outside in ("../*.csv", files.folder / "*.csv", "*/../../*.csv", "/etc/*"):
        with pytest.raises(SourceError, match="PROFILING_UPLOAD_FOLDERS"):
            opened(outside)
    (uploads / "months" / "link.csv").symlink_to(files.folder / "secret.csv")
    for linked in ("months", "months/*.csv"):
        with pytest.raises(SourceError, match="outside the upload folders"):
            opened(linked)


def test_a_change_of_any_file_changes_the_fingerprint(files: Files) -> None:
    for name in ("a.csv", "b.csv"):
        os.utime(files.write(name, "id\n1\n"), (0, 0))

    def fingerprint() -> dict[str, object]:
        return files_fingerprint(resolve_files(files.folder, None))

    first = fingerprint()
    digest = hashlib.sha256(b"id\n1\n").hexdigest()
    assert first["sha256"] == hashlib.sha256(f"{digest} a.csv\n{digest} b.csv\n".encode()).hexdigest()
    assert (first["files"], first["size"]) == (2, 10)
    (files.folder / "b.csv").rename(files.folder / "c.csv")
    assert fingerprint()["sha256"] != first["sha256"]
