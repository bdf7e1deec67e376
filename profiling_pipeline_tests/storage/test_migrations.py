import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from profiling_pipeline.errors import DatabaseSchemaError
from profiling_pipeline.storage import migrations
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import HOST_TABLES, PROFILING_TABLES, Base
from profiling_pipeline.storage.server_account import PROGRAMS
from profiling_pipeline_tests.storage.enum_host import install_host

_CHECKOUT = Path(migrations.__file__).parents[2]


def _dump(database: Database, *options: str) -> str:
    """Return the whole schema as SQL."""
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [str(PROGRAMS / "pg_dump"), "--schema-only", *options, url]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.sub(r"^\\(un)?restrict .*\n", "", dumped, flags=re.MULTILINE)


def _execute(database: Database, *statements: str) -> None:
    with database.session() as session:
        for statement in statements:
            session.execute(text(statement))


@pytest.fixture
def second_database(empty_database: Database) -> Iterator[Database]:
    """The same server, another schema of the same database."""
    database = Database(empty_database.url.render_as_string(hide_password=False), schema="checks")
    yield database
    database.close()


def test_up_down_up_leaves_no_trace(empty_database: Database) -> None:
    before = _dump(empty_database)
    migrations.upgrade(empty_database)
    built = _dump(empty_database)
    migrations.downgrade(empty_database)
    assert _dump(empty_database) == before
    migrations.upgrade(empty_database)
    assert _dump(empty_database) == built


def test_every_revision_can_be_taken_back_alone(empty_database: Database) -> None:
    migrations.upgrade(empty_database)
    built = _dump(empty_database)
    for _ in range(2):
        migrations.downgrade(empty_database, "-1")
        assert migrations.current_revision(empty_database) is not None
    migrations.upgrade(empty_database)
    assert _dump(empty_database) == built


def test_models_and_database_do_not_drift(empty_database: Database) -> None:
    migrations.upgrade(empty_database)
    migrations.check_drift(empty_database)


def test_migrations_build_what_the_models_say(empty_database: Database) -> None:
    """Check constraints and names too, which the drift check does not look at."""
    Base.metadata.create_all(empty_database.engine)
    by_models = _dump(empty_database)
    Base.metadata.drop_all(empty_database.engine)
    migrations.upgrade(empty_database)
    functions = ("refuse_change", "refuse_truncate", "allow_mark")  # with their triggers, which models do not have
    _execute(empty_database, *(f"DROP FUNCTION profiling_{name} CASCADE" for name in functions))
    by_migrations = _dump(empty_database, "--exclude-table=profiling_alembic_version")
    assert _statements(by_migrations) == _statements(by_models)


def _statements(dump: str) -> set[str]:
    """Return what a dump does, whatever the order of a table's constraints."""
    lines = (line.strip().rstrip(",") for line in dump.splitlines())
    return {line for line in lines if line and not line.startswith("--")}


@pytest.mark.parametrize("json_type", ["json", "jsonb", "text"])
def test_beside_a_host_nothing_of_the_host_changes(empty_database: Database, json_type: str) -> None:
    install_host(empty_database, json_type)
    before = _dump(empty_database)
    migrations.upgrade(empty_database)
    migrations.check_drift(empty_database)
    removed = set(before.splitlines()) - set(_dump(empty_database).splitlines())
    assert not removed
    assert set(inspect(empty_database.engine).get_table_names()) >= HOST_TABLES | PROFILING_TABLES
    migrations.downgrade(empty_database)
    assert _dump(empty_database) == before
    migrations.upgrade(empty_database)
    migrations.check_drift(empty_database)


def test_only_the_missing_host_tables_are_created(empty_database: Database) -> None:
    install_host(empty_database)
    _execute(empty_database, "DROP TABLE secure_data_access_logs, cycle_report_planning_pde_mappings")
    before = _dump(empty_database)
    migrations.upgrade(empty_database)
    migrations.check_drift(empty_database)
    migrations.downgrade(empty_database)
    assert _dump(empty_database) == before


def test_a_host_table_without_a_needed_column_is_refused(empty_database: Database) -> None:
    install_host(empty_database)
    _execute(empty_database, "ALTER TABLE users DROP COLUMN role, DROP COLUMN email")
    before = _dump(empty_database)
    with pytest.raises(DatabaseSchemaError, match="users of the host application has no column email, role"):
        migrations.upgrade(empty_database)
    assert _dump(empty_database) == before


@pytest.mark.parametrize("table", sorted(table for table in PROFILING_TABLES if table.startswith("cycle_report")))
def test_an_earlier_systems_table_is_left_alone(empty_database: Database, table: str) -> None:
    _execute(empty_database, f"CREATE TABLE {table} (rule_id integer PRIMARY KEY, cycle_id integer)")
    before = _dump(empty_database)
    with pytest.raises(DatabaseSchemaError, match=rf"{table}\W+(from an earlier system|already exists)"):
        migrations.upgrade(empty_database)
    assert _dump(empty_database) == before


