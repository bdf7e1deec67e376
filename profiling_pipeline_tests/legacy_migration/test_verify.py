"""Verification finds what was tampered with, whichever table it is in."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from profiling_pipeline.errors import ConflictError
from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.legacy_migration.report import write_report
from profiling_pipeline.legacy_migration.verify import verify
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.migrations import upgrade
from profiling_pipeline_tests.legacy_migration.bank import (
    NOT_NULL,
    Bank,
    a_legacy_result,
    a_legacy_rule,
    a_legacy_version,
)
from profiling_pipeline_tests.legacy_migration.conftest import MakeDatabase, copy_of
from profiling_pipeline_tests.legacy_migration.legacy_tables import RESULTS, RULES, VERSIONS, an_id
from profiling_pipeline_tests.legacy_migration.volume_rows import add_everything

EXECUTIONS = "cycle_report_data_profiling_rule_executions"
_IN_PARTITIONS = f"UPDATE {EXECUTIONS} SET {{}} WHERE result_summary ? 'partition'"


@pytest.fixture(scope="module")
def everything_template(make_database: MakeDatabase, uuid_template: Bank) -> Iterator[Bank]:
    """A row of every kind, migrated."""
    with copy_of(uuid_template, make_database) as bank:
        add_everything(bank)
        migrate(bank.legacy.database)
        bank.legacy.close()
        yield bank


@pytest.fixture(scope="module")
def small_template(make_database: MakeDatabase, uuid_template: Bank) -> Iterator[Bank]:
    with copy_of(uuid_template, make_database) as bank:
        version = a_legacy_version(bank, 1)
        rules = [a_legacy_rule(bank, name, version) for name in ("One", "Two")]
        for number, rule in enumerate((*rules, an_id("gone"))):
            a_legacy_result(bank, rule, number, NOT_NULL, passed_count=1000 - number, failed_count=number)
        migrate(bank.legacy.database)
        bank.legacy.close()
        yield bank


@pytest.fixture
def small(make_database: MakeDatabase, small_template: Bank) -> Iterator[Bank]:
    """Two rules of three results, migrated."""
    with copy_of(small_template, make_database) as bank:
        yield bank


@pytest.mark.parametrize(
    ("tampering", "found_by"),
    [
        (f"DELETE FROM {EXECUTIONS} WHERE failed_records = 1", "ledger entries whose execution is gone"),
        ("DELETE FROM legacy_migration_ledger WHERE target = 'rule'", f"{RULES}: rows and ledger entries"),
        (f"DELETE FROM legacy_profiling.{RESULTS} WHERE failed_count = 0", f"{RESULTS}: rows and ledger entries"),
        (
            f"UPDATE {EXECUTIONS} SET passed_records = 1, failed_records = 999, pass_rate = 0.1 "
            "WHERE failed_records = 1",
            f"{RESULTS}: passed_records",
        ),
        (f"UPDATE {EXECUTIONS} SET executed_at = executed_at + interval '1 hour'", f"{RESULTS}: executed_at"),
        (
            f"UPDATE {EXECUTIONS} e SET failed_records = o.failed_records, passed_records = o.passed_records, "
            f"pass_rate = o.pass_rate FROM {EXECUTIONS} o "
            "WHERE (e.failed_records, o.failed_records) IN ((1, 2), (2, 1))",
            f"{RESULTS}: failed_records",
        ),
        (f"UPDATE {RULES} SET rule_name = 'Another' WHERE rule_name = 'One'", f"{RULES}: rule_name"),
        (f"UPDATE {RULES} SET rule_parameters = rule_parameters #- '{{origin,text_id}}'", f"{RULES}: rule_code"),
        (f"UPDATE {VERSIONS} SET version_status = 'rejected'", f"{VERSIONS}: version_status"),
        (f"UPDATE {VERSIONS} SET total_rules = 7", "versions whose counters are not those of their rules"),
        (f"UPDATE {RULES} SET status = 'approved'", "approved rules without both approvals"),
        (
            f"INSERT INTO {EXECUTIONS} (rule_id, background_job_id, execution_status, created_by_id) "
            f"SELECT rule_id, 'legacy:invented', 'skipped', created_by_id FROM {RULES} LIMIT 1",
            "executions of legacy runs that the ledger does not know",
        ),
        (
            f"INSERT INTO {VERSIONS} (phase_id, version_number, created_by_id, updated_by_id) "
            f"SELECT phase_id, 77, created_by_id, created_by_id FROM {VERSIONS} LIMIT 1",
            "versions that are neither legacy versions nor reconstructed",
        ),
        ("DROP TABLE legacy_profiling.profiling_cache", "legacy tables that are still there"),
        (f"UPDATE {EXECUTIONS} SET execution_status = 'passed'", "executions whose status is not that of their counts"),
        (f"UPDATE {EXECUTIONS} SET pass_rate = 50", "executions whose pass rate is not that of their counts"),
    ],
)  # fmt: skip
def test_tampering_is_found(small: Bank, tampering: str, found_by: str) -> None:
    small.legacy.run(tampering)
    verification = verify(small.legacy.database)
    assert not verification.passed
    assert any(check.name.startswith(found_by) for check in verification.failures)


@pytest.mark.parametrize(
    ("tampering", "found_by"),
    [
        (
            f"UPDATE {RULES} SET rule_parameters = jsonb_set(rule_parameters, '{{origin,definition,code}}', '1') "
            "WHERE rule_parameters #> '{origin,definition}' IS NOT NULL",
            "profiling_rule_sets: rules",
        ),
        (
            _IN_PARTITIONS.format("passed_records = 0, total_records_tested = failed_records"),
            "partition_results: records_passed",
        ),
        (_IN_PARTITIONS.format("""result_summary = result_summary - 'rows'"""), "partition_results: records_evaluated"),
        (
            f"UPDATE {EXECUTIONS} SET total_records_tested = 1, passed_records = 1 WHERE background_job_id LIKE "
            "'legacy:scores:%'",
            "cycle_report_data_profiling_attribute_scores: total_values",
        ),
    ],
)
def test_tampering_with_other_tables_is_found(
    make_database: MakeDatabase, everything_template: Bank, tampering: str, found_by: str
) -> None:
    with copy_of(everything_template, make_database) as bank:
        bank.legacy.run(tampering)
        failures = [check.name for check in verify(bank.legacy.database).failures]
    assert found_by in failures


def test_samples_are_read_through_the_services(everything_template: Bank) -> None:
    found = [check for check in verify(everything_template.legacy.database).checks if check.group == "services"]
    everything_template.legacy.close()
    for table in (RESULTS, RULES, "cycle_report_attribute_profile_results", "partition_results", "version"):
        assert any(check.name.startswith(table) for check in found), table


def test_the_report_is_a_page_and_json(small: Bank, tmp_path: Path) -> None:
    small.legacy.run(f"UPDATE {RULES} SET rule_name = '<script>alert(1)</script>' WHERE rule_name = 'One'")
    page, data = write_report(verify(small.legacy.database), tmp_path / "reports")
    html = page.read_text()
    assert "not right" in html
    assert "profiling legacy rollback" in html
    assert "http" not in html
    found = json.loads(data.read_text())
    assert (found["passed"], found["migration"]["is_accounted"]) == (False, True)
    assert [check["name"] for check in found["checks"] if not check["passed"]] == [f"{RULES}: rule_name"]


def test_there_must_be_a_migration_to_verify(bank: Bank, empty_database: Database) -> None:
    with pytest.raises(ConflictError, match=r"not migrated yet\. Migrate first: profiling legacy migrate"):
        verify(bank.legacy.database)
    upgrade(empty_database)
    with pytest.raises(ConflictError, match="No migration has been finished here"):
        verify(empty_database)
