"""The people who act, and the one who acts when nobody does."""

from dataclasses import dataclass
from functools import lru_cache

import bcrypt
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from profiling_pipeline.approval.lifecycle import Person, Role
from profiling_pipeline.errors import ConfigurationError, InvalidInputError, NotFoundError, PermissionRefusedError
from profiling_pipeline.services.stored_text import require_storable
from profiling_pipeline.sources.column_names import nearest_names
from profiling_pipeline.storage.database import Database, first_line
from profiling_pipeline.storage.models import UserRow

SYSTEM_EMAIL = "system@profiling-pipeline.invalid"
_NO_PASSWORD = "!"  # noqa: S105 - no password has this hash
_LONGEST_PASSWORD = 72  # bytes that bcrypt looks at
_WRONG = "E-mail address or password is wrong, or the account is inactive. Try again, or ask an administrator."


@dataclass(frozen=True)
class User:
    """A person, or the system user."""

    user_id: int
    name: str
    email: str
    role: str
    is_active: bool


def list_users(database: Database) -> list[User]:
    """Return everybody, by name."""
    with database.session() as session:
        rows = session.scalars(select(UserRow).order_by(UserRow.last_name, UserRow.first_name, UserRow.user_id))
        return [_user(row) for row in rows]


def get_user(database: Database, user_id: int) -> User:
    """Return the user with this id.

    Raises:
        NotFoundError: There is none.
    """
    with database.session() as session:
        return _user(_user_row(session, user_id))


def find_user(database: Database, who: str) -> User:
    """Return the user that an e-mail address or a numeric id means.

    Raises:
        NotFoundError: There is none; the message lists the nearest addresses.
    """
    wanted = who.strip()
    if wanted.isascii() and wanted.isdecimal():
        return get_user(database, int(wanted))
    with database.session() as session:
        row = _row_by_email(session, wanted)
        if row is not None:
            return _user(row)
        near = nearest_names(wanted, list(session.scalars(select(UserRow.email))))
    if near:
        raise NotFoundError(f"There is no user '{wanted}'. Did you mean {' or '.join(near)}?")
    raise NotFoundError(f"There is no user '{wanted}'.", "List everybody: profiling user list.")


def add_user(database: Database, *, email: str, name: str, role: Role, password: str) -> User:
    """Add a person who can sign in.

    Raises:
        InvalidInputError: The address is taken or none, the name is missing, the password cannot be used, or a host
            application's table asks for more than is known here (then that application adds people).
    """
    first_name, _, last_name = name.strip().partition(" ")
    if "@" not in email or not first_name:
        raise InvalidInputError(f"'{email}', '{name}' is no e-mail address with a name. Give both.")
    row = UserRow(
        email=require_storable(email.strip(), "e-mail address", 255),
        first_name=require_storable(first_name, "first name", 100),
        last_name=require_storable(last_name.strip(), "last name", 100),
        role=role.value,
        hashed_password=hash_password(password),
    )
    try:
        with database.session() as session:
            if _row_by_email(session, row.email) is not None:
                raise InvalidInputError(f"There is a user {row.email} already. Choose another address.")
            session.add(row)
    except IntegrityError as error:
        raise InvalidInputError(
            f"User {row.email} cannot be added here: {first_line(error.orig)}. "
            "Where a host application keeps the users, add the person there."
        ) from error
    return _user(row)


def system_user_id(database: Database) -> int:
    """Return the id of the user in whose name sensors and schedules act, added at its first use; nobody signs in as it.

    Raises:
        ConfigurationError: A host application's table asks for more than is known here.
    """
    try:
        with database.session() as session:
            found = session.scalar(_SYSTEM_USER)
            if found is not None:
                return found
            # Only one of several that come first may add it; a host's table need not have a unique address.
            session.execute(text("SELECT pg_advisory_xact_lock('users'::regclass::oid::bigint)"))
            found = session.scalar(_SYSTEM_USER)
            return found if found is not None else _add_system_user(session)
    except IntegrityError as error:
        raise ConfigurationError(
            f"The system user cannot be added: {first_line(error.orig)}. Add an inactive user with the e-mail address "
            f"{SYSTEM_EMAIL} to the host application's users."
        ) from error


def sign_in(database: Database, email: str, password: str) -> User:
    """Return the active user with this address and password.

    Raises:
        PermissionRefusedError: Address or password is wrong, or the account is inactive; it does not say which.
    """
    with database.session() as session:
        row = _row_by_email(session, email.strip())
    # An unknown address takes as long to refuse as a wrong password.
    stored = row.hashed_password if row is not None else _hash_of_nothing()
    if not _matches(password, stored) or row is None or not row.is_active:
        raise PermissionRefusedError(_WRONG)
    return _user(row)


def hash_password(password: str) -> str:
    """Return a password as it is stored.

    Raises:
        InvalidInputError: It is empty, or longer than bcrypt looks at.
    """
    secret = password.encode()
    if not secret or len(secret) > _LONGEST_PASSWORD or b"\x00" in secret:
        raise InvalidInputError(f"The password needs 1 to {_LONGEST_PASSWORD} bytes and no NUL. Choose another.")
    return bcrypt.hashpw(secret, bcrypt.gensalt()).decode()


def person(session: Session, user_id: int) -> Person:
    """Return a user as the review workflow sees people.

    Raises:
        NotFoundError: There is no such user.
    """
    row = _user_row(session, user_id)
    return Person(row.user_id, row.role, row.is_active)


_SYSTEM_USER = select(func.min(UserRow.user_id)).where(UserRow.email == SYSTEM_EMAIL)


def _add_system_user(session: Session) -> int:
    row = UserRow(
        email=SYSTEM_EMAIL,
        first_name="Profiling",
        last_name="Pipeline",
        role=Role.ADMIN.value,
        is_active=False,
        hashed_password=_NO_PASSWORD,
    )
    session.add(row)
    session.flush()
    return row.user_id


def _user_row(session: Session, user_id: int) -> UserRow:
    # PostgreSQL's integer is the largest id there can be.
    row = session.get(UserRow, user_id) if 0 <= user_id < 2**31 else None
    if row is None:
        raise NotFoundError(f"There is no user {user_id}.", "List everybody: profiling user list.")
    return row


def _row_by_email(session: Session, email: str) -> UserRow | None:
    """Return the user with this address, in this spelling if there are several."""
    wanted = require_storable(email, "e-mail address")
    statement = (
        select(UserRow)
        .where(func.lower(UserRow.email) == func.lower(wanted))
        .order_by((UserRow.email == wanted).desc(), UserRow.user_id)
    )
    return session.scalars(statement).first()


def _matches(password: str, stored: str) -> bool:
    try:
        return bcrypt.checkpw(password.encode(), stored.encode())
    except ValueError:  # no bcrypt hash, or a password that none could have
        return False


@lru_cache(maxsize=1)
def _hash_of_nothing() -> str:
    return bcrypt.hashpw(b"", bcrypt.gensalt()).decode()


def _user(row: UserRow) -> User:
    return User(row.user_id, row.full_name.strip(), row.email, row.role, row.is_active)
