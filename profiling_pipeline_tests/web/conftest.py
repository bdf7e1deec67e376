from collections.abc import Callable
from pathlib import Path

import bcrypt
import pytest
from fastapi.testclient import TestClient

from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import UserRow
from profiling_pipeline.web.app import create_app
from profiling_pipeline_tests.builders import a_user
from profiling_pipeline_tests.services.loans import a_file_phase, write_loans
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.web.browser import Browser

PASSWORD = "correct horse"
_HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
EMAILS = {"Tester": "tester@example.com", "Report Owner": "owner@example.com", "Data Executive": "auditor@example.com"}

SignedIn = Callable[[str], Browser]


@pytest.fixture
def settings(home: Path) -> Settings:
    settings = Settings()
    write_loans(settings.allowed_folders[0])
    return settings


@pytest.fixture
def planned(database: Database) -> Planned:
    """A phase planned for the loans, whose tester and report owner can sign in, as can an auditor."""
    planned = a_file_phase(database)
    with database.session() as session:
        a_user(session, "Data Executive", first_name="Audrey", last_name="Auditor", email=EMAILS["Data Executive"])
        people = {planned.tester: "Tester", planned.owner: "Report Owner"}
        for user_id, role in people.items():
            session.get_one(UserRow, user_id).email = EMAILS[role]
        for row in session.query(UserRow):
            row.hashed_password = _HASH
    return planned


@pytest.fixture
def client(settings: Settings, planned: Planned) -> TestClient:
    """A browser's engine that nobody is signed in with."""
    return TestClient(create_app(settings, planned.database), raise_server_exceptions=False)


@pytest.fixture
def signed_in(settings: Settings, planned: Planned) -> SignedIn:
    """Open a browser in which the person of a role is signed in."""
    app = create_app(settings, planned.database)

    def open_browser(role: str) -> Browser:
        browser = Browser(TestClient(app, raise_server_exceptions=False))
        browser.sign_in(EMAILS[role], PASSWORD)
        assert browser.page.status_code == 200
        return browser

    return open_browser
