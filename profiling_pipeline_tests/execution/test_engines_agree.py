"""The same rows give the same results wherever they live: all checks, and predicates of all kinds."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from profiling_pipeline.execution import samples
from profiling_pipeline.execution.report import ExecutionReport
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.outcome import RuleOutcome
from profiling_pipeline_tests.execution.engines import ENGINES, on_duckdb
from profiling_pipeline_tests.execution.every_check import ROWS, RULES


@pytest.fixture(scope="module")
def on_files(tmp_path_factory: pytest.TempPathFactory, server_url: str) -> ExecutionReport:
    """What DuckDB says of the rows in a file."""
    with on_duckdb(tmp_path_factory.mktemp("duckdb"), server_url) as source:
        return execute_rules(RULES, source, key_columns=["id"])


def comparable(outcome: RuleOutcome) -> RuleOutcome:
    """Return an outcome without times and row numbers, which tables have not, and figures as binary numbers allow."""
    rows = tuple({name: value for name, value in row.items() if name != "row"} for row in outcome.failed_rows)
    observed: Any = outcome.observed
    if observed is not None and outcome.rule.check not in {"min_between", "max_between"}:
        observed = pytest.approx(float(observed), nan_ok=True)
    return replace(outcome, elapsed_ms=0, failed_rows=rows, observed=observed)


def test_no_rule_is_in_error(on_files: ExecutionReport) -> None:
    assert [(outcome.rule.name, outcome.error) for outcome in on_files.outcomes if outcome.error] == []
    assert on_files.rows == len(ROWS)
    assert sum(math.isnan(row["f"] or 0) for row in ROWS) > 0


@pytest.mark.parametrize("engine", ENGINES)
def test_results_do_not_depend_on_where_the_data_live(
    engine: str, on_files: ExecutionReport, tmp_path: Path, server_url: str, request: pytest.FixtureRequest
) -> None:
    if engine == "spark":
        request.getfixturevalue("spark")
    with ENGINES[engine](tmp_path, server_url) as source:
        report = execute_rules(RULES, source, key_columns=["id"])
    different = [
        (expected, found)
        for expected, found in zip(map(comparable, on_files.outcomes), map(comparable, report.outcomes), strict=True)
        if expected != found
    ]
    assert different == []
    assert report.scores == on_files.scores


@pytest.mark.parametrize("engine", ENGINES)
def test_samples_of_very_many_failing_rows_do_not_depend_on_it_either(
    engine: str, tmp_path: Path, server_url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "spark":
        request.getfixturevalue("spark")
    monkeypatch.setattr(samples, "FEW_ROWS", 0)
    monkeypatch.setattr(samples, "MANY_ROWS", 0)
    rules = RULES[::5]
    with on_duckdb(tmp_path, server_url) as files, ENGINES[engine](tmp_path, server_url) as source:
        expected, found = (execute_rules(rules, each, key_columns=["id"]).outcomes for each in (files, source))
    assert [comparable(outcome) for outcome in found] == [comparable(outcome) for outcome in expected]
