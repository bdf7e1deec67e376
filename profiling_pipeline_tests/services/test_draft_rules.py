import pytest

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.errors import InvalidInputError, RuleError
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline.services.versions import get_version
from profiling_pipeline_tests.services.planned import RULES, Planned


def test_rules_of_a_draft_are_added_edited_and_deleted(planned: Planned) -> None:
    version_id = planned.draft(RULES[:1])
    rule_id = planned.draft_rules.add_rule(
        version_id, planned.tester, Rule("Known", "state", "isin", {"allowed_values": ["CA"]}, severity=Severity.HIGH)
    )
    assert planned.counters(version_id) == (2, 0, 0)
    planned.review.decide(rule_id, planned.tester, Decision.APPROVE)
    planned.draft_rules.edit_rule(rule_id, planned.tester, {"rule_parameters": {"allowed_values": ["CA", "NY"]}})
    rule = planned.rules(version_id)["Known"]
    assert rule.rule_parameters == {"allowed_values": ["CA", "NY"]}
    assert (rule.tester_decision, rule.tester_decided_by, rule.tester_decided_at) == (None, None, None)
    planned.draft_rules.delete_rule(rule_id, planned.tester)
    assert planned.counters(version_id) == (1, 0, 0)
    assert [row.action for row in planned.audit(rule_id)] == [
        "add_rule",
        "tester_decision",
        "edit_rule",
        "delete_rule",
    ]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"rule_codes": "isin"}, InvalidInputError, "Did you mean rule_code"),
        ({"rule_code": "in_rnge"}, RuleError, "in_range"),
        ({"rule_parameters": {"max": 1}}, RuleError, "max"),
        ({"rule_parameters": 7}, InvalidInputError, "cannot be 7"),
        ({"rule_name": " "}, InvalidInputError, "needs a name"),
        ({"rule_name": "x" * 256}, InvalidInputError, "256 characters"),
        ({"rule_name": "Balance is there"}, InvalidInputError, "already"),
        ({"rule_description": "\x00"}, InvalidInputError, "cannot be stored"),
        ({"severity": "grave"}, InvalidInputError, "grave"),
        ({"rule_type": None}, InvalidInputError, "rule_type"),
        ({"attribute_id": 2**31 - 1}, InvalidInputError, "no planned attribute"),
        ({"execution_order": 2**40}, InvalidInputError, "too large"),
        ({"status": "approved"}, InvalidInputError, "cannot be changed"),
    ],
)
def test_an_edit_that_cannot_be_stored_changes_nothing(planned: Planned, changes, error, message: str) -> None:
    version_id = planned.draft()
    rule = planned.rules(version_id)["Balance is covered"]
    planned.review.decide(rule.rule_id, planned.tester, Decision.APPROVE)
    before = get_version(planned.database, version_id)
    with pytest.raises(error, match=message):
        planned.draft_rules.edit_rule(rule.rule_id, planned.tester, changes)
    assert get_version(planned.database, version_id) == before


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (Rule("Typo", "Balanc", "not_null"), "Did you mean Balance"),
        (Rule("Other", "Rating", "not_null"), "no planned attribute 'Rating'"),
        (Rule("Check", "Balance", "is_null"), "no check 'is_null'"),
        (Rule("Balance is there", "Balance", "not_null"), "already"),
        (Rule("Balance is there", "balance", "not_null"), "already"),
    ],
)
def test_a_rule_that_cannot_be_added(planned: Planned, rule: Rule, message: str) -> None:
    version_id = planned.draft()
    before = get_version(planned.database, version_id)
    with pytest.raises(InvalidInputError, match=message):
        planned.draft_rules.add_rule(version_id, planned.tester, rule)
    assert get_version(planned.database, version_id) == before


def test_the_same_name_may_serve_two_attributes(planned: Planned) -> None:
    version_id = planned.draft()
    planned.draft_rules.add_rule(version_id, planned.tester, Rule("Balance is there", "State", "not_null"))
    assert planned.counters(version_id) == (4, 0, 0)
