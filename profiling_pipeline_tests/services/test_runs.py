from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.errors import (
    NotFoundError,
    SourceError,
    SourceUnavailableError,
    TransitionRefusedError,
)
from profiling_pipeline.execution.samples import MASK
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services import runs
from profiling_pipeline.services.drafts import generate_draft
from profiling_pipeline.services.results import phase_results
from profiling_pipeline.services.runs import execute_version, unexecuted_versions
from profiling_pipeline.services.users import system_user_id
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AccessLogRow, DataSourceRow, RuleExecutionRow
from profiling_pipeline_tests.services.loans import (
    COUNTS,
    LOAN_RULES,
    a_file_phase,
    a_table_phase,
    store_loans,
    write_loans,
)
from profiling_pipeline_tests.services.planned import Planned


@pytest.fixture
def settings(home) -> Settings:
    settings = Settings()
    write_loans(settings.allowed_folders[0])
    return settings


@pytest.fixture(params=[a_file_phase, a_table_phase])
def planned(request: pytest.FixtureRequest, database: Database, settings: Settings) -> Planned:
    store_loans(database)
    return request.param(database)


def execute(planned: Planned, settings: Settings, version_id, run_id: str = "run 1"):
    return execute_version(
        planned.database, settings, version_id, run_id=run_id, executed_by_id=planned.owner, reason="look"
    )


def counts(outcome: RuleOutcome) -> tuple[int, int, int, int]:
    return outcome.tested, outcome.passed, outcome.failed, outcome.skipped


def executions(planned: Planned) -> list[RuleExecutionRow]:
    with planned.database.session() as session:
        return list(session.scalars(select(RuleExecutionRow)))


def test_file_and_table_give_the_same_counts(planned: Planned, settings: Settings) -> None:
    version_id = planned.approved(LOAN_RULES)
    assert unexecuted_versions(planned.database, 10) == [(version_id, planned.phase_id, 1)]
    execution = execute(planned, settings, version_id)
    outcomes = {outcome.rule.name: outcome for outcome in execution.report.outcomes}
    assert {name: counts(outcome) for name, outcome in outcomes.items()} == COUNTS
    assert outcomes["Balance is nearly always covered"].status is ExecutionStatus.PASSED
    assert (execution.stored, execution.already_stored, execution.report.rows) == (5, 0, 300)
    assert (execution.version_number, execution.phase_id, execution.run_id) == (1, planned.phase_id, "run 1")
    assert unexecuted_versions(planned.database, 10) == []


def test_what_is_stored_of_a_failed_rule(planned: Planned, settings: Settings) -> None:
    version_id = planned.approved(LOAN_RULES)
    execute(planned, settings, version_id)
    rule_id = planned.rules(version_id)["Balance is covered"].rule_id
    row = next(row for row in executions(planned) if row.rule_id == rule_id)
    assert (row.background_job_id, row.created_by_id, row.execution_status) == ("run 1", planned.owner, "failed")
    assert (row.total_records_tested, row.passed_records, row.failed_records) == (290, 243, 47)
    assert row.pass_rate == Decimal("83.79")
    assert row.quality_scores == {"dimension": "validity", "weight": 1, "score": 83.79}
    summary = row.result_summary or {}
    assert summary.pop("engine") in {"duckdb", "postgres"}
    assert summary.pop("source") in {"loans.csv", "public.loans"}
    assert all(isinstance(part, str | int | float) for part in summary.pop("source_fingerprint").values())
    assert summary == {
        "rows": 300,
        "skipped_records": 10,
        "observed_value": None,
        "error": None,
        "min_pass_rate": 100,
        "warn_pass_rate": None,
        "warning": False,
    }
    samples = (row.anomaly_details or {})["failed_rows"]
    assert len(samples) == 20
    assert (samples[0]["LOAN" if "LOAN" in samples[0] else "loan"]) == 252
    assert row.executed_at is not None


