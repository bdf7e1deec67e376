"""What came of executing a version."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.services.results import VersionResults, latest_results, version_runs
from profiling_pipeline.services.versions import get_version
from profiling_pipeline.web.pages import render
from profiling_pipeline.web.routes.phases import RUNS_SHOWN
from profiling_pipeline.web.session import CurrentDatabase, SignedInUser

router = APIRouter(prefix="/versions")

ROWS_SHOWN = 5
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
    )


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
