"""Columns without any value, and files without rows: nothing to test is no error, on whatever engine."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from profiling_pipeline.execution.row_files import RowFiles
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.outcome import ExecutionStatus
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.location import LOCAL, FileLocation, Location, SparkFiles
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline_tests.execution.data import a_rule

RULES = (
    a_rule("amount", "in_range", min_value=0, max_value=10),
    a_rule("amount", "mean_between", min_value=0),
    a_rule("amount", "unique"),
    a_rule("closed", "not_in_future"),
    a_rule("closed", "greater_than", min_value="2020-01-01"),
    a_rule("id", "expression", predicate="amount > 5 OR id > 1"),
    a_rule("id", "not_null", where="closed > DATE '2020-01-01'"),
    a_rule("note", "str_length", max_value=3),
    a_rule("note", "not_null"),
)


def opened(location: Location, folder: Path) -> OpenSource:
    return open_source(location, allowed_folders=None, memory_limit="600MB", spill_folder=folder / "spill")


def came_to(source: OpenSource, *rules: Rule) -> list[tuple[str, int, int]]:
    with source:
        found = execute_rules(rules, source).outcomes
    assert not [outcome.error for outcome in found if outcome.status is ExecutionStatus.ERROR]
    return [(outcome.status.value, outcome.failed, outcome.skipped) for outcome in found]


COUNTS = (a_rule("id", "row_count_between", min_value=1), a_rule("id", "row_count_between", max_value=0))
OF_NO_ROWS = [("failed", 1, 0), ("passed", 0, 0)]
SKIPPED = ("skipped", 0, 2)
ALL_MISSING = [
    SKIPPED, ("skipped", 0, 1), SKIPPED, SKIPPED, SKIPPED,
    ("passed", 0, 1), SKIPPED, SKIPPED, ("failed", 2, 0),
]  # fmt: skip


def test_a_column_without_a_value_skips_whatever_type_a_rule_expects(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,amount,closed,note\n1,,,\n2,,,\n")
    assert came_to(opened(FileLocation(tmp_path / "a.csv"), tmp_path), *RULES) == ALL_MISSING


@pytest.mark.parametrize("text", ["id,amount,closed,note\n", "id,amount,closed,note"])
def test_a_file_without_rows_is_tested_like_an_empty_table(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    found = came_to(opened(FileLocation(tmp_path / "a.csv"), tmp_path), *RULES, *COUNTS)
    assert {status for status, _, _ in found[:-2]} == {"skipped"}
    assert found[-2:] == OF_NO_ROWS


@pytest.mark.usefixtures("spark")
def test_spark_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,amount,closed,note\n1,,,\n2,,,\n")
    (tmp_path / "none.csv").write_text("id,amount,closed,note\n")
    assert came_to(opened(SparkFiles(LOCAL, str(tmp_path / "a.csv")), tmp_path), *RULES) == ALL_MISSING
    assert came_to(opened(SparkFiles(LOCAL, str(tmp_path / "none.csv")), tmp_path), *RULES, *COUNTS)[-2:] == OF_NO_ROWS


MIXED = "id > 0 AND (amount > 5 OR closed > DATE '2020-01-01' OR LENGTH(note) > 3)"


@pytest.mark.parametrize("others", [(), (RULES[0],), (RULES[3],), (RULES[7],)])
def test_columns_of_several_kinds_may_all_be_without_a_value(tmp_path: Path, others: tuple[Rule, ...]) -> None:
    (tmp_path / "a.csv").write_text("id,amount,closed,note\n1,,,\n2,,,\n")
    mixed = a_rule("id", "expression", predicate=MIXED)
    assert came_to(opened(FileLocation(tmp_path / "a.csv"), tmp_path), mixed, *others)[0] == SKIPPED


def test_what_does_not_fit_a_column_with_values_stays_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name,empty\n1,ann,\n2,bob,\n")
    wrong = a_rule("name", "mean_between", min_value=0)
    with opened(FileLocation(tmp_path / "a.csv"), tmp_path) as source:
        named, empty, unknown = execute_rules(
            [wrong, a_rule("empty", "mean_between", min_value=0), a_rule("nothing", "not_null")], source
        ).outcomes
    assert (named.status, empty.status, unknown.status) == ("error", "skipped", "error")


def test_rows_are_parted_with_the_texts_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,amount\n1,\n2,\n")
    files = RowFiles(tmp_path / "failed", tmp_path / "clean.parquet")
    with opened(FileLocation(tmp_path / "a.csv"), tmp_path) as source:
        execute_rules([RULES[0], a_rule("id", "less_than", max_value=2)], source, row_files=files)
    assert pq.read_table(tmp_path / "clean.parquet").to_pylist() == [{"id": "1", "amount": None}]
    [failed] = pq.read_table(tmp_path / "failed" / "failed_rows.parquet").to_pylist()
    assert (failed["id"], failed["amount"]) == ("2", None)
