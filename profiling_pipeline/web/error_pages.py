"""Failures as pages: the right status, the message, the way on; never a traceback."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from profiling_pipeline.errors import (
    ConfigurationError,
    ConflictError,
    DatabaseSchemaError,
    DatabaseUnavailableError,
    InvalidInputError,
    NotFoundError,
    PermissionRefusedError,
    ProfilingError,
    SourceError,
    SourceUnavailableError,
    WorkflowError,
)
from profiling_pipeline.web.headers import SECURITY_HEADERS
from profiling_pipeline.web.pages import render

_log = logging.getLogger(__name__)
_START_AGAIN = "Start again from the list of phases."

# The first that fits counts.
_STATUSES: tuple[tuple[type[ProfilingError], HTTPStatus, str], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND, "Not found"),
    (PermissionRefusedError, HTTPStatus.FORBIDDEN, "Not allowed"),
    (ConflictError, HTTPStatus.CONFLICT, "Somebody changed it"),
    (WorkflowError, HTTPStatus.CONFLICT, "Not possible now"),
    (InvalidInputError, HTTPStatus.UNPROCESSABLE_ENTITY, "Cannot be used"),
    (DatabaseUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer"),
    (DatabaseSchemaError, HTTPStatus.SERVICE_UNAVAILABLE, "The database is not ready"),
    (SourceUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE, "The data source does not answer"),
    (ConfigurationError, HTTPStatus.SERVICE_UNAVAILABLE, "Not configured"),
    (SourceError, HTTPStatus.UNPROCESSABLE_ENTITY, "The data source cannot be used"),
    (ProfilingError, HTTPStatus.INTERNAL_SERVER_ERROR, "That did not work"),
)


def add_error_pages(app: FastAPI) -> None:
    """Let the app answer every failure with a page."""
    app.add_exception_handler(ProfilingError, _expected)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _unexpected)


def _expected(request: Request, error: Exception) -> Response:
    status, title = next((code, text) for kind, code, text in _STATUSES if isinstance(error, kind))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("%s: %s", type(error).__name__, error)
    return _page(request, status, title, _told(error))


def _told(error: Exception) -> str:
    """Return an error's message without what to do at the command line."""
    if isinstance(error, NotFoundError) and error.reason != str(error):
        return f"{error.reason} {_START_AGAIN}"
    return str(error)


def _http(request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    headers = dict(getattr(error, "headers", None) or {})
    if "Location" in headers:
        return RedirectResponse(headers["Location"], status_code=status)
    if status == HTTPStatus.NOT_FOUND:
        message = f"There is no such page. {_START_AGAIN}"
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        message = f"This address takes no such request. {_START_AGAIN}"
    elif status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        message = "What was sent is too long. Go back, shorten it and send it again."
    else:
        message = f"The request cannot be answered. {_START_AGAIN}"
    return _page(request, status, status.phrase, message, headers)


def _unreadable(request: Request, error: Exception) -> Response:
    """Answer an address or a form whose values are not of the kind expected."""
    places = [each["loc"] for each in error.errors()] if isinstance(error, RequestValidationError) else []
    if any(place[0] == "path" for place in places):
        return _page(request, HTTPStatus.NOT_FOUND, "Not found", "There is no such page. Check the address.")
    fields = ", ".join(sorted({str(place[-1]) for place in places}))
    message = f"What was sent cannot be used: {fields}. Go back, correct it and send it again."
    return _page(request, HTTPStatus.UNPROCESSABLE_ENTITY, "Cannot be used", message)


def _unexpected(request: Request, error: Exception) -> Response:
    """Answer a bug; the server logs the traceback. This handler stands outside all middleware."""
    message = "Something unexpected happened; it is in the server's log. Repeat, and report it should it happen again."
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-store"}
    return _page(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Unexpected error", message, headers)


def _page(
    request: Request, status: HTTPStatus, title: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    response = render(
        request,
        "error.html",
        status=status,
        code=status.value,
        title=title,
        message=message,
        again=_read_again(request) if status == HTTPStatus.CONFLICT else None,
    )
    response.headers.update(headers or {})
    return response


def _read_again(request: Request) -> str:
    """Return the page that shows what a form was about."""
    version_id, rule_id = request.path_params.get("version_id"), request.path_params.get("rule_id")
    if version_id is None:
        return "/"
    is_rule_page = rule_id is not None and not request.url.path.endswith("/decision")
    return f"/versions/{version_id}/rules/{rule_id}" if is_rule_page else f"/versions/{version_id}"
