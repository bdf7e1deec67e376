"""Results of rules, with what is odd about real ones."""

from typing import Any

import pytest

from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.legacy_migration.verify import verify
from profiling_pipeline.services.results import rule_history
from profiling_pipeline_tests.legacy_migration.bank import (
    IN_RANGE,
    NOT_NULL,
    Bank,
    a_legacy_result,
    a_legacy_rule,
    a_legacy_version,
)
from profiling_pipeline_tests.legacy_migration.legacy_tables import RESULTS, RULES, an_id

_HIDDEN_FAILURE = '{"metadata": {}, "execution_engine": "unknown", "data_source": null}'


def _migrated(bank: Bank) -> None:
    assert migrate(bank.legacy.database).is_accounted
    assert verify(bank.legacy.database).failures == ()


def test_counts_decide(bank: Bank) -> None:
    rule = a_legacy_rule(bank, "Balance", a_legacy_version(bank, 1))
    cases: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
        ({}, ("failed", 1000, 990, 10, 99.0)),
        ({"passed_count": 1000, "failed_count": 0}, ("passed", 1000, 1000, 0, 100.0)),
        ({"passed_count": 99_999, "failed_count": 1, "total_count": 100_000}, ("failed", 100_000, 99_999, 1, 99.99)),
        ({"passed_count": 1, "failed_count": 99_999, "total_count": 100_000}, ("failed", 100_000, 1, 99_999, 0.01)),
        ({"passed_count": 600, "failed_count": 200}, ("failed", 800, 600, 200, 75.0)),
        ({"passed_count": 1002, "failed_count": -1, "total_count": 1001}, ("error", None, None, None, None)),
        ({"passed_count": 0, "failed_count": 0}, ("error", None, None, None, None)),
        ({"passed_count": 900, "failed_count": 900}, ("error", None, None, None, None)),
    ]
    keys = [a_legacy_result(bank, rule, number * 60, **columns) for number, (columns, _) in enumerate(cases)]
    _migrated(bank)
    columns = ("execution_status", "total_records_tested", "passed_records", "failed_records", "pass_rate")
    found = [tuple(bank.legacy.execution(key)[column] for column in columns) for key in keys]
    assert found == [expected for _, expected in cases]
    impossible = bank.legacy.execution(keys[5])["result_summary"]
    assert impossible["legacy_counts"] == {"passed": 1002, "failed": -1, "total": 1001, "pass_rate": 99.0}
    assert bank.legacy.outcome(RESULTS, keys[5])[2]["counts"] == {"passed": 1002, "failed": -1, "total": 1001}
    assert bank.legacy.execution(keys[4])["result_summary"]["skipped_records"] == 200


def test_a_success_that_tested_nothing_is_judged_by_its_evidence(bank: Bank) -> None:
    rule = a_legacy_rule(bank, "Balance", a_legacy_version(bank, 1))
    nothing = {"passed_count": 0, "failed_count": 0, "total_count": 0, "pass_rate": 0.0}
    plain, hidden, failed, counted = (
        a_legacy_result(bank, rule, number * 60, **nothing | columns)
        for number, columns in enumerate(
            (
                {"result_details": None},
                {"result_details": _HIDDEN_FAILURE},
                {"result_details": "name 'json' is not defined", "execution_status": "failed"},
                {"passed_count": None, "failed_count": None, "total_count": None},
            )
        )
    )
    _migrated(bank)
    assert bank.legacy.execution(plain)["execution_status"] == "skipped"
    assert bank.legacy.execution(counted)["execution_status"] == "skipped"
    assert bank.legacy.execution(hidden)["execution_status"] == "error"
    assert bank.legacy.execution(failed)["result_summary"]["error"] == "name 'json' is not defined"
    assert bank.legacy.outcome(RESULTS, plain)[2]["execution_status"] == "success"


