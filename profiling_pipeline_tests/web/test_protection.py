import re
import stat
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.errors import ConfigurationError
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.models import UserRow
from profiling_pipeline.web.app import LARGEST_BODY, create_app
from profiling_pipeline.web.session import local_path, session_key
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.web.browser import Browser
from profiling_pipeline_tests.web.conftest import EMAILS, PASSWORD, SignedIn

EVIL = '<script>alert("x")</script>\'"&{{ 7 * 7 }}'


def paths(client: TestClient, method: str) -> list[str]:
    """Return an address for each route that takes the method."""
    app = client.app
    assert isinstance(app, FastAPI)
    found = [path for path, item in app.openapi()["paths"].items() if method in item]
    return [re.sub(r"\{\w+\}", "1", path.replace("{version_id}", str(uuid4()))) for path in found]


def test_every_page_asks_to_sign_in_first(client: TestClient) -> None:
    asked = [path for path in paths(client, "get") if path not in {"/sign-in", "/health"}]
    assert len(asked) >= 7
    for path in asked:
        answer = client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), path


@pytest.mark.parametrize("token", [None, "", "another token", "ä"])
def test_nothing_is_taken_without_the_forms_token(client: TestClient, planned: Planned, token: str | None) -> None:
    Browser(client).sign_in(EMAILS["Tester"], PASSWORD)
    asked = paths(client, "post")
    assert len(asked) >= 11
    for path in asked:
        answer = client.post(path, data={} if token is None else {"csrf_token": token})
        assert answer.status_code == 403, path
        assert "does not belong to your session" in answer.text


def test_a_token_of_another_session_does_not_pass(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    tester, auditor = signed_in("Tester"), signed_in("Data Executive")
    auditor.open("/")
    strange = auditor.form("Sign out").fields["csrf_token"]
    tester.open(f"/versions/{version_id}")
    tester.press("Approve", on=f"{version_id}/decisions", csrf_token=strange)
    assert tester.page.status_code == 403
    assert all(rule.tester_decision is None for rule in planned.rules(version_id).values())


def test_texts_of_rules_are_shown_and_not_run(planned: Planned, signed_in: SignedIn) -> None:
    rule = Rule(EVIL, "State", "isin", {"allowed_values": [EVIL]}, description=EVIL, rationale=EVIL, provider=EVIL)
    version_id = planned.draft([rule])
    row = planned.rules(version_id)[EVIL]
    planned.review.decide(row.rule_id, planned.tester, Decision.REQUEST_CHANGES, EVIL)
    browser = signed_in("Tester")
    for path in ("", f"?text={EVIL}", f"/rules/{row.rule_id}", f"/rules/{row.rule_id}/edit"):
        page = browser.open(f"/versions/{version_id}{path}")
        assert browser.page.status_code == 200
        assert page.count("<script") == 1, "the app's own"
        assert "&lt;script&gt;alert(" in page
        assert "{{ 7 * 7 }}" in page
    assert EVIL not in browser.press("Save", rule_code="nonsense" + EVIL)
    assert browser.page.status_code == 422


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/sign-in", "/", "/nothing", "/health", "/static/style.css"):
        headers = client.get(path, follow_redirects=False).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_pages_hold_nothing_that_the_content_policy_forbids(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    browser = signed_in("Tester")
    for path in ("/", f"/phases/{planned.phase_id}", f"/versions/{version_id}", f"/versions/{version_id}/rules/new"):
        page = browser.open(path)
        assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", page)
        assert not re.search(r"""(?:src|href)=["'](?!/(?!/)|\#|http://127\.0\.0\.1:3000)""", page)


def test_the_session_cookie_is_for_the_app_alone(client: TestClient) -> None:
    cookie = client.get("/sign-in").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_behind_tls_the_cookie_is_secure(settings: Settings, planned: Planned) -> None:
    behind_tls = settings.model_copy(update={"review_url": "https://review.example.com"})
    answer = TestClient(create_app(behind_tls, planned.database)).get("/sign-in")
    assert "; secure" in answer.headers["set-cookie"].lower()


def test_a_forged_session_is_none(client: TestClient) -> None:
    browser = Browser(client)
    browser.sign_in(EMAILS["Tester"], PASSWORD)
    value = client.cookies["profiling_session"]
    client.cookies.clear()
    client.cookies.set("profiling_session", ("A" if value[0] != "A" else "B") + value[1:])
    assert client.get("/", follow_redirects=False).status_code == 303


def test_signing_out_and_being_made_inactive_end_the_session(planned: Planned, signed_in: SignedIn) -> None:
    tester, auditor = signed_in("Tester"), signed_in("Data Executive")
    auditor.open("/")
    auditor.press("Sign out")
    assert "<h1>Sign in</h1>" in auditor.open("/")
    with planned.database.session() as session:
        session.get_one(UserRow, planned.tester).is_active = False
    assert "<h1>Sign in</h1>" in tester.open("/")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAILS["Tester"], "wrong"),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        (EMAILS["Tester"], "\x00"),
        ("\x00", "x"),
    ],
)
def test_wrong_credentials_are_refused(client: TestClient, email: str, password: str) -> None:
    browser = Browser(client)
    page = browser.sign_in(email, password)
    assert browser.page.status_code == 403
    assert 'role="alert"' in page
    assert "user_id" not in page


def test_signing_in_leads_on_to_the_page_that_was_asked_for(client: TestClient, planned: Planned) -> None:
    version_id = planned.draft()
    browser = Browser(client)
    browser.open(f"/versions/{version_id}?state=undecided")
    browser.press("Sign in", email=EMAILS["Tester"], password=PASSWORD)
    assert str(browser.page.url).endswith(f"/versions/{version_id}?state=undecided")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(client: TestClient, target: str) -> None:
    assert local_path(target) == "/"
    browser = Browser(client)
    browser.open("/sign-in")
    fields = browser.form("Sign in").fields | {"email": EMAILS["Tester"], "password": PASSWORD, "next": target}
    answer = client.post("/sign-in", data=fields, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_a_request_that_is_too_long_is_refused(client: TestClient) -> None:
    answer = client.post("/sign-in", data={"email": "x" * (LARGEST_BODY + 1)})
    assert answer.status_code == 413


def test_the_key_is_kept_for_its_owner_alone(settings: Settings) -> None:
    key = session_key(settings)
    file: Path = settings.home / "session.key"
    assert len(key) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert session_key(settings) == key
    assert [path.name for path in settings.home.glob("session.key*")] == ["session.key"]


def test_a_short_secret_is_refused(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="PROFILING_SESSION_SECRET has 5 characters"):
        session_key(settings.model_copy(update={"session_secret": SecretStr("short")}))
    assert session_key(settings.model_copy(update={"session_secret": SecretStr("x" * 16)})) == "x" * 16


def test_a_home_folder_that_keeps_no_key_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="session key cannot be kept"):
        session_key(settings.model_copy(update={"home": tmp_path / "file"}))
