from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import make_url

from profiling_pipeline.errors import SourceUnavailableError
from profiling_pipeline.execution import runner
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.outcome import ExecutionStatus
from profiling_pipeline.rules.binding import BoundRule, bind_rule
from profiling_pipeline.rules.checks.base import FigureCheck, RowCheck
from profiling_pipeline.rules.checks.completeness import NotNull
from profiling_pipeline.rules.checks.uniqueness import Unique
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline.sources.others import OtherSources
from profiling_pipeline_tests.execution.data import LOAN_COLUMNS, LOANS, a_rule, duckdb_source, postgres_source

GOOD = [
    a_rule("state", "isin", allowed_values=["CA", "NY"]),
    a_rule("id", "unique"),
    a_rule("balance", "mean_between", min_value=0),
]
BROKEN_WHEN_RUN = "broken when run"
BROKEN_WHEN_BUILT = "broken when built"
BROKEN_GROUPS = "broken groups"


class FailsWhenRun(NotNull):
    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        return value.cast("string").cast("int64") > 0


class FailsWhenBuilt(NotNull):
    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        raise RecursionError("too deep")


class FailsInGroups(Unique):
    def tested(self, table: ir.Table, column: str) -> ir.Table:
        return table.aggregate(tested=table[column].cast("string").cast("int64").sum(), failed=ibis.literal(0))


