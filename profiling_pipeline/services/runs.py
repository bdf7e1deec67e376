"""Executing approved versions, and storing what came of it once a run."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from profiling_pipeline.approval.lifecycle import RuleStatus, VersionStatus
from profiling_pipeline.approval.subjects import name_of
from profiling_pipeline.errors import TransitionRefusedError
from profiling_pipeline.execution.report import ExecutionReport
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.results.change_report import ChangeReport
from profiling_pipeline.results.scores import Scores
from profiling_pipeline.rules.identity import rule_identity
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.execution_records import SourceState, execution_from_row, execution_values
from profiling_pipeline.services.observations import ObservedRun, changes_of_run, store_observation
from profiling_pipeline.services.phases import open_planned_source
from profiling_pipeline.services.rule_rows import rule_from_row
from profiling_pipeline.services.unknown import unknown_version
from profiling_pipeline.services.users import get_user
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AttributeRow, RuleExecutionRow, RuleRow, RuleVersionRow

_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class VersionExecution:
    """A version executed by a run; `already_stored` counts results that an earlier attempt of the run had stored.

    `changes` says how its figures compare with earlier runs, None for a run from before these were kept.
    """

    version_id: UUID
    version_number: int
    phase_id: int
    run_id: str
    report: ExecutionReport
    scores: Scores
    stored: int
    already_stored: int
    changes: ChangeReport | None


def execute_version(
    database: Database,
    settings: Settings,
    version_id: UUID,
    *,
    run_id: str,
    executed_by_id: int,
    reason: str,
    progress: Callable[[int, int], None] | None = None,
) -> VersionExecution:
    """Run the approved rules of an approved version on its phase's data, and store the results in one transaction.

    A run that has stored its results executes nothing when it is repeated: what it stored is returned.

    Args:
        database: Where the version is and the results go.
        settings: Upload folders and memory limit.
        version_id: An approved version.
        run_id: Id of the run, the same in all of its attempts.
        executed_by_id: In whose name it is done.
        reason: Why the data are read.
        progress: Told rules done and their number.

    Raises:
        NotFoundError: There is no such version or user.
        TransitionRefusedError: The version is not approved.
        SourceError: The data cannot be read; nothing is stored.
    """
    get_user(database, executed_by_id)
    with database.session() as session:
        version = _approved_version(session, version_id)
        rules = _approved_rules(session, version_id)
        report = _stored_report(session, rules, run_id)
        changes = changes_of_run(session, version.phase_id, run_id)
    if report is not None:
        return _execution(version, run_id, report, changes, stored=0)
    with open_planned_source(
        database, settings, version.phase_id, user_id=executed_by_id, reason=f"{reason}, run {run_id}"
    ) as planned:
        report = execute_rules(
            planned.matched(rules),
            planned.source,
            hidden_columns=planned.hidden_columns,
            key_columns=planned.key_columns,
            observes_columns=True,
            others=planned.others,
            progress=progress,
        )
    with database.session() as session:
        run = ObservedRun(run_id, version_id, planned.plan.data_source_id, executed_by_id)
        changes = store_observation(session, run, report)
        report = _with_changes(report, changes)
        stored = _store(session, report, run_id, executed_by_id)
        # Another attempt of the same run may have been quicker; then its results are the run's.
        if stored < len(report.outcomes):
            report = _stored_report(session, rules, run_id) or report
    return _execution(version, run_id, report, changes, stored=stored)


def unexecuted_versions(database: Database, limit: int) -> list[tuple[UUID, int, int]]:
    """Return id, phase and number of approved versions whose rules were never executed, the longest approved first.

    A version whose rules were all rejected has nothing to execute and is left out.
    """
    executed = exists().where(
        RuleRow.version_id == RuleVersionRow.version_id, RuleExecutionRow.rule_id == RuleRow.rule_id
    )
    statement = (
        select(RuleVersionRow.version_id, RuleVersionRow.phase_id, RuleVersionRow.version_number)
        .where(
            RuleVersionRow.version_status == VersionStatus.APPROVED.value,
            RuleVersionRow.approved_rules > 0,
            ~executed,
        )
        .order_by(RuleVersionRow.approved_at, RuleVersionRow.version_id)
        .limit(limit)
    )
    with database.session() as session:
        return [(version_id, phase_id, number) for version_id, phase_id, number in session.execute(statement)]


def _approved_version(session: Session, version_id: UUID) -> RuleVersionRow:
    version = session.get(RuleVersionRow, version_id)
    if version is None:
        raise unknown_version(version_id)
    if version.version_status != VersionStatus.APPROVED:
        raise TransitionRefusedError(
            f"{name_of(version)} is {version.version_status}; only an approved version is executed. "
            "Have it approved, or execute the phase's approved version."
        )
    return version


def _approved_rules(session: Session, version_id: UUID) -> list[Rule]:
    statement = (
        select(RuleRow, AttributeRow.attribute_name)
        .join(AttributeRow, AttributeRow.id == RuleRow.attribute_id)
        .where(RuleRow.version_id == version_id, RuleRow.status == RuleStatus.APPROVED.value)
        .order_by(RuleRow.execution_order, RuleRow.rule_name, RuleRow.rule_id)
    )
    return [rule_from_row(row, name) for row, name in session.execute(statement)]


def _with_changes(report: ExecutionReport, changes: ChangeReport) -> ExecutionReport:
    """Return the report with what is unusual beside each rule that it is about."""
    outcomes = (
        replace(outcome, unusual_changes=tuple(change.to_dict() for change in found))
        if (found := changes.of_rule(rule_identity(outcome.rule), outcome.columns_read))
        else outcome
        for outcome in report.outcomes
    )
    return replace(report, outcomes=tuple(outcomes))


def _store(session: Session, report: ExecutionReport, run_id: str, executed_by_id: int) -> int:
    """Store outcomes, each once a run, and return how many were new."""
    source = SourceState(report.source, report.rows, report.engine, report.fingerprint)
    shared: dict[str, Any] = {"background_job_id": run_id, "created_by_id": executed_by_id}
    rows = [shared | execution_values(outcome, source) for outcome in report.outcomes]
    stored = 0
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        statement = (
            insert(RuleExecutionRow)
            .values(rows[start : start + _ROWS_AT_ONCE])
            .on_conflict_do_nothing(index_elements=["background_job_id", "rule_id"])
            .returning(RuleExecutionRow.execution_id)
        )
        stored += len(session.execute(statement).all())
    return stored


def _stored_report(session: Session, rules: list[Rule], run_id: str) -> ExecutionReport | None:
    """Return what the run has stored for these rules, None where that is nothing."""
    by_id = {rule.rule_id: rule for rule in rules}
    rows = session.scalars(
        select(RuleExecutionRow).where(
            RuleExecutionRow.background_job_id == run_id, RuleExecutionRow.rule_id.in_(by_id)
        )
    )
    executions = {row.rule_id: execution_from_row(row, by_id[row.rule_id]) for row in rows}
    if not executions:
        return None
    ordered = [executions[rule_id] for rule_id in by_id if rule_id in executions]
    source = ordered[0].source
    return ExecutionReport(
        source=source.name,
        rows=source.rows,
        engine=source.engine,
        fingerprint=source.fingerprint,
        outcomes=tuple(execution.outcome for execution in ordered),
        elapsed_ms=sum(execution.outcome.elapsed_ms for execution in ordered),
    )


def _execution(
    version: RuleVersionRow, run_id: str, report: ExecutionReport, changes: ChangeReport | None, *, stored: int
) -> VersionExecution:
    return VersionExecution(
        version_id=version.version_id,
        version_number=version.version_number,
        phase_id=version.phase_id,
        run_id=run_id,
        report=report,
        scores=report.scores,
        stored=stored,
        already_stored=len(report.outcomes) - stored,
        changes=changes,
    )
