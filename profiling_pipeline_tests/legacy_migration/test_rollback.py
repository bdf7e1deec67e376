"""Going back, and giving up the way back."""

import json
from pathlib import Path

import pytest

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.errors import ConflictError, InvalidInputError
from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.legacy_migration.rollback import purge, rollback
from profiling_pipeline.legacy_migration.verify import verify
from profiling_pipeline.services.review import ReviewService
from profiling_pipeline.storage import migrations
from profiling_pipeline_tests.legacy_migration.bank import Bank, a_legacy_rule, a_legacy_version
from profiling_pipeline_tests.legacy_migration.dumps import content, dump
from profiling_pipeline_tests.legacy_migration.legacy_tables import RULES
from profiling_pipeline_tests.legacy_migration.volume_rows import add_everything


def test_everything_comes_back_as_it_was_and_a_second_migration_makes_the_same(bank: Bank) -> None:
    add_everything(bank)
    before = dump(bank.legacy.database)
    migrate(bank.legacy.database)
    made = content(bank.legacy)
    report = rollback(bank.legacy.database)
    assert (report.tables, report.exported_rows) == (22, 0)
    assert dump(bank.legacy.database) == before
    migrate(bank.legacy.database)
    assert content(bank.legacy) == made


def test_new_decisions_are_not_lost_unasked(bank: Bank, tmp_path: Path) -> None:
    rule = a_legacy_rule(bank, "One", a_legacy_version(bank, 1))
    before = dump(bank.legacy.database, "--data-only", "--table=*.cycle_report_data_profiling*")
    migrate(bank.legacy.database)
    ReviewService(bank.legacy.database).decide(rule, bank.tester, Decision.APPROVE)
    with pytest.raises(ConflictError, match=r"1 in audit_logs.*--export FILE"):
        rollback(bank.legacy.database)
    assert bank.legacy.value(f"SELECT tester_decision FROM {RULES}") == "approve"
    file = tmp_path / "since.jsonl"
    assert rollback(bank.legacy.database, file).exported_to == file
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["row"]["tester_decision"] for line in lines if line["table"] == RULES] == ["approve"]
    assert dump(bank.legacy.database, "--data-only", "--table=*.cycle_report_data_profiling*") == before


def test_an_export_that_cannot_be_written_changes_nothing(bank: Bank, tmp_path: Path) -> None:
    rule = a_legacy_rule(bank, "One", a_legacy_version(bank, 1))
    migrate(bank.legacy.database)
    ReviewService(bank.legacy.database).decide(rule, bank.tester, Decision.APPROVE)
    with pytest.raises(InvalidInputError, match="Name another file"):
        rollback(bank.legacy.database, tmp_path / "nowhere" / "since.jsonl")
    migrations.require_current(bank.legacy.database)


def test_a_half_done_migration_can_be_rolled_back(bank: Bank) -> None:
    add_everything(bank)
    before = dump(bank.legacy.database)

    def stop(step: str, done: int, total: int) -> None:
        if step.startswith("rules"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate(bank.legacy.database, progress=stop)
    rollback(bank.legacy.database)
    assert dump(bank.legacy.database) == before


def test_without_an_archive_there_is_no_way_back(bank: Bank) -> None:
    with pytest.raises(ConflictError, match="nothing to roll back"):
        rollback(bank.legacy.database)
    with pytest.raises(ConflictError, match="nothing to purge"):
        purge(bank.legacy.database)


def test_only_what_is_verified_and_old_enough_is_purged(bank: Bank) -> None:
    add_everything(bank)
    migrate(bank.legacy.database)
    with pytest.raises(ConflictError, match="was not verified"):
        purge(bank.legacy.database, older_than_days=0)
    verify(bank.legacy.database)
    with pytest.raises(ConflictError, match="is kept until"):
        purge(bank.legacy.database)
    assert len(purge(bank.legacy.database, older_than_days=0).tables) == 22
    assert bank.legacy.value("SELECT to_regnamespace('legacy_profiling')") is None
    assert bank.legacy.value("SELECT count(*) FROM legacy_migration_ledger") > 20
    with pytest.raises(ConflictError, match="was purged"):
        verify(bank.legacy.database)
