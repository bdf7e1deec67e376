"""Whether the app can do its work, for load balancers and monitors."""

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text

from profiling_pipeline.errors import DatabaseUnavailableError
from profiling_pipeline.web.session import CurrentDatabase

router = APIRouter()


@router.get("/health")
def health(database: CurrentDatabase) -> JSONResponse:
    """Answer 200 when the database answers, else 503; where it is stays untold."""
    try:
        with database.session() as session:
            session.execute(text("SELECT 1"))
    except DatabaseUnavailableError:
        return JSONResponse(
            {"status": "unavailable", "reason": "The database does not answer."}, HTTPStatus.SERVICE_UNAVAILABLE
        )
    return JSONResponse({"status": "ok"})
