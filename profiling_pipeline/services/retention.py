"""Deleting what is older than it is kept, in batches that each are one transaction with an audit row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, delete, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.services.users import system_user_id
from profiling_pipeline.storage.audit import record_audit
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AccessLogRow, ModelAnswerRow, ObservationRow, RuleExecutionRow, RuleRow
from profiling_pipeline.storage.retention import retention_allowed

_KeyT = TypeVar("_KeyT")

ROWS_AT_ONCE = 10_000
RULES_AT_ONCE = 500


@dataclass(frozen=True)
class RetentionReport:
    """What was deleted: rows older than `before`."""

    before: datetime
    executions: int
    observations: int
    access_records: int
    model_answers: int


def delete_expired(database: Database, days: int, *, now: datetime) -> RetentionReport:
    """Delete executions, observations, access records and answers of language models older than so many days.

    The latest execution of a rule and the latest observation of a phase's source are always kept.

    What was deleted before an interruption stays deleted, and the next call goes on.

    Raises:
        InvalidInputError: The number of days is not positive.
    """
    if days < 1:
        raise InvalidInputError(f"Records cannot be kept for {days} days. Keep them for at least one.")
    before = now - timedelta(days=days)
    user_id = system_user_id(database)
    executions = sum(_delete_executions(database, rule_ids, before, user_id) for rule_ids in _pages_of_rules(database))
    observations = _delete_observations(database, before, user_id)
    accesses = _delete_access_records(database, before, user_id)
    return RetentionReport(before, executions, observations, accesses, _delete_answers(database, before, user_id))


def _pages_of_rules(database: Database) -> Iterator[Sequence[UUID]]:
    last = None
    while True:
        statement = select(RuleRow.rule_id).order_by(RuleRow.rule_id).limit(RULES_AT_ONCE)
        with database.session() as session:
            page = session.scalars(statement if last is None else statement.where(RuleRow.rule_id > last)).all()
        if not page:
            return
        yield page
        last = page[-1]


def _delete_executions(database: Database, rule_ids: Sequence[UUID], before: datetime, user_id: int) -> int:
    newer = aliased(RuleExecutionRow)
    latest = (
        select(newer.executed_at)
        .where(newer.rule_id == RuleExecutionRow.rule_id)
        .order_by(newer.executed_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    expired = select(RuleExecutionRow.execution_id).where(
        RuleExecutionRow.rule_id.in_(rule_ids),
        RuleExecutionRow.executed_at < before,
        RuleExecutionRow.executed_at < latest,
    )
    return _delete_in_batches(database, RuleExecutionRow.execution_id, expired, before, user_id)


def _delete_observations(database: Database, before: datetime, user_id: int) -> int:
    newer = aliased(ObservationRow)
    has_newer = exists().where(
        newer.phase_id == ObservationRow.phase_id,
        newer.planning_data_source_id == ObservationRow.planning_data_source_id,
        newer.observed_at > ObservationRow.observed_at,
    )
    expired = select(ObservationRow.observation_id).where(ObservationRow.observed_at < before, has_newer)
    return _delete_in_batches(database, ObservationRow.observation_id, expired, before, user_id)


def _delete_access_records(database: Database, before: datetime, user_id: int) -> int:
    expired = select(AccessLogRow.access_id).where(AccessLogRow.accessed_at < before)
    return _delete_in_batches(database, AccessLogRow.access_id, expired, before, user_id)


def _delete_answers(database: Database, before: datetime, user_id: int) -> int:
    expired = select(ModelAnswerRow.request_digest).where(ModelAnswerRow.created_at < before)
    return _delete_in_batches(database, ModelAnswerRow.request_digest, expired, before, user_id)


def _delete_in_batches(
    database: Database, key: InstrumentedAttribute[_KeyT], expired: Select[_KeyT], before: datetime, user_id: int
) -> int:
    """Delete the rows whose keys `expired` selects, and return how many they were."""
    model = key.class_
    total = 0
    while True:
        with database.session() as session, retention_allowed(session):
            statement = delete(model).where(key.in_(expired.limit(ROWS_AT_ONCE))).returning(key)
            deleted = len(session.execute(statement).all())
            _record(session, user_id, model.__tablename__, before, deleted)
        total += deleted
        if deleted < ROWS_AT_ONCE:
            return total


def _record(session: Session, user_id: int, table_name: str, before: datetime, deleted: int) -> None:
    if deleted:
        old = {"deleted_rows": deleted, "older_than": before}
        record_audit(session, user_id, "delete_expired", table_name, "retention", old, None)