@pytest.fixture(autouse=True)
def _checks_that_break(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give rules of three names checks that pass binding and break later."""
    broken = {BROKEN_WHEN_RUN: FailsWhenRun(), BROKEN_WHEN_BUILT: FailsWhenBuilt(), BROKEN_GROUPS: FailsInGroups()}

    def bind(rule: Rule, table: ir.Table, columns: Sequence[str], *others: OtherSources) -> BoundRule:
        bound = bind_rule(rule, table, columns, *others)
        return replace(bound, check=broken[rule.name]) if rule.name in broken else bound

    monkeypatch.setattr(runner, "bind_rule", bind)


def named(name: str, column: str = "state") -> Rule:
    return Rule(name=name, attribute=column, check="not_null")


def assert_only_broken_in_error(source: OpenSource, names: Sequence[str]) -> None:
    alone = execute_rules(GOOD, source)
    rules = [named(names[0]), GOOD[0], named(names[1]), *GOOD[1:], named(names[2]), a_rule("nowhere", "not_null")]

    report = execute_rules(rules, source)

    errors = {outcome.rule.name for outcome in report.outcomes if outcome.status is ExecutionStatus.ERROR}
    assert errors == {*names, "nowhere not_null"}
    good = [outcome for outcome in report.outcomes if outcome.rule.name not in errors]
    assert [replace(outcome, elapsed_ms=0) for outcome in good] == [
        replace(outcome, elapsed_ms=0) for outcome in alone.outcomes
    ]
    assert report.rows == 6


def test_only_the_broken_rules_are_in_error_on_duckdb() -> None:
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        assert_only_broken_in_error(source, [BROKEN_WHEN_RUN, BROKEN_WHEN_BUILT, BROKEN_GROUPS])


def test_only_the_broken_rules_are_in_error_on_postgres(server_url: str) -> None:
    with postgres_source(server_url, LOAN_COLUMNS, LOANS) as source:
        assert_only_broken_in_error(source, [BROKEN_WHEN_RUN, BROKEN_WHEN_BUILT, BROKEN_GROUPS])


def test_the_message_names_the_engine_s_reason_in_one_line() -> None:
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        outcome = execute_rules([named(BROKEN_WHEN_RUN)], source).outcomes[0]

    assert outcome.error is not None
    assert "Could not convert string 'CA'" in outcome.error
    assert "\n" not in outcome.error
    assert "SELECT" not in outcome.error


def test_a_rule_that_trips_over_anything_while_it_is_bound_is_in_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(rule: Rule, table: ir.Table, columns: Sequence[str], *others: OtherSources) -> BoundRule:
        if rule.name == "odd":
            raise TypeError("unhashable type")
        return bind_rule(rule, table, columns, *others)

    monkeypatch.setattr(runner, "bind_rule", bind)
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        report = execute_rules([named("odd"), *GOOD], source)

    assert [outcome.status for outcome in report.outcomes] == ["error", "failed", "failed", "passed"]


def test_a_rule_kept_as_text_is_skipped_and_says_why() -> None:
    rule = replace(named("legacy"), check="df['x'].eval()", is_executable=False)
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        outcome = execute_rules([rule], source).outcomes[0]

    assert outcome.status is ExecutionStatus.SKIPPED
    assert outcome.error is not None
    assert "kept as text" in outcome.error


def test_counts_stand_when_samples_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    class FailsWhenSampled(NotNull):
        def result(self, table: ir.Table, column: str) -> ir.BooleanValue:
            calls.append(column)
            if len(calls) > 1:
                raise duckdb.OutOfMemoryException("could not allocate")
            return super().result(table, column)

    def bind(rule: Rule, table: ir.Table, columns: Sequence[str], *others: OtherSources) -> BoundRule:
        bound = bind_rule(rule, table, columns, *others)
        return replace(bound, check=FailsWhenSampled()) if rule.name == "once" else bound

    monkeypatch.setattr(runner, "bind_rule", bind)
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        once, other = execute_rules([named("once"), GOOD[0]], source).outcomes

    assert (once.status, once.failed, once.failed_rows) == (ExecutionStatus.FAILED, 1, ())
    assert once.error is not None
    assert once.error.startswith("No failing rows can be shown.")
    assert len(other.failed_rows) == 2


def test_a_figure_that_cannot_be_compared_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Odd(FigureCheck):
        name = "odd"
        dimension = NotNull.dimension

        def sentence(self, column: str) -> str:
            return column

        def observe(self, value: ir.Column, table: ir.Table) -> ir.Scalar:
            return value.max()

        def accepts(self, observed: Any) -> bool:
            return bool(observed > 3)

    def bind(rule: Rule, table: ir.Table, columns: Sequence[str], *others: OtherSources) -> BoundRule:
        return replace(bind_rule(rule, table, columns, *others), check=Odd())

    monkeypatch.setattr(runner, "bind_rule", bind)
    with duckdb_source(LOAN_COLUMNS, LOANS) as source:
        assert execute_rules([named("odd")], source).outcomes[0].status is ExecutionStatus.ERROR


def test_a_lost_connection_is_nobody_s_rule(server_url: str) -> None:
    with postgres_source(server_url, LOAN_COLUMNS, LOANS) as source:
        url = make_url(server_url).set(drivername="postgresql").render_as_string(hide_password=False)
        process = source.connection.con.info.backend_pid
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [process])

        with pytest.raises(SourceUnavailableError, match=r"loans can no longer be read"):
            execute_rules(GOOD, source)


def test_a_file_that_is_gone_is_nobody_s_rule(tmp_path: Path) -> None:
    path = tmp_path / "loans.parquet"
    pq.write_table(pa.table({"state": ["CA", "NY"]}), path)
    location = FileLocation(path)
    with open_source(location, allowed_folders=None, memory_limit="500MB", spill_folder=tmp_path / "spill") as source:
        path.unlink()
        with pytest.raises(SourceUnavailableError, match=r"loans\.parquet can no longer be read"):
            execute_rules([GOOD[0]], source)


def test_all_queries_see_one_snapshot(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class AddsARow(RowCheck):
        name = "adds a row"
        dimension = NotNull.dimension

        def sentence(self, column: str) -> str:
            return column

        def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
            return value.notnull()

    class SeesRows(Unique):
        def tested(self, table: ir.Table, column: str) -> ir.Table:
            url = make_url(server_url).set(drivername="postgresql").render_as_string(hide_password=False)
            with psycopg.connect(url, autocommit=True) as other:
                other.execute("INSERT INTO loans (id) VALUES (99)")
            return table.aggregate(tested=table.count(), failed=ibis.literal(0))

    def bind(rule: Rule, table: ir.Table, columns: Sequence[str], *others: OtherSources) -> BoundRule:
        return replace(
            bind_rule(rule, table, columns, *others), check=SeesRows() if rule.name == "late" else AddsARow()
        )

    monkeypatch.setattr(runner, "bind_rule", bind)
    with postgres_source(server_url, LOAN_COLUMNS, LOANS) as source:
        report = execute_rules([named("early", "id"), named("late", "id")], source)

    assert report.rows == 6
    assert report.outcomes[1].tested == 6
