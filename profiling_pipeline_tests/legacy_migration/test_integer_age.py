"""Tables of the integer age: phases of their own, one approval, versions of single rows."""

from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.legacy_migration.verify import verify
from profiling_pipeline.services.users import system_user_id
from profiling_pipeline_tests.legacy_migration.bank import CYCLE, REPORT, START, Bank, an_integer_rule
from profiling_pipeline_tests.legacy_migration.legacy_tables import RESULTS, RULES, VERSIONS


def _phase(bank: Bank, cycle: int = CYCLE) -> int:
    return int(bank.legacy.add("data_profiling_phases", cycle_id=cycle, report_id=REPORT, status="In Progress"))


def _migrated(bank: Bank) -> None:
    assert migrate(bank.legacy.database).is_accounted
    assert verify(bank.legacy.database).failures == ()


def test_rules_go_into_a_draft_of_their_workflow_phase(integer_bank: Bank) -> None:
    bank = integer_bank
    _phase(bank, 999)
    key = an_integer_rule(
        bank, "Balance", _phase(bank), severity="critical", rule_type="TIMELINESS", rule_logic="x > 0"
    )
    _migrated(bank)
    rule = bank.legacy.rule(key)
    assert (rule["phase_id"], rule["rule_type"], rule["severity"]) == (bank.profiling, "validity", "high")
    assert (rule["rule_code"], rule["is_executable"], rule["execution_order"]) == ("expression", True, 0)
    origin = rule["rule_parameters"]["origin"]
    assert (origin["type"], origin["severity"], origin["rule_logic"]) == ("TIMELINESS", "critical", "x > 0")
    assert (origin["business_key"], origin["legacy_rule_id"]) == ("key Balance", str(key))
    state = bank.legacy.value(f"SELECT version_status FROM {VERSIONS} WHERE version_id = '{rule['version_id']}'")
    assert state == "draft"


def test_the_one_approval_is_the_testers(integer_bank: Bank) -> None:
    bank = integer_bank
    phase = _phase(bank)
    decided = {"status": "APPROVED", "approved_by": bank.tester, "approved_at": START, "approval_notes": "Fine"}
    approved = an_integer_rule(bank, "Approved", phase, **decided)
    nameless = an_integer_rule(bank, "Approved by nobody", phase, status="APPROVED")
    rejected = an_integer_rule(bank, "Rejected", phase, status="REJECTED", rejection_reason="Wrong", rejected_by=998)
    sent_back = an_integer_rule(bank, "Sent back", phase, status="needs_revision", revision_notes="Wider")
    _migrated(bank)
    system = system_user_id(bank.legacy.database)
    columns = ("tester_decision", "tester_decided_by", "tester_notes", "report_owner_decision", "status")
    found = [
        tuple(bank.legacy.rule(key)[name] for name in columns) for key in (approved, nameless, rejected, sent_back)
    ]
    assert found == [
        ("approve", bank.tester, "Fine", None, "pending"),
        ("approve", system, None, None, "pending"),
        ("reject", system, "Wrong", None, "pending"),
        ("request_changes", system, "Wider", None, "pending"),
    ]
    assert bank.legacy.rule(approved)["tester_decided_at"] == "2025-07-22T17:00:00+00:00"
    assert bank.legacy.outcome(RULES, rejected)[2]["tester_decided_by"] == 998


def test_replaced_rules_go_into_superseded_versions(integer_bank: Bank) -> None:
    bank = integer_bank
    phase = _phase(bank)
    old = an_integer_rule(bank, "Balance", phase, version_number=3, is_current_version=False)
    new = an_integer_rule(bank, "Balance", phase, version_number=4)
    _migrated(bank)
    places = dict(bank.legacy.rows(f"SELECT version_id::text, version_number || ' ' || version_status FROM {VERSIONS}"))
    assert places[bank.legacy.rule(old)["version_id"]] == "3 superseded"
    assert places[bank.legacy.rule(new)["version_id"]] == "4 draft"


def test_what_was_a_version_of_one_rule_becomes_a_rule(integer_bank: Bank) -> None:
    bank = integer_bank
    keys = [
        bank.legacy.add(
            VERSIONS, rule_id="3d6f0a6e-0000-4000-8000-000000000001", cycle_id=CYCLE, report_id=REPORT,
            attribute_id=bank.balance, rule_type="range", rule_definition={"min": 0}, version_number=number,
            is_latest_version=number == 2, version_status="approved", approved_by="somebody", issues_found=4,
        )
        for number in (1, 2)
    ]  # fmt: skip
    _migrated(bank)
    old, new = (bank.legacy.rule(key, VERSIONS) for key in keys)
    assert old["version_id"] != new["version_id"]
    assert (new["rule_code"], new["rule_type"], new["tester_decision"]) == ('{"min": 0}', "validity", "approve")
    assert new["rule_parameters"]["origin"]["issues_found"] == 4


def test_results_find_their_rules_by_number(integer_bank: Bank) -> None:
    bank = integer_bank
    phase = _phase(bank)
    rule = an_integer_rule(bank, "Balance", phase)
    shared = {
        "phase_id": phase, "attribute_id": bank.balance, "execution_status": "success", "executed_at": START,
        "passed_count": 8, "failed_count": 2, "total_count": 10, "severity": "low",
    }  # fmt: skip
    known = bank.legacy.add(RESULTS, rule_id=rule, **shared)
    gone = bank.legacy.add(RESULTS, rule_id=4711, **shared)
    lost = bank.legacy.add(RESULTS, rule_id=4712, **shared | {"phase_id": _phase(bank, 999)})
    _migrated(bank)
    assert bank.legacy.execution(known)["rule_id"] == bank.legacy.rule(rule)["rule_id"]
    rebuilt = bank.legacy.execution(gone)["rule_id"]
    origin = bank.legacy.value(f"SELECT rule_parameters -> 'origin' FROM {RULES} WHERE rule_id = '{rebuilt}'")
    assert (origin["legacy_rule_id"], origin["reconstructed"]) == ("4711", True)
    assert bank.legacy.outcome(RESULTS, lost)[:2] == ("rejected", "phase_missing")
    assert bank.legacy.outcome("data_profiling_phases", phase)[:2] == ("archived", "kept_in_archive")
