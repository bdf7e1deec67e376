"""Generated rows in their hundreds: what one session makes of them, two make too."""

import pytest

from benchmarks.legacy_data import Scale, fill
from profiling_pipeline.legacy_migration import pieces
from profiling_pipeline.legacy_migration.inventory import take_inventory
from profiling_pipeline.legacy_migration.migrate import migrate
from profiling_pipeline.legacy_migration.rollback import rollback
from profiling_pipeline.legacy_migration.verify import verify
from profiling_pipeline.storage import migrations
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.legacy_migration.dumps import content
from profiling_pipeline_tests.legacy_migration.legacy_tables import LegacyDatabase


def test_two_sessions_make_the_same_as_one(empty_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    legacy = LegacyDatabase.build(empty_database, "uuid")
    scale = Scale(phases=1, runs=2)
    fill(legacy, scale)
    found = take_inventory(empty_database)
    assert (len(found.tables), len(found.absent)) == (23, 0)
    assert min(table.rows for table in found.tables) >= 1
    assert found.rows > scale.rules + scale.results

    monkeypatch.setattr(pieces, "ROWS_AT_ONCE", 300)
    assert migrate(empty_database).is_accounted
    assert verify(empty_database).failures == ()
    migrations.check_drift(empty_database)
    by_two = content(legacy)
    assert legacy.value("SELECT count(*) FROM legacy_migration_steps WHERE step LIKE 'results%, part%'") == 2
    rollback(empty_database)
    monkeypatch.undo()
    migrate(empty_database)
    assert content(legacy) == by_two
    legacy.close()
