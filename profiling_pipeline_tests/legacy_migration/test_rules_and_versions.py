"""Versions and rules of the uuid age, with what is odd about real ones."""

from typing import Any

import pytest

from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.legacy_migration.verify import verify
from profiling_pipeline.services.users import system_user_id
from profiling_pipeline_tests.legacy_migration.bank import Bank, a_legacy_rule, a_legacy_version
from profiling_pipeline_tests.legacy_migration.legacy_tables import RULES, VERSIONS, an_id

_APPROVED = {"status": "approved", "tester_decision": "approved", "report_owner_decision": "approved"}


def _migrated(bank: Bank) -> None:
    assert migrate(bank.legacy.database).is_accounted
    assert verify(bank.legacy.database).failures == ()


def test_numbers_gaps_parents_and_counters(bank: Bank) -> None:
    first = a_legacy_version(bank, 2, version_status="rejected", rejection_reason="Too few", total_rules=99)
    second = a_legacy_version(bank, 9, parent_version_id=first, overall_quality_score=999.99, total_rules=1)
    third = a_legacy_version(bank, 11, parent_version_id=an_id("nowhere"))
    a_legacy_rule(bank, "One", second)
    _migrated(bank)
    versions = [bank.legacy.version(key) for key in (first, second, third)]
    assert [version["version_id"] for version in versions] == [first, second, third]
    assert [version["version_number"] for version in versions] == [2, 9, 11]
    assert [version["parent_version_id"] for version in versions] == [None, first, None]
    assert [version["total_rules"] for version in versions] == [0, 1, 0]
    assert versions[0]["rejection_reason"] == "Too few"
    assert bank.legacy.outcome(VERSIONS, first)[2]["total_rules"] == 99
    assert bank.legacy.outcome(VERSIONS, second)[2] == {"overall_quality_score": 999.99}
    assert bank.legacy.outcome(VERSIONS, third)[2]["parent_version_id"] == an_id("nowhere")


def test_the_newest_approved_version_of_a_phase_stays_approved(bank: Bank) -> None:
    older = a_legacy_version(bank, 1, version_status="approved", approved_at="2025-07-01T10:00Z")
    newest = a_legacy_version(bank, 2, version_status="approved", approved_at="2025-07-03T10:00Z")
    other = a_legacy_version(bank, 3, version_status="approved", approved_at="2025-07-02T10:00Z")
    _migrated(bank)
    states = [bank.legacy.version(key)["version_status"] for key in (older, newest, other)]
    assert states == ["superseded", "approved", "superseded"]
    assert bank.legacy.outcome(VERSIONS, older)[2]["version_status"] == "approved"


def test_nobody_is_shown_as_the_approver_of_his_own_submission(bank: Bank) -> None:
    key = a_legacy_version(bank, 1, version_status="approved", submitted_by_id=bank.owner, approved_by_id=bank.owner)
    _migrated(bank)
    version = bank.legacy.version(key)
    assert (version["submitted_by_id"], version["approved_by_id"]) == (None, bank.owner)
    assert bank.legacy.outcome(VERSIONS, key)[2]["submitted_by_id"] == bank.owner


def test_unknown_people_become_the_system_user(bank: Bank) -> None:
    version = a_legacy_version(bank, 1, version_status="approved", created_by_id=998, approved_by_id=997)
    rule = a_legacy_rule(
        bank, "One", version, **_APPROVED, tester_decided_by=996, report_owner_decided_by=bank.owner, created_by_id=None
    )
    _migrated(bank)
    system = system_user_id(bank.legacy.database)
    assert bank.legacy.version(version)["created_by_id"] == system
    assert bank.legacy.outcome(VERSIONS, version)[2].items() >= {"created_by_id": 998, "approved_by_id": 997}.items()
    found = bank.legacy.rule(rule)
    assert (found["tester_decided_by"], found["created_by_id"]) == (system, system)
    assert bank.legacy.outcome(RULES, rule)[2] == {"tester_decided_by": 996}


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [("severity", "critical", "high"), ("severity", "low", "low"), ("rule_type", "format", "validity")],
)
def test_words_become_the_nearest_ones(bank: Bank, column: str, value: str, expected: str) -> None:
    key = a_legacy_rule(bank, "One", a_legacy_version(bank, 1), **{column: value})
    _migrated(bank)
    rule, detail = bank.legacy.rule(key), bank.legacy.outcome(RULES, key)[2]
    assert rule[column] == expected
    changed = value != expected
    assert (detail == {column: value}) is changed
    name = {"rule_type": "type"}.get(column, column)
    assert (rule["rule_parameters"]["origin"].get(name) == value) is changed


