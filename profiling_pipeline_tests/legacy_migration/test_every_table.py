"""One row of every kind: each is accounted for, and becomes what the plan says."""

import pytest

from profiling_pipeline.legacy_migration.verify import finished_migration, verify
from profiling_pipeline.services.versions import get_version
from profiling_pipeline_tests.legacy_migration.bank import Bank
from profiling_pipeline_tests.legacy_migration.legacy_tables import AGES, VERSIONS, an_id

PROFILES = "cycle_report_attribute_profile_results"
SCORES = "cycle_report_data_profiling_attribute_scores"
JOBS = "cycle_report_data_profiling_jobs"


def test_every_row_of_every_table_is_accounted_for_once(migrated: Bank) -> None:
    report = finished_migration(migrated.legacy.database)
    assert report.is_accounted
    assert {table.table_name for table in report.tables} == {*AGES["uuid"], "secure_data_access_logs"}
    assert all(table.found for table in report.tables)
    assert len(report.tables) == 23
    verification = verify(migrated.legacy.database)
    assert verification.failures == ()


def test_a_job_without_a_version_becomes_one(migrated: Bank) -> None:
    finished, failed = (migrated.legacy.version(key, JOBS) for key in (2, 3))
    # Another version of the phase was approved later, and only one can be.
    assert finished["version_status"] == "superseded"
    assert failed["version_status"] == "draft"
    assert finished["workflow_run_id"] == "finished job"
    assert finished["data_source_type"] == "database_source"
    assert finished["planning_data_source_id"] == migrated.source
    outcome, _, detail = migrated.legacy.outcome(JOBS, 2)
    assert outcome == "migrated"
    assert detail["total_records"] == 1000


def test_a_job_with_a_version_adds_none(migrated: Bank) -> None:
    assert migrated.legacy.version(1, JOBS)["version_id"] == an_id("version 2")


def test_configurations_go_with_their_jobs(migrated: Bank) -> None:
    name = "cycle_report_data_profiling_configurations"
    assert migrated.legacy.outcome(name, 2)[:2] == ("migrated", None)
    assert migrated.legacy.outcome(name, 3)[:2] == ("archived", "never_run")


def test_a_job_of_an_unknown_report_is_rejected_with_its_values(migrated: Bank) -> None:
    outcome, reason, detail = migrated.legacy.outcome("profiling_jobs", an_id("volume of an unknown report"))
    assert (outcome, reason, detail["report_id"]) == ("rejected", "phase_missing", 99)


def test_a_profile_is_an_execution_of_a_not_null_rule(migrated: Bank) -> None:
    counted, impossible, empty = (migrated.legacy.execution(key, PROFILES) for key in (1, 2, 3))
    assert (counted["total_records_tested"], counted["failed_records"], counted["pass_rate"]) == (1000, 10, 99.0)
    assert counted["quality_scores"]["reported"]["overall"] == 97.5
    assert counted["result_summary"]["statistics"]["top_values"] == ["a", "b"]
    assert impossible["execution_status"] == "error"
    assert impossible["result_summary"]["legacy_counts"] == {"total_values": 1000, "null_count": 1001}
    assert (empty["execution_status"], empty["pass_rate"]) == ("skipped", None)
    rule = migrated.legacy.value(
        f"SELECT to_jsonb(r) FROM cycle_report_data_profiling_rules r WHERE rule_id = '{counted['rule_id']}'"
    )
    assert (rule["rule_code"], rule["tester_decision"], rule["status"]) == ("not_null", None, "pending")
    assert rule["version_id"] == migrated.legacy.version(2, JOBS)["version_id"]


def test_values_of_a_classified_attribute_are_withheld(migrated: Bank) -> None:
    assert "statistics" not in migrated.legacy.execution(3, PROFILES)["result_summary"]
    assert migrated.legacy.outcome(PROFILES, 3)[2]["values_withheld"] is True


def test_scores_find_their_phase_by_cycle_and_report(migrated: Bank) -> None:
    execution = migrated.legacy.execution(1, SCORES)
    assert (execution["passed_records"], execution["pass_rate"]) == (500, 100.0)
    assert execution["executed_at"].startswith("2025-07-20T12:00:00")


