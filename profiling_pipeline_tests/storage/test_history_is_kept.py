from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from profiling_pipeline.storage.audit import record_audit
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AuditLogRow, ObservationRow, RuleExecutionRow, RuleRow, RuleVersionRow
from profiling_pipeline.storage.retention import retention_allowed
from profiling_pipeline_tests.builders import (
    a_phase_pair,
    a_rule,
    a_tester,
    a_version,
    an_attribute,
    an_execution,
    an_observation,
)


def _execute_one_rule(session: Session, **columns: Any) -> RuleExecutionRow:
    phases, tester = a_phase_pair(session), a_tester(session)
    version = a_version(session, phases.profiling, tester)
    rule = a_rule(session, version, an_attribute(session, phases.planning, "Balance"))
    return an_execution(session, rule, **columns)


@pytest.mark.parametrize(
    "statement",
    [
        update(RuleExecutionRow).values(execution_status="failed"),
        update(RuleExecutionRow).values(anomaly_details={"mark": "seen"}),
        delete(RuleExecutionRow),
        text("TRUNCATE cycle_report_data_profiling_rule_executions"),
    ],
)
def test_executions_are_only_added(database: Database, statement) -> None:
    with database.session() as session:
        _execute_one_rule(session)
    with (
        pytest.raises(DBAPIError, match=r"cycle_report_data_profiling_rule_executions is refused: .* only added to"),
        database.session() as session,
    ):
        session.execute(statement)
    with database.session() as session:
        assert session.scalars(select(RuleExecutionRow.execution_status)).all() == ["passed"]


MARK = {"verdict": "expected", "marked_by_id": 1, "marked_at": "2025-06-01T00:00:00+00:00", "note": "month end"}


def _marked(**names: object) -> Callable[[Session], object]:
    return lambda session: session.execute(
        update(RuleExecutionRow).values(anomaly_details={"failed_rows": [], **names})
    )


def test_an_execution_takes_one_mark_and_keeps_it(database: Database) -> None:
    with database.session() as session:
        _execute_one_rule(session, anomaly_details={"failed_rows": []})
    refused = (
        _marked(),
        _marked(other=MARK),
        _marked(mark="seen"),
        _marked(mark={"verdict": "expected"}),
        lambda session: session.execute(update(RuleExecutionRow).values(anomaly_details={"mark": MARK})),
        lambda session: session.execute(update(RuleExecutionRow).values(anomaly_details=None)),
        lambda session: session.execute(
            update(RuleExecutionRow).values(anomaly_details={"failed_rows": [], "mark": MARK}, pass_rate=1)
        ),
        lambda session: session.execute(
            update(RuleExecutionRow).values(anomaly_details={"failed_rows": [1], "mark": MARK})
        ),
    )
    for change in refused:
        with pytest.raises(DBAPIError, match="only added to"), database.session() as session:
            change(session)
    with database.session() as session:
        _marked(mark=MARK)(session)
    for change in (_marked(), _marked(mark={**MARK, "note": "changed"})):
        with pytest.raises(DBAPIError, match="only added to"), database.session() as session:
            change(session)
    with database.session() as session:
        details = session.scalars(select(RuleExecutionRow.anomaly_details)).one()
    assert details == {"failed_rows": [], "mark": MARK}


def test_an_execution_without_details_takes_a_mark_too(database: Database) -> None:
    with database.session() as session:
        _execute_one_rule(session)
    with database.session() as session:
        session.execute(update(RuleExecutionRow).values(anomaly_details={"mark": MARK}))


def test_observations_take_marks_of_other_figures_and_nothing_else(database: Database) -> None:
    with database.session() as session:
        phases, tester = a_phase_pair(session), a_tester(session)
        an_observation(session, a_version(session, phases.profiling, tester))
    for marks in ({"row_count": MARK}, {"row_count": MARK, "mean:a": MARK}):
        with database.session() as session:
            session.execute(update(ObservationRow).values(marks=marks))
    refused = (
        update(ObservationRow).values(marks={"row_count": MARK}),
        update(ObservationRow).values(marks={"row_count": {**MARK, "note": "other"}, "mean:a": MARK}),
        update(ObservationRow).values(marks={"row_count": MARK, "mean:a": MARK, "mean:b": "seen"}),
        update(ObservationRow).values(unusual=["row_count"]),
        delete(ObservationRow),
        text("TRUNCATE cycle_report_data_profiling_observations"),
    )
    for statement in refused:
        with pytest.raises(DBAPIError, match="only added to"), database.session() as session:
            session.execute(statement)
    with database.session() as session, retention_allowed(session):
        session.execute(delete(ObservationRow))


@pytest.mark.parametrize("row", [RuleVersionRow, RuleRow, RuleExecutionRow, ObservationRow])
@pytest.mark.parametrize(
    "statement", [update(AuditLogRow).values(action="other"), delete(AuditLogRow), text("TRUNCATE audit_logs")]
)
def test_audit_rows_of_this_project_are_only_added(database: Database, statement, row) -> None:
    with database.session() as session:
        record_audit(session, None, "approve", row.__tablename__, "key", None, None)
    with pytest.raises(DBAPIError, match=r"audit_logs is refused"), database.session() as session:
        session.execute(statement)
    with database.session() as session:
        assert session.scalars(select(AuditLogRow.action)).all() == ["approve"]


def test_the_hosts_own_audit_rows_stay_the_hosts(database: Database) -> None:
    with database.session() as session:
        session.add_all([AuditLogRow(action="login", table_name="users"), AuditLogRow(action="logout")])
    with database.session() as session:
        session.execute(update(AuditLogRow).values(action="changed"))
        session.execute(delete(AuditLogRow).where(AuditLogRow.table_name == "users"))
        session.execute(text("TRUNCATE audit_logs"))
        assert session.scalar(select(func.count()).select_from(AuditLogRow)) == 0


def test_retention_may_delete_but_not_change(database: Database) -> None:
    with database.session() as session:
        _execute_one_rule(session)
        record_audit(session, None, "approve", RuleRow.__tablename__, "key", None, None)
    with pytest.raises(DBAPIError, match="UPDATE on"), database.session() as session, retention_allowed(session):
        session.execute(update(RuleExecutionRow).values(pass_rate=1))
    with database.session() as session, retention_allowed(session):
        session.execute(delete(RuleExecutionRow))
        session.execute(delete(AuditLogRow))
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(RuleExecutionRow)) == 0
        assert session.scalar(select(func.count()).select_from(AuditLogRow)) == 0


def test_retention_ends_with_its_block_and_its_transaction(database: Database) -> None:
    with database.session() as session:
        _execute_one_rule(session)
    with database.session() as session:
        with retention_allowed(session):
            pass
        with pytest.raises(DBAPIError, match="DELETE on"), session.begin_nested():
            session.execute(delete(RuleExecutionRow))
    with pytest.raises(DBAPIError, match="DELETE on"), database.session() as session:
        session.execute(delete(RuleExecutionRow))
