import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.exchange.formats import FORMATS
from profiling_pipeline.exchange.model import FormatName
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.web.browser import Browser
from profiling_pipeline_tests.web.conftest import SignedIn


def listed(browser: Browser) -> set[str]:
    """Return the names of the rules in the table."""
    return set(re.findall(r'<th scope="row"><a href="[^"]*/rules/[^"]*">([^<]*)</a>', browser.page.text))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"Balance is there", "Balance is covered", "State is known"}),
        ("state=undecided", {"Balance is covered"}),
        ("state=approve", {"Balance is there"}),
        ("state=reject", {"State is known"}),
        ("state=request_changes", set()),
        ("state=failing", set()),
        ("state=nonsense&dimension=nonsense", {"Balance is there", "Balance is covered", "State is known"}),
        ("dimension=validity", {"Balance is covered", "State is known"}),
        ("dimension=validity&state=undecided", {"Balance is covered"}),
        ("text=BALANCE", {"Balance is there", "Balance is covered"}),
        ("text=ny", {"State is known"}),
        ("text=%20nothing%20has%20this", set()),
    ],
)
def test_rules_are_filtered(planned: Planned, signed_in: SignedIn, query: str, names: set[str]) -> None:
    version_id = planned.draft()
    rules = planned.rules(version_id)
    planned.review.decide(rules["Balance is there"].rule_id, planned.tester, Decision.APPROVE)
    planned.review.decide(rules["State is known"].rule_id, planned.tester, Decision.REJECT, "No.")
    browser = signed_in("Tester")
    browser.open(f"/versions/{version_id}?{query}")
    assert listed(browser) == names


def test_deciding_keeps_the_filter_and_goes_on_to_the_next_rule(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    rules = planned.rules(version_id)
    browser = signed_in("Tester")
    browser.open(f"/versions/{version_id}?state=undecided&text=is")
    form = browser.form("Approve", on=str(rules["Balance is covered"].rule_id))
    answer = browser.client.post(form.action, data=form.fields | {"decision": "approve"}, follow_redirects=False)
    next_id = rules["Balance is there"].rule_id
    assert answer.headers["location"] == f"/versions/{version_id}?state=undecided&text=is#rule-{next_id}"
    forged = form.fields | {"decision": "approve", "query": "x=//evil.example&text=a b", "revision": ""}
    planned.review.decide(next_id, planned.tester, Decision.APPROVE)
    browser.open(f"/versions/{version_id}")
    fresh = browser.form("Approve", on=str(rules["State is known"].rule_id))
    answer = browser.client.post(
        fresh.action, data=forged | {"revision": fresh.fields["revision"]}, follow_redirects=False
    )
    assert answer.headers["location"].startswith(f"/versions/{version_id}?text=a+b#rule-")


def test_deciding_on_all_is_about_the_rules_that_are_listed(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    browser = signed_in("Tester")
    page = browser.open(f"/versions/{version_id}?text=balance")
    assert "Decide on all 2 undecided rules of the list below at once" in page
    form = browser.form("Approve", on=f"{version_id}/decisions")
    answer = browser.client.post(form.action, data=form.fields | {"decision": "approve"}, follow_redirects=False)
    assert answer.headers["location"] == f"/versions/{version_id}?text=balance"
    decisions = {name: rule.tester_decision for name, rule in planned.rules(version_id).items()}
    assert decisions == {"Balance is there": "approve", "Balance is covered": "approve", "State is known": None}
    assert "The filter below lists no rule that is undecided." in browser.open(f"/versions/{version_id}?text=balance")
    assert "Decide on the undecided rule</summary>" in browser.open(f"/versions/{version_id}")


def test_enter_in_the_notes_presses_no_button(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    page = signed_in("Tester").open(f"/versions/{version_id}")
    rows = page.split('<td class="decide">')[1:]
    assert len(rows) == 3
    assert all(row.index("<button disabled hidden>") < row.index('value="approve"') for row in rows)


def test_a_long_version_asks_the_database_no_more_than_a_short_one(planned: Planned, signed_in: SignedIn) -> None:
    browser = signed_in("Tester")
    asked = []
    for rules in (5, 300):
        version_id = planned.draft([Rule(f"Rule {number}", "Balance", "not_null") for number in range(rules)])
        with counted_statements(planned.database) as statements:
            browser.open(f"/versions/{version_id}")
        assert len(listed(browser)) == rules
        asked.append(len(statements))
    assert asked[0] == asked[1]


def test_phases_that_wait_for_me_come_first(planned: Planned, signed_in: SignedIn) -> None:
    planned.pending()
    page = signed_in("Report Owner").open("/")
    assert "Your turn." in page
    assert "Waits for a Report Owner: approve version" in signed_in("Data Executive").open("/")


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """Collect the statements that are sent while the block runs."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_the_rules_are_downloaded_in_any_format(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    browser = signed_in("Report Owner")
    page = browser.client.get(f"/versions/{version_id}").text
    links = re.findall(rf'href="(/versions/{version_id}/export/\w+)" download', page)
    assert len(links) == len(FormatName)
    for link, name in zip(links, FormatName, strict=True):
        answer = browser.client.get(link)
        assert answer.status_code == 200
        assert f"-{name}" in answer.headers["content-disposition"]
        assert FORMATS[name].read(answer.text, "file", None).rules
    assert browser.client.get(f"/versions/{version_id}/export/excel").status_code == 404


def test_nobody_downloads_without_signing_in(planned: Planned, client) -> None:
    answer = client.get(f"/versions/{planned.draft()}/export/yaml", follow_redirects=False)
    assert answer.status_code == 303
