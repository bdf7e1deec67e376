"""Signing in and out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from profiling_pipeline.errors import InvalidInputError, PermissionRefusedError
from profiling_pipeline.services import users
from profiling_pipeline.web.pages import render
from profiling_pipeline.web.session import SIGN_IN, CurrentDatabase, end_session, local_path, start_session

router = APIRouter()


@router.get(SIGN_IN)
def sign_in_page(request: Request, target: Annotated[str, Query(alias="next")] = "/") -> Response:
    """Show the form, which remembers where the visitor wanted to go."""
    return render(request, "sign_in.html", target=local_path(target), email="", problem=None)


@router.post(SIGN_IN)
def sign_in(
    request: Request,
    database: CurrentDatabase,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    target: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Sign in and go on, or show the form again."""
    try:
        user = users.sign_in(database, email, password)
    except (PermissionRefusedError, InvalidInputError) as error:
        shown = {"target": local_path(target), "email": email, "problem": str(error)}
        return render(request, "sign_in.html", status=HTTPStatus.FORBIDDEN, **shown)
    start_session(request, user)
    return RedirectResponse(local_path(target), HTTPStatus.SEE_OTHER)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session."""
    end_session(request)
    return RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
