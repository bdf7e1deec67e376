"""Tables of DuckDB and SQLite files, and of servers that are named by a URL."""

import sqlite3
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pytest

from profiling_pipeline.errors import SourceError, SourceUnavailableError
from profiling_pipeline.sources.answers import answers, count_rows
from profiling_pipeline.sources.location import DatabaseLocation
from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat, OpenSource, text_of
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline_tests.sources.opened import rows_of, values_of


def opened(url: str, table: str, folder: Path, **options: Any) -> OpenSource:
    defaults = {"allowed_folders": None, "memory_limit": "500MB", "spill_folder": folder / "spill"}
    return open_source(DatabaseLocation(url, table), **(defaults | options))


@pytest.fixture
def duckdb_file(tmp_path: Path) -> Path:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE loans (id INTEGER, rate DOUBLE, day VARCHAR, key UUID)")
        connection.execute("INSERT INTO loans VALUES (1, 'nan', '20240131', uuid()), (2, 1.5, 'soon', NULL)")
        connection.execute("CREATE SCHEMA risk; CREATE VIEW risk.limits AS SELECT 1 AS id, 7 AS n")
        connection.execute("CREATE VIEW risk.rates AS SELECT id, rate FROM loans WHERE id = 2")
        connection.execute("CREATE TABLE gone AS SELECT 1; CREATE VIEW broken AS SELECT * FROM gone; DROP TABLE gone")
        connection.execute('CREATE TABLE reserved ("row number" INTEGER)')
    return path


def sqlite_file(folder: Path, declared: str, *rows: tuple[Any, ...]) -> Path:
    path = folder / "bank.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE loans ({declared})")
        connection.executemany(f"INSERT INTO loans VALUES ({', '.join('?' * len(rows[0]))})", rows)
    return path


def test_a_duckdb_table_is_read_with_its_types_and_texts_as_declared(duckdb_file: Path, tmp_path: Path) -> None:
    formats = {"day": DeclaredFormat(ColumnKind.DATE, date_format="%Y%m%d")}
    with opened(f"duckdb://{duckdb_file}", "loans", tmp_path, formats=formats) as source:
        assert source.columns == ("id", "rate", "day", "key")
        assert rows_of(source, "id", "rate", "day") == [(1, None, date(2024, 1, 31)), (2, 1.5, None)]
        assert source.table.key.type().is_string()
        with pytest.raises(duckdb.Error):
            source.connection.con.execute("DROP TABLE source.loans")


def test_views_and_other_schemas(duckdb_file: Path, tmp_path: Path) -> None:
    with opened(f"duckdb://{duckdb_file}", "risk.limits", tmp_path) as source:
        assert values_of(source, "n") == [7]
    with opened(f"duckdb://{duckdb_file}", "risk.rates", tmp_path) as source:
        assert values_of(source, "rate") == [1.5], "a view that names a table of the main schema alone"
    with pytest.raises(SourceError, match=r"broken of bank.duckdb cannot be read: .*gone.* Check the table or view"):
        opened(f"duckdb://{duckdb_file}", "broken", tmp_path)


@pytest.mark.parametrize("url", ["duckdb://bank.duckdb", "duckdb:///bank.duckdb"])
def test_a_relative_file_is_found_in_the_upload_folders(duckdb_file: Path, tmp_path: Path, url: str) -> None:
    with opened(url, "loans", tmp_path, allowed_folders=[duckdb_file.parent]) as source:
        assert values_of(source, "id") == [1, 2]
    with pytest.raises(SourceError, match=r"There is no file nope.duckdb"):
        opened(f"{url.rpartition('/')[0]}/nope.duckdb", "loans", tmp_path, allowed_folders=[duckdb_file.parent])


@pytest.mark.parametrize("slashes", ["//", "///"])
def test_no_other_folder_is_read(duckdb_file: Path, tmp_path: Path, slashes: str) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    with pytest.raises(SourceError, match=r"outside"):
        opened(f"duckdb:{slashes}{duckdb_file}", "loans", tmp_path, allowed_folders=[uploads])


