"""Opening files: every kind is read, every fault is a clear error, and nothing is left behind."""

import gzip
import os
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import ROW_NUMBER, ColumnKind, DeclaredFormat, OpenSource, kind_of
from profiling_pipeline.sources.opening import open_source

Opener = Callable[..., OpenSource]
CSV = 'id,amount,opened,name\n1,2.50,2024-01-31,Ann\n2,,2024-02-29,"Bob, jr"\n3,-7,2023-12-01,\n'


@pytest.fixture
def opening(tmp_path: Path) -> Opener:
    def open_file(path: Path, **options: object) -> OpenSource:
        options.setdefault("allowed_folders", None)
        return open_source(FileLocation(path), memory_limit="1GB", spill_folder=tmp_path / "spill", **options)

    return open_file


def rows_of(source: OpenSource) -> list[dict[str, object]]:
    columns = [*source.columns, ROW_NUMBER]
    return source.table.select(columns).order_by(ROW_NUMBER).to_pyarrow().to_pylist()


def left_behind(tmp_path: Path) -> list[Path]:
    spill = tmp_path / "spill"
    return list(spill.iterdir()) if spill.exists() else []


def a_file(folder: Path, kind: str) -> Path:
    path = folder / f"data.{kind}"
    frame = pd.DataFrame(
        {
            "id": ["1", "2", "3"],
            "amount": ["2.50", None, "-7"],
            "opened": ["2024-01-31", "2024-02-29", "2023-12-01"],
            "name": ["Ann", "Bob, jr", None],
        }
    )
    match kind:
        case "csv":
            path.write_text(CSV)
        case "csv.gz":
            path.write_bytes(gzip.compress(CSV.encode(), mtime=0))
        case "tsv":
            frame.to_csv(path, sep="\t", index=False)
        case "jsonl":
            frame.to_json(path, orient="records", lines=True)
        case "xlsx":
            frame.to_excel(path, index=False)
    return path


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "tsv", "jsonl", "xlsx"])
def test_text_files_of_every_kind_read_alike(opening: Opener, tmp_path: Path, kind: str) -> None:
    with opening(a_file(tmp_path, kind)) as source:
        assert rows_of(source) == [
            {"id": 1, "amount": Decimal("2.50"), "opened": date(2024, 1, 31), "name": "Ann", ROW_NUMBER: 1},
            {"id": 2, "amount": None, "opened": date(2024, 2, 29), "name": "Bob, jr", ROW_NUMBER: 2},
            {"id": 3, "amount": Decimal("-7.00"), "opened": date(2023, 12, 1), "name": None, ROW_NUMBER: 3},
        ]
    assert left_behind(tmp_path) == []


def test_parquet_is_read_with_nan_as_null(opening: Opener, tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    pd.DataFrame({"rate": [1.5, float("nan")], "code": ["a", "b"]}).to_parquet(path)
    with opening(path) as source:
        assert rows_of(source) == [
            {"rate": 1.5, "code": "a", ROW_NUMBER: 1},
            {"rate": None, "code": "b", ROW_NUMBER: 2},
        ]


def test_declared_formats_leave_bad_values_beside_as_text(opening: Opener, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("day,amount\n20240229,1.5\n20230229,abc\n2024-1-1,\n")
    formats = {
        "day": DeclaredFormat(ColumnKind.DATE, date_format="%Y%m%d"),
        "amount": DeclaredFormat(ColumnKind.NUMBER, max_digits=6, max_decimals=2),
    }
    with opening(path, formats=formats) as source:
        values = source.table.order_by(ROW_NUMBER).to_pyarrow().to_pylist()
    assert [row["day"] for row in values] == [date(2024, 2, 29), None, None]
    assert [row["day (as text)"] for row in values] == ["20240229", "20230229", "2024-1-1"]
    assert [row["amount"] for row in values] == [Decimal("1.5"), None, None]
    assert [row["amount (as text)"] for row in values] == ["1.5", "abc", None]


def test_codes_with_leading_zeros_stay_text(opening: Opener, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("zip,count\n00501,1\n02134,2\n90210,3\n")
    with opening(path) as source:
        kinds = {name: kind_of(source.table[name].type()) for name in source.columns}
    assert kinds == {"zip": ColumnKind.TEXT, "count": ColumnKind.INTEGER}


def test_a_column_of_nulls_and_many_columns_are_read(opening: Opener, tmp_path: Path) -> None:
    empty, wide = tmp_path / "empty.csv", tmp_path / "wide.csv"
    empty.write_text("a,b\n1,\n2,\n")
    wide.write_text(",".join(f"c{n}" for n in range(5_000)) + "\n" + ",".join(["1"] * 5_000) + "\n")
    with opening(empty) as source:
        assert [row["b"] for row in rows_of(source)] == [None, None]
    with opening(wide) as source:
        assert len(source.columns) == 5_000


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "is empty"),
        ("ragged.csv", b"a,b\n1,2\n3,4,5\n", "line 3"),
        ("latin.csv", b"a,b\n1,caf\xe9\n", "UTF-8"),
        ("utf16.csv", "a,b\n1,2\n".encode("utf-16"), "UTF-8"),
        ("twice.csv", b"a,b,A\n1,2,3\n", "same name"),
        ("blank.csv", b"a,,c\n1,2,3\n", "column 2"),
        ("own.csv", b"a,a (as text)\n1,2\n", "another meaning"),
        ("broken.parquet", b"this is no parquet file", "broken.parquet"),
        ("broken.jsonl", b'{"a": 1}\n{"a": \n', "broken.jsonl"),
        ("broken.xlsx", b"this is no workbook", "broken.xlsx"),
        ("data.doc", b"a\n1\n", "ending"),
    ],
)
def test_faulty_files_are_refused(opening: Opener, tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as refused:
        opening(path)
    assert name in str(refused.value)
    assert left_behind(tmp_path) == []


def test_files_outside_the_upload_folders_are_refused(opening: Opener, tmp_path: Path) -> None:
    uploads, outside = tmp_path / "uploads", tmp_path / "outside.csv"
    uploads.mkdir()
    outside.write_text(CSV)
    (uploads / "inside.csv").write_text(CSV)
    (uploads / "link.csv").symlink_to(outside)
    (uploads / "folder.csv").mkdir()
    os.mkfifo(uploads / "pipe.csv")
    opening(Path("inside.csv"), allowed_folders=(uploads,)).close()
    opening(uploads / "inside.csv", allowed_folders=(uploads,)).close()
    for path in (outside, Path("../outside.csv"), Path("link.csv"), uploads / ".." / "outside.csv"):
        with pytest.raises(SourceError, match="PROFILING_UPLOAD_FOLDERS"):
            opening(path, allowed_folders=(uploads,))
    for path, reason in ((Path("folder.csv"), "no data files"), (Path("pipe.csv"), "regular file")):
        with pytest.raises(SourceError, match=reason):
            opening(path, allowed_folders=(uploads,))
    with pytest.raises(SourceError, match="no file"):
        opening(Path("nowhere.csv"), allowed_folders=(uploads,))


def test_an_opened_source_reads_no_other_file(opening: Opener, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("secret\n1\n")
    with opening(a_file(tmp_path, "csv")) as source, pytest.raises(Exception, match="disabled"):
        source.connection.con.execute("SELECT * FROM read_csv(?)", [str(tmp_path / "secret.csv")])