def test_a_warning_is_stored_and_read_back(planned: Planned, settings: Settings) -> None:
    warns = {"min_value": 0, "max_value": 280, "min_pass_rate": 50, "warn_pass_rate": 99.5}
    version_id = planned.approved((Rule("Balance is nearly always covered", "Balance", "in_range", warns),))
    execute(planned, settings, version_id)

    summary = executions(planned)[0].result_summary or {}
    assert (summary["min_pass_rate"], summary["warn_pass_rate"], summary["warning"]) == (50, 99.5, True)
    outcome = phase_results(planned.database, planned.phase_id).outcomes[0]
    assert (outcome.status, outcome.is_warning) == ("passed", True)
    assert outcome.note == "passed with a warning: below 99.5 %"


def test_samples_are_masked_before_they_are_stored(planned: Planned, settings: Settings) -> None:
    version_id = planned.approved(LOAN_RULES)
    execute(planned, settings, version_id)
    rule_id = planned.rules(version_id)["State is known"].rule_id
    row = next(row for row in executions(planned) if row.rule_id == rule_id)
    details = row.anomaly_details or {}
    assert {
        value for sample in details["failed_rows"] for name, value in sample.items() if name.upper() == "STATE"
    } == {MASK}
    assert details["frequent_values"] == []
    whole_rows = "SELECT string_agg(e::text, '') FROM cycle_report_data_profiling_rule_executions AS e"
    with planned.database.session() as session:
        assert "ZZ" not in session.scalars(text(whole_rows)).one()


def test_reading_the_data_is_recorded_with_its_reason(planned: Planned, settings: Settings) -> None:
    execute(planned, settings, planned.approved(LOAN_RULES))
    with planned.database.session() as session:
        records = session.scalars(select(AccessLogRow)).all()
    assert {(record.column_name.upper(), record.security_classification) for record in records} == {
        ("LOAN", "Public"),
        ("BALANCE", "Public"),
        ("STATE", "Restricted"),
    }
    assert {(record.user_id, record.access_reason) for record in records} == {(planned.owner, "look, run run 1")}


def test_a_repeated_run_stores_and_returns_what_it_did_before(planned: Planned, settings: Settings) -> None:
    version_id = planned.approved(LOAN_RULES)
    first = execute(planned, settings, version_id)
    (settings.allowed_folders[0] / "loans.csv").write_text("LOAN,BALANCE,STATE\n1,1,CA\n")
    again = execute(planned, settings, version_id)
    assert (again.stored, again.already_stored) == (0, 5)
    assert {o.rule.name: counts(o) for o in again.report.outcomes} == COUNTS
    assert again.scores == first.scores
    assert (again.report.rows, again.report.source, again.report.engine) == (
        first.report.rows,
        first.report.source,
        first.report.engine,
    )
    assert len(executions(planned)) == 5
    execute(planned, settings, version_id, "run 2")
    assert len(executions(planned)) == 10


def test_attempts_of_one_run_at_the_same_time_store_it_once(planned: Planned, settings: Settings) -> None:
    version_id = planned.approved(LOAN_RULES)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: execute(planned, settings, version_id), range(2))
    assert sorted([first.stored, second.stored]) == [0, 5]
    assert first.scores == second.scores
    assert len(executions(planned)) == 5


