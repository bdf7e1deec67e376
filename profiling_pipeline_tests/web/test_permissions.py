import pytest

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.storage.models import UserRow
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.web.conftest import SignedIn

DECIDE = {"Approve", "Request changes", "Reject"}
LOOK = {"Sign out", "Filter"}
WATCH = {"Set sensitivity"}  # for reviewers, whatever the version's state


@pytest.mark.parametrize(
    ("role", "state", "buttons"),
    [
        ("Tester", "draft", DECIDE | {"Try on the data"}),
        ("Tester", "pending", set()),
        ("Tester", "approved", {"Revise"}),
        ("Report Owner", "draft", set()),
        ("Report Owner", "pending", DECIDE | {"Approve version", "Send back"}),
        ("Report Owner", "approved", set()),
        ("Data Executive", "draft", set()),
        ("Data Executive", "pending", set()),
        ("Data Executive", "approved", set()),
    ],
)
def test_only_what_is_allowed_can_be_pressed(
    planned: Planned, signed_in: SignedIn, role: str, state: str, buttons: set[str]
) -> None:
    version_id = getattr(planned, state)()
    browser = signed_in(role)
    browser.open(f"/versions/{version_id}")
    assert browser.labels() == LOOK | buttons | (set() if role == "Data Executive" else WATCH)
    assert ("Add a rule" in browser.page.text) == (role == "Tester" and state == "draft")


@pytest.mark.parametrize(
    ("role", "state", "why"),
    [
        ("Data Executive", "draft", "Only a Tester may submit"),
        ("Report Owner", "draft", "Only a Tester may decide as tester"),
        ("Tester", "draft", "3 of 3 rules of Version"),
        ("Tester", "pending", "Only a Report Owner may approve"),
        ("Data Executive", "approved", "Only a Tester may revise"),
    ],
)
def test_what_is_not_allowed_is_explained(
    planned: Planned, signed_in: SignedIn, role: str, state: str, why: str
) -> None:
    version_id = getattr(planned, state)()
    assert why in signed_in(role).open(f"/versions/{version_id}")


def test_whoever_tested_cannot_approve(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.pending()
    browser = signed_in("Tester")
    with planned.database.session() as session:
        session.get_one(UserRow, planned.tester).role = "Report Owner"
    page = browser.open(f"/versions/{version_id}")
    assert browser.labels() == LOOK | WATCH
    assert "two different people decide" in page


def test_a_rule_that_the_tester_rejected_is_not_the_owners_to_decide(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    rules = planned.rules(version_id)
    planned.review.decide(rules["State is known"].rule_id, planned.tester, Decision.REJECT, "No.")
    planned.review.decide_all(version_id, planned.tester, Decision.APPROVE)
    planned.review.submit(version_id, planned.tester)
    page = signed_in("Report Owner").open(f"/versions/{version_id}")
    decidable = {name for name, row in rules.items() if f"{row.rule_id}/decision" in page}
    assert decidable == {"Balance is there", "Balance is covered"}


@pytest.mark.parametrize("state", ["draft", "approved"])
def test_a_form_of_a_rule_opens_only_for_a_tester_in_a_draft(planned: Planned, signed_in: SignedIn, state: str) -> None:
    version_id = getattr(planned, state)()
    rule_id = next(iter(planned.rules(version_id).values())).rule_id
    statuses = {}
    for role in ("Tester", "Report Owner"):
        browser = signed_in(role)
        for path in ("new", f"{rule_id}/edit"):
            browser.open(f"/versions/{version_id}/rules/{path}")
            statuses[role, path] = browser.page.status_code
    expected = 200 if state == "draft" else 409
    assert {statuses["Tester", path] for path in ("new", f"{rule_id}/edit")} == {expected}
    assert {statuses["Report Owner", path] for path in ("new", f"{rule_id}/edit")} == {403}


def test_the_service_refuses_whatever_the_page_offered(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.pending()
    owner, auditor = signed_in("Report Owner"), signed_in("Data Executive")
    owner.open(f"/versions/{version_id}")
    fields = owner.form("Approve version").fields
    auditor.open("/")
    token = auditor.form("Sign out").fields["csrf_token"]
    answer = auditor.client.post(f"/versions/{version_id}/approval", data=fields | {"csrf_token": token})
    assert answer.status_code == 403
    assert planned.version(version_id).version_status == "pending_approval"
