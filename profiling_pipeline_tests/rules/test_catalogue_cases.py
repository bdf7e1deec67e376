"""Every check of the catalogue on every engine: the counts worked out by hand, and tables with nothing in them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline_tests.execution.data import duckdb_source, postgres_source
from profiling_pipeline_tests.rules.catalogue_cases import CASES, COLUMNS, LEDGER_COLUMNS, LEDGER_ROWS, ROWS

Rows = Sequence[tuple[Any, ...]]
Opened = Callable[[Rows], AbstractContextManager[OpenSource]]


@pytest.fixture(params=["duckdb", "postgres"])
def opened(request: pytest.FixtureRequest, server_url: str) -> Opened:
    """Opens rows as a source on one of the engines."""
    if request.param == "duckdb":
        return lambda rows: duckdb_source(COLUMNS, rows)
    return lambda rows: postgres_source(server_url, COLUMNS, rows)


@contextmanager
def outcomes_on(opened: Opened, rows: Rows) -> Iterator[Sequence[RuleOutcome]]:
    ledger = duckdb_source(LEDGER_COLUMNS, LEDGER_ROWS)
    with opened(rows) as source:
        yield execute_rules(
            [case.rule for case in CASES], source, others={"ledger": lambda _: ledger.__enter__()}
        ).outcomes


def test_every_check_has_a_case() -> None:
    assert {case.check for case in CASES} == set(CATALOGUE)


def test_counts(opened: Opened) -> None:
    with outcomes_on(opened, ROWS) as outcomes:
        for case, outcome in zip(CASES, outcomes, strict=True):
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
