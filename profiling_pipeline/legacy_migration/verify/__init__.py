"""Verifying a migration: every row accounted for, every carried value the same, every state consistent."""

from datetime import UTC, datetime

from profiling_pipeline.errors import ConflictError
from profiling_pipeline.legacy_migration.found import ARCHIVE
from profiling_pipeline.legacy_migration.hold import require_migrated
from profiling_pipeline.legacy_migration.migrate import (
    FINISHED,
    SETTINGS,
    VERIFIED,
    MigrationReport,
    migration_report,
)
from profiling_pipeline.legacy_migration.session import LegacySession, Progress, legacy_session
from profiling_pipeline.legacy_migration.verify.accounting import check_accounting
from profiling_pipeline.legacy_migration.verify.checks import Check, Verification
from profiling_pipeline.legacy_migration.verify.checksums import check_sums
from profiling_pipeline.legacy_migration.verify.consistency import check_consistency
from profiling_pipeline.legacy_migration.verify.rereading import check_rereading
from profiling_pipeline.storage.database import Database

__all__ = ["Check", "Verification", "finished_migration", "verify"]


def verify(database: Database, *, progress: Progress = lambda step, done, total: None) -> Verification:
    """Compare the archive, the ledger and the new tables, and write down whether all of it holds.

    It is meant for the time between the migration and the first new work: what people change afterwards differs.

    Raises:
        ConflictError: There is no finished migration, or its archive is purged.
    """
    require_migrated(database)
    with legacy_session(database, progress=progress) as session:
        with session.transaction():
            session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            _load(session)
            _require_archive(session)
            parts = (check_accounting, check_sums, check_consistency, check_rereading)
            checks: list[Check] = []
            for position, part in enumerate(parts):
                checks += part(session)
                progress("verify", position + 1, len(parts))
            verification = Verification(datetime.now(UTC), migration_report(session), tuple(checks))
        with session.transaction():
            session.record(VERIFIED, verification.as_json())
        return verification


def finished_migration(database: Database) -> MigrationReport:
    """Return the figures of the finished migration.

    Raises:
        ConflictError: There is none.
    """
    require_migrated(database)
    with legacy_session(database) as session, session.transaction():
        _load(session)
        return migration_report(session)


def _load(session: LegacySession) -> None:
    if session.finished_at(FINISHED) is None:
        raise ConflictError("No migration has been finished here. Migrate first: profiling legacy migrate.")
    query = "SELECT detail ->> 'zone' FROM legacy_migration_steps WHERE step = %(step)s"
    session.zone = session.rows(query, {"step": SETTINGS})[0][0]
    session.load_tables()


def _require_archive(session: LegacySession) -> None:
    if session.finished_at("purged") is not None:
        raise ConflictError("The archive was purged, so there is nothing to compare with. The ledger remains.")
    if not session.tables:
        raise ConflictError(f"The schema {ARCHIVE} holds no legacy tables. Restore them from the backup.")
