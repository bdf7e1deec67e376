"""What the tables refuse by themselves."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import RuleExecutionRow, RuleRow, RuleVersionRow
from profiling_pipeline_tests.builders import (
    a_phase_pair,
    a_report_owner,
    a_rule,
    a_tester,
    a_version,
    an_attribute,
    an_execution,
)


def _a_rule(session: Session, **columns: Any) -> RuleRow:
    phases = a_phase_pair(session)
    version = a_version(session, phases.profiling, a_tester(session))
    return a_rule(session, version, an_attribute(session, phases.planning, "Balance"), **columns)


def _accepts_only(database: Database, build: Any, column: str, good: tuple[Any, ...], bad: tuple[Any, ...]) -> None:
    for value in good:
        with database.session() as session:
            build(session, **{column: value})
    for value in bad:
        with pytest.raises(IntegrityError, match=rf"ck_data_profiling_\w+_{column}"), database.session() as session:
            build(session, **{column: value})


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        (
            "version_status",
            ("draft", "pending_approval", "approved", "rejected", "superseded"),
            ("APPROVED", "under_review"),
        ),
        ("data_source_type", ("file_upload", "database_source", None), ("FILE",)),
        ("total_rules", (0, 5), (-1,)),
        ("approved_rules", (0, 5), (-1,)),
        ("rejected_rules", (0, 5), (-1,)),
    ],
)
def test_versions(database: Database, column: str, good: tuple[Any, ...], bad: tuple[Any, ...]) -> None:
    def build(session: Session, **columns: Any) -> None:
        a_version(session, a_phase_pair(session).profiling, a_tester(session), **columns)

    _accepts_only(database, build, column, good, bad)


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        (
            "rule_type",
            ("completeness", "validity", "accuracy", "consistency", "uniqueness"),
            ("format", "COMPLETENESS"),
        ),
        ("severity", ("low", "medium", "high"), ("critical",)),
        ("status", ("pending", "submitted", "approved", "rejected"), ("draft",)),
        ("tester_decision", ("approve", "reject", "request_changes", None), ("approved",)),
        ("report_owner_decision", ("approve", "reject", "request_changes", None), ("approved",)),
    ],
)
def test_rules(database: Database, column: str, good: tuple[Any, ...], bad: tuple[Any, ...]) -> None:
    _accepts_only(database, _a_rule, column, good, bad)


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("execution_status", ("passed", "failed", "skipped", "error"), ("success",)),
        ("execution_time_ms", (0, None), (-1,)),
        ("total_records_tested", (0, 2**40, None), (-1,)),
        ("passed_records", (0, 2**40, None), (-1,)),
        ("failed_records", (0, 2**40, None), (-1,)),
        ("pass_rate", (0, 99.99, 100, None), (-0.01, 100.01)),
    ],
)
def test_executions(database: Database, column: str, good: tuple[Any, ...], bad: tuple[Any, ...]) -> None:
    def build(session: Session, **columns: Any) -> None:
        an_execution(session, _a_rule(session), **columns)

    _accepts_only(database, build, column, good, bad)


def test_the_approver_is_never_the_submitter(database: Database) -> None:
    with database.session() as session:
        tester, owner = a_tester(session), a_report_owner(session)
        profiling = a_phase_pair(session).profiling
        a_version(session, profiling, tester, submitted_by_id=tester.user_id, approved_by_id=owner.user_id)
    with pytest.raises(IntegrityError, match="two_people"), database.session() as session:
        a_version(session, profiling, tester, submitted_by_id=tester.user_id, approved_by_id=tester.user_id)


def test_a_phase_has_at_most_one_approved_version(database: Database) -> None:
    with database.session() as session:
        tester, profiling = a_tester(session), a_phase_pair(session).profiling
        for status in ("draft", "draft", "superseded", "superseded", "approved"):
            a_version(session, profiling, tester, version_status=status)
        a_version(session, a_phase_pair(session).profiling, tester, version_status="approved")
    with pytest.raises(IntegrityError, match="uq_data_profiling_rule_versions_approved"), database.session() as session:
        a_version(session, profiling, tester, version_status="approved")


def test_a_version_number_is_used_once_a_phase(database: Database) -> None:
    with database.session() as session:
        tester, profiling = a_tester(session), a_phase_pair(session).profiling
        a_version(session, profiling, tester, version_number=1)
        a_version(session, a_phase_pair(session).profiling, tester, version_number=1)
    with pytest.raises(IntegrityError, match="phase_id_version_number"), database.session() as session:
        a_version(session, profiling, tester, version_number=1)


def test_a_rule_name_is_used_once_an_attribute(database: Database) -> None:
    with database.session() as session:
        phases = a_phase_pair(session)
        version = a_version(session, phases.profiling, a_tester(session))
        first, second = (an_attribute(session, phases.planning, name) for name in ("A", "B"))
        a_rule(session, version, first, rule_name="Not null")
        a_rule(session, version, second, rule_name="Not null")
    with pytest.raises(IntegrityError, match="version_id_attribute_id_rule_name"), database.session() as session:
        a_rule(session, version, first, rule_name="Not null")


def test_a_rule_is_executed_once_a_run(database: Database) -> None:
    with database.session() as session:
        rule = _a_rule(session)
        an_execution(session, rule, background_job_id="run")
        an_execution(session, rule, background_job_id="another run")
    with pytest.raises(IntegrityError, match="background_job_id_rule_id"), database.session() as session:
        an_execution(session, rule, background_job_id="run")


def test_rules_go_with_their_version_unless_they_were_executed(database: Database) -> None:
    with database.session() as session:
        kept, dropped = _a_rule(session), _a_rule(session)
        an_execution(session, kept)
    with database.session() as session:
        session.delete(session.get_one(RuleVersionRow, dropped.version_id))
    with pytest.raises(IntegrityError, match="executions_rule_id"), database.session() as session:
        session.execute(delete(RuleVersionRow))
    with database.session() as session:
        assert session.scalars(select(RuleRow.rule_id)).all() == [kept.rule_id]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (RuleVersionRow, "phase_id"),
        (RuleVersionRow, "workflow_activity_id"),
        (RuleVersionRow, "submitted_by_id"),
        (RuleVersionRow, "approved_by_id"),
        (RuleVersionRow, "created_by_id"),
        (RuleVersionRow, "updated_by_id"),
        (RuleVersionRow, "parent_version_id"),
        (RuleRow, "version_id"),
        (RuleRow, "phase_id"),
        (RuleRow, "attribute_id"),
        (RuleRow, "tester_decided_by"),
        (RuleRow, "report_owner_decided_by"),
        (RuleRow, "created_by_id"),
        (RuleRow, "updated_by_id"),
        (RuleExecutionRow, "rule_id"),
        (RuleExecutionRow, "created_by_id"),
    ],
)
def test_references_lead_somewhere(database: Database, row: type[Any], column: str) -> None:
    with database.session() as session:
        rule = _a_rule(session)
        stored = {
            RuleVersionRow: session.get_one(RuleVersionRow, rule.version_id),
            RuleRow: rule,
            RuleExecutionRow: an_execution(session, rule),
        }[row]
        nothing = uuid4() if column in {"parent_version_id", "version_id", "rule_id"} else 999_999_999
        key = row.__table__.primary_key.columns.values()[0].name
        columns = {c.name: getattr(stored, c.name) for c in row.__table__.columns if c.name != key}
    columns |= {"version_number": 777} if row is RuleVersionRow else {}
    columns |= {"background_job_id": "other"} if row is RuleExecutionRow else {}
    columns |= {"rule_name": "other"} if row is RuleRow else {}
    with pytest.raises(IntegrityError, match=rf"fk_\w+_{column}"), database.session() as session:
        session.execute(insert(row).values(columns | {column: nothing}))


def test_the_database_fills_in_what_plain_sql_leaves_out(database: Database) -> None:
    with database.session() as session:
        tester, profiling = a_tester(session), a_phase_pair(session).profiling
        session.execute(
            text(
                "INSERT INTO cycle_report_data_profiling_rule_versions "
                "(phase_id, version_number, created_by_id, updated_by_id) VALUES (:phase, 1, :user, :user)"
            ),
            {"phase": profiling.phase_id, "user": tester.user_id},
        )
        version = session.scalars(select(RuleVersionRow)).one()
        assert (version.version_status, version.total_rules) == ("draft", 0)
        assert version.version_id
        assert version.created_at.tzinfo is not None


def test_history_reads_use_an_index(database: Database) -> None:
    queries = {
        "SELECT * FROM cycle_report_data_profiling_rule_executions WHERE rule_id = gen_random_uuid() "
        "ORDER BY executed_at DESC LIMIT 20": "ix_data_profiling_rule_executions_history",
        "SELECT * FROM cycle_report_data_profiling_rule_executions WHERE background_job_id = 'run'": (
            "uq_data_profiling_rule_executions_background_job_id_rule_id"
        ),
    }
    with database.session() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        for query, index in queries.items():
            plan = "\n".join(session.scalars(text(f"EXPLAIN {query.replace('gen_random_uuid()', repr(str(uuid4())))}")))
            assert index in plan
            assert "Sort" not in plan


def test_many_rows_are_added_in_few_statements(database: Database) -> None:
    statements: list[str] = []
    with database.session() as session:
        rule = _a_rule(session)
        event.listen(database.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        session.add_all(
            RuleExecutionRow(
                rule_id=rule.rule_id,
                background_job_id=f"run {number}",
                execution_status="passed",
                created_by_id=rule.created_by_id,
            )
            for number in range(1000)
        )
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(RuleExecutionRow)) == 1000
    assert len(statements) < 10
