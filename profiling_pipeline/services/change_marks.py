"""What people say of unusual figures: expected, so that later runs are compared with them too, or a fault indeed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from profiling_pipeline.approval.oversight import check_overseer
from profiling_pipeline.errors import ConflictError, InvalidInputError, NotFoundError
from profiling_pipeline.results.change_report import MarkVerdict
from profiling_pipeline.results.observation import FigureKey, FigureKind
from profiling_pipeline.rules.identity import rule_identity
from profiling_pipeline.services.rule_rows import rule_from_row
from profiling_pipeline.services.steps import clock
from profiling_pipeline.services.stored_text import require_storable
from profiling_pipeline.services.users import person
from profiling_pipeline.storage.audit import record_audit
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import ObservationRow, RuleExecutionRow, RuleRow


def mark_changes(
    database: Database,
    phase_id: int,
    run_id: str | None,
    user_id: int,
    verdict: MarkVerdict,
    note: str,
    figures: Sequence[FigureKey] | None = None,
) -> list[FigureKey]:
    """Mark unusual figures of a run, each once and for good, with an audit row for each, and return which they were.

    The mark of a pass rate is kept with the rule's execution, too.

    Args:
        database: Where the run is stored.
        phase_id: The Data Profiling phase.
        run_id: The run; None for the phase's latest.
        user_id: Who says so: a tester or a report owner.
        verdict: What is said.
        note: Why.
        figures: Of which; None for all that are not marked yet.

    Raises:
        NotFoundError: There is no such user or run.
        PermissionRefusedError: It is not for this person.
        InvalidInputError: The note is missing, or a figure was not unusual.
        ConflictError: A figure is marked already, or none is left to be marked.
    """
    with database.session() as session:
        check_overseer(person(session, user_id), "mark what is unusual")
        said = require_storable(note.strip(), "note")
        if not said:
            raise InvalidInputError("A mark needs a note. Say why it was to be expected, or what went wrong.")
        row = _locked(session, phase_id, run_id)
        chosen = _chosen(row, figures)
        mark = _mark(verdict, user_id, clock(session), said)
        _add_marks(session, row, chosen, mark)
        _mark_executions(session, row, chosen, mark)
        for key in chosen:
            record_audit(
                session,
                user_id,
                "mark_unusual_change",
                row.__tablename__,
                str(row.observation_id),
                {},
                {"run": row.background_job_id, "figure": str(key), **mark},
            )
        return chosen


def _locked(session: Session, phase_id: int, run_id: str | None) -> ObservationRow:
    statement = select(ObservationRow).where(ObservationRow.phase_id == phase_id)
    if run_id is not None:
        statement = statement.where(ObservationRow.background_job_id == run_id)
    row = session.scalar(statement.order_by(ObservationRow.observed_at.desc()).limit(1).with_for_update())
    if row is None:
        if run_id is not None:
            raise NotFoundError(
                f"Phase {phase_id} has no run '{run_id}' with figures to mark.",
                f"List its runs: profiling change list {phase_id}.",
            )
        raise NotFoundError(
            f"No run of phase {phase_id} has figures to mark.", f"Execute it: profiling run {phase_id}."
        )
    return row


def _chosen(row: ObservationRow, figures: Sequence[FigureKey] | None) -> list[FigureKey]:
    unusual = [FigureKey.parse(key) for key in row.unusual]
    if figures is None:
        if not unusual:
            raise ConflictError(f"Nothing was unusual in run {row.background_job_id}, so there is nothing to mark.")
        figures = [key for key in unusual if str(key) not in row.marks]
        if not figures:
            raise ConflictError(
                f"Nothing unusual of run {row.background_job_id} is left to be marked: {len(unusual)} figures were "
                "unusual, and all of them are marked."
            )
    for key in figures:
        if key not in unusual:
            listed = ", ".join(f"'{each}'" for each in row.unusual) or "none"
            raise InvalidInputError(
                f"'{key}' was not unusual in run {row.background_job_id}. Choose from what was: {listed}."
            )
        if str(key) in row.marks:
            raise ConflictError(
                f"'{key}' of run {row.background_job_id} is marked as {row.marks[str(key)]['verdict']} already, "
                "which stands. Look at the run again."
            )
    return list(dict.fromkeys(figures))


def _mark(verdict: MarkVerdict, user_id: int, at: datetime, note: str) -> dict[str, Any]:
    return {"verdict": verdict.value, "marked_by_id": user_id, "marked_at": at.isoformat(), "note": note}


def _add_marks(session: Session, row: ObservationRow, figures: Iterable[FigureKey], mark: dict[str, Any]) -> None:
    added = literal({str(key): mark for key in figures}, JSONB)
    session.execute(
        update(ObservationRow)
        .where(ObservationRow.observation_id == row.observation_id)
        .values(marks=ObservationRow.marks.op("||")(added))
        .execution_options(synchronize_session=False)
    )


def _mark_executions(session: Session, row: ObservationRow, figures: Iterable[FigureKey], mark: dict[str, Any]) -> None:
    """Keep the mark of pass rates with the executions that they are of.

    What stands in an execution's details is added to by the database, not read and written again: its numbers may have
    more digits than Python's.
    """
    identities = {key.subject for key in figures if key.kind is FigureKind.PASS_RATE}
    if not identities:
        return
    rules = session.scalars(select(RuleRow).where(RuleRow.version_id == row.version_id))
    marked = [rule.rule_id for rule in rules if rule_identity(rule_from_row(rule, "")) in identities]
    details = func.coalesce(RuleExecutionRow.anomaly_details, literal({}, JSONB))
    session.execute(
        update(RuleExecutionRow)
        .where(RuleExecutionRow.background_job_id == row.background_job_id, RuleExecutionRow.rule_id.in_(marked))
        .values(anomaly_details=details.op("||")(literal({"mark": mark}, JSONB)))
        .execution_options(synchronize_session=False)
    )
