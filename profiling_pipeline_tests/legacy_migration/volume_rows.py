"""Rows of every kind of legacy table of the uuid age."""

from datetime import datetime

from profiling_pipeline_tests.legacy_migration.bank import (
    CYCLE,
    IN_RANGE,
    NOT_NULL,
    REPORT,
    Bank,
    a_legacy_result,
    a_legacy_rule,
    a_legacy_version,
)
from profiling_pipeline_tests.legacy_migration.legacy_tables import an_id

_CALCULATED = datetime(2025, 7, 20, 12, 0)


def add_everything(bank: Bank) -> None:
    """Add rows to all tables, each table's keys starting with its own name where they are uuids."""
    add_jobs(bank)
    add_profiles(bank)
    add_rule_sets(bank)
    add_kept(bank)
    version = a_legacy_version(bank, 40, version_status="approved", approved_at=_CALCULATED, approved_by_id=bank.owner)
    rule = a_legacy_rule(
        bank, "Balance is there", version, status="approved", tester_decision="approved",
        tester_decided_by=bank.tester, report_owner_decision="approved", report_owner_decided_by=bank.owner,
    )  # fmt: skip
    for seconds in (0, 3600):
        a_legacy_result(bank, rule, seconds, NOT_NULL)
    a_legacy_result(bank, an_id("a rule that is gone"), 7200, IN_RANGE)


def add_jobs(bank: Bank) -> None:
    """Add configurations and jobs: one with a version, one finished, one that failed, one of a configuration alone."""
    legacy = bank.legacy
    for number, data_source in ((1, bank.source), (2, None), (3, None)):
        legacy.add(
            "cycle_report_data_profiling_configurations", cycle_id=CYCLE, report_id=REPORT, name=f"Plan {number}",
            source_type="database_direct", data_source_id=data_source,
        )  # fmt: skip
    a_legacy_version(bank, 2, execution_job_id="job with a version")
    for number, (job, configuration, status) in enumerate(
        (("job with a version", 1, "completed"), ("finished job", 1, "completed"), ("failed job", 2, "failed")), start=1
    ):
        legacy.add(
            "cycle_report_data_profiling_jobs", configuration_id=configuration, job_id=job, status=status,
            completed_at=datetime(2025, 7, number, 9, 0), total_records=1000, created_by_id=bank.tester,
        )  # fmt: skip
    for name, report in (("volume", REPORT), ("volume of an unknown report", 99)):
        legacy.add(
            "profiling_jobs", job_id=an_id(name), cycle_id=CYCLE, report_id=report, job_name=name, strategy="full_scan",
            source_type="csv_upload", source_config={}, status="completed", end_time=datetime(2025, 6, 1, 9, 0),
        )  # fmt: skip


def add_profiles(bank: Bank) -> None:
    """Add profiles of attributes, one of them impossible and one empty, and scores."""
    for attribute, total, nulls in ((bank.balance, 1000, 10), (bank.balance, 1000, 1001), (bank.secret, 0, 0)):
        bank.legacy.add(
            "cycle_report_attribute_profile_results", profiling_job_id=2, attribute_id=attribute, total_values=total,
            null_count=nulls, completeness_score=99.0, overall_quality_score=97.5, top_values=["a", "b"], max_value=9.5,
            anomaly_count=2,
        )  # fmt: skip
    bank.legacy.add(
        "cycle_report_data_profiling_attribute_scores", phase_id=1, attribute_id=bank.balance, total_values=500,
        null_count=0, overall_quality_score=88.0, calculated_at=_CALCULATED,
    )  # fmt: skip
    bank.legacy.add("data_profiling_phases", cycle_id=CYCLE, report_id=REPORT, status="Complete")


def add_rule_sets(bank: Bank) -> None:
    """Add rule sets with their results by partition, patterns of anomalies, and executions as a whole."""
    legacy, job = bank.legacy, an_id("volume")
    sets = {
        "two rules": [
            {"name": "Balance is there", "attribute_id": bank.balance, "code": NOT_NULL, "severity": "critical"},
            {"name": "Secret is there", "column": "secret", "code": NOT_NULL},
            {"name": "Of nothing known", "column": "elsewhere", "code": NOT_NULL},
        ],
        "one rule": [{"name": "Balance again", "attribute": "balance", "code": IN_RANGE}],
        "no rule": [{"name": "Of nothing known", "column": "elsewhere"}],
    }
    for name, rules in sets.items():
        legacy.add(
            "profiling_rule_sets", rule_set_id=an_id(name), job_id=job, rule_set_name=name, category="timeliness",
            rules=rules, rule_count=len(rules),
        )  # fmt: skip
    legacy.add("profiling_partitions", partition_id=an_id("partition"), job_id=job, partition_index=0, status="done")
    for name, passed, failed in (("two rules", 80, 15), ("one rule", 0, 0), ("no rule", 1, 0)):
        legacy.add(
            "partition_results", result_id=an_id(f"result of {name}"), partition_id=an_id("partition"),
            rule_set_id=an_id(name), records_evaluated=100, records_passed=passed, records_failed=failed,
        )  # fmt: skip
    for name in ("volume", "a job without results"):
        legacy.add(
            "profiling_anomaly_patterns", pattern_id=an_id(f"pattern of {name}"), job_id=an_id(name),
            pattern_type="spike", sample_record_ids=["4711"],
        )  # fmt: skip
    for name, report, criteria in (
        ("known", REPORT, {"attribute_id": bank.balance}),
        ("nameless", REPORT, {"all": True}),
        ("lost", 99, {"attribute_id": bank.balance}),
    ):
        legacy.add(
            "profiling_executions", execution_id=an_id(name), cycle_id=CYCLE, report_id=report, execution_type="full",
            start_time=_CALCULATED, status="completed", profiling_criteria=criteria, total_records_profiled=1000,
            rules_passed=3, rules_failed=1,
        )  # fmt: skip


def add_kept(bank: Bank) -> None:
    """Add rows to the tables that stay in the archive, and to the access log, which stays where it is."""
    legacy = bank.legacy
    for name in ("loans.csv", "other.csv"):
        legacy.add(
            "cycle_report_data_profiling_files", phase_id=1, file_name=name, file_path=f"uploads/{name}", file_size=1,
            file_format="csv", uploaded_by=bank.tester, uploaded_at=_CALCULATED,
        )  # fmt: skip
    legacy.add("profiling_cache", cache_id=an_id("cache"), cache_key="key", cache_data={})
    legacy.add("cycle_report_anomaly_patterns_data_profiling", pattern_name="Spike", pattern_config={"threshold": 3})
    legacy.add("intelligent_sampling_jobs", job_id=an_id("s"), profiling_job_id=an_id("volume"), status="done")
    legacy.add("sample_pools", pool_id=an_id("p"), job_id=an_id("s"), total_candidates=1)
    legacy.add("intelligent_samples", sample_id=an_id("i"), job_id=an_id("s"), pool_id=an_id("p"), record_data={})
    legacy.add("sampling_rules", rule_id=an_id("r"), report_id=REPORT, rule_definition={})
    legacy.add("sample_lineage", lineage_id=an_id("l"), sample_id=an_id("i"), source_type="table")
    legacy.add(
        "secure_data_access_logs", user_id=bank.tester, table_name="loans", column_name="secret",
        security_classification="HRCI", access_type="read",
    )  # fmt: skip
