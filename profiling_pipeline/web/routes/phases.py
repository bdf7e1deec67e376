"""The phases: all of them with the next step, and each with its versions, scores and history."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from profiling_pipeline.approval.lifecycle import VersionStatus
from profiling_pipeline.errors import ConfigurationError, InvalidInputError, NotFoundError, SourceError
from profiling_pipeline.services.phases import PhasePlan, PhaseSummary, list_phases, load_plan
from profiling_pipeline.services.results import version_runs
from profiling_pipeline.services.versions import list_versions
from profiling_pipeline.storage.database import Database
from profiling_pipeline.web.next_steps import next_step
from profiling_pipeline.web.pages import render
from profiling_pipeline.web.session import CurrentDatabase, SignedInUser

router = APIRouter()

RUNS_SHOWN = 12  # every one costs the reading of all of its rules' results


@router.get("/")
def home(request: Request, database: CurrentDatabase, user: SignedInUser) -> Response:
    """Show all phases, those that wait for this user first."""
    listed = [(phase, next_step(phase, user)) for phase in list_phases(database)]
    listed.sort(key=lambda line: not line[1].is_mine)
    return render(request, "home.html", phases=listed)


@router.get("/phases/{phase_id}")
def phase_page(request: Request, database: CurrentDatabase, user: SignedInUser, phase_id: int) -> Response:
    """Show one phase."""
    phase = _phase(database, phase_id)
    plan, problem = _plan(database, phase_id)
    versions = list_versions(database, phase_id=phase_id)
    approved = next((each for each in versions if each.version_status == VersionStatus.APPROVED), None)
    runs = version_runs(database, approved.version_id, RUNS_SHOWN) if approved is not None else []
    return render(
        request,
        "phase.html",
        phase=phase,
        next_step=next_step(phase, user),
        plan=plan,
        problem=problem,
        versions=versions,
        approved=approved,
        runs=runs,
        trend=[(run.executed_at, run.overall) for run in reversed(runs)],
    )


def _phase(database: Database, phase_id: int) -> PhaseSummary:
    for phase in list_phases(database):
        if phase.phase_id == phase_id:
            return phase
    raise NotFoundError(f"There is no Data Profiling phase {phase_id}. Choose one from the list of phases.")


def _plan(database: Database, phase_id: int) -> tuple[PhasePlan | None, str | None]:
    """Return what is planned, or why that is not known: a phase is shown even if its plan is at fault."""
    try:
        return load_plan(database, phase_id), None
    except (NotFoundError, InvalidInputError, SourceError, ConfigurationError) as error:
        return None, str(error)