def test_names_that_repeat_get_a_suffix_and_long_ones_are_cut(bank: Bank) -> None:
    version = a_legacy_version(bank, 1)
    keys = [
        a_legacy_rule(bank, name, version, rule_id=an_id(str(number)))
        for number, name in enumerate(("Same", "Same", "x" * 300, "x" * 300, " "))
    ]
    _migrated(bank)
    names = [bank.legacy.rule(key)["rule_name"] for key in keys]
    assert len(set(names)) == 5
    assert names.count("Same") == 1
    assert {name for name in names if name.startswith("Same")} == {
        "Same",
        *(n for n in names if n.startswith("Same [")),
    }
    assert all(len(name) <= 255 for name in names)
    assert bank.legacy.outcome(RULES, keys[2])[2]["rule_name"] == "x" * 300
    assert names[4] == f"validity rule {keys[4]}"


@pytest.mark.parametrize(
    ("version_columns", "columns", "expected"),
    [
        ({"version_status": "approved"}, _APPROVED, ("approved", "approve", "approve")),
        ({"version_status": "draft"}, {"tester_decision": "rejected"}, ("pending", "reject", None)),
        (
            {"version_status": "pending_approval"},
            {"status": "submitted", "tester_decision": "approved"},
            ("submitted", "approve", None),
        ),
        (
            {"version_status": "approved", "approved_by_id": 2},
            {"status": "approved", "tester_decision": "approved"},
            ("approved", "approve", "approve"),
        ),
        ({"version_status": "approved"}, {"status": "approved"}, ("pending", None, None)),
        (
            {"version_status": "rejected"},
            {"tester_decision": "approved", "report_owner_decision": "request_changes"},
            ("pending", "approve", "request_changes"),
        ),
        ({"version_status": "rejected"}, {"status": "rejected"}, ("rejected", None, None)),
    ],
)
def test_decisions_and_states(
    bank: Bank, version_columns: dict[str, Any], columns: dict[str, Any], expected: tuple[str | None, ...]
) -> None:
    key = a_legacy_rule(bank, "One", a_legacy_version(bank, 1, **version_columns), **columns)
    _migrated(bank)
    rule = bank.legacy.rule(key)
    assert (rule["status"], rule["tester_decision"], rule["report_owner_decision"]) == expected
    was = columns.get("status", "pending")
    assert (bank.legacy.outcome(RULES, key)[2] or {}).get("status") == (was if was != expected[0] else None)


def test_rules_that_cannot_be_placed(bank: Bank) -> None:
    version = a_legacy_version(bank, 1)
    lost = a_legacy_rule(bank, "Of no attribute", version, attribute_id=999)
    homeless = a_legacy_rule(bank, "Of no version", an_id("gone"))
    nowhere = a_legacy_rule(bank, "Of nothing", an_id("gone too"), phase_id=None)
    _migrated(bank)
    assert bank.legacy.outcome(RULES, lost)[:2] == ("rejected", "attribute_missing")
    assert bank.legacy.outcome(RULES, nowhere)[:2] == ("rejected", "phase_missing")
    assert bank.legacy.outcome(RULES, homeless)[2] == {"version_id": an_id("gone")}
    draft = bank.legacy.rule(homeless)["version_id"]
    assert bank.legacy.rows(f"SELECT version_number, version_status FROM {VERSIONS} WHERE version_id = '{draft}'") == [
        (2, "draft")
    ]
