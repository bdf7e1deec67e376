from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from profiling_pipeline.errors import NotFoundError
from profiling_pipeline.results.outcome import ExecutionStatus
from profiling_pipeline.services.latest import newest_executions_query
from profiling_pipeline.services.results import latest_results, phase_results, rule_history, version_runs
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import RuleExecutionRow
from profiling_pipeline_tests.builders import an_execution
from profiling_pipeline_tests.services.planned import RULES, Planned

NOW = datetime(2025, 6, 1, tzinfo=UTC)
HISTORY = "ix_data_profiling_rule_executions_history"


def executed(planned: Planned, version_id: UUID, run_id: str, day: int, failed: int = 0) -> None:
    """Store one run of a version: each rule failed for so many of 100 rows."""
    with planned.database.session() as session:
        for rule in planned.rules(version_id).values():
            an_execution(
                session,
                rule,
                background_job_id=run_id,
                executed_at=NOW + timedelta(days=day),
                execution_status="failed" if failed else "passed",
                total_records_tested=100,
                passed_records=100 - failed,
                failed_records=failed,
                pass_rate=100 - failed,
                result_summary={"rows": 100, "skipped_records": 0, "engine": "duckdb"},
                anomaly_details={"failed_rows": [{"row": 1}]} if failed else None,
            )


def test_the_latest_results_are_those_of_the_newest_run(planned: Planned) -> None:
    version_id = planned.approved()
    for day, (run_id, failed) in enumerate([("run 1", 0), ("run 2", 7)]):
        executed(planned, version_id, run_id, day, failed)
    results = latest_results(planned.database, version_id)
    assert (results.run_id, results.executed_at, results.rows) == ("run 2", NOW + timedelta(days=1), 100)
    assert [outcome.rule.name for outcome in results.outcomes] == sorted(rule.name for rule in RULES)
    assert {outcome.failed for outcome in results.outcomes} == {7}
    assert results.outcomes[0].failed_rows == ({"row": 1},)
    assert results.scores.overall == Decimal("93.00")
    assert results.outcomes[0].rule.attribute == "Balance"
    assert phase_results(planned.database, planned.phase_id) == results


def test_a_runs_results_are_those_of_the_version_that_it_executed(planned: Planned) -> None:
    executed(planned, planned.approved(), "run 1", 0)
    planned.approved()
    assert phase_results(planned.database, planned.phase_id, "run 1").version_number == 1
    with pytest.raises(NotFoundError, match=r"Version .*:2 was never executed"):
        phase_results(planned.database, planned.phase_id)
    with pytest.raises(NotFoundError, match=r"Version .*:2 was never executed"):
        phase_results(planned.database, planned.phase_id, "a run of the report alone")


def test_runs_of_a_version_newest_first(planned: Planned) -> None:
    version_id = planned.approved()
    for day, failed in enumerate([0, 7, 3]):
        executed(planned, version_id, f"run {day}", day, failed)
    newest, middle, oldest = version_runs(planned.database, version_id)
    assert [run.run_id for run in (newest, middle, oldest)] == ["run 2", "run 1", "run 0"]
    assert (newest.counts, oldest.counts) == ({ExecutionStatus.FAILED: 3}, {ExecutionStatus.PASSED: 3})
    assert (newest.overall, newest.rows) == (Decimal("97.00"), 100)
    assert [run.run_id for run in version_runs(planned.database, version_id, limit=2)] == ["run 2", "run 1"]


def test_a_rules_history_newest_first(planned: Planned) -> None:
    version_id = planned.approved()
    for day, failed in enumerate([0, 7, 3]):
        executed(planned, version_id, f"run {day}", day, failed)
    rule_id = planned.rules(version_id)["Balance is there"].rule_id
    history = rule_history(planned.database, rule_id, 2)
    assert [(e.run_id, e.outcome.failed, e.outcome.pass_rate) for e in history] == [("run 2", 3, 97), ("run 1", 7, 93)]


def test_results_that_are_not_there(planned: Planned) -> None:
    with pytest.raises(NotFoundError, match="no approved version"):
        phase_results(planned.database, planned.phase_id)
    version_id = planned.approved()
    with pytest.raises(NotFoundError, match="was never executed"):
        latest_results(planned.database, version_id)
    with pytest.raises(NotFoundError, match="was never executed"):
        phase_results(planned.database, planned.phase_id)
    assert version_runs(planned.database, version_id) == []
    for query in (latest_results, version_runs, rule_history):
        with pytest.raises(NotFoundError, match="There is no"):
            query(planned.database, uuid4())


@pytest.fixture
def many_executions(planned: Planned) -> tuple[Planned, UUID]:
    """A version with three rules, among 60 rules with 1,000 executions each."""
    version_id = planned.approved()
    with planned.database.session() as session:
        for _ in range(19):
            planned.draft()
        session.execute(
            text(
                "INSERT INTO cycle_report_data_profiling_rule_executions (rule_id, background_job_id, "
                "execution_status, executed_at, pass_rate, created_by_id) "
                "SELECT rule_id, 'run ' || n, 'passed', now() - n * interval '1 hour', 100, created_by_id "
                "FROM cycle_report_data_profiling_rules, generate_series(1, 1000) AS n"
            )
        )
    with planned.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return planned, version_id


def test_latest_and_history_are_answered_from_the_index(many_executions: tuple[Planned, UUID]) -> None:
    planned, version_id = many_executions
    rule_id = planned.rules(version_id)["Balance is there"].rule_id
    history = (
        select(RuleExecutionRow)
        .where(RuleExecutionRow.rule_id == rule_id)
        .order_by(RuleExecutionRow.executed_at.desc())
        .limit(20)
    )
    queries = {"latest": newest_executions_query(version_id, 1), "history": history}
    plans = {name: explain(planned.database, query) for name, query in queries.items()}
    for plan in plans.values():
        reads = [n for n in nodes(plan) if n.get("Relation Name") == RuleExecutionRow.__tablename__]
        assert [read["Index Name"] for read in reads] == [HISTORY]
        assert not any(node["Node Type"] == "Sort" and node["Actual Rows"] > 3 for node in nodes(plan))
    rows = {name: max(n["Actual Rows"] * n["Actual Loops"] for n in nodes(plan)) for name, plan in plans.items()}
    assert rows == {"latest": 3, "history": 20}


def explain(database: Database, query: Any) -> Mapping[str, Any]:
    statement = query.compile(database.engine, compile_kwargs={"literal_binds": True})
    with database.session() as session:
        return session.scalars(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")).one()[0]["Plan"]


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)
