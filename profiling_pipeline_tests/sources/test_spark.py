"""Files and tables that Spark reads: the same columns, rows and row numbers as elsewhere."""

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from profiling_pipeline.errors import InvalidInputError, SourceError, SourceUnavailableError
from profiling_pipeline.execution.observing import observe_columns
from profiling_pipeline.execution.row_files import RowFiles
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.profiling.sample import sample_rows
from profiling_pipeline.sources.answers import answers
from profiling_pipeline.sources.location import LOCAL, FileLocation, Location, SparkFiles, SparkTable
from profiling_pipeline.sources.model import KEPT_SUFFIX, ROW_NUMBER, OpenSource
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline_tests.execution.data import LOAN_COLUMNS, LOANS, a_rule, spark_source

pytestmark = pytest.mark.usefixtures("spark")

FIRST = 'id;Amount;näme;"opened; on"\n1;"1,5";"a\nb";2024-01-31\n2;;"say ""hi""";2024-02-30\n'
SECOND = 'id,näme,"opened; on",Amount\n3,,2024-02-29,7\n'  # another delimiter, another order of columns


def opened(location: Location, folder: Path, **options: Any) -> OpenSource:
    defaults = {"allowed_folders": None, "memory_limit": "1GB", "spill_folder": folder / "spill"}
    return open_source(location, **(defaults | options))


def everything(source: OpenSource) -> Sequence[dict[str, Any]]:
    rows = answers(source.connection, source.table.order_by(ROW_NUMBER))
    return [{name: value for name, value in row.items() if not name.endswith(KEPT_SUFFIX)} for row in rows]


def written(folder: Path, kind: str) -> Path:
    data = folder / "data"
    data.mkdir()
    if kind == "csv":
        (data / "a [1].csv").write_text(FIRST)
        (data / "b.csv.gz").write_bytes(gzip.compress(SECOND.encode()))
    elif kind == "jsonl":
        (data / "a.jsonl").write_text('{"id": 1, "s": "a", "n": 1.25}\n{"id": 2, "s": null, "n": 7}\n')
        (data / "b.jsonl").write_text('{"id": 3, "s": "c", "n": null}\n')
    else:
        for number in (1, 2):
            query = f"SELECT i AS id, i::VARCHAR AS s, nullif(i, 2)::DECIMAL(9, 2) AS n FROM range({number}, 5) t(i)"
            duckdb.sql(f"COPY ({query}) TO '{data}/part{number}.parquet'")
    return data


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_folder_is_read_as_elsewhere(kind: str, tmp_path: Path) -> None:
    folder = written(tmp_path, kind)
    with opened(FileLocation(folder), tmp_path) as source:
        expected, columns, files = everything(source), source.columns, source.files
    with opened(SparkFiles(LOCAL, str(folder)), tmp_path) as source:
        assert source.columns == columns
        assert everything(source) == expected
        assert source.files == files
        assert source.fingerprint["rows"] == sum(file.rows for file in files)


