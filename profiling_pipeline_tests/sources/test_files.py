"""Opening data files of every kind."""

import csv
import gzip
import io
import json
import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, DeclaredFormat, kind_of
from profiling_pipeline_tests.sources.opened import Files, rows_of, values_of

ROWS = "id,amount,opened\n1,2.50,2024-01-31\n2,,2024-02-29\n"
PLAIN_ROWS = [(1, Decimal("2.50"), date(2024, 1, 31)), (2, None, date(2024, 2, 29))]


def _zst(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ROWS.encode()),
        ("A.CSV", ROWS.encode()),
        ("a.txt", ROWS.replace(",", ";").encode()),
        ("pipe.csv", ROWS.replace(",", "|").encode()),
        ("a.tsv", ROWS.replace(",", "\t").encode()),
        ("bom.csv", b"\xef\xbb\xbf" + ROWS.encode()),
        ("crlf.csv", ROWS.replace("\n", "\r\n").encode()),
        ("cr.csv", ROWS.replace("\n", "\r").encode()),
        ("blank.csv", ROWS.replace("\n", "\n\n").encode()),
        ("excel.csv", b"\xef\xbb\xbfsep=;\r\n" + ROWS.replace(",", ";").replace("\n", "\r\n").encode()),
        ("quotes.csv", b'"SEP=^"\n' + ROWS.replace(",", "^").encode()),
        ("noend.csv", ROWS.removesuffix("\n").encode()),
        ("quoted.csv", b'"id","amount","opened"\n"1","2.50","2024-01-31"\n"2","","2024-02-29"\n'),
        ("a.csv.gz", gzip.compress(ROWS.encode(), mtime=0)),
        ("a.tsv.gz", gzip.compress(ROWS.replace(",", "\t").encode(), mtime=0)),
        ("a.csv.zst", _zst(ROWS.encode())),
        ("a.jsonl", b'{"id":1,"amount":"2.50","opened":"2024-01-31"}\n\n{"opened":"2024-02-29","id":2}\n'),
        (
            "a.ndjson.gz",
            gzip.compress(b'{"id":1,"amount":2.50,"opened":"2024-01-31"}\n{"id":2,"opened":"2024-02-29"}', mtime=0),
        ),
        ("a.jsonl.zst", _zst(b'{"id":1,"amount":2.5,"opened":"2024-01-31"}\n{"id":2,"opened":"2024-02-29"}')),
    ],
)
def test_every_kind_of_text_file_gives_the_same_rows(files: Files, name: str, content: bytes) -> None:
    with files.open_text(content, name) as source:
        assert source.columns == ("id", "amount", "opened")
        assert rows_of(source, "id", "amount", "opened") == PLAIN_ROWS
        assert rows_of(source, "row number") == [(1,), (2,)]
        assert source.engine == "duckdb"
        assert source.name == name
    assert files.left_behind() == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_blank_line_of_one_column_is_no_row_and_two_quotes_are_no_value(files: Files, end: str) -> None:
    text = end.join(["", "n", "", "1", "", "", '""', " ", "2", "", ""]).removeprefix(end)
    with files.open_text(text, "data.csv") as source:
        assert rows_of(source, "row number", "n") == [(1, "1"), (2, None), (3, " "), (4, "2")]


def test_an_excel_sheet_gives_the_same_rows(files: Files) -> None:
    sheet = pd.DataFrame(
        {"id": [1, 2], "amount": [2.5, None], "opened": [datetime(2024, 1, 31), datetime(2024, 2, 29)]}
    )
    sheet.to_excel(files.folder / "a.xlsx", index=False)
    with files.open("a.xlsx") as source:
        assert rows_of(source, "id", "amount", "opened") == PLAIN_ROWS


def test_words_for_nothing_are_texts_in_an_excel_sheet_too(files: Files) -> None:
    words = ["n/a", "NULL", "None", "nan", "NaN", "NA"]
    sheet = pd.DataFrame({"id": range(7), "code": [*words, None]})
    sheet.to_excel(files.folder / "a.xlsx", index=False)
    with files.open("a.xlsx") as source:
        assert rows_of(source, "code") == [*((word,) for word in words), (None,)]


def test_parquet_is_read_with_its_own_types_where_it_lies(files: Files) -> None:
    table = pa.table(
        {
            "whole": pa.array([1, None], pa.int32()),
            "exact": pa.array([Decimal("1.10"), None], pa.decimal128(10, 2)),
            "float": pa.array([math.nan, math.inf]),
            "day": pa.array([date(2024, 1, 1), None]),
            "yes": [True, None],
            "text": ["20240131", "x"],
        }
    )
    pq.write_table(table, files.folder / "a.parquet")
    formats = {"text": DeclaredFormat(ColumnKind.DATE, date_format="%Y%m%d")}
    with files.open("a.parquet", formats=formats) as source:
        assert source.columns == tuple(table.column_names)
        assert rows_of(source, *table.column_names) == [
            (1, Decimal("1.10"), None, date(2024, 1, 1), True, date(2024, 1, 31)),
            (None, None, math.inf, None, None, None),
        ]
        assert values_of(source, f"text{TEXT_SUFFIX}") == ["20240131", "x"]
        assert values_of(source, "row number") == [1, 2]


