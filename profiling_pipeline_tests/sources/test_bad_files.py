"""Files that cannot be used: each a clear message, without a value of the data, and nothing left behind."""

import gzip
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from profiling_pipeline.errors import SourceError
from profiling_pipeline_tests.sources.opened import Files

GZIPPED = gzip.compress(("a,b\n" + "1,2\n" * 50_000).encode(), mtime=0)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n\n", "is empty"),
        ("a.csv", b"\na,b\n1,2\n", "begins with an empty line"),
        ("a.csv", b"sep=;\n", "is empty"),
        ("a.jsonl", b"", "is empty"),
        ("a.jsonl", b"{}\n{}\n", "is empty"),
        ("a.csv", b"a,b\n1,2\n3\n4,5\n", r"has 1 value instead of 2 \(line 3\)"),
        ("a.csv", b"a,b\n1,2\n3,4,5\n", r"has 3 values instead of 2 \(line 3\)"),
        ("a.csv", "a,b\n1,2\n".encode("utf-16"), "not in UTF-8 .*UTF-16"),
        ("a.csv", "a,b\n1,2\n".encode("utf-16-le"), "not in UTF-8 .*UTF-16"),
        ("a.csv", "a,b\n1,\xe9\n".encode("latin-1"), r"not in UTF-8 \(line 2\)"),
        ("a.csv", "\xe9,b\n1,2\n".encode("latin-1"), r"not in UTF-8 \(byte 1 of its header\)"),
        ("a.csv", b"a,A,b\n1,2,3\n", "columns of the same name: 'a', 'A'"),
        ("a.csv", b"a,,b\n1,2,3\n", "no name for column 2"),
        ("a.csv", b"a,b,\n1,2,\n", "no name for column 3"),
        ("a.csv", b"row number,b\n1,2\n", "column 'row number', a name with another meaning"),
        ("a.csv", b"Row Number,b\n1,2\n", "column 'Row Number', a name with another meaning"),
        ("a.csv", b"b,B (As Text)\n1,2\n", r"column 'B \(As Text\)', a name with another meaning"),
        ("a.csv", b'a,b\n"1,2\n3,4\n', r"quote that is not closed.*\(line 2\)"),
        ("a.csv", b'a,b\n"1"x,2\n', r"quote that is not closed, or text after one \(line 2\)"),
        ("a.csv", b"a,b\n1,2\r\n3,4\n", "line ends"),
        ("a.csv", b'"a,b\n1,2\n', "header that cannot be read"),
        ("a.csv.gz", b"a,b\n1,2\n", "is no whole gzip file"),
        ("a.csv.gz", GZIPPED[:-200], "is no whole gzip file"),
        ("a.csv.zst", b"a,b\n1,2\n", "cannot be read"),
        ("a.jsonl", b'{"a":1}\n\n{"a":\n{"a":2}\n', r"not JSON \(line 3\)"),
        ("a.jsonl", b'{"a":1}\n[1]\n', r"not a JSON object \(line 2\)"),
        ("a.jsonl", b'{"a":1,"a":2}\n', r"key 'a' twice in an object \(line 1\)"),
        ("a.jsonl", b'{"a":1,"A":2}\n', "columns of the same name"),
        ("a.jsonl", '{"a":1}\n{"a":"\xe9"}\n'.encode("latin-1"), r"not in UTF-8 \(line 2\)"),
        ("a.parquet", b"PAR1 no such thing PAR1", "cannot be read"),
        ("a.xlsx", b"no sheet", "cannot be read as an Excel file"),
        ("a.doc", b"a\n1\n", "ending that is not known. Use .csv"),
        ("a", b"a\n1\n", "ending that is not known"),
    ],
)
def test_a_faulty_file_is_refused_in_words(files: Files, name: str, content: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said) as refused:
        files.open_text(content, name)
    assert str(refused.value).startswith(name)
    assert str(refused.value).endswith(".")
    assert "Error" not in str(refused.value)
    assert files.left_behind() == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'a,b\n"secret",2,3\n'),
        ("a.csv", 'a,b\n"secret"x,2\n'),
        ("a.jsonl", '{"a":"secret","a":"secret"}\n'),
        ("a.jsonl", '{"a":"secret"\n'),
    ],
)
def test_a_refusal_quotes_no_value(files: Files, name: str, content: str) -> None:
    with pytest.raises(SourceError) as refused:
        files.open_text(content, name)
    assert "secret" not in str(refused.value)


def test_a_faulty_row_far_into_the_file_is_found(files: Files) -> None:
    with pytest.raises(SourceError, match=r"has 3 values instead of 2 \(line 60002\)"):
        files.open_text("a,b\n" + "1,2\n" * 60_000 + "1,2,3\n")
    assert files.left_behind() == []


def test_a_missing_file(files: Files) -> None:
    with pytest.raises(SourceError, match=r"There is no file .*nowhere.csv"):
        files.open("nowhere.csv")


def test_neither_an_empty_folder_nor_a_pipe_is_a_data_file(files: Files) -> None:
    (files.folder / "folder.csv").mkdir()
    os.mkfifo(files.folder / "pipe.csv")
    for name, reason in (("folder.csv", "has no data files"), ("pipe.csv", "not a regular file")):
        with pytest.raises(SourceError, match=reason):
            files.open(name)


def test_parquet_columns_whose_names_differ_only_in_case(files: Files) -> None:
    pq.write_table(pa.table({"a": [1], "A": [2]}), files.folder / "a.parquet")
    with pytest.raises(SourceError, match="columns of the same name: 'a', 'A'"):
        files.open("a.parquet")


def test_a_spill_folder_that_cannot_be_made(files: Files) -> None:
    blocked = files.write("blocked", "a file where the folder should be")
    with pytest.raises(SourceError, match="blocked"):
        files.open_text("a\n1\n", spill_folder=blocked)
