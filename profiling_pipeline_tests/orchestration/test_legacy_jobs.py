from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from profiling_pipeline.legacy_migration import session as sessions
from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.legacy_migration.session import legacy_session
from profiling_pipeline.orchestration.build import build_definitions
from profiling_pipeline.orchestration.home import INSTANCE_FILE
from profiling_pipeline.orchestration.resources import Pipeline
from profiling_pipeline.orchestration.sensors import SENSORS
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.legacy_migration.bank import (
    Bank,
    a_bank,
    a_legacy_result,
    a_legacy_rule,
    a_legacy_version,
)
from profiling_pipeline_tests.legacy_migration.legacy_tables import RESULTS, RULES, LegacyDatabase, an_id
from profiling_pipeline_tests.orchestration.conftest import rows_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def bank(empty_database: Database) -> Iterator[Bank]:
    bank = a_bank(LegacyDatabase.build(empty_database, "uuid"))
    rule = a_legacy_rule(bank, "One", a_legacy_version(bank, 1))
    a_legacy_result(bank, rule)
    a_legacy_result(bank, an_id("gone"), 3600, attribute_id=4711)
    yield bank
    bank.legacy.close()


@pytest.fixture
def jobs(bank: Bank, home: Path) -> dg.Definitions:
    settings = Settings(home=home)
    return build_definitions({"pipeline": Pipeline(settings, bank.legacy.database)})


def run(jobs: dg.Definitions, instance: dg.DagsterInstance, name: str, **config: Any) -> dg.ExecuteInProcessResult:
    return jobs.resolve_job_def(name).execute_in_process(run_config=config, instance=instance, raise_on_error=False)


def metadata(result: dg.ExecuteInProcessResult, op: str) -> dict[str, Any]:
    """Return the plain metadata of an op that succeeded."""
    (event,) = (e for e in result.all_node_events if e.event_type_value == "STEP_OUTPUT" and e.node_name == op)
    return {name: getattr(value, "value", value) for name, value in event.step_output_data.metadata.items()}


def failure(result: dg.ExecuteInProcessResult) -> tuple[str, str, dict[str, Any]]:
    """Return the op that failed, what it says, and its metadata."""
    (event,) = (e for e in result.all_node_events if e.event_type_value == "STEP_FAILURE")
    data = event.step_failure_data.user_failure_data
    return event.node_name, data.description, {name: value.value for name, value in data.metadata.items()}


def test_a_migration_shows_what_it_found_and_did(
    bank: Bank, jobs: dg.Definitions, instance: dg.DagsterInstance, home: Path
) -> None:
    result = run(jobs, instance, "legacy_migration", zone="Europe/London")
    assert result.success
    looked = metadata(result, "legacy_inventory")
    assert {"table": RESULTS, "rows": 1, "problem": "an attribute that planning does not have"}.items() <= rows_of(
        looked["problems"].records
    )[1].items()
    backup = metadata(result, "legacy_backup")
    assert Path(backup["file"]).stat().st_size == backup["bytes"]
    migrated = metadata(result, "legacy_migrate")
    assert (migrated["zone"], migrated["rows"], migrated["migrated"], migrated["rejected"]) == (
        "Europe/London",
        4,
        3,
        1,
    )
    ledger = {row["table"]: row for row in rows_of(migrated["ledger"].records)}
    assert ledger[RULES] | {"rows": 1, "migrated": 1, "accounted_for": True} == ledger[RULES]
    assert "has no row in cycle_report_planning_attributes" in rows_of(migrated["not_migrated"].records)[0]["reason"]
    verified = metadata(result, "legacy_verify")
    assert (verified["passed"], verified["failed_checks"]) == (True, 0)
    assert verified["report"].endswith("/legacy-migration")
    assert Path(verified["report_file"]).parent == home / "legacy"
    assert bank.legacy.value(f"SELECT count(*) FROM {RULES}") == 1


