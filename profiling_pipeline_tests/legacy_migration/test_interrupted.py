"""A migration that is killed at any instant is completed by the next one, exactly."""

import random
import subprocess
import sys
import time

from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.legacy_migration.verify import verify
from profiling_pipeline_tests.legacy_migration.bank import Bank
from profiling_pipeline_tests.legacy_migration.legacy_tables import RESULTS
from profiling_pipeline_tests.legacy_migration.volume_rows import add_everything

_KILLS = 5
_MIGRATE = """
import sys
from profiling_pipeline.legacy_migration import pieces
from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.storage.database import Database
pieces.ROWS_AT_ONCE = 100
print("ready", flush=True)
migrate(Database(sys.argv[1]))
"""


def test_killed_again_and_again_it_is_completed_without_duplicates(bank: Bank) -> None:
    add_everything(bank)
    columns = "phase_id, rule_id, attribute_id, execution_status, passed_count, failed_count, total_count, pass_rate"
    bank.legacy.run(
        f"INSERT INTO {RESULTS} ({columns}, executed_at) SELECT {columns}, executed_at + n * interval '1 hour' "
        f"FROM {RESULTS}, generate_series(1, 700) n"
    )
    url = bank.legacy.database.url.render_as_string(hide_password=False)
    moments = random.Random(7)
    for _ in range(_KILLS):
        process = subprocess.Popen([sys.executable, "-c", _MIGRATE, url], stdout=subprocess.PIPE)
        with process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(moments.uniform(0.05, 1.0))
            process.kill()
    assert migrate(bank.legacy.database).is_accounted
    assert verify(bank.legacy.database).failures == ()
    assert bank.legacy.value("SELECT count(*) FROM cycle_report_data_profiling_rule_executions") > 2100
