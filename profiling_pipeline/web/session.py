"""Who is signed in, and proof that a form came from one of this app's own pages."""

import os
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, HTTPException, Request, status

from profiling_pipeline.errors import ConfigurationError, NotFoundError, PermissionRefusedError
from profiling_pipeline.plurals import counted
from profiling_pipeline.services.users import User, get_user
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database

SESSION_SECONDS = 12 * 60 * 60
FORM_TOKEN = "csrf_token"  # noqa: S105 - a field's name
SIGN_IN = "/sign-in"
_KEY_FILE = "session.key"
_SHORTEST_SECRET = 16
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def current_database(request: Request) -> Database:
    """Return the app's database."""
    database: Database = request.app.state.database
    return database


def current_settings(request: Request) -> Settings:
    """Return the app's settings."""
    settings: Settings = request.app.state.settings
    return settings


CurrentDatabase = Annotated[Database, Depends(current_database)]
CurrentSettings = Annotated[Settings, Depends(current_settings)]


def signed_in_user(request: Request, database: CurrentDatabase) -> User:
    """Return the active user of this session; everybody else is led to the sign-in page."""
    user = _user_of(request, database)
    if user is None:
        here = f"{request.url.path}?{request.url.query}".rstrip("?")
        query = urlencode({"next": here}) if request.method == "GET" and here != "/" else ""
        raise HTTPException(status.HTTP_303_SEE_OTHER, headers={"Location": f"{SIGN_IN}?{query}".rstrip("?")})
    request.state.user = user
    return user


SignedInUser = Annotated[User, Depends(signed_in_user)]


def start_session(request: Request, user: User) -> None:
    """Sign a user in; nothing of what the session held before is kept."""
    request.session.clear()
    request.session["user_id"] = user.user_id


def end_session(request: Request) -> None:
    """Sign the user out."""
    request.session.clear()


def form_token(request: Request) -> str:
    """Return the token that every form of this session carries."""
    if FORM_TOKEN not in request.session:
        request.session[FORM_TOKEN] = secrets.token_urlsafe(32)
    return str(request.session[FORM_TOKEN])


async def require_form_token(request: Request) -> None:
    """Refuse whatever is sent to change something without the session's token.

    Raises:
        PermissionRefusedError: The token is missing or another one.
    """
    if request.method in _SAFE_METHODS:
        return
    sent, expected = (await request.form()).get(FORM_TOKEN), request.session.get(FORM_TOKEN)
    if not isinstance(sent, str) or not expected or not secrets.compare_digest(sent.encode(), str(expected).encode()):
        raise PermissionRefusedError(
            "This form does not belong to your session, which may have ended meanwhile. Nothing was stored: "
            "open the page again, sign in if asked, and repeat."
        )


def local_path(target: str) -> str:
    """Return `target` when it is a path of this app, else the home page: nobody is led elsewhere after signing in."""
    is_plain = target.isascii() and target.isprintable() and "\\" not in target
    if not is_plain or not target.startswith("/") or target.startswith("//"):
        return "/"
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else "/"


def session_key(settings: Settings) -> str:
    """Return the key that signs sessions: that of the settings, else one kept in the home folder.

    Raises:
        ConfigurationError: The key of the settings is too short, or the home folder cannot keep one.
    """
    if settings.session_secret is None:
        return _kept_key(settings.home / _KEY_FILE)
    secret = settings.session_secret.get_secret_value()
    if len(secret) < _SHORTEST_SECRET:
        raise ConfigurationError(
            f"PROFILING_SESSION_SECRET has {counted(len(secret), 'character')} and needs at least {_SHORTEST_SECRET}. "
            "Set a longer random one, or none to have one made."
        )
    return secret


def _kept_key(path: Path) -> str:
    """Read the key, made at its first use; it appears complete or not at all, and the first of several stands."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # A temporary file is readable by its owner only.
            with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                _link_unless_there(Path(file.name), path)
        return path.read_text()
    except OSError as error:
        raise ConfigurationError(
            f"The session key cannot be kept in {path}: {error.strerror}. Make the folder writable, "
            "or set PROFILING_SESSION_SECRET."
        ) from error


def _link_unless_there(file: Path, path: Path) -> None:
    try:
        os.link(file, path)
    except FileExistsError:
        return


def _user_of(request: Request, database: Database) -> User | None:
    user_id = request.session.get("user_id")
    if user_id is None:
        return None
    try:
        user = get_user(database, user_id)
    except NotFoundError:
        return None
    return user if user.is_active else None
