from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from profiling_pipeline.approval.lifecycle import Role
from profiling_pipeline.errors import InvalidInputError, NotFoundError, PermissionRefusedError
from profiling_pipeline.services.users import (
    add_user,
    find_user,
    get_user,
    list_users,
    sign_in,
    system_user_id,
)
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import UserRow
from profiling_pipeline_tests.builders import a_tester


def _tessa(database: Database):
    return add_user(database, email="Tessa@Example.org", name="Tessa de Vries", role=Role.TESTER, password="s3cret")


def test_a_person_is_found_by_address_in_any_case_and_by_id(database: Database) -> None:
    tessa = _tessa(database)
    assert (tessa.name, tessa.role, tessa.is_active) == ("Tessa de Vries", "Tester", True)
    assert find_user(database, " tessa@example.ORG ") == find_user(database, str(tessa.user_id)) == tessa
    assert list_users(database) == [tessa] == [get_user(database, tessa.user_id)]


def test_an_unknown_person_is_not_found_and_the_nearest_are_named(database: Database) -> None:
    _tessa(database)
    with pytest.raises(NotFoundError, match=r"Did you mean Tessa@Example\.org"):
        find_user(database, "tesa@example.org")
    for who in ("999", "99999999999999", "nobody", "0"):
        with pytest.raises(NotFoundError, match="There is no user"):
            find_user(database, who)


def test_an_address_is_given_once(database: Database) -> None:
    _tessa(database)
    with pytest.raises(InvalidInputError, match="already"):
        add_user(database, email="tessa@example.org", name="Another", role=Role.ADMIN, password="x")


@pytest.mark.parametrize(
    ("email", "name", "password"),
    [("nobody", "N", "x"), ("a@b", " ", "x"), ("a@b", "N", ""), ("a@b", "N", "x" * 73), ("a@b", "N\x00", "x")],
)
def test_what_cannot_be_a_person(database: Database, email: str, name: str, password: str) -> None:
    with pytest.raises(InvalidInputError):
        add_user(database, email=email, name=name, role=Role.TESTER, password=password)
    assert list_users(database) == []


def test_sign_in_takes_the_right_password_of_an_active_person(database: Database) -> None:
    tessa = _tessa(database)
    with database.session() as session:
        a_tester(session, email="old@example.org")
        resting = a_tester(session, email="resting@example.org", is_active=False)
        resting.hashed_password = session.get_one(UserRow, tessa.user_id).hashed_password
    assert sign_in(database, "tessa@example.org", "s3cret") == tessa
    for email, password in [
        ("tessa@example.org", "S3cret"),
        ("tessa@example.org", "x" * 100),
        ("nobody@example.org", "s3cret"),
        ("nobody@example.org", ""),
        ("resting@example.org", "s3cret"),
        ("old@example.org", "not a hash"),
    ]:
        with pytest.raises(PermissionRefusedError, match="wrong, or the account is inactive"):
            sign_in(database, email, password)


def test_the_system_user_is_added_once_and_cannot_sign_in(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: system_user_id(database), range(8)))
    assert len(ids) == 1
    user = get_user(database, ids.pop())
    assert (user.name, user.is_active) == ("Profiling Pipeline", False)
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(UserRow)) == 1
    with pytest.raises(PermissionRefusedError):
        sign_in(database, user.email, "!")
