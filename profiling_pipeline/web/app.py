"""The review app, put together."""

from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.middleware.sessions import SessionMiddleware
from starlette.staticfiles import StaticFiles

from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline.web.error_pages import add_error_pages
from profiling_pipeline.web.headers import SecurityHeaders
from profiling_pipeline.web.routes import changes, health, legacy, phases, results, rules, sign_in, versions
from profiling_pipeline.web.session import SESSION_SECONDS, require_form_token, session_key

LARGEST_BODY = 1_000_000  # bytes; the longest form is that of one rule
_STATIC = Path(__file__).parent / "static"


def create_app(settings: Settings, database: Database) -> FastAPI:
    """Return the review app on an open database; the caller closes the database when the app has ended.

    Raises:
        ConfigurationError: The session secret cannot be used.
    """
    app = FastAPI(
        title="Profiling Pipeline: review",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(require_form_token)],
        max_body_size=LARGEST_BODY,
    )
    app.state.settings, app.state.database = settings, database
    app.add_middleware(
        SessionMiddleware,
        secret_key=session_key(settings),
        session_cookie="profiling_session",
        max_age=SESSION_SECONDS,
        same_site="lax",
        https_only=settings.review_url.startswith("https:"),
    )
    app.add_middleware(SecurityHeaders)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    for routes in (health, sign_in, phases, versions, results, rules, changes, legacy):
        app.include_router(routes.router)
    add_error_pages(app)
    return app
