"""What reviewers say of unusual change, and how small a change they want to hear of."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.plurals import counted
from profiling_pipeline.results.change_report import MarkVerdict
from profiling_pipeline.results.observation import FigureKey
from profiling_pipeline.results.unusual_change import Sensitivity
from profiling_pipeline.services.change_marks import mark_changes
from profiling_pipeline.services.review import ReviewService
from profiling_pipeline.services.versions import get_version
from profiling_pipeline.web.pages import notify
from profiling_pipeline.web.session import CurrentDatabase, SignedInUser

router = APIRouter(prefix="/versions/{version_id}")


@router.post("/marks")
def mark(
    request: Request,
    database: CurrentDatabase,
    user: SignedInUser,
    version_id: UUID,
    run: Annotated[str, Form()],
    verdict: Annotated[MarkVerdict, Form()],
    note: Annotated[str, Form()] = "",
    figure: Annotated[str, Form()] = "",
) -> Response:
    """Mark one unusual figure of a run, or all that are left."""
    phase_id = get_version(database, version_id).phase_id
    figures = [_figure(figure)] if figure else None
    marked = mark_changes(database, phase_id, run, user.user_id, verdict, note, figures)
    notify(request, f"Marked as {verdict}: {counted(len(marked), 'figure')}.")
    return RedirectResponse(f"/versions/{version_id}/results#changes", HTTPStatus.SEE_OTHER)


@router.post("/sensitivity")
def set_sensitivity(
    request: Request,
    database: CurrentDatabase,
    user: SignedInUser,
    version_id: UUID,
    sensitivity: Annotated[Sensitivity, Form()],
    revision: Annotated[str, Form()],
) -> Response:
    """Set how small a change is unusual."""
    ReviewService(database).set_sensitivity(version_id, user.user_id, sensitivity, revision=revision)
    notify(request, f"The sensitivity is {sensitivity} from the next execution on.")
    return RedirectResponse(f"/versions/{version_id}", HTTPStatus.SEE_OTHER)


def _figure(text: str) -> FigureKey:
    try:
        return FigureKey.parse(text)
    except ValueError as error:
        raise InvalidInputError(f"'{text}' names no figure. Open the results again.") from error
