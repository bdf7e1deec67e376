"""Every check of the catalogue on every engine: the counts worked out by hand, and tables with nothing in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline_tests.execution.data import duckdb_source, postgres_source, spark_source
from profiling_pipeline_tests.rules.catalogue_cases import CASES, COLUMNS, LEDGER_COLUMNS, LEDGER_ROWS, ROWS

Rows = Sequence[tuple[Any, ...]]
Opened = Callable[[Rows], AbstractContextManager[OpenSource]]


def opened_on_duckdb(rows: Rows) -> AbstractContextManager[OpenSource]:
    return duckdb_source(COLUMNS, rows)


@pytest.fixture(params=["duckdb", "postgres", "spark"])
def opened(request: pytest.FixtureRequest, server_url: str) -> Opened:
    """Opens rows as a source on one of the engines."""
    if request.param == "duckdb":
        return opened_on_duckdb
    if request.param == "postgres":
        return lambda rows: postgres_source(server_url, COLUMNS, rows)
    request.getfixturevalue("spark")
    return lambda rows: spark_source(COLUMNS, rows)


@contextmanager
def outcomes_on(opened: Opened, rows: Rows) -> Iterator[Sequence[RuleOutcome]]:
    ledger = duckdb_source(LEDGER_COLUMNS, LEDGER_ROWS)
    with opened(rows) as source:
        others = {"ledger": lambda _: ledger.__enter__()}
        yield execute_rules([case.rule for case in CASES], source, key_columns=["id"], others=others).outcomes


@pytest.fixture(scope="module")
def expected() -> Sequence[RuleOutcome]:
    """What DuckDB says of the rows."""
    with outcomes_on(opened_on_duckdb, ROWS) as outcomes:
        return outcomes


def shown(rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return rows as people see them: an exact number may come as a whole one."""
    return [{name: json_value(value) for name, value in row.items()} for row in rows]


def shown_without_key(rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    return sorted(({**row, "id": None} for row in shown(rows)), key=repr)


def test_every_check_has_a_case() -> None:
    assert {case.check for case in CASES} == set(CATALOGUE)


def test_counts(opened: Opened, expected: Sequence[RuleOutcome]) -> None:
    with outcomes_on(opened, ROWS) as outcomes:
        for case, outcome, elsewhere in zip(CASES, outcomes, expected, strict=True):
            assert outcome.status is elsewhere.status, case.rule.name
            # Tables of databases have no order: there any row may be the first of those that are alike.
            is_open_which = case.rule.parameters.get("first_passes") and opened is not opened_on_duckdb
            show = shown_without_key if is_open_which else shown
            assert show(outcome.failed_rows) == show(elsewhere.failed_rows), case.rule.name
            assert shown(outcome.frequent_values) == shown(elsewhere.frequent_values), case.rule.name
            assert outcome.error is None, case.rule.name
            assert (outcome.tested, outcome.failed) == (case.tested, case.failed), case.rule.name
            assert outcome.passed == case.tested - case.failed
            if case.observed is None:
                assert outcome.skipped == len(ROWS) - case.tested
                assert len(outcome.failed_rows) == case.failed, case.rule.name
            else:
                observed = json_value(outcome.observed)
                expected = pytest.approx(case.observed) if isinstance(case.observed, float) else case.observed
                assert observed == expected, case.rule.name


@pytest.mark.parametrize("rows", [(), ((None,) * len(COLUMNS),) * 3], ids=["no row", "no value"])
def test_nothing_to_test_is_no_error(opened: Opened, rows: Rows) -> None:
    with outcomes_on(opened, rows) as outcomes:
        for outcome in outcomes:
            assert outcome.status is not ExecutionStatus.ERROR, f"{outcome.rule.name}: {outcome.error}"
            tests_whole = outcome.tested + outcome.skipped == 1 and outcome.observed is not None
            is_skipped_whole = outcome.skipped == 1 and outcome.error is not None
            assert tests_whole or is_skipped_whole or outcome.tested + outcome.skipped == len(rows)
            assert outcome.passed + outcome.failed == outcome.tested
