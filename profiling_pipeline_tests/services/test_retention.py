from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.generation.language_model.account import Usage
from profiling_pipeline.generation.language_model.asking import KeptAnswer
from profiling_pipeline.services import retention
from profiling_pipeline.services.model_answers import StoredAnswers
from profiling_pipeline.services.retention import delete_expired
from profiling_pipeline.services.users import system_user_id
from profiling_pipeline.storage.access_log import record_access
from profiling_pipeline.storage.models import AccessLogRow, ModelAnswerRow, ObservationRow, RuleExecutionRow
from profiling_pipeline_tests.builders import an_execution, an_observation
from profiling_pipeline_tests.services.planned import Planned

NOW = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture
def old_records(planned: Planned) -> Planned:
    """A rule executed and its source seen 400, 100, 10 and 1 days ago, others only 400 days ago; accesses likewise."""
    version_id = planned.approved()
    rules = planned.rules(version_id)
    with planned.database.session() as session:
        for age in (400, 100, 10, 1):
            an_execution(session, rules["Balance is there"], executed_at=NOW - timedelta(days=age))
            an_observation(session, planned.version(version_id), observed_at=NOW - timedelta(days=age))
            record_access(session, planned.tester, "loans.csv", [("STATE", "Restricted")], f"{age} days ago")
        an_execution(session, rules["State is known"], executed_at=NOW - timedelta(days=400))
        an_observation(
            session, planned.version(version_id), planning_data_source_id=2, observed_at=NOW - timedelta(days=400)
        )
    with planned.database.session() as session:
        for record in session.scalars(select(AccessLogRow)):
            age = int((record.access_reason or "").split()[0])
            record.accessed_at = NOW - timedelta(days=age)
    return planned


def kept(planned: Planned) -> tuple[list[int], list[int]]:
    """Return the ages in days of executions and of access records."""
    with planned.database.session() as session:
        executions = session.scalars(select(RuleExecutionRow.executed_at)).all()
        accesses = session.scalars(select(AccessLogRow.accessed_at)).all()
    return sorted((NOW - at).days for at in executions if at), sorted((NOW - at).days for at in accesses)


def observations_kept(planned: Planned) -> list[int]:
    """Return the ages in days of observations."""
    with planned.database.session() as session:
        return sorted((NOW - at).days for at in session.scalars(select(ObservationRow.observed_at)))


def test_answers_of_models_go_too(planned: Planned) -> None:
    answers = StoredAnswers(planned.database)
    for digest in ("old", "new"):
        answers.keep(digest, KeptAnswer("[]", Usage(1, 1), "m"))
    with planned.database.session() as session:
        session.get_one(ModelAnswerRow, "old").created_at = NOW - timedelta(days=31)
        session.get_one(ModelAnswerRow, "new").created_at = NOW - timedelta(days=29)
    assert delete_expired(planned.database, 30, now=NOW).model_answers == 1
    assert (answers.find("old"), answers.find("new") is not None) == (None, True)
    assert planned.audit()[-1].action == "delete_expired"


def test_what_is_older_goes_but_the_latest_execution_of_a_rule_stays(old_records: Planned) -> None:
    report = delete_expired(old_records.database, 30, now=NOW)
    assert (report.executions, report.observations, report.access_records) == (2, 2, 2)
    assert report.before == NOW - timedelta(days=30)
    assert kept(old_records) == ([1, 10, 400], [1, 10])
    assert observations_kept(old_records) == [1, 10, 400]
    again = delete_expired(old_records.database, 30, now=NOW)
    assert (again.executions, again.observations, again.access_records) == (0, 0, 0)


def test_each_deletion_leaves_an_audit_row(old_records: Planned) -> None:
    earlier = len(old_records.audit())
    delete_expired(old_records.database, 30, now=NOW)
    delete_expired(old_records.database, 30, now=NOW)
    rows = old_records.audit()[earlier:]
    assert [(row.action, row.table_name, (row.old_values or {})["deleted_rows"]) for row in rows] == [
        ("delete_expired", "cycle_report_data_profiling_rule_executions", 2),
        ("delete_expired", "cycle_report_data_profiling_observations", 2),
        ("delete_expired", "secure_data_access_logs", 2),
    ]
    assert {row.user_id for row in rows} == {system_user_id(old_records.database)}


def test_batches_delete_the_same(old_records: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(retention, "RULES_AT_ONCE", 1)
    delete_expired(old_records.database, 5, now=NOW)
    assert kept(old_records) == ([1, 400], [1])
    assert observations_kept(old_records) == [1, 400]


@pytest.mark.parametrize("days", [0, -1])
def test_everything_cannot_be_deleted(old_records: Planned, days: int) -> None:
    with pytest.raises(InvalidInputError):
        delete_expired(old_records.database, days, now=NOW)
    assert kept(old_records)[0] == [1, 10, 100, 400, 400]