def test_parquet_rows_keep_their_numbers_over_many_row_groups(files: Files) -> None:
    pq.write_table(pa.table({"n": range(5000)}), files.folder / "a.parquet", row_group_size=100)
    with files.open("a.parquet") as source:
        odd = source.table.filter(source.table["row number"] != source.table.n + 1)
        assert odd.count().to_pyarrow().as_py() == 0


@pytest.mark.parametrize("name", ["data[1].csv", "d*.csv", "data?.csv", "it's.csv", "year=2020/data.csv", "[x]/a.csv"])
def test_a_name_means_that_file_and_no_pattern(files: Files, name: str) -> None:
    files.write("data1.csv", "a\n7\n")
    files.write("x/a.csv", "a\n7\n")
    with files.open_text("a\n1\n", name) as source:
        assert source.columns == ("a",)
        assert values_of(source, "a") == [1]


@pytest.mark.parametrize("name", ["data[1].parquet", "d*.parquet", "year=2020/data.parquet"])
def test_a_parquet_name_means_that_file_and_no_pattern(files: Files, name: str) -> None:
    (files.folder / "year=2020").mkdir()
    pq.write_table(pa.table({"a": [7]}), files.folder / "data1.parquet")
    pq.write_table(pa.table({"a": [1]}), files.folder / name)
    with files.open(name) as source:
        assert source.columns == ("a",)
        assert values_of(source, "a") == [1]


def test_an_opened_source_reads_no_other_file(files: Files) -> None:
    other = files.write("other.csv", "secret\n1\n")
    with files.open_text("a\n1\n") as source:
        for query in (f"FROM read_csv('{other}')", f"COPY (SELECT 1) TO '{other}'", "INSTALL httpfs"):
            with pytest.raises(duckdb.PermissionException):
                source.connection.con.execute(query)
        with pytest.raises(duckdb.InvalidInputException):
            source.connection.con.execute("SET enable_external_access = true")
    assert other.read_text() == "secret\n1\n"


def test_memory_stays_bounded_by_spilling(files: Files) -> None:
    body = "".join(f"{number},{'x' * 200}{number}\n" for number in range(150_000))
    with files.open_text("id,text\n" + body, memory_limit="60MB") as source:
        table = source.table
        assert table.order_by(table.text.desc()).limit(1).id.to_pyarrow().to_pylist() == [99999]


def test_json_keys_are_columns_wherever_they_appear_and_inner_values_are_json(files: Files) -> None:
    lines = [{"a": 1}, {"b": {"x": [1, 2]}}, {"a": None, "b": "", "c": True}]
    with files.open_text("\n".join(map(json.dumps, lines)), "a.jsonl") as source:
        assert source.columns == ("a", "b", "c")
        assert values_of(source, "a") == [1, None, None]
        assert values_of(source, "b") == [None, '{"x":[1,2]}', ""]
        assert values_of(source, "c") == [None, None, True]


def test_many_json_keys_are_many_columns(files: Files) -> None:
    line = json.dumps({f"k{number}": number for number in range(400)})
    with files.open_text(f"{line}\n{line}\n", "a.jsonl") as source:
        assert source.columns == tuple(f"k{number}" for number in range(400))
        assert rows_of(source, "k0", "k399") == [(0, 399), (0, 399)]


def test_a_thousand_columns_open(files: Files) -> None:
    header, row = (",".join(f"{prefix}{number}" for number in range(1000)) for prefix in ("c", ""))
    with files.open_text(f"{header}\n{row}\n") as source:
        assert len(source.columns) == 1000
        assert rows_of(source, "c0", "c999") == [(0, 999)]


def test_a_column_of_nulls_is_text(files: Files) -> None:
    with files.open_text('a,b\n,1\n"",2\n') as source:
        assert values_of(source, "a") == [None, None]
        assert kind_of(source.table.a.type()) is ColumnKind.TEXT


def test_closing_twice_is_harmless(files: Files) -> None:
    source = files.open_text("a\n1\n")
    source.close()
    source.close()
    assert files.left_behind() == []


def test_a_failure_inside_leaves_nothing_behind(files: Files) -> None:
    def interrupted(columns: object) -> dict[str, DeclaredFormat]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.open_text("a\n1\n", formats=interrupted)
    assert files.left_behind() == []


_cell = st.text(st.sampled_from("ab1,;\"\n\t |.é-'"), max_size=6)


@given(
    rows=st.lists(st.tuples(_cell, _cell, st.just("end")), min_size=1, max_size=8),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_csv_writer_wrote_is_read(
    files: Files, rows: list[tuple[str, str, str]], end: str, quoting: int
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=quoting).writerows([("a", "b", "c"), *rows])  # type: ignore[arg-type]
    texts = dict.fromkeys("abc", DeclaredFormat(ColumnKind.TEXT))
    with files.open_text(text.getvalue(), formats=texts) as source:
        assert rows_of(source, "a", "b", "c") == [(a or None, b or None, c) for a, b, c in rows]


def test_a_relative_path_is_meant_from_the_current_folder(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write("here.csv", "a\n1\n")
    monkeypatch.chdir(files.folder)
    from profiling_pipeline.sources.location import FileLocation
    from profiling_pipeline.sources.opening import open_source

    location = FileLocation(Path("here.csv"))
    with open_source(location, allowed_folders=None, memory_limit="500MB", spill_folder=files.spill) as source:
        assert values_of(source, "a") == [1]