def test_downgrade_is_refused_while_the_host_depends_on_a_table(empty_database: Database) -> None:
    migrations.upgrade(empty_database)
    _execute(empty_database, "CREATE TABLE badges (user_id integer REFERENCES users)")
    built = _dump(empty_database)
    with pytest.raises(DatabaseSchemaError, match="cannot be changed: cannot drop table users"):
        migrations.downgrade(empty_database)
    assert _dump(empty_database) == built


def test_another_schema_is_made_and_removed(empty_database: Database, second_database: Database) -> None:
    before = _dump(empty_database)
    migrations.upgrade(second_database)
    migrations.check_drift(second_database)
    assert set(inspect(empty_database.engine).get_table_names("checks")) >= HOST_TABLES | PROFILING_TABLES
    assert not inspect(empty_database.engine).get_table_names("public")
    migrations.downgrade(second_database)
    assert _dump(empty_database) == before


def test_a_schema_that_was_there_stays(empty_database: Database, second_database: Database) -> None:
    _execute(empty_database, "CREATE SCHEMA checks")
    before = _dump(empty_database)
    migrations.upgrade(second_database)
    migrations.downgrade(second_database)
    assert _dump(empty_database) == before


def test_two_schemas_of_one_database_do_not_meet(empty_database: Database, second_database: Database) -> None:
    migrations.upgrade(empty_database)
    migrations.upgrade(second_database)
    migrations.downgrade(empty_database)
    migrations.require_current(second_database)
    with pytest.raises(DatabaseSchemaError):
        migrations.require_current(empty_database)


def test_concurrent_upgrades_wait_for_each_other(empty_database: Database) -> None:
    url = empty_database.url.render_as_string(hide_password=False)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(_upgrade_in_a_process, [url, url])) == [0, 0]
    migrations.require_current(empty_database)


def _upgrade_in_a_process(url: str) -> int:
    code = (
        "import sys; from profiling_pipeline.storage.database import Database; "
        "from profiling_pipeline.storage.migrations import upgrade; upgrade(Database(sys.argv[1]))"
    )
    return subprocess.run([sys.executable, "-c", code, url], check=False).returncode


def test_tables_that_are_not_current_are_named(empty_database: Database) -> None:
    with pytest.raises(DatabaseSchemaError, match=r"has no tables of this project yet\. Run `profiling db upgrade`"):
        migrations.require_current(empty_database)
    migrations.upgrade(empty_database)
    migrations.require_current(empty_database)
    assert migrations.current_revision(empty_database) == migrations.latest_revision()
    migrations.downgrade(empty_database, "-1")
    with pytest.raises(DatabaseSchemaError, match=r"at revision \d{4}, not"):
        migrations.require_current(empty_database)


def test_asking_for_the_revision_changes_nothing(second_database: Database, empty_database: Database) -> None:
    before = _dump(empty_database)
    assert migrations.current_revision(second_database) is None
    assert _dump(empty_database) == before


def test_a_missing_table_says_what_to_do(empty_database: Database) -> None:
    with pytest.raises(DatabaseSchemaError, match=r"lacks what this release needs.*profiling db upgrade"):
        _execute(empty_database, "SELECT * FROM cycle_report_data_profiling_rules")


def test_no_right_to_create_is_explained(empty_database: Database) -> None:
    _execute(empty_database, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with empty_database.engine.begin() as connection:
        connection.execute(text("CREATE ROLE reader LOGIN"))
    reader = Database(empty_database.url.set(username="reader").render_as_string(hide_password=False))
    with pytest.raises(DatabaseSchemaError, match="permission denied for schema public"):
        migrations.upgrade(reader)
    reader.close()
    with empty_database.engine.begin() as connection:
        connection.execute(text("DROP ROLE reader"))


def test_the_command_line_uses_the_settings(empty_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    url = empty_database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("PROFILING_DATABASE_URL", url)
    for action in (["upgrade", "head"], ["check"], ["downgrade", "base"]):
        subprocess.run([sys.executable, "-m", "alembic", *action], check=True, capture_output=True, cwd=_CHECKOUT)
    assert not inspect(empty_database.engine).get_table_names()


def test_half_an_upgrade_is_none(empty_database: Database) -> None:
    _execute(empty_database, "CREATE FUNCTION profiling_refuse_truncate() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    before = _dump(empty_database)
    with pytest.raises(DatabaseSchemaError, match="already exists"):
        migrations.upgrade(empty_database)
    assert _dump(empty_database) == before


def test_history_is_kept_in_any_schema(second_database: Database) -> None:
    migrations.upgrade(second_database)
    _execute(
        second_database,
        "INSERT INTO audit_logs (action, table_name) VALUES ('approve', 'cycle_report_data_profiling_rules')",
    )
    for statement in ("TRUNCATE checks.audit_logs", "DELETE FROM checks.audit_logs"):
        with pytest.raises(DBAPIError, match="is refused"):
            _execute(second_database, f"SET LOCAL search_path = pg_catalog; {statement}")
