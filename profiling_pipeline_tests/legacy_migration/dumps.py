"""A database as text, to be compared."""

import re
import subprocess

from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.server_account import PROGRAMS
from profiling_pipeline_tests.legacy_migration.legacy_tables import RULES, VERSIONS, LegacyDatabase

_NEW_TABLES = (
    VERSIONS, RULES, "cycle_report_data_profiling_rule_executions", "legacy_migration_ledger", "legacy_rule_texts",
)  # fmt: skip


def dump(database: Database, *options: str) -> str:
    """Return the whole database as SQL."""
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [str(PROGRAMS / "pg_dump"), *options, url]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.sub(r"^\\(un)?restrict .*\n", "", dumped, flags=re.MULTILINE)


def content(legacy: LegacyDatabase) -> list[str]:
    """Return the new tables' rows, whatever their order."""
    query = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"
    return [legacy.value(query.format(table)) for table in _NEW_TABLES]
