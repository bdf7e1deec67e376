"""Finding the newest executions of a version's rules, by the index on rule and time."""

from uuid import UUID

from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session, aliased, defer

from profiling_pipeline.storage.models import RuleExecutionRow, RuleRow


def newest_executions_query(version_id: UUID, limit: int, *, with_samples: bool = True) -> Select[RuleExecutionRow]:
    """Return a query of the newest executions of each rule of a version, at most `limit` a rule.

    Each rule looks into the index for itself, so the answer takes as long whatever the number of executions stored.
    """
    newest = (
        select(RuleExecutionRow)
        .where(RuleExecutionRow.rule_id == RuleRow.rule_id)
        .order_by(RuleExecutionRow.executed_at.desc())
        .limit(limit)
        .correlate(RuleRow)
        .lateral()
    )
    execution = aliased(RuleExecutionRow, newest)
    query = select(execution).select_from(RuleRow).join(execution, true()).where(RuleRow.version_id == version_id)
    return query if with_samples else query.options(defer(execution.anomaly_details, raiseload=True))


def latest_executions(session: Session, version_id: UUID) -> dict[UUID, RuleExecutionRow]:
    """Return the latest execution of each rule of a version that has one, by rule id."""
    return {row.rule_id: row for row in session.scalars(newest_executions_query(version_id, 1))}
