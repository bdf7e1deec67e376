"""The page that says whether the legacy migration is right."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from profiling_pipeline.legacy_migration.report import latest_report, render_page
from profiling_pipeline.web.session import CurrentDatabase, SignedInUser

router = APIRouter()

# The page brings its own style and nothing else.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
}


@router.get("/legacy-migration")
def legacy_migration(database: CurrentDatabase, user: SignedInUser) -> HTMLResponse:
    """Show the latest verification."""
    return HTMLResponse(render_page(latest_report(database)), headers=_HEADERS)