def test_an_interrupted_execution_stores_nothing_and_its_repetition_everything(
    planned: Planned, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_id = planned.approved(LOAN_RULES)
    store = runs._store
    monkeypatch.setattr(runs, "_ROWS_AT_ONCE", 2)

    def die_after_storing(*args) -> int:
        store(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(runs, "_store", die_after_storing)
        with pytest.raises(KeyboardInterrupt):
            execute(planned, settings, version_id)
    assert executions(planned) == []
    assert execute(planned, settings, version_id).stored == 5


def test_only_what_both_people_approved_is_executed(planned: Planned, settings: Settings) -> None:
    version_id = planned.pending(LOAN_RULES)
    rule_id = planned.rules(version_id)["State is known"].rule_id
    planned.review.decide(rule_id, planned.owner, Decision.REJECT, "no use")
    planned.review.approve(version_id, planned.owner)
    execution = execute(planned, settings, version_id)
    assert {o.rule.name for o in execution.report.outcomes} == COUNTS.keys() - {"State is known"}


def _draft(planned: Planned):
    return planned.draft(LOAN_RULES)


def _pending(planned: Planned):
    return planned.pending(LOAN_RULES)


def _rejected(planned: Planned):
    version_id = planned.pending(LOAN_RULES)
    planned.review.reject(version_id, planned.owner, "no")
    return version_id


def _superseded(planned: Planned):
    version_id = planned.approved(LOAN_RULES)
    planned.approved(LOAN_RULES)
    return version_id


@pytest.mark.parametrize("make", [_draft, _pending, _rejected, _superseded])
def test_only_an_approved_version_is_executed(database: Database, settings: Settings, make: Callable) -> None:
    planned = a_file_phase(database)
    version_id = make(planned)
    with pytest.raises(TransitionRefusedError, match="only an approved version is executed"):
        execute(planned, settings, version_id)
    assert executions(planned) == []


def test_a_version_without_approved_rules_waits_for_nothing(database: Database, settings: Settings) -> None:
    planned = a_file_phase(database)
    version_id = planned.pending(LOAN_RULES)
    planned.review.decide_all(version_id, planned.owner, Decision.REJECT, "no use")
    planned.review.approve(version_id, planned.owner)
    assert unexecuted_versions(database, 10) == []
    assert execute(planned, settings, version_id).report.outcomes == ()


def test_a_rule_whose_column_is_gone_is_in_error_and_the_others_run(database: Database, settings: Settings) -> None:
    planned = a_file_phase(database)
    version_id = planned.approved(LOAN_RULES)
    (settings.allowed_folders[0] / "loans.csv").write_text("LOAN,BALANCE\n1,1\n2,2\n")
    execution = execute(planned, settings, version_id)
    statuses = {outcome.rule.name: outcome.status for outcome in execution.report.outcomes}
    assert statuses.pop("State is known") is ExecutionStatus.ERROR
    assert set(statuses.values()) == {ExecutionStatus.PASSED}
    error = next(row for row in executions(planned) if row.execution_status == "error")
    assert "State" in (error.result_summary or {})["error"]
    assert error.pass_rate is None


def test_a_source_that_cannot_be_read_stores_nothing(database: Database, settings: Settings) -> None:
    planned = a_file_phase(database)
    version_id = planned.approved(LOAN_RULES)
    (settings.allowed_folders[0] / "loans.csv").unlink()
    with pytest.raises(SourceError, match="no file"):
        execute(planned, settings, version_id)
    with database.session() as session:
        source = session.scalars(select(DataSourceRow)).one()
        source.source_type = "POSTGRESQL"
        source.connection_config = {"host": "127.0.0.1", "port": 1, "database": "risk", "table": "loans"}
    with pytest.raises(SourceUnavailableError) as refusal:
        execute(planned, settings, version_id)
    assert refusal.value.retryable
    assert executions(planned) == []


def test_nobody_unknown_executes(database: Database, settings: Settings) -> None:
    planned = a_file_phase(database)
    version_id = planned.approved(LOAN_RULES)
    with pytest.raises(NotFoundError, match="no user"):
        execute_version(database, settings, version_id, run_id="r", executed_by_id=2**31 - 1, reason="x")


def test_generated_rules_are_reviewed_and_executed(planned: Planned, settings: Settings) -> None:
    draft = generate_draft(
        planned.database,
        settings,
        planned.phase_id,
        created_by_id=system_user_id(planned.database),
        workflow_execution_id="generate_rules",
        workflow_run_id="run 0",
    )
    assert draft.rules > 0
    assert draft.profile.rows == 300
    assert draft.matches.attributes_without_column == ()
    version = planned.version(draft.version_id)
    assert (version.workflow_execution_id, version.workflow_run_id) == ("generate_rules", "run 0")
    planned.review.decide_all(draft.version_id, planned.tester, Decision.APPROVE)
    planned.review.submit(draft.version_id, planned.tester)
    planned.review.approve(draft.version_id, planned.owner)
    execution = execute(planned, settings, draft.version_id)
    assert execution.stored == draft.rules
    assert ExecutionStatus.ERROR not in {outcome.status for outcome in execution.report.outcomes}
