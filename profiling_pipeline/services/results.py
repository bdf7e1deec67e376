"""What came of executions: latest results, history, runs."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from profiling_pipeline.approval.lifecycle import VersionStatus
from profiling_pipeline.approval.subjects import name_of
from profiling_pipeline.errors import NotFoundError
from profiling_pipeline.results.change_report import ChangeReport
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.results.scores import Scores, score_outcomes
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.execution_records import RuleExecution, execution_from_row
from profiling_pipeline.services.latest import latest_executions, newest_executions_query
from profiling_pipeline.services.observations import changes_of_run
from profiling_pipeline.services.phases import profiling_phase
from profiling_pipeline.services.rule_rows import rule_from_row
from profiling_pipeline.services.unknown import unknown_rule, unknown_version
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AttributeRow, RuleExecutionRow, RuleRow, RuleVersionRow


@dataclass(frozen=True)
class VersionResults:
    """The latest result of each rule of a version, in listing order; run, time and rows are those of the newest.

    `changes` says how that run's figures compare with earlier runs, None for a run from before these were kept.
    """

    phase_id: int
    version_id: UUID
    version_number: int
    run_id: str
    executed_at: datetime
    rows: int
    outcomes: tuple[RuleOutcome, ...]
    scores: Scores
    changes: ChangeReport | None = None


@dataclass(frozen=True)
class VersionRun:
    """One execution of a whole version."""

    run_id: str
    executed_at: datetime
    rows: int
    counts: Mapping[ExecutionStatus, int]
    scores: Scores

    @property
    def overall(self) -> Decimal | None:
        """The overall score."""
        return self.scores.overall


def latest_results(database: Database, version_id: UUID) -> VersionResults:
    """Return the latest result of each rule of a version.

    Raises:
        NotFoundError: There is no such version, or it was never executed.
    """
    with database.session() as session:
        return _latest(session, _version(session, version_id))


def phase_results(database: Database, phase_id: int, run_id: str | None = None) -> VersionResults:
    """Return the latest results of the version that a run executed, else of the phase's approved version.

    These differ where another version was approved while the run was under way.

    Raises:
        NotFoundError: There is no such phase, it has no approved version, or that was never executed.
        InvalidInputError: It is another kind of phase.
    """
    with database.session() as session:
        profiling_phase(session, phase_id)
        version = (_executed(session, phase_id, run_id) if run_id else None) or session.scalar(
            select(RuleVersionRow).where(
                RuleVersionRow.phase_id == phase_id,
                RuleVersionRow.version_status == VersionStatus.APPROVED.value,
            )
        )
        if version is None:
            raise NotFoundError(
                f"Phase {phase_id} has no approved version, so it has no results.",
                "Have one submitted and approved: profiling version list.",
            )
        return _latest(session, version)


def rule_history(database: Database, rule_id: UUID, limit: int = 100) -> list[RuleExecution]:
    """Return the newest executions of a rule, newest first.

    Raises:
        NotFoundError: There is no such rule.
    """
    with database.session() as session:
        found = session.execute(
            select(RuleRow, AttributeRow.attribute_name)
            .join(AttributeRow, AttributeRow.id == RuleRow.attribute_id)
            .where(RuleRow.rule_id == rule_id)
        ).one_or_none()
        if found is None:
            raise unknown_rule(rule_id)
        rule = rule_from_row(*found)
        rows = session.scalars(
            select(RuleExecutionRow)
            .where(RuleExecutionRow.rule_id == rule_id)
            .order_by(RuleExecutionRow.executed_at.desc())
            .limit(limit)
        )
        return [execution_from_row(row, rule) for row in rows]


def version_runs(database: Database, version_id: UUID, limit: int = 100) -> list[VersionRun]:
    """Return the newest runs of a version, newest first.

    Raises:
        NotFoundError: There is no such version.
    """
    with database.session() as session:
        _version(session, version_id)
        rules = _rules(session, version_id)
        runs: dict[str, list[RuleExecution]] = defaultdict(list)
        for row in session.scalars(newest_executions_query(version_id, limit, with_samples=False)):
            execution = execution_from_row(row, rules[row.rule_id], with_samples=False)
            runs[execution.run_id].append(execution)
    found = [_run(run_id, executions) for run_id, executions in runs.items()]
    return sorted(found, key=lambda run: run.executed_at, reverse=True)[:limit]


def _run(run_id: str, executions: list[RuleExecution]) -> VersionRun:
    newest = max(executions, key=lambda execution: execution.executed_at)
    outcomes = [execution.outcome for execution in executions]
    return VersionRun(
        run_id=run_id,
        executed_at=newest.executed_at,
        rows=newest.source.rows,
        counts=Counter(outcome.status for outcome in outcomes),
        scores=score_outcomes(outcomes),
    )


def _executed(session: Session, phase_id: int, run_id: str) -> RuleVersionRow | None:
    """Return the version of the phase that a run executed."""
    return session.scalar(
        select(RuleVersionRow)
        .join(RuleRow, RuleRow.version_id == RuleVersionRow.version_id)
        .join(RuleExecutionRow, RuleExecutionRow.rule_id == RuleRow.rule_id)
        .where(RuleVersionRow.phase_id == phase_id, RuleExecutionRow.background_job_id == run_id)
        .limit(1)
    )


def _latest(session: Session, version: RuleVersionRow) -> VersionResults:
    rows = latest_executions(session, version.version_id)
    rules = _rules(session, version.version_id)
    executions = [execution_from_row(rows[rule_id], rule) for rule_id, rule in rules.items() if rule_id in rows]
    if not executions:
        raise NotFoundError(
            f"{name_of(version)} was never executed.",
            f"Execute the phase's approved version: profiling run {version.phase_id}.",
        )
    newest = max(executions, key=lambda execution: execution.executed_at)
    outcomes = tuple(execution.outcome for execution in executions)
    return VersionResults(
        phase_id=version.phase_id,
        version_id=version.version_id,
        version_number=version.version_number,
        run_id=newest.run_id,
        executed_at=newest.executed_at,
        rows=newest.source.rows,
        outcomes=outcomes,
        scores=score_outcomes(outcomes),
        changes=changes_of_run(session, version.phase_id, newest.run_id),
    )


def _version(session: Session, version_id: UUID) -> RuleVersionRow:
    version = session.get(RuleVersionRow, version_id)
    if version is None:
        raise unknown_version(version_id)
    return version


def _rules(session: Session, version_id: UUID) -> dict[UUID, Rule]:
    """Return a version's rules by id, in listing order."""
    statement = (
        select(RuleRow, AttributeRow.attribute_name)
        .join(AttributeRow, AttributeRow.id == RuleRow.attribute_id)
        .where(RuleRow.version_id == version_id)
        .order_by(RuleRow.execution_order, RuleRow.rule_name, RuleRow.rule_id)
    )
    return {row.rule_id: rule_from_row(row, name) for row, name in session.execute(statement)}