def test_a_second_run_changes_nothing(bank: Bank, jobs: dg.Definitions, instance: dg.DagsterInstance) -> None:
    first = metadata(run(jobs, instance, "legacy_migration"), "legacy_migrate")
    second = run(jobs, instance, "legacy_migration")
    assert second.success
    assert "earlier attempt" in metadata(second, "legacy_backup")["skipped"]
    assert metadata(second, "legacy_migrate") == first


def test_a_failing_verification_stops_the_run_and_names_the_way_back(
    bank: Bank, jobs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    migrate(bank.legacy.database)
    bank.legacy.run(f"UPDATE {RULES} SET rule_name = 'Another'")
    result = run(jobs, instance, "legacy_migration")
    assert not result.success
    op, said, shown = failure(result)
    assert op == "legacy_verify"
    assert "legacy_rollback" in said
    assert [row["check"] for row in rows_of(shown["what_does_not_hold"].records)] == [f"{RULES}: rule_name"]
    assert run(jobs, instance, "legacy_rollback", confirmed=True).success
    assert bank.legacy.value("SELECT to_regclass('legacy_migration_ledger')") is None


def test_a_rollback_wants_to_be_confirmed(jobs: dg.Definitions, instance: dg.DagsterInstance) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError, match="confirmed"):
        run(jobs, instance, "legacy_rollback")
    _, said, _ = failure(run(jobs, instance, "legacy_rollback", confirmed=False))
    assert "confirmed: true" in said
    _, said, _ = failure(run(jobs, instance, "legacy_rollback", confirmed=True))
    assert "nothing to roll back" in said


def test_a_mistaken_zone_fails_in_words_before_anything_moves(
    bank: Bank, jobs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    op, said, _ = failure(run(jobs, instance, "legacy_migration", zone="Mars/Olympus"))
    assert (op, said) == (
        "legacy_backup",
        "There is no time zone 'Mars/Olympus'. Name it as in America/New_York, or UTC.",
    )
    assert bank.legacy.value("SELECT to_regnamespace('legacy_profiling')") is None


def test_while_another_session_migrates_a_run_refuses_in_words(
    bank: Bank, jobs: dg.Definitions, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_LONGEST_WAIT_SECONDS", 0)
    with legacy_session(bank.legacy.database):
        op, said, _ = failure(run(jobs, instance, "legacy_migration"))
    assert op == "legacy_inventory"
    assert "is at work. Wait until it has ended, then repeat." in said


def test_of_two_runs_in_the_queue_one_waits() -> None:
    limits = yaml.safe_load(INSTANCE_FILE.read_text())["concurrency"]["runs"]["tag_concurrency_limits"]
    for name in ("legacy_migration", "legacy_rollback"):
        tags = build_definitions().resolve_job_def(name).run_tags
        assert [limit["limit"] for limit in limits if limit["key"] in tags] == [1]


@pytest.fixture
def stored_instance() -> Iterator[dg.DagsterInstance]:
    """An instance on files, which sensors can open again."""
    with dg.instance_for_test() as instance:
        yield instance


def test_nothing_starts_by_itself_before_the_migration_is_verified(
    bank: Bank, jobs: dg.Definitions, stored_instance: dg.DagsterInstance
) -> None:
    def said() -> set[str]:
        with dg.build_sensor_context(stored_instance, resources=jobs.resources) as context:
            by_sensors = [sensor(context).skip_reason.skip_message for sensor in SENSORS]
        with dg.build_schedule_context(
            stored_instance, resources=jobs.resources, scheduled_execution_time=NOON
        ) as context:
            (by_schedule,) = jobs.resolve_schedule_def("reexecute_approved_versions")(context)
        return {*by_sensors, by_schedule.skip_message}

    assert said() == {"The earlier system's tables are here and not migrated: start the job legacy_migration."}
    migrate(bank.legacy.database)
    assert said() == {"The legacy migration is not verified: start the job legacy_migration, or legacy_rollback."}
    assert run(jobs, stored_instance, "legacy_migration", make_backup=False).success
    assert not any("legacy_migration" in message for message in said())
