from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from profiling_pipeline.storage.audit import record_audit
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AuditLogRow, RuleRow
from profiling_pipeline_tests.builders import a_tester


@pytest.mark.parametrize(
    ("old", "new", "stored_old", "stored_new"),
    [
        ({"a": 1}, {"a": 2}, {"key": "k", "a": 1}, {"key": "k", "a": 2}),
        (None, {"a": 1}, None, {"key": "k", "a": 1}),
        ({"a": 1}, None, {"key": "k", "a": 1}, None),
        (None, None, None, {"key": "k"}),
    ],
)
def test_an_audit_row_names_who_what_and_which_row(database: Database, old, new, stored_old, stored_new) -> None:
    with database.session() as session:
        user = a_tester(session)
        record_audit(session, user.user_id, "approve", RuleRow.__tablename__, "k", old, new)
    with database.session() as session:
        row = session.scalars(select(AuditLogRow)).one()
        assert (row.user_id, row.action, row.table_name) == (user.user_id, "approve", RuleRow.__tablename__)
        assert (row.record_id, row.old_values, row.new_values) == (None, stored_old, stored_new)
        assert row.timestamp is not None


def test_values_of_any_kind_can_be_audited(database: Database) -> None:
    version = uuid4()
    with database.session() as session:
        values = {"version": version, "rate": Decimal("99.50"), "limit": float("inf"), "text": "a\x00b\ud800"}
        record_audit(session, None, "approve", RuleRow.__tablename__, "k", None, values)
    with database.session() as session:
        stored = session.scalars(select(AuditLogRow.new_values)).one()
        assert stored == {"key": "k", "version": str(version), "rate": "99.50", "limit": "inf", "text": "a\ufffdb?"}


def test_an_undone_transaction_leaves_no_audit_row(database: Database) -> None:
    with pytest.raises(IntegrityError), database.session() as session:
        _record_and_fail(session)
    with database.session() as session:
        assert session.scalars(select(AuditLogRow)).all() == []


def _record_and_fail(session: Session) -> None:
    record_audit(session, None, "approve", RuleRow.__tablename__, "k", None, None)
    session.flush()
    a_tester(session, email=a_tester(session).email)