def test_pass_rates_are_computed_anew_whatever_their_scale(bank: Bank) -> None:
    rule = a_legacy_rule(bank, "Balance", a_legacy_version(bank, 1))
    fraction = a_legacy_result(bank, rule, pass_rate=0.99)
    percent = a_legacy_result(bank, rule, 60)
    _migrated(bank)
    assert bank.legacy.execution(fraction)["pass_rate"] == bank.legacy.execution(percent)["pass_rate"] == 99.0
    assert bank.legacy.outcome(RESULTS, fraction)[2] == {"pass_rate": 0.99}
    assert bank.legacy.outcome(RESULTS, percent)[2] is None


def test_times_without_a_zone_are_read_as_what_they_are(bank: Bank) -> None:
    rule = a_legacy_rule(bank, "Balance", a_legacy_version(bank, 1))
    key = a_legacy_result(bank, rule)
    _migrated(bank)
    execution = bank.legacy.execution(key)
    assert execution["executed_at"] == execution["created_at"] == "2025-07-22T17:00:00+00:00"


def test_runs_are_told_apart_by_time(bank: Bank) -> None:
    version = a_legacy_version(bank, 1)
    first, second = (a_legacy_rule(bank, name, version) for name in ("One", "Two"))
    keys = [
        a_legacy_result(bank, rule, seconds)
        for rule, seconds in ((first, 0), (second, 8), (first, 12), (first, 60), (second, 61))
    ]
    _migrated(bank)
    runs = [bank.legacy.execution(key)["background_job_id"] for key in keys]
    assert runs[0] == runs[1]
    assert runs[3] == runs[4] != runs[0]
    assert runs[2] == f"{runs[0]}#2"


def test_summaries_are_unpacked_and_engine_facts_kept(bank: Bank) -> None:
    rule = a_legacy_rule(bank, "Balance", a_legacy_version(bank, 1))
    double = a_legacy_result(bank, rule, 0, NOT_NULL, quality_impact=99.9)
    broken = a_legacy_result(bank, rule, 60, result_details="{not JSON")
    bank.legacy.run(
        f"""UPDATE {RESULTS} SET result_summary = '"{{\\"completeness\\": 99.9, \\"accuracy\\": -1.87}}"'::json
        WHERE result_id = {double}"""
    )
    _migrated(bank)
    summary = bank.legacy.execution(double)["result_summary"]
    assert summary["reported"] == {"completeness": 99.9, "accuracy": -1.87, "quality_impact": 99.9}
    assert (summary["rows"], summary["engine"], summary["source"]) == (1000, "pandas", "Loans")
    assert summary["statistics"] == {"mean": 1.5}
    assert bank.legacy.execution(broken)["result_summary"]["details"] == "{not JSON"


def test_marks_and_samples_are_kept_where_they_may_be_shown(bank: Bank) -> None:
    version = a_legacy_version(bank, 1)
    shown = a_legacy_rule(bank, "Balance", version)
    hidden = a_legacy_rule(bank, "Secret", version, attribute_id=bank.secret, attribute_name="Secret")
    samples = [{"row": 3, "BALANCE": -1}]
    mark = {"has_anomaly": True, "anomaly_description": "Odd", "anomaly_marked_by": 999, "failed_records": samples}
    public = a_legacy_result(bank, shown, **mark)
    classified = a_legacy_result(bank, hidden, 60, attribute_id=bank.secret, **mark)
    _migrated(bank)
    details = bank.legacy.execution(public)["anomaly_details"]
    assert details["failed_rows"] == samples
    assert details["mark"]["note"] == "Odd"
    assert bank.legacy.outcome(RESULTS, public)[2] == {"anomaly_marked_by": 999}
    assert "failed_rows" not in bank.legacy.execution(classified)["anomaly_details"]
    assert bank.legacy.outcome(RESULTS, classified)[2]["failed_records_withheld"] == 1


_TEXTS_OF_RULES = f"""
SELECT r.rule_id::text, t.rule_text FROM {RULES} r
JOIN legacy_rule_texts t ON t.text_id::text = r.rule_parameters #>> '{{origin,text_id}}'
"""


