from decimal import Decimal

import pytest

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.web.conftest import SignedIn

BALANCE = Rule(
    "Balance is covered",
    "Balance",
    "in_range",
    {"min_value": 0, "max_value": Decimal("999.95"), "min_pass_rate": 99.5, "origin": {"batch": "b1"}},
)


def edit_page(planned: Planned, signed_in: SignedIn):
    version_id = planned.draft([BALANCE])
    row = planned.rules(version_id)[BALANCE.name]
    planned.review.decide(row.rule_id, planned.tester, Decision.APPROVE)
    browser = signed_in("Tester")
    browser.open(f"/versions/{version_id}/rules/{row.rule_id}/edit")
    return browser, lambda: next(iter(planned.rules(version_id).values()))


def test_saving_the_form_as_it_stands_changes_nothing_but_the_decisions(planned: Planned, signed_in: SignedIn) -> None:
    browser, rule = edit_page(planned, signed_in)
    before = rule()
    assert browser.form("Save").fields["parameters"] == "min_value: 0\nmax_value: 999.95\n"
    assert "The rule is undecided again." in browser.press("Save")
    after = rule()
    assert after.rule_parameters == before.rule_parameters
    assert (after.rule_name, after.rule_code, after.attribute_id) == (
        "Balance is covered",
        "in_range",
        before.attribute_id,
    )
    assert after.tester_decision is None


@pytest.mark.parametrize("parameters", ["min_value: 5\nmax_value: 10.5", '{"min_value":5,"max_value":10.5}'])
def test_parameters_are_yaml_or_json(planned: Planned, signed_in: SignedIn, parameters: str) -> None:
    browser, rule = edit_page(planned, signed_in)
    browser.press("Save", parameters=parameters, where="State = 'CA'", min_pass_rate="", warn_pass_rate="100")
    assert browser.page.status_code == 200
    assert rule().rule_parameters == {
        "min_value": 5,
        "max_value": 10.5,
        "where": "State = 'CA'",
        "warn_pass_rate": 100,
        "origin": {"batch": "b1"},
    }
    assert "Where State = &#39;CA&#39;" in browser.page.text


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"parameters": "min_value: [1"}, "cannot be used as YAML"),
        ({"parameters": "- 1"}, "no list of names with values"),
        ({"parameters": "min_value: 0"}, "&#39;max_value&#39; is missing"),
        ({"parameters": "min_value: 0\nmax_value: 1\nwhere: TRUE"}, "Use the fields below"),
        ({"where": "State = ("}, "Balance is covered"),
        ({"where": "DROP TABLE users"}, "Balance is covered"),
        ({"min_pass_rate": "most"}, "min_pass_rate cannot be"),
        ({"min_pass_rate": "NaN"}, "min_pass_rate cannot be"),
        ({"min_pass_rate": "101"}, "min_pass_rate"),
        ({"rule_code": "in_rage"}, "Did you mean in_range"),
        ({"rule_name": " "}, "needs a name"),
        ({"rule_name": "x" * 256}, "at most 255"),
        ({"attribute_id": "999999"}, "no planned attribute"),
        ({"attribute_id": "9" * 20}, "attribute_id"),
        ({"severity": "dreadful"}, "severity"),
        ({"rule_description": "a\x00b"}, "cannot be stored"),
    ],
)
def test_what_cannot_be_used_is_said_beside_what_was_typed(
    planned: Planned, signed_in: SignedIn, fields: dict[str, str], why: str
) -> None:
    browser, rule = edit_page(planned, signed_in)
    before = rule()
    page = browser.press("Save", **fields)
    assert browser.page.status_code == 422
    assert why in page
    typed = browser.form("Save").fields
    if "severity" not in fields and "attribute_id" not in fields and "rule_description" not in fields:
        assert {name: typed[name] for name in fields} == fields
    after = rule()
    assert (after.rule_parameters, after.tester_decision) == (before.rule_parameters, "approve")


def test_a_corrected_form_is_taken(planned: Planned, signed_in: SignedIn) -> None:
    browser, rule = edit_page(planned, signed_in)
    browser.press("Save", parameters="min_value: 0")
    browser.press("Save", parameters="min_value: 0\nmax_value: 7")
    assert browser.page.status_code == 200
    assert rule().rule_parameters["max_value"] == 7


def test_another_check_brings_its_own_dimension(planned: Planned, signed_in: SignedIn) -> None:
    browser, rule = edit_page(planned, signed_in)
    browser.press("Save", rule_code="not_null", parameters="", rule_type="", min_pass_rate="")
    assert (rule().rule_code, rule().rule_type) == ("not_null", "completeness")


def test_a_rule_is_added_and_deleted(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    browser = signed_in("Tester")
    browser.open(f"/versions/{version_id}/rules/new")
    assert "belongs to no attribute" in browser.press("Add", rule_name="Loan is short")
    attribute_id = str(planned.rules(version_id)["State is known"].attribute_id)
    page = browser.press(
        "Add", rule_name="State is short", attribute_id=attribute_id, rule_code="str_length", parameters="max_value: 2"
    )
    assert "Added." in page
    added = planned.rules(version_id)["State is short"]
    assert (added.rule_type, added.severity, added.rule_parameters) == ("validity", "medium", {"max_value": 2})
    assert planned.version(version_id).total_rules == 4
    assert "Deleted." in browser.press("Delete")
    assert "State is short" not in planned.rules(version_id)


def test_a_rule_of_a_legacy_system_that_cannot_run_is_shown(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft([BALANCE])
    with planned.database.session() as session:
        row = session.merge(planned.rules(version_id)[BALANCE.name])
        row.rule_code, row.is_executable = "def check(df):\n    return df", False
    browser = signed_in("Tester")
    assert "not executable" in browser.open(f"/versions/{version_id}")
    assert "def check(df):" in browser.open(f"/versions/{version_id}/rules/{row.rule_id}")
    assert "def check(df):" in browser.open(f"/versions/{version_id}/rules/{row.rule_id}/edit")
