"""Moving the legacy tables aside: unchanged, in the transaction that builds the new ones."""

from contextlib import closing

import pytest

from profiling_pipeline.errors import ConflictError, DatabaseSchemaError
from profiling_pipeline.legacy_migration import session
from profiling_pipeline.legacy_migration.inventory import take_inventory
from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.storage import migrations
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.builders import a_phase_pair, a_tester, a_version
from profiling_pipeline_tests.legacy_migration.bank import (
    Bank,
    a_bank,
    a_legacy_result,
    a_legacy_rule,
    a_legacy_version,
)
from profiling_pipeline_tests.legacy_migration.dumps import dump
from profiling_pipeline_tests.legacy_migration.legacy_tables import (
    AGES,
    RESULTS,
    RULES,
    VERSIONS,
    LegacyDatabase,
    an_id,
)
from profiling_pipeline_tests.storage.enum_host import install_host


def test_upgrading_alone_leaves_legacy_tables_and_says_what_to_do(bank: Bank) -> None:
    before = dump(bank.legacy.database)
    with pytest.raises(DatabaseSchemaError, match="`profiling legacy migrate` moves it over"):
        migrations.upgrade(bank.legacy.database)
    assert dump(bank.legacy.database) == before


def test_tables_move_with_all_that_belongs_to_them(bank: Bank) -> None:
    rule = a_legacy_rule(bank, "One", a_legacy_version(bank, 1))
    a_legacy_result(bank, rule)
    bank.legacy.run(
        "CREATE ROLE auditor",
        f"GRANT SELECT ON {RESULTS} TO auditor",
        f"CREATE INDEX by_rule ON {RESULTS} (rule_id)",
        f"CREATE VIEW failures AS SELECT * FROM {RESULTS} WHERE failed_count > 0",
        f"CREATE TABLE notes (rule_id uuid REFERENCES {RULES}, note text)",
        f"INSERT INTO notes VALUES ('{rule}', 'Ask Otto')",
    )
    migrate(bank.legacy.database)
    legacy = bank.legacy
    assert legacy.value("SELECT count(*) FROM failures") == 1
    legacy.run("SET ROLE auditor", f"SELECT * FROM legacy_profiling.{RESULTS}", "RESET ROLE")
    assert legacy.value(f"SELECT pg_get_serial_sequence('legacy_profiling.{RESULTS}', 'result_id')").startswith(
        "legacy_profiling."
    )
    assert legacy.value(
        "SELECT count(*) FROM pg_indexes WHERE schemaname = 'legacy_profiling' AND indexname = 'by_rule'"
    )
    target = "SELECT confrelid::regclass::text FROM pg_constraint WHERE conrelid = 'notes'::regclass AND contype = 'f'"
    assert legacy.value(target) == f"legacy_profiling.{RULES}"
    with pytest.raises(Exception, match="violates foreign key"):
        legacy.check(f"INSERT INTO notes VALUES ('{an_id('gone')}', '')")
    legacy.run("DROP VIEW failures", "DROP TABLE notes", "DROP OWNED BY auditor", "DROP ROLE auditor")


def test_new_tables_are_this_releases(bank: Bank) -> None:
    migrate(bank.legacy.database)
    migrations.require_current(bank.legacy.database)
    migrations.check_drift(bank.legacy.database)


@pytest.mark.parametrize("only", [(RESULTS,), (VERSIONS, RULES), ("profiling_cache",), ("profiling_jobs",)])
def test_any_subset_of_tables_is_enough(empty_database: Database, only: tuple[str, ...]) -> None:
    with closing(LegacyDatabase.build(empty_database, "uuid", only)) as legacy:
        bank = a_bank(legacy)
        if only == (RESULTS,):
            a_legacy_result(bank, an_id("gone"))
    inventory = take_inventory(empty_database)
    assert [(table.table_name, table.rows) for table in inventory.tables if table.kind in only] == [
        (name, int(name == RESULTS)) for name in only
    ]
    assert len(inventory.absent) == 23 - len(inventory.tables)
    assert migrate(empty_database).is_accounted


@pytest.mark.parametrize("age", AGES)
def test_empty_tables_migrate(empty_database: Database, age: str) -> None:
    LegacyDatabase.build(empty_database, age).close()
    report = migrate(empty_database)
    assert report.is_accounted
    assert sum(table.found for table in report.tables) == 0


def test_tables_by_their_other_names(bank: Bank) -> None:
    bank.legacy.run(
        f"ALTER TABLE {RESULTS} RENAME TO profiling_results",
        "ALTER TABLE profiling_jobs RENAME TO cycle_report_data_profiling_highvolume_jobs",
    )
    rule = a_legacy_rule(bank, "One", a_legacy_version(bank, 1))
    bank.legacy.run(
        "INSERT INTO profiling_results (phase_id, rule_id, attribute_id, execution_status, passed_count, failed_count, "
        f"total_count) VALUES ({bank.profiling}, '{rule}', {bank.balance}, 'success', 1, 0, 1)"
    )
    assert migrate(bank.legacy.database).is_accounted
    assert bank.legacy.execution(1, "profiling_results")["rule_id"] == rule


def test_a_table_in_use_is_left_where_it_is(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_SETTINGS", (*session._SETTINGS, "SET lock_timeout = '100ms'"))
    before = dump(bank.legacy.database)
    with bank.legacy.database.engine.begin() as connection:
        connection.exec_driver_sql(f"LOCK TABLE {RESULTS} IN ACCESS SHARE MODE")
        with pytest.raises(ConflictError, match="Stop the earlier system's programs, then repeat"):
            migrate(bank.legacy.database)
    assert dump(bank.legacy.database) == before


def test_nothing_to_migrate_is_said_and_nothing_is_made(empty_database: Database) -> None:
    install_host(empty_database)
    before = dump(empty_database)
    with pytest.raises(DatabaseSchemaError, match="has no legacy tables"):
        migrate(empty_database)
    assert dump(empty_database) == before


def test_versions_of_ones_own_are_not_mixed_with_legacy_rows(database: Database) -> None:
    with database.session() as session:
        a_version(session, a_phase_pair(session).profiling, a_tester(session))
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE profiling_cache (cache_id uuid PRIMARY KEY, cache_key text)")
    before = dump(database)
    with pytest.raises(DatabaseSchemaError, match="holds rule versions already"):
        migrate(database)
    assert dump(database) == before