def test_a_rule_that_is_gone_is_rebuilt_once_for_each_of_its_texts(bank: Bank) -> None:
    gone = an_id("gone")
    keys = [
        a_legacy_result(bank, gone, 0, severity="critical"),
        a_legacy_result(bank, gone, 60, NOT_NULL),
        a_legacy_result(bank, gone, 120),
        a_legacy_result(bank, gone, 180, IN_RANGE, severity="low"),
        a_legacy_result(bank, gone, 240),
    ]
    _migrated(bank)
    rules = [bank.legacy.execution(key)["rule_id"] for key in keys]
    assert rules[0] == rules[1] == rules[2] != rules[3] == rules[4] == gone
    texts = dict(bank.legacy.rows(_TEXTS_OF_RULES))
    assert (texts[rules[1]], texts[gone]) == (NOT_NULL, IN_RANGE)
    newest = bank.legacy.value(f"SELECT to_jsonb(r) FROM {RULES} r WHERE rule_id = '{gone}'")
    assert (newest["severity"], newest["rule_code"], newest["tester_decision"]) == ("low", "expression", None)
    assert newest["rule_parameters"]["origin"]["reconstructed"] is True
    assert len(rule_history(bank.legacy.database, gone)) == 2


def test_a_rule_without_any_text_says_so(bank: Bank) -> None:
    key = a_legacy_result(bank, an_id("gone"))
    _migrated(bank)
    rule = bank.legacy.execution(key)["rule_id"]
    assert bank.legacy.value(f"SELECT rule_code FROM {RULES} WHERE rule_id = '{rule}'").startswith("The text of this")


def test_rebuilt_rules_go_where_an_assignment_says(bank: Bank) -> None:
    version = a_legacy_version(bank, 5, version_status="approved", approved_by_id=bank.owner)
    known, unknown = an_id("known"), an_id("unknown")
    bank.legacy.run(
        "CREATE TABLE universal_assignments (assignment_type text, context_data json, completion_data json, "
        "from_user_id integer, completed_by_user_id integer, assigned_at timestamptz, completed_at timestamptz)"
    )
    bank.legacy.add(
        "universal_assignments", assignment_type="Rule Approval", from_user_id=bank.tester,
        context_data={"version_id": version, "approved_rule_ids": [known]}, completed_by_user_id=bank.owner,
        completion_data={"rules_approved": 1}, assigned_at="2025-07-22T12:00Z", completed_at="2025-07-22T13:00Z",
    )  # fmt: skip
    for rule in (known, unknown):
        a_legacy_result(bank, rule, text=NOT_NULL)
    _migrated(bank)
    places = {
        rule: (status, tester, number, origin)
        for rule, status, tester, number, origin in bank.legacy.rows(
            "SELECT r.rule_id::text, status, tester_decided_by, version_number, workflow_execution_id "
            f"FROM {RULES} r JOIN cycle_report_data_profiling_rule_versions v USING (version_id)"
        )
    }
    assert places[known] == ("approved", bank.tester, 5, None)
    assert places[unknown] == ("pending", None, 6, "legacy_migration:reconstructed")


def test_an_execution_keeps_the_text_it_ran_if_its_rule_has_another_by_now(bank: Bank) -> None:
    rule = a_legacy_rule(bank, "Balance", a_legacy_version(bank, 1), rule_code=IN_RANGE)
    then, now = a_legacy_result(bank, rule, 0, NOT_NULL), a_legacy_result(bank, rule, 60, IN_RANGE)
    _migrated(bank)
    assert bank.legacy.execution(then)["result_summary"]["other_rule_text"] == NOT_NULL
    assert "other_rule_text" not in bank.legacy.execution(now)["result_summary"]


@pytest.mark.parametrize(
    ("columns", "reason"), [({"attribute_id": 999}, "attribute_missing"), ({"attribute_id": None}, "attribute_missing")]
)
def test_what_cannot_be_placed_is_rejected_with_its_values(bank: Bank, columns: dict[str, Any], reason: str) -> None:
    key = a_legacy_result(bank, an_id("gone"), **columns)
    _migrated(bank)
    outcome, found, detail = bank.legacy.outcome(RESULTS, key)
    assert (outcome, found) == ("rejected", reason)
    assert (detail["passed_count"], detail["result_id"]) == (990, key)