def test_sqlite_values_get_the_types_that_they_have(tmp_path: Path) -> None:
    path = sqlite_file(
        tmp_path,
        "id INTEGER, amount DECIMAL(12, 2), rate REAL, day DATE, at DATETIME, ok BOOLEAN, any, mixed INTEGER, raw BLOB",
        (1, 10.1, 0.5, "2024-01-31", "2024-01-31 10:00:00", 1, 5, 7, b"\x01"),
        (2, 3, 2, "2024-02-31", None, 0, 6, "seven", None),
    )
    with opened(f"sqlite://{path}", "loans", tmp_path) as source:
        assert rows_of(source, "id", "amount", "rate", "ok", "any") == [
            (1, Decimal("10.1"), 0.5, True, 5),
            (2, Decimal("3.0"), 2.0, False, 6),
        ]
        assert rows_of(source, "day", "at", "mixed") == [
            (date(2024, 1, 31), datetime(2024, 1, 31, 10), 7),
            (None, None, None),
        ]
        texts = source.table.select(source.table.id, d=text_of(source.table, "day"), m=text_of(source.table, "mixed"))
        assert answers(source.connection, texts.order_by("id")) == [
            {"id": 1, "d": "2024-01-31", "m": "7"},
            {"id": 2, "d": "2024-02-31", "m": "seven"},
        ]


def test_a_sqlite_table_of_no_rows_and_odd_names(tmp_path: Path) -> None:
    path = tmp_path / "bank.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("""CREATE TABLE "lo""ans; x" ("a ""b" INTEGER, "ü" TEXT)""")
    with opened(f"sqlite://{path}", 'lo"ans; x', tmp_path) as source:
        assert source.columns == ('a "b', "ü")
        assert count_rows(source.connection, source.table) == 0


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_what_cannot_be_read_is_named(duckdb_file: Path, tmp_path: Path, kind: str) -> None:
    text = tmp_path / "notes.db"
    text.write_text("no database " * 100)
    file = duckdb_file if kind == "duckdb" else sqlite_file(tmp_path, "id INTEGER", (1,))
    for path, table, said in (
        (file, "laons", f"There is no table laons in {file.name}. Did you mean loans?"),
        (text, "loans", "notes.db .*database"),
        (tmp_path / "gone.db", "loans", "There is no file .*gone.db"),
    ):
        with pytest.raises(SourceError, match=said) as refused:
            opened(f"{kind}://{path}", table, tmp_path)
        assert not refused.value.retryable


def test_a_name_with_another_meaning_is_refused(duckdb_file: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"column 'row number', a name with another meaning here. Use a view"):
        opened(f"duckdb://{duckdb_file}", "reserved", tmp_path)


def test_a_locked_file_may_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sqlite_file(tmp_path, "id INTEGER", (1,))
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, timeout=0))
        with pytest.raises(SourceUnavailableError, match=r"locked by another program. Try again later"):
            opened(f"sqlite://{path}", "loans", tmp_path)


def test_servers_that_are_unknown_or_lack_a_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match=r"kind 'foo' are not known. Use postgresql, .*mysql"):
        opened("foo://db/bank", "loans", tmp_path)

    def without_driver(url: str) -> None:
        raise ModuleNotFoundError("No module named 'MySQLdb'")

    monkeypatch.setattr(ibis, "connect", without_driver)
    with pytest.raises(SourceError, match=r"mysql is not installed. Install it: pip install 'ibis-framework\[mysql\]'"):
        opened("mysql://db/bank", "loans", tmp_path)


def test_a_server_that_refuses_says_so_without_the_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(url: str) -> None:
        raise ConnectionError(f"access denied for {url}")

    monkeypatch.setattr(ibis, "connect", refused)
    location = DatabaseLocation("mysql://me@db/bank", "loans", "hunter2")
    with pytest.raises(
        SourceUnavailableError, match=r"does not answer: access denied.*password, then try again"
    ) as said:
        open_source(location, allowed_folders=None, memory_limit="500MB", spill_folder=tmp_path)
    assert "hunter2" not in str(said.value)
    assert said.value.retryable
