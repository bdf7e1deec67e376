"""Opening tables and views of PostgreSQL."""

import math
from datetime import date, datetime
from decimal import Decimal

import psycopg
import pytest

from profiling_pipeline.errors import SourceError, SourceUnavailableError
from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, DeclaredFormat, kind_of
from profiling_pipeline_tests.sources.opened import Tables, rows_of, values_of


@pytest.fixture(scope="module", autouse=True)
def _loans(tables: Tables) -> None:
    tables.run("CREATE TABLE loans (id integer, amount numeric(10, 2), opened text)")
    tables.run("INSERT INTO loans VALUES (1, 2.50, '20240131'), (2, NULL, '20240230')")


def test_a_table_is_read_with_its_own_types_and_texts_as_declared(tables: Tables) -> None:
    formats = {"opened": DeclaredFormat(ColumnKind.DATE, date_format="%Y%m%d")}
    with tables.open("loans", formats=formats) as source:
        assert source.columns == ("id", "amount", "opened")
        assert rows_of(source, "id", "amount", "opened") == [(1, Decimal("2.50"), date(2024, 1, 31)), (2, None, None)]
        assert values_of(source, f"opened{TEXT_SUFFIX}") == ["20240131", "20240230"]
        assert (source.engine, source.has_row_numbers) == ("postgres", False)


@pytest.mark.parametrize("kind", ["VIEW", "MATERIALIZED VIEW"])
def test_views_are_read_like_tables(tables: Tables, kind: str) -> None:
    tables.run(f"CREATE {kind} some_view AS SELECT id, amount FROM loans")
    with tables.open("some_view") as source:
        assert rows_of(source, "id", "amount") == [(1, Decimal("2.50")), (2, None)]
    tables.run(f"DROP {kind} some_view")


def test_names_need_no_particular_letters(tables: Tables) -> None:
    tables.run('CREATE TABLE "Odd; Name" (id integer, "a ""b""" integer)')
    tables.run('INSERT INTO "Odd; Name" VALUES (1, 7)')
    with tables.open("Odd; Name") as source:
        assert values_of(source, 'a "b"') == [7]


def test_types_that_rules_do_not_know_are_read_as_text(tables: Tables) -> None:
    tables.run("CREATE TYPE mood AS ENUM ('sad', 'glad')")
    tables.run("CREATE DOMAIN positive AS numeric(8, 2) CHECK (value > 0)")
    tables.run(
        "CREATE TABLE kinds (id integer, m mood, p positive, u uuid, j jsonb, o json, a integer[], i inet, t time,"
        " d interval, b bytea, g point, c char(5), x money, v varchar(9), z timestamptz)"
    )
    tables.run(
        "INSERT INTO kinds VALUES (1, 'glad', 2.5, '6f9619ff-8b86-d011-b42d-00c04fc964ff', '{\"a\": 1}', '[]', '{1,2}',"
        " '10.0.0.1', '10:30', '2 days', '\\x01', '(1,2)', 'ab', 3.5, 'v', '2024-01-01 10:00+02')"
    )
    texts = {
        "m": "glad",
        "u": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "j": '{"a": 1}',
        "o": "[]",
        "a": "{1,2}",
        "i": "10.0.0.1/32",
        "t": "10:30:00",
        "d": "2 days",
        "b": "\\x01",
        "g": "(1,2)",
        "c": "ab",
        "v": "v",
    }
    with tables.open("kinds") as source:
        assert dict(zip(texts, rows_of(source, *texts)[0], strict=True)) == texts
        assert all(kind_of(source.table[name].type()) is ColumnKind.TEXT for name in texts)
        assert rows_of(source, "p", "x", "z") == [(Decimal("2.50"), Decimal("3.50"), datetime(2024, 1, 1, 8))]
        assert kind_of(source.table.p.type()) is ColumnKind.NUMBER


