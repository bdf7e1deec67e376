"""What runs saw of a source: stored once a run, compared with earlier runs, read by people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from profiling_pipeline.execution.report import ExecutionReport
from profiling_pipeline.results.change_report import ChangeReport, Mark, MarkVerdict
from profiling_pipeline.results.observation import FigureKey, Observation, observed
from profiling_pipeline.results.unusual_change import DEFAULT_SENSITIVITY, Change, PastRun, Sensitivity, changes
from profiling_pipeline.results.usual_range import MOST_HISTORY
from profiling_pipeline.rules.identity import rule_identity
from profiling_pipeline.services.phases import profiling_phase
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import ObservationRow, RuleVersionRow


@dataclass(frozen=True)
class ObservedRun:
    """Whose run it is, of which version, on which planned data source."""

    run_id: str
    version_id: UUID
    data_source_id: int
    user_id: int


def store_observation(session: Session, run: ObservedRun, report: ExecutionReport) -> ChangeReport:
    """Compare what a run saw with earlier runs of its phase and source, and store both, once a run.

    Earlier runs are those of any version of the phase on the same planned data source: its file or table may change.
    """
    version = session.get_one(RuleVersionRow, run.version_id)
    seen = observed(report.rows, report.columns or {}, report.outcomes)
    at: datetime = session.execute(select(func.now())).scalar_one()
    history = _history(session, version.phase_id, run.data_source_id, until=at)
    sensitivity = Sensitivity(version.change_sensitivity or DEFAULT_SENSITIVITY)
    names = {rule_identity(outcome.rule): outcome.rule.name for outcome in report.outcomes}
    found = changes(seen.figures(), at, history, sensitivity, names)
    stored = session.execute(
        insert(ObservationRow)
        .values(
            observation_id=uuid4(),
            phase_id=version.phase_id,
            version_id=version.version_id,
            planning_data_source_id=run.data_source_id,
            source_name=report.source,
            background_job_id=run.run_id,
            observed_at=at,
            figures=seen.to_dict(),
            sensitivity=sensitivity.value,
            earlier_runs=len(history),
            changes={str(change.key): change.stored() for change in found},
            unusual=[str(change.key) for change in found if change.is_unusual],
            created_by_id=run.user_id,
        )
        .on_conflict_do_nothing(index_elements=["background_job_id", "phase_id"])
        .returning(ObservationRow.observation_id)
    ).all()
    # Another attempt of the same run may have been quicker; then its observation is the run's.
    earlier = None if stored else changes_of_run(session, version.phase_id, run.run_id)
    return earlier or ChangeReport(run.run_id, at, sensitivity, len(history), tuple(found))


def changes_of_run(session: Session, phase_id: int, run_id: str) -> ChangeReport | None:
    """Return how a run's figures compared with earlier ones, None for a run of which nothing was kept."""
    row = session.scalar(
        select(ObservationRow).where(ObservationRow.background_job_id == run_id, ObservationRow.phase_id == phase_id)
    )
    return change_report(row) if row is not None else None


def recent_changes(database: Database, phase_id: int, limit: int) -> list[ChangeReport]:
    """Return how the newest runs of a phase compared with earlier ones, newest first.

    Raises:
        NotFoundError: There is no such phase.
        InvalidInputError: It is another kind of phase.
    """
    with database.session() as session:
        profiling_phase(session, phase_id)
        rows = session.scalars(
            select(ObservationRow)
            .where(ObservationRow.phase_id == phase_id)
            .order_by(ObservationRow.observed_at.desc())
            .limit(limit)
        )
        return [change_report(row) for row in rows]


def change_report(row: ObservationRow) -> ChangeReport:
    """Return how a stored run's figures compared with earlier ones."""
    found = [Change.from_stored(key, stored) for key, stored in row.changes.items()]
    return ChangeReport(
        run_id=row.background_job_id,
        observed_at=row.observed_at,
        sensitivity=Sensitivity(row.sensitivity),
        earlier_runs=row.earlier_runs,
        changes=tuple(sorted(found, key=Change.order)),
        marks={FigureKey.parse(key): Mark.from_dict(mark) for key, mark in row.marks.items()},
    )


def runs_until(database: Database, phase_id: int, run_id: str) -> list[PastRun]:
    """Return a run and the earlier ones on its phase and source, oldest first, at most 90; none of an unknown run."""
    with database.session() as session:
        last = session.execute(
            select(ObservationRow.planning_data_source_id, ObservationRow.observed_at).where(
                ObservationRow.background_job_id == run_id, ObservationRow.phase_id == phase_id
            )
        ).one_or_none()
        return _history(session, phase_id, last[0], until=last[1]) if last is not None else []


def history_query(phase_id: int, data_source_id: int, until: datetime) -> Select[*tuple[Any, ...]]:
    """Return a query of the newest runs of a phase and source up to a time, newest first, answered from one index."""
    return (
        select(ObservationRow.observed_at, ObservationRow.figures, ObservationRow.unusual, ObservationRow.marks)
        .where(
            ObservationRow.phase_id == phase_id,
            ObservationRow.planning_data_source_id == data_source_id,
            ObservationRow.observed_at <= until,
        )
        .order_by(ObservationRow.observed_at.desc())
        .limit(MOST_HISTORY)
    )


def _history(session: Session, phase_id: int, data_source_id: int, until: datetime) -> list[PastRun]:
    rows = session.execute(history_query(phase_id, data_source_id, until)).all()
    return [_past_run(*row) for row in reversed(rows)]


def _past_run(at: datetime, figures: Mapping[str, Any], unusual: Sequence[str], marks: Mapping[str, Any]) -> PastRun:
    said = {FigureKey.parse(key): mark["verdict"] for key, mark in marks.items()}
    return PastRun(
        at=at,
        figures=Observation.from_dict(figures).figures(),
        unusual=frozenset(map(FigureKey.parse, unusual)),
        expected=frozenset(key for key, verdict in said.items() if verdict == MarkVerdict.EXPECTED),
        faults=frozenset(key for key, verdict in said.items() if verdict == MarkVerdict.CONFIRMED),
    )