def test_rules_of_a_set_become_rules_of_its_jobs_version(migrated: Bank) -> None:
    version = migrated.legacy.version(an_id("volume"), "profiling_jobs")
    rules = {
        rule.rule_name.partition(" [")[0]: rule
        for rule in get_version(migrated.legacy.database, version["version_id"]).rules
    }
    assert set(rules) == {"Balance is there", "Secret is there", "Balance again", "two rules"}
    assert rules["Balance is there"].severity == "high"
    assert rules["Secret is there"].attribute_name == "Secret"
    assert rules["Secret is there"].rule_parameters["origin"]["type"] == "timeliness"
    _, _, detail = migrated.legacy.outcome("profiling_rule_sets", an_id("two rules"))
    assert detail["rules_of_no_attribute"] == [3]
    assert migrated.legacy.outcome("profiling_rule_sets", an_id("no rule"))[:2] == ("rejected", "no_rules")


def test_results_by_partition_belong_to_their_set(migrated: Bank) -> None:
    counted = migrated.legacy.execution(an_id("result of two rules"), "partition_results")
    assert (counted["total_records_tested"], counted["result_summary"]["skipped_records"]) == (95, 5)
    assert counted["pass_rate"] == 84.21
    impossible = migrated.legacy.execution(an_id("result of one rule"), "partition_results")
    assert impossible["execution_status"] == "error"
    lost = migrated.legacy.outcome("partition_results", an_id("result of no rule"))
    assert lost[:2] == ("rejected", "rule_set_missing")


def test_patterns_go_with_an_execution_of_their_job(migrated: Bank) -> None:
    pattern = migrated.legacy.value(
        "SELECT anomaly_details #> '{patterns,0}' FROM cycle_report_data_profiling_rule_executions "
        "WHERE anomaly_details ? 'patterns'"
    )
    assert pattern["pattern_type"] == "spike"
    assert migrated.legacy.outcome("profiling_anomaly_patterns", an_id("pattern of volume"))[0] == "migrated"
    lost = migrated.legacy.outcome("profiling_anomaly_patterns", an_id("pattern of a job without results"))
    assert lost[:2] == ("archived", "no_execution")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("known", ("migrated", None)),
        ("nameless", ("archived", "names_no_attribute")),
        ("lost", ("rejected", "phase_missing")),
    ],
)
def test_whole_executions_need_an_attribute(migrated: Bank, name: str, expected: tuple[str, str | None]) -> None:
    assert migrated.legacy.outcome("profiling_executions", an_id(name))[:2] == expected


def test_a_whole_execution_keeps_its_figures(migrated: Bank) -> None:
    execution = migrated.legacy.execution(an_id("known"), "profiling_executions")
    assert execution["execution_status"] == "failed"
    assert execution["result_summary"]["whole_execution"]["rules_passed"] == 3


def test_files_are_matched_to_planning(migrated: Bank) -> None:
    name = "cycle_report_data_profiling_files"
    (_, reason, same), (_, _, other) = (migrated.legacy.outcome(name, key) for key in (1, 2))
    assert reason == "kept_in_archive"
    assert same["planning_data_source_id"] == migrated.source
    assert "mismatch" not in same
    assert other["mismatch"] == "planning names the file uploads/loans.csv"


def test_the_access_log_stays_where_it_is(migrated: Bank) -> None:
    assert migrated.legacy.value("SELECT count(*) FROM public.secure_data_access_logs") == 1
    assert migrated.legacy.value("SELECT to_regclass('legacy_profiling.secure_data_access_logs')") is None


def test_reconstructed_versions_say_so(migrated: Bank) -> None:
    marked = migrated.legacy.rows(
        f"SELECT version_status, version_number FROM {VERSIONS} "
        "WHERE workflow_execution_id = 'legacy_migration:reconstructed'"
    )
    assert [status for status, _ in marked] == ["draft"]
    assert marked[0][1] > 40
