import pytest
from fastapi.testclient import TestClient

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.errors import (
    ConfigurationError,
    DatabaseSchemaError,
    DatabaseUnavailableError,
    ProfilingError,
    SourceError,
    SourceUnavailableError,
)
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import DataSourceRow
from profiling_pipeline.web.app import create_app
from profiling_pipeline.web.routes import phases
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.web.browser import Browser
from profiling_pipeline_tests.web.conftest import SignedIn

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/phases/999999",
        "/phases/x",
        "/versions/1:99",
        f"/versions/{NOBODYS_ID}",
        f"/versions/{NOBODYS_ID}/results",
    ],
)
def test_what_there_is_not_is_not_found(signed_in: SignedIn, path: str) -> None:
    browser = signed_in("Tester")
    page = browser.open(path)
    assert browser.page.status_code == 404
    assert "<h1>Not" in page
    assert "profiling " not in page, "nobody types commands here"


def test_a_rule_of_another_version_is_not_found(planned: Planned, signed_in: SignedIn) -> None:
    version_id, other_id = planned.draft(), planned.draft()
    rule_id = next(iter(planned.rules(other_id).values())).rule_id
    browser = signed_in("Tester")
    browser.open(f"/versions/{version_id}/rules/{rule_id}")
    assert browser.page.status_code == 404


def test_who_comes_too_late_is_told_and_led_back(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    rule = planned.rules(version_id)["State is known"]
    slow, quick = signed_in("Tester"), signed_in("Tester")
    slow.open(f"/versions/{version_id}")
    quick.open(f"/versions/{version_id}")
    quick.press("Reject", on=f"{rule.rule_id}/decision", notes="Not ours.")
    page = slow.press("Approve", on=f"{rule.rule_id}/decision")
    assert slow.page.status_code == 409
    assert "<h1>Somebody changed it</h1>" in page
    assert f"of Version {planned.phase_id}:1 after" in page, "people know versions by their numbers"
    assert f'href="/versions/{version_id}"' in page
    assert planned.rules(version_id)["State is known"].tester_decision == "reject"
    page = slow.open(f"/versions/{version_id}")
    assert "Not ours." in page
    slow.press("Approve", on=f"{rule.rule_id}/decision")
    assert slow.page.status_code == 200


@pytest.mark.parametrize(("state", "label"), [("draft", "Submit"), ("pending", "Approve version")])
def test_a_step_on_a_version_that_changed_meanwhile_is_refused(
    planned: Planned, signed_in: SignedIn, state: str, label: str
) -> None:
    version_id = getattr(planned, state)()
    person = planned.tester if state == "draft" else planned.owner
    rule_id = next(iter(planned.rules(version_id).values())).rule_id
    planned.review.decide_all(version_id, person, Decision.APPROVE)
    browser = signed_in("Tester" if state == "draft" else "Report Owner")
    browser.open(f"/versions/{version_id}")
    planned.review.decide(rule_id, person, Decision.REJECT, "On second thoughts, no.")
    before = planned.version(version_id).version_status
    browser.press(label)
    assert browser.page.status_code == 409
    assert planned.version(version_id).version_status == before


def test_an_edit_of_a_rule_that_changed_meanwhile_leads_back_to_the_rule(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    rule_id = planned.rules(version_id)["State is known"].rule_id
    browser = signed_in("Tester")
    browser.open(f"/versions/{version_id}/rules/{rule_id}/edit")
    planned.draft_rules.edit_rule(rule_id, planned.tester, {"severity": "high"})
    page = browser.press("Save", severity="low")
    assert browser.page.status_code == 409
    assert f'href="/versions/{version_id}/rules/{rule_id}"' in page
    assert planned.rules(version_id)["State is known"].severity == "high"


def test_a_decision_without_its_notes_is_refused(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    rule_id = planned.rules(version_id)["State is known"].rule_id
    browser = signed_in("Tester")
    browser.open(f"/versions/{version_id}")
    page = browser.press("Reject", on=f"{rule_id}/decision", notes=" ")
    assert browser.page.status_code == 422
    assert "needs notes" in page


def test_a_decision_that_does_not_exist_is_refused(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    browser = signed_in("Tester")
    browser.open(f"/versions/{version_id}")
    form = browser.form("Approve", on=f"{version_id}/decisions")
    answer = browser.client.post(form.action, data=form.fields | {"decision": "perhaps"})
    assert answer.status_code == 422
    assert "cannot be used: decision" in answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DatabaseUnavailableError("Gone."), 503),
        (DatabaseSchemaError("Old."), 503),
        (SourceUnavailableError("Gone."), 503),
        (ConfigurationError("Unset."), 503),
        (SourceError("Torn."), 422),
        (ProfilingError("Other."), 500),
    ],
)
def test_every_failure_has_its_status_and_its_message(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, error: ProfilingError, status: int
) -> None:
    browser = signed_in("Tester")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(phases, "list_phases", fail)
    page = browser.open("/")
    assert browser.page.status_code == status
    assert str(error) in page


def test_a_bug_shows_no_traceback(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in("Tester")

    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(phases, "list_phases", fail)
    page = browser.open("/")
    assert browser.page.status_code == 500
    assert browser.page.headers["x-frame-options"] == "DENY"
    assert "<h1>Unexpected error</h1>" in page
    assert "secret detail" not in page
    assert "Traceback" not in page


def test_health_tells_whether_the_database_answers(client: TestClient, settings: Settings) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    nowhere = Database("postgresql://127.0.0.1:1/nothing")
    answer = Browser(TestClient(create_app(settings, nowhere))).client.get("/health")
    assert answer.status_code == 503
    assert "127.0.0.1" not in answer.text
    nowhere.close()


def test_a_phase_is_shown_even_if_its_plan_is_at_fault(planned: Planned, signed_in: SignedIn) -> None:
    with planned.database.session() as session:
        session.query(DataSourceRow).update({"source_type": "CARRIER PIGEON"})
    browser = signed_in("Tester")
    page = browser.open(f"/phases/{planned.phase_id}")
    assert browser.page.status_code == 200
    assert "CARRIER PIGEON" in page