def test_nan_is_missing_infinity_a_value_and_endless_dates_unreadable(tables: Tables) -> None:
    tables.run("CREATE TABLE extremes (id integer, f double precision, n numeric, d date, t timestamp)")
    tables.run(
        "INSERT INTO extremes VALUES (1, 'NaN', 'NaN', 'infinity', '-infinity'),"
        " (2, 'Infinity', 1, '0044-03-15 BC', NULL),"
        " (3, 1, 2, '9999-12-31', '9999-12-31 23:59:59.999999')"
    )
    with tables.open("extremes") as source:
        assert rows_of(source, "f", "n") == [(None, None), (math.inf, 1), (1.0, 2)]
        assert values_of(source, "d") == [None, None, date(9999, 12, 31)]
        assert values_of(source, f"d{TEXT_SUFFIX}") == ["infinity", "0044-03-15 BC", "9999-12-31"]
        assert values_of(source, "t") == [None, None, datetime.max]
        assert values_of(source, f"t{TEXT_SUFFIX}")[:2] == ["-infinity", None]


def test_all_reads_are_of_one_snapshot_and_nothing_can_be_written(tables: Tables) -> None:
    tables.run("CREATE TABLE busy AS SELECT generate_series(1, 10) AS id")
    with tables.open("busy") as source:
        tables.run("INSERT INTO busy VALUES (11)")
        counts = [source.table.count().to_pyarrow().as_py() for _ in range(2)]
        assert [*counts, len(values_of(source, "id"))] == [10, 10, 10]
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            source.connection.con.execute("DELETE FROM busy")
    with tables.open("busy") as source:
        assert source.table.count().to_pyarrow().as_py() == 11


def test_an_empty_table_opens(tables: Tables) -> None:
    tables.run("CREATE TABLE vacant (id integer, t text)")
    with tables.open("vacant", formats={"t": DeclaredFormat(ColumnKind.NUMBER)}) as source:
        assert rows_of(source, "id", "t") == []


def test_tables_that_cannot_be_read(tables: Tables) -> None:
    tables.run('CREATE TABLE bare (); CREATE TABLE reserved (id integer, "a (As Text)" text)')
    tables.run("CREATE ROLE reader LOGIN")
    tables.run(f'GRANT USAGE ON SCHEMA "{tables.schema}" TO reader')
    for table, changes, said in (
        ("laons", {}, "no table .*laons.*Did you mean loans"),
        ("zzz", {}, "no table .*Check schema and table"),
        ("loans", {"schema": "nowhere"}, "no table nowhere.loans"),
        ("bare", {}, "has no columns"),
        ("reserved", {}, r"column 'a \(As Text\)', a name with another meaning"),
        ("loans", {"username": "reader"}, "cannot be read: permission denied.*this user may select"),
    ):
        with pytest.raises(SourceError, match=said) as refused:
            tables.open(table, **changes)
        assert not refused.value.retryable
    tables.run(f'REVOKE ALL ON SCHEMA "{tables.schema}" FROM reader')
    tables.run("DROP ROLE reader")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"port": 1}, "at .*:1 does not answer"),
        ({"host": "no-such-host.invalid"}, "at no-such-host.invalid:.* does not answer"),
        ({"database": "nowhere"}, "database nowhere at .* does not answer: .*does not exist"),
        ({"username": "nobody", "password": "hunter2"}, "does not answer"),
    ],
)
def test_an_unreachable_database_is_named_and_may_be_tried_again(
    tables: Tables, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(SourceUnavailableError, match=said) as refused:
        tables.open("loans", **changes)
    assert refused.value.retryable
    assert "hunter2" not in str(refused.value)
    assert "try again" in str(refused.value)


def test_closing_ends_the_connection(tables: Tables) -> None:
    source = tables.open("loans")
    source.close()
    source.close()
    assert source.connection.con.closed


def test_the_fingerprint_names_the_table_and_its_columns(tables: Tables) -> None:
    with tables.open("loans", password="hunter2") as source:
        assert source.fingerprint["columns"] == {"id": "int32", "amount": "decimal(10, 2)", "opened": "string"}
        assert source.fingerprint["table"].startswith(f"{tables.schema}.loans in ")
        assert "hunter2" not in repr(source) + repr(tables.location("loans", password="hunter2"))
