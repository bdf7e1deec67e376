from pathlib import Path

import pytest

from profiling_pipeline.execution import observing
from profiling_pipeline.execution.observing import observe_columns
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.observation import ColumnFigures
from profiling_pipeline_tests.execution.data import LOAN_COLUMNS, LOANS, csv_source, duckdb_source, postgres_source

HALF_EMPTY = [(number, number % 100 if number % 2 else None, "CA") for number in range(1, 5001)]
COLUMNS = {"id": "bigint", "balance": "bigint", "state": "text"}


def test_tables_of_both_engines_are_seen_alike(server_url: str) -> None:
    with duckdb_source(LOAN_COLUMNS, LOANS) as one, postgres_source(server_url, LOAN_COLUMNS, LOANS) as other:
        found, again = observe_columns(one, 6), observe_columns(other, 6)
    assert found == again
    assert found["balance"].null_rate == pytest.approx(100 / 6)
    assert found["balance"].mean == pytest.approx(83.45)
    assert found["id"].distinct_ratio == pytest.approx(5 / 6)
    assert (found["opened"].mean, found["state"].deviation) == (None, None)


def test_a_large_file_is_sampled_in_blocks_but_its_missing_values_are_all_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observing, "SAMPLE_ROWS", 500)
    rows = [*HALF_EMPTY[:4990], *((number, None, None) for number in range(10))]
    with csv_source(tmp_path, list(COLUMNS), rows) as source:
        found = observe_columns(source, len(rows))
        assert found == observe_columns(source, len(rows)), "the same file gives the same figures"
    assert found["state"].null_rate == 0.2
    assert found["balance"].null_rate == pytest.approx(50.1)
    assert found["balance"].mean == pytest.approx(50, abs=1)
    assert found["id"].mean == pytest.approx(2500, abs=5), "blocks are spread evenly"
    assert found["balance"].distinct_ratio == pytest.approx(50 / 250, abs=0.03)


def test_a_large_table_is_sampled_at_random(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observing, "SAMPLE_ROWS", 1000)
    with postgres_source(server_url, COLUMNS, HALF_EMPTY) as source:
        found = observe_columns(source, len(HALF_EMPTY))
    assert found["balance"].null_rate == 50
    assert found["balance"].mean == pytest.approx(50, abs=8)
    assert found["balance"].mean != 50


def test_what_cannot_be_asked_of_a_column_leaves_the_others(server_url: str) -> None:
    columns = {"id": "bigint", "details": "json", "huge": "double precision"}
    rows = [(1, '{"a": 1}', 1e308), (2, None, 1e308)]
    with postgres_source(server_url, columns, rows) as source:
        found = observe_columns(source, 2)
    assert found["details"] == ColumnFigures(null_rate=50, distinct_ratio=1)
    assert found["huge"].mean is None, "the sum overflows on PostgreSQL"
    assert found["id"].mean == 1.5


def test_more_columns_than_one_query_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observing, "COLUMNS_AT_ONCE", 2)
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        assert set(observe_columns(source, 6)) == set(LOAN_COLUMNS)


def test_infinite_numbers_have_no_mean_and_an_empty_source_no_figures() -> None:
    with duckdb_source({"number": "double"}, [(float("inf"),), (1.0,)]) as source:
        assert observe_columns(source, 2)["number"].mean is None
    with duckdb_source(COLUMNS, []) as source:
        report = execute_rules([], source, observes_columns=True)
    assert report.columns == {name: ColumnFigures() for name in COLUMNS}
