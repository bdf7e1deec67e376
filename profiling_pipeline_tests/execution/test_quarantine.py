"""Failed and passed rows as files: all of them, each once, with the rules that they fail."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiling_pipeline.errors import InvalidInputError, SourceError
from profiling_pipeline.execution import quarantine
from profiling_pipeline.execution.quarantine import named, separate_rows
from profiling_pipeline.execution.row_files import RowFiles
from profiling_pipeline.execution.row_writer import RowFile
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.rules.binding import bind_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat, OpenSource
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline_tests.execution.data import (
    LOAN_COLUMNS,
    LOANS,
    a_rule,
    csv_source,
    duckdb_source,
    postgres_source,
)

RULES = [
    Rule(name="Balance", attribute="balance", check="greater_than_or_equal_to", parameters={"min_value": 0}),
    Rule(name="State", attribute="state", check="isin", parameters={"allowed_values": ["CA", "NY"]}),
    Rule(name="Key", attribute="id", check="unique"),
    Rule(name="Count", attribute="id", check="row_count_between", parameters={"min_value": 100}),
    Rule(
        name="Opened", attribute="opened", check="not_null", parameters={"where": "state = 'CA'", "min_pass_rate": 10}
    ),
]
FAILED = {1: ["Balance"], 2: ["Opened"], 3: ["State"], 4: ["Balance", "State", "Key"], 5: ["Key"]}  # by place in LOANS

Rows = list[dict[str, Any]]


@contextmanager
def parquet_source(folder: Path, table: pa.Table) -> Iterator[OpenSource]:
    path = folder / "loans.parquet"
    pq.write_table(table, path)
    with open_source(
        FileLocation(path), allowed_folders=None, memory_limit="500MB", spill_folder=folder / "spill"
    ) as source:
        yield source


def separated(source: OpenSource, folder: Path, rules: Sequence[Rule] = RULES) -> tuple[Rows, Rows]:
    """Return the failed and the passed rows as their files have them."""
    files = RowFiles(folder / "failed", folder / "passed.parquet", overwrite=True)
    written = execute_rules(rules, source, row_files=files).separated
    assert written is not None
    failed, passed = (pq.read_table(file).to_pylist() for file in (written.failed_file, written.passed_file))
    assert (len(failed), len(passed)) == (written.failed_rows, written.passed_rows)
    return failed, passed


def left_behind(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.part"))


def test_a_csv_file_keeps_its_text_and_tells_rows_by_their_number(tmp_path: Path) -> None:
    with csv_source(tmp_path, list(LOAN_COLUMNS), LOANS) as source:
        failed, passed = separated(source, tmp_path)

    assert [(row["source_row"] - 1, row["failed_rules"]) for row in failed] == list(FAILED.items())
    assert failed[0] == {
        "id": "2", "balance": "-5.50", "state": "NY", "opened": "2021-02-03", "ssn": "222-22-2222",
        "failed_rules": ["Balance"], "source_row": 2,
    }  # fmt: skip
    assert passed == [{"id": "1", "balance": "100.00", "state": "CA", "opened": "2020-01-01", "ssn": "111-11-1111"}]


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_tables_keep_their_types(tmp_path: Path, engine: str, server_url: str) -> None:
    opened: Callable[[], AbstractContextManager[OpenSource]] = {
        "duckdb": lambda: duckdb_source(LOAN_COLUMNS, LOANS),
        "postgres": lambda: postgres_source(server_url, LOAN_COLUMNS, LOANS),
    }[engine]
    with opened() as source:
        failed, passed = separated(source, tmp_path)

    assert {(row["id"], row["ssn"]): row["failed_rules"] for row in failed} == {
        (LOANS[place][0], LOANS[place][4]): rules for place, rules in FAILED.items()
    }
    assert passed == [
        {"id": 1, "balance": Decimal("100.00"), "state": "CA", "opened": date(2020, 1, 1), "ssn": "111-11-1111"}
    ]
    assert set(failed[0]) == {*LOAN_COLUMNS, "failed_rules"}


def test_a_value_that_does_not_read_as_its_type_is_kept_in_both_files(tmp_path: Path) -> None:
    rows = [("2020-01-31", "a"), ("2020-02-30", "a"), ("soon", "b"), ("", "a")]
    formats = {"opened": DeclaredFormat(ColumnKind.DATE)}

    with csv_source(tmp_path, ["opened", "s"], rows, formats) as source:
        by_date = separated(source, tmp_path, [a_rule("opened", "greater_than", min_value="2020-01-01")])
        by_text = separated(source, tmp_path, [a_rule("s", "equal_to", value="a")])

    assert [row["opened"] for row in by_date[0]] == ["2020-02-30", "soon"]
    assert [row["opened"] for row in by_date[1]] == ["2020-01-31", None]
    assert [row["opened"] for row in by_text[1]] == ["2020-01-31", "2020-02-30", None]


def test_a_parquet_file_keeps_types_of_every_kind(tmp_path: Path) -> None:
    table = pa.table({
        "n": pa.array([1, 2, -3], pa.int16()),
        "exact": pa.array([Decimal("1.50"), None, Decimal("0.01")], pa.decimal128(30, 2)),
        "at": pa.array([datetime(2024, 1, 1, 10, 0, 1), None, datetime(1, 1, 1)], pa.timestamp("us")),
        "parts": pa.array([[1, 2], [], None], pa.list_(pa.int64())),
        "raw": pa.array([b"\x00", b"", None], pa.binary()),
        "both": pa.array([{"a": 1}, {"a": None}, None], pa.struct([("a", pa.int32())])),
    })  # fmt: skip
    with parquet_source(tmp_path, table) as source:
        failed, passed = separated(source, tmp_path, [a_rule("n", "greater_than", min_value=0)])
        schema = pq.read_schema(tmp_path / "passed.parquet")

    assert passed == table.slice(0, 2).to_pylist()
    assert failed == [
        table.slice(2, 1).to_pylist()[0] | {"failed_rules": ["n greater_than min_value=0"], "source_row": 3}
    ]
    assert [field.type for field in schema][:4] == [field.type for field in table.schema][:4]


def test_what_only_postgresql_can_say_is_kept_as_its_text(tmp_path: Path, server_url: str) -> None:
    columns = {"id": "integer", "day": "date", "other": "date", "n": "numeric", "kind": "uuid", "at": "timestamptz"}
    long = "123456789012345678901234567890.123456789012345678901"
    uuid = "00000000-0000-0000-0000-000000000001"
    rows = [(1, "infinity", "2024-01-31", long, uuid, "2024-01-31 10:00:00+00"), (2, None, None, None, None, None)]

    with postgres_source(server_url, columns, rows) as source:
        failed, passed = separated(source, tmp_path, [a_rule("id", "less_than", max_value=2)])

    assert passed == [
        {
            "id": 1,
            "day": "infinity",
            "other": date(2024, 1, 31),
            "n": long,
            "kind": uuid,
            "at": datetime(2024, 1, 31, 10),
        }
    ]
    assert failed == [dict.fromkeys(columns) | {"id": 2, "failed_rules": ["id less_than max_value=2"]}]


GROUPS = [
    a_rule("n", "unique"),
    a_rule("n", "unique", **{"with": ["s"]}),
    a_rule("s", "functional_dependency", determines="n"),
    a_rule("s", "functional_dependency", determines="n", majority=False),
    a_rule("n", "monotonic", direction="increasing", order_by="k"),
    a_rule("n", "zscore_below", max_zscore=2),
    a_rule("n", "iqr_outlier"),
    a_rule("n", "iqr_outlier", where="s <> 'a'"),
]


@pytest.mark.parametrize("engine", ["csv", "duckdb", "postgres"])
def test_rows_that_fail_in_the_light_of_others_are_shown_and_parted(
    tmp_path: Path, engine: str, server_url: str
) -> None:
    columns = {"k": "integer", "n": "integer", "s": "text"}
    rows = [(number, 900 if number == 7 else number // 4, "abc"[number % 3]) for number in range(30)]
    opened: Callable[[], AbstractContextManager[OpenSource]] = {
        "csv": lambda: csv_source(tmp_path, list(columns), rows),
        "duckdb": lambda: duckdb_source(columns, rows),
        "postgres": lambda: postgres_source(server_url, columns, rows),
    }[engine]
    with opened() as source:
        outcomes = execute_rules(GROUPS, source, key_columns=["k"]).outcomes
        failed, _ = separated(source, tmp_path, GROUPS)

    assert {outcome.error for outcome in outcomes} == {None}
    for outcome in outcomes:
        listed = [int(row["k"]) for row in failed if outcome.rule.name in row["failed_rules"]]
        assert len(listed) == outcome.failed > 0, outcome.rule.name
        shown = [row["k"] for row in outcome.failed_rows]
        assert shown == sorted(listed)[:20], outcome.rule.name
        values = Counter(row[outcome.rule.attribute] for row in failed if outcome.rule.name in row["failed_rules"])
        counts = [count for _, count in values.most_common(10)]
        assert [each["count"] for each in outcome.frequent_values] == counts, outcome.rule.name


def test_hundreds_of_rules_of_rows_and_groups(tmp_path: Path) -> None:
    rows = [(number, number % 7) for number in range(200)]
    rules = [a_rule("n", "not_equal_to", value=number) for number in range(150)]
    rules[70:70] = [a_rule("m", "unique", where=f"n < {number}") for number in (8, 80)]

    with duckdb_source({"n": "integer", "m": "integer"}, rows) as source:
        report = execute_rules(rules, source, row_files=RowFiles(tmp_path / "failed", tmp_path / "passed.parquet"))

    failed = pq.read_table(tmp_path / "failed" / "failed_rows.parquet").to_pylist()
    counted = {outcome.rule.name: outcome.failed for outcome in report.outcomes if outcome.failed}
    named = [name for row in failed for name in row["failed_rules"]]
    assert {name: named.count(name) for name in set(named)} == counted
    assert len(counted) > 124
    assert report.separated is not None
    assert (report.separated.failed_rows, report.separated.passed_rows) == (150, 50)


def test_rules_of_the_same_name_are_told_apart_by_their_attribute(tmp_path: Path) -> None:
    rules = [Rule(name="Present", attribute=name, check="not_null") for name in ("a", "b")]

    with duckdb_source({"a": "integer", "b": "integer"}, [(None, None), (1, None)]) as source:
        failed, _ = separated(source, tmp_path, rules)

    assert [row["failed_rules"] for row in failed] == [["Present (a)", "Present (b)"], ["Present (b)"]]


def test_rows_that_were_separated_before_can_be_separated_again(tmp_path: Path) -> None:
    columns = {"n": "integer", "failed_rules": "text", "Source_Row": "integer"}

    with csv_source(tmp_path, list(columns), [(1, "n", 7), (-1, "n", 8)]) as source:
        failed, _ = separated(source, tmp_path, [a_rule("n", "greater_than", min_value=0)])

    assert failed == [{
        "n": "-1", "failed_rules": "n", "Source_Row": "8",
        "failed_rules_2": ["n greater_than min_value=0"], "source_row_2": 2,
    }]  # fmt: skip


def test_with_nothing_to_separate_both_files_are_there(tmp_path: Path) -> None:
    with duckdb_source({"n": "integer"}, [(1,)]) as source:
        assert separated(source, tmp_path, [a_rule("n", "not_null")]) == ([], [{"n": 1}])
        assert separated(source, tmp_path, []) == ([], [{"n": 1}])
        assert separated(source, tmp_path, [a_rule("n", "greater_than", min_value=1)])[1] == []
    assert pq.read_schema(tmp_path / "failed" / "failed_rows.parquet").names == ["n", "failed_rules"]


@pytest.mark.parametrize("broken", [a_rule("missing", "not_null"), a_rule("state", "less_than", max_value=1)])
def test_with_a_rule_in_error_nothing_is_written(tmp_path: Path, broken: Rule) -> None:
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        report = execute_rules([*RULES, broken], source, row_files=RowFiles(tmp_path / "failed", tmp_path / "passed"))

    assert report.status == "error"
    assert report.separated is None
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_write_leaves_files_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = RowFiles(tmp_path / "new" / "failed", tmp_path / "passed.parquet", overwrite=True)
    (tmp_path / "passed.parquet").write_text("yesterday's")

    def interrupted(self: RowFile, batch: pa.RecordBatch) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(RowFile, "write", interrupted)
    with duckdb_source(LOAN_COLUMNS, LOANS) as source, pytest.raises(KeyboardInterrupt):
        execute_rules(RULES, source, row_files=files)

    assert (tmp_path / "passed.parquet").read_text() == "yesterday's"
    assert [path.name for path in tmp_path.iterdir()] == ["passed.parquet"]


def test_what_cannot_be_written_leaves_no_folders(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files = RowFiles(tmp_path / "new" / "failed", tmp_path / "file" / "passed.parquet")
    with duckdb_source(LOAN_COLUMNS, LOANS) as source, pytest.raises(InvalidInputError, match="cannot be written"):
        execute_rules(RULES, source, row_files=files)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: RowFile) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RowFile, "finish", full)
    with (
        duckdb_source(LOAN_COLUMNS, LOANS) as source,
        pytest.raises(InvalidInputError, match="cannot be written: No space left on device"),
    ):
        execute_rules(RULES, source, row_files=RowFiles(None, tmp_path / "passed.parquet"))

    assert list(tmp_path.iterdir()) == []


def test_rows_that_differ_from_those_counted_are_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "_whole", lambda number: quarantine.ibis.literal(0, "int64"))

    with duckdb_source(LOAN_COLUMNS, LOANS) as source, pytest.raises(SourceError, match="changed while it was read"):
        execute_rules(RULES, source, row_files=RowFiles(tmp_path / "failed"))

    assert not (tmp_path / "failed").exists()


def test_an_engine_that_keeps_no_order_is_asked_for_no_rows_of_groups(tmp_path: Path) -> None:
    files = RowFiles(None, tmp_path / "passed.parquet")
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        key = bind_rule(RULES[2], source.table, source.columns)
        with pytest.raises(InvalidInputError, match="no order that its rows keep"):
            separate_rows(named([(key, 2)]), replace(source, engine="pyspark"), len(LOANS), files)

    assert list(tmp_path.iterdir()) == []


def test_targets_that_would_harm_are_refused(tmp_path: Path) -> None:
    data, folder, other = tmp_path / "data.csv", tmp_path / "folder", tmp_path / "other"
    data.write_text("n\n1\n")
    folder.mkdir()
    (folder / "failed_rows.parquet").write_text("yesterday's")

    for files, read, words in [
        (RowFiles(folder), data, "exists already"),
        (RowFiles(None, folder), data, "is a folder"),
        (RowFiles(data), data, "is a file"),
        (RowFiles(None, data, overwrite=True), data, "belongs to the data"),
        (RowFiles(None, folder / "clean.parquet"), folder, "belongs to the data"),
        (
            RowFiles(None, tmp_path / "2024-02.parquet", overwrite=True),
            tmp_path / "2024-*.parquet",
            "belongs to the data",
        ),
        (RowFiles(folder, overwrite=True), tmp_path / "**" / "*.parquet", "belongs to the data"),
        (RowFiles(other, other / "failed_rows.parquet"), data, "lies where the failed rows go"),
        (RowFiles(None, tmp_path / "clean.csv"), data, r"clean\.csv would be a Parquet file"),
    ]:
        with pytest.raises(InvalidInputError, match=words):
            files.require_free(read)
    RowFiles(folder, tmp_path / "other.pq", overwrite=True).require_free(data)
    RowFiles(folder, tmp_path / "clean.parquet", overwrite=True).require_free(tmp_path / "2024-*.parquet")
    RowFiles(folder, overwrite=True).require_free(tmp_path / "*.parquet")


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.tuples(st.none() | st.integers(-3, 3), st.none() | st.sampled_from(["a", "b", ""])), min_size=1, max_size=12
    )
)
def test_failed_and_passed_rows_are_all_rows_and_each_is_listed_by_every_rule_that_it_fails(
    rows: list[tuple[int | None, str | None]], tmp_path: Path
) -> None:
    rules = [
        a_rule("n", "greater_than", min_value=0),
        a_rule("n", "not_null"),
        a_rule("n", "unique", where="s = 'a'"),
        a_rule("n", "functional_dependency", determines="s"),
        a_rule("s", "expression", predicate="n > 1 OR s = 'b'"),
    ]
    with duckdb_source({"n": "integer", "s": "text"}, rows) as source:
        report = execute_rules(rules, source)
        failed, passed = separated(source, tmp_path, rules)

    everything = [(row["n"], row["s"]) for row in [*failed, *passed]]
    assert sorted(everything, key=repr) == sorted(rows, key=repr)
    assert all(row["failed_rules"] for row in failed)
    for outcome in report.outcomes:
        assert sum(outcome.rule.name in row["failed_rules"] for row in failed) == outcome.failed
    assert left_behind(tmp_path) == []
