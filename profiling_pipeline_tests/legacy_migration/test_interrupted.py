"""A migration that is killed at any instant is completed by the next one, exactly; and two at once do no harm."""

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from profiling_pipeline.legacy_migration import pieces
from profiling_pipeline.legacy_migration.inventory import take_inventory
from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.legacy_migration.verify import verify
from profiling_pipeline.storage import migrations
from profiling_pipeline_tests.legacy_migration.bank import Bank
from profiling_pipeline_tests.legacy_migration.legacy_tables import RESULTS
from profiling_pipeline_tests.legacy_migration.volume_rows import add_everything

_KILLS = 5
# One process for all attempts, since it takes longer to start Python than to migrate.
_KILL = """
import os, signal, sys, time
from profiling_pipeline.legacy_migration import pieces
from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.storage.database import Database
pieces.ROWS_AT_ONCE = 100
for moment in map(float, sys.argv[2:]):
    child = os.fork()
    if child == 0:
        migrate(Database(sys.argv[1]))
        os._exit(0)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.fixture
def many(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """A row of every kind and a thousand results, which two sessions share in pieces of a hundred."""
    add_everything(bank)
    columns = "phase_id, rule_id, attribute_id, execution_status, passed_count, failed_count, total_count, pass_rate"
    bank.legacy.run(
        f"INSERT INTO {RESULTS} ({columns}, executed_at) SELECT {columns}, executed_at + n * interval '1 hour' "
        f"FROM {RESULTS}, generate_series(1, 333) n"
    )
    monkeypatch.setattr(pieces, "ROWS_AT_ONCE", 100)
    return bank


def is_right(bank: Bank) -> bool:
    """Whether all of a migration holds, and the new tables are this release's."""
    migrations.check_drift(bank.legacy.database)
    executions = bank.legacy.value("SELECT count(*) FROM cycle_report_data_profiling_rule_executions")
    return verify(bank.legacy.database).failures == () and executions > 1000


def test_killed_again_and_again_it_is_completed_without_duplicates(many: Bank) -> None:
    moments = random.Random(7)
    waits = [f"{moments.uniform(0.05, 1.0):.3f}" for _ in range(_KILLS)]
    url = many.legacy.database.url.render_as_string(hide_password=False)
    subprocess.run([sys.executable, "-c", _KILL, url, *waits], check=True, timeout=120)
    assert migrate(many.legacy.database).is_accounted
    assert is_right(many)


def test_two_at_once_are_one_after_the_other(many: Bank) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(migrate, [many.legacy.database] * 2)
    assert first == second
    assert is_right(many)


def test_an_inventory_tells_whether_a_migration_has_finished(many: Bank) -> None:
    def stop(what: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate(many.legacy.database, progress=stop)
    assert not take_inventory(many.legacy.database).is_migrated
    migrate(many.legacy.database)
    assert take_inventory(many.legacy.database).is_migrated
