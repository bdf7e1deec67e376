"""What came of executing a version."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from profiling_pipeline.approval.lifecycle import Person
from profiling_pipeline.approval.oversight import is_overseer
from profiling_pipeline.results.change_history import figure_history
from profiling_pipeline.results.change_report import ChangeReport
from profiling_pipeline.results.observation import FigureKey, FigureKind
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.results.unusual_change import label_of, shown_figure
from profiling_pipeline.services.observations import runs_until
from profiling_pipeline.services.results import VersionResults, latest_results, version_runs
from profiling_pipeline.services.versions import get_version
from profiling_pipeline.storage.database import Database
from profiling_pipeline.web.charts import LineChart, history_chart
from profiling_pipeline.web.pages import render
from profiling_pipeline.web.people import names
from profiling_pipeline.web.routes.phases import RUNS_SHOWN
from profiling_pipeline.web.session import CurrentDatabase, SignedInUser

router = APIRouter(prefix="/versions")

ROWS_SHOWN = 5
CHARTS_SHOWN = 6
CHANGES_SHOWN = 50
_WORST_FIRST = [ExecutionStatus.ERROR, ExecutionStatus.FAILED, ExecutionStatus.SKIPPED, ExecutionStatus.PASSED]


@router.get("/{version_id}/results")
def results_page(request: Request, database: CurrentDatabase, user: SignedInUser, version_id: UUID) -> Response:
    """Show the latest results of a version, failing rules first."""
    runs = version_runs(database, version_id, RUNS_SHOWN)
    if not runs:
        return render(request, "not_executed.html", version=get_version(database, version_id))
    results = latest_results(database, version_id)
    return render(
        request,
        "results.html",
        results=results,
        outcomes=_worst_first(results),
        runs=runs,
        trend=[(run.executed_at, run.overall) for run in reversed(runs)],
        rows_shown=ROWS_SHOWN,
        changes=results.changes,
        changes_shown=CHANGES_SHOWN,
        charts=_charts(database, results.phase_id, results.changes) if results.changes else [],
        people=_people(database, results.changes),
        may_mark=is_overseer(Person(user.user_id, user.role, user.is_active)),
    )


def _charts(database: Database, phase_id: int, report: ChangeReport) -> list[tuple[str, LineChart | None]]:
    """Return charts of the row count and of what is unusual, the farthest out first."""
    rows = FigureKey(FigureKind.ROW_COUNT)
    labels = {rows: label_of(rows, {})} | {change.key: change.label for change in report.unusual}
    runs = runs_until(database, phase_id, report.run_id)
    return [
        (label, history_chart(figure_history(key, runs, report.sensitivity), partial(shown_figure, key.kind)))
        for key, label in list(labels.items())[:CHARTS_SHOWN]
    ]


def _people(database: Database, report: ChangeReport | None) -> dict[int, str]:
    return names(database, {mark.marked_by_id for mark in report.marks.values()} if report else set())


def _worst_first(results: VersionResults) -> list[RuleOutcome]:
    """Return outcomes in error, then failed (the severest and most failed first), skipped, with a warning, passed."""
    return sorted(
        results.outcomes,
        key=lambda outcome: (
            _WORST_FIRST.index(outcome.status),
            not outcome.is_warning,
            -outcome.rule.severity.weight,
            -outcome.failed,
        ),
    )