def test_a_blank_line_of_one_column_is_no_row_here_either(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('n\n\n1\n\n""\n2\n\n')
    with opened(FileLocation(tmp_path / "a.csv"), tmp_path) as source:
        expected = everything(source)
    with opened(SparkFiles(LOCAL, str(tmp_path / "a.csv")), tmp_path) as source:
        assert everything(source) == expected


CUT_OFF = gzip.compress(b"id,n\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(9_000)))[:20_000]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"\nid,n\n1,2\n", "begins with an empty line"),
        ("a.csv", b"sep=;\nid;n\n1;2\n", "begins with sep=;, not with its header. Remove that line"),
        ("a.csv", b"id,n\n1,2,3\n", "another number of values than its header"),
        ("a.csv", b"id,n\n1,\xff\xfe\n", "not in UTF-8"),
        ("a.csv", b"id,row number\n1,2\n", "row number"),
        ("a.jsonl", b'{"id": 1}\n{"id": \n', r"a\.jsonl has a line that is not JSON \(line 2\)"),
        ("a.csv", "id,n\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "a.csv.gz is empty"),
        ("a.csv.gz", b"id,n\n1,2\n", "a.csv.gz is no whole gzip file"),
        ("a.csv.gz", CUT_OFF, "a.csv.gz cannot be read to its end"),
        ("a.parquet", b"no parquet", "a.parquet cannot be read to its end: it is cut off, or not what its ending says"),
        ("a.csv.zst", b"(", "a.csv.zst is compressed in a way that Spark does not read"),
        ("a.xlsx", b"PK", "an ending that Spark does not read here. Use .csv, .tsv, .jsonl or .parquet"),
    ],
)
def test_files_that_cannot_be_read(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=said):
        opened(SparkFiles(LOCAL, str(tmp_path / name)), tmp_path)


def test_files_of_other_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,n\n1,2\n")
    (tmp_path / "b.csv").write_text("id,n,more\n1,2,3\n")
    with pytest.raises(SourceError, match=r"b\.csv has a column 'more', which a\.csv lacks"):
        opened(SparkFiles(LOCAL, str(tmp_path)), tmp_path)


def test_only_upload_folders_are_read_and_no_file_as_a_table(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "secret.csv").write_text("id\n1\n")
    for location, said in (
        (SparkFiles(LOCAL, str(tmp_path / "secret.csv")), "outside"),
        (SparkFiles(LOCAL, f"file://{tmp_path}/secret.csv"), "outside"),
        (SparkFiles(LOCAL, f"ftp://{tmp_path}/secret.csv"), "unknown kind ftp"),
        (SparkTable(LOCAL, f"csv.`{tmp_path}/secret.csv`"), "knows no table"),
    ):
        with pytest.raises(SourceError, match=said):
            opened(location, tmp_path, allowed_folders=[tmp_path / "uploads"])


def test_a_table_of_the_catalogue_and_the_nearest_names(tmp_path: Path) -> None:
    with spark_source(LOAN_COLUMNS, LOANS) as source:
        assert source.columns == tuple(LOAN_COLUMNS)
        with pytest.raises(SourceError, match=r"knows no table laons. Did you mean loans?"):
            opened(SparkTable(LOCAL, "laons"), tmp_path)
        with pytest.raises(SourceError, match=r"knows no table nowhere.x. Check its name"):
            opened(SparkTable(LOCAL, "nowhere.x"), tmp_path)


def test_a_process_has_one_session(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match=r"already uses Spark at local\[\*\].*no second session at yarn"):
        opened(SparkFiles("yarn", "loans.csv"), tmp_path)


def test_profiles_samples_and_figures_are_those_of_duckdb(tmp_path: Path) -> None:
    folder = written(tmp_path, "csv")
    described = []
    for location in (FileLocation(folder), SparkFiles(LOCAL, str(folder))):
        with opened(location, tmp_path) as source:
            columns = sample_rows(source, total=3).columns.values()
            sampled = {column.name: ([*column.codes], column.texts) for column in columns}
            described.append((profile_source(source).columns, sampled, observe_columns(source, rows=3)))
    assert described[0] == described[1]


RULES = [
    a_rule("id", "unique"),
    a_rule("Amount", "not_null"),
    a_rule("opened; on", "has_type", type="date"),
    a_rule("id", "references", source="others", column="id"),
]


def test_failed_rows_are_set_aside_and_values_looked_up_by_spark(tmp_path: Path) -> None:
    folder = written(tmp_path, "csv")
    (tmp_path / "others.csv").write_text("id\n1\n2\n")
    found = []
    for name, location, other in (
        ("duckdb", FileLocation(folder), FileLocation(tmp_path / "others.csv")),
        ("spark", SparkFiles(LOCAL, str(folder)), SparkFiles(LOCAL, str(tmp_path / "others.csv"))),
        ("both", SparkFiles(LOCAL, str(folder)), FileLocation(tmp_path / "others.csv")),
    ):
        files = RowFiles(tmp_path / name, tmp_path / f"{name}.parquet")
        others = {"others": lambda tested, other=other: opened(other, tmp_path, beside=tested)}
        with opened(location, tmp_path) as source:
            report = execute_rules(RULES, source, others=others, row_files=files)
        rows = [duckdb.sql(f"FROM '{path}'").fetchall() for path in (files.failed, files.passed)]
        found.append(([(each.status, each.failed, each.failed_rows) for each in report.outcomes], rows))
    assert found[0] == found[1] == found[2]


def test_rows_of_a_table_have_no_order_that_they_keep(tmp_path: Path) -> None:
    files = RowFiles(tmp_path / "failed")
    with (
        spark_source(LOAN_COLUMNS, LOANS) as source,
        pytest.raises(InvalidInputError, match=r"no order that its rows keep.*Check its files instead"),
    ):
        execute_rules([a_rule("id", "unique")], source, row_files=files)
    assert not (tmp_path / "failed").exists()
