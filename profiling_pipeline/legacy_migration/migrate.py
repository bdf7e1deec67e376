"""Migrating: the steps in their order, each done once, whatever happened before."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.legacy_migration.archive import move_aside
from profiling_pipeline.legacy_migration.ledger import ReasonFigures, TableFigures, ledger_figures, reason_figures
from profiling_pipeline.legacy_migration.session import LegacySession, Progress, legacy_session
from profiling_pipeline.legacy_migration.steps.constraints import build_constraints, set_constraints_aside
from profiling_pipeline.legacy_migration.steps.counters import count_rules, gather_statistics
from profiling_pipeline.legacy_migration.steps.kept import account_for_kept
from profiling_pipeline.legacy_migration.steps.lookups import build_lookups
from profiling_pipeline.legacy_migration.steps.partition_results import migrate_partition_results
from profiling_pipeline.legacy_migration.steps.profiles import migrate_profiles
from profiling_pipeline.legacy_migration.steps.rebuilt import rebuild_rules
from profiling_pipeline.legacy_migration.steps.results import migrate_results
from profiling_pipeline.legacy_migration.steps.rule_sets import migrate_rule_sets
from profiling_pipeline.legacy_migration.steps.rules import migrate_rules
from profiling_pipeline.legacy_migration.steps.versions import migrate_versions
from profiling_pipeline.legacy_migration.steps.whole_executions import migrate_whole_executions
from profiling_pipeline.services.users import SYSTEM_EMAIL, system_user_id
from profiling_pipeline.storage.database import Database

DEFAULT_ZONE = "America/New_York"
FINISHED = "finished"
VERIFIED = "verified"
SYSTEM_USER = "system user"
SETTINGS = "settings"

_STEPS = (
    migrate_versions,
    set_constraints_aside,
    migrate_rules,
    migrate_rule_sets,
    rebuild_rules,
    migrate_results,
    migrate_profiles,
    migrate_partition_results,
    migrate_whole_executions,
    account_for_kept,
    build_constraints,
    count_rules,
    gather_statistics,
)
_REMEMBER_USERS = """
INSERT INTO legacy_migration_steps (step, detail, finished_at)
SELECT %(step)s, jsonb_build_object('was_there', EXISTS (SELECT 1 FROM users WHERE email = %(email)s),
    'last_value', pg_sequence_last_value(pg_get_serial_sequence('users', 'user_id')::regclass)), now()
"""


@dataclass(frozen=True)
class MigrationReport:
    """What became of the rows of every legacy table."""

    finished_at: datetime
    zone: str
    tables: tuple[TableFigures, ...]
    reasons: tuple[ReasonFigures, ...]

    @property
    def is_accounted(self) -> bool:
        """Whether every legacy row is accounted for exactly once."""
        return all(table.is_accounted for table in self.tables)


def migrate(
    database: Database, *, zone: str = DEFAULT_ZONE, progress: Progress = lambda step, done, total: None
) -> MigrationReport:
    """Migrate the legacy tables of this database, or go on where an earlier attempt stopped.

    Args:
        database: Where the legacy tables are, and where this project's tables go.
        zone: The time zone of the earlier system's own clock, for times that it stored without one.
        progress: Told of each piece of work: the step, rows done, rows in all.

    Raises:
        InvalidInputError: There is no such zone, or an earlier attempt used another.
        DatabaseSchemaError: There is nothing to migrate, or something stands in the way.
        ConflictError: Another migration is at work.
    """
    require_zone(zone)
    with legacy_session(database, zone=zone, progress=progress) as session:
        move_aside(session)
        _settle(session)
        session.system_user_id = _system_user(session)
        with session.transaction():
            build_lookups(session)
        for step in _STEPS:
            step(session)
        return _finish(session)


def migration_report(session: LegacySession) -> MigrationReport:
    """Return the figures of a finished migration, in the current transaction."""
    finished_at = session.finished_at(FINISHED) or datetime.now(UTC)
    return MigrationReport(finished_at, session.zone, tuple(ledger_figures(session)), tuple(reason_figures(session)))


def require_zone(zone: str) -> None:
    """Make sure that a time zone exists.

    Raises:
        InvalidInputError: There is none of that name.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInputError(f"There is no time zone '{zone}'. Name it as in America/New_York, or UTC.") from error


def _settle(session: LegacySession) -> None:
    """Hold a second attempt to the choices of the first."""
    with session.transaction():
        found = session.rows("SELECT detail ->> 'zone' FROM legacy_migration_steps WHERE step = 'settings'")
        if found and found[0][0] != session.zone:
            raise InvalidInputError(
                f"This migration began with the time zone {found[0][0]}, not {session.zone}. "
                f"Repeat with {found[0][0]}, or roll back first."
            )
        if not found:
            session.record(SETTINGS, {"zone": session.zone})


def _system_user(session: LegacySession) -> int:
    """Return the user who stands for a missing one, written down first so that a rollback leaves no trace of it."""
    with session.transaction():
        if session.finished_at(SYSTEM_USER) is None:
            session.execute(_REMEMBER_USERS, {"step": SYSTEM_USER, "email": SYSTEM_EMAIL})
    return system_user_id(session.database)


def _finish(session: LegacySession) -> MigrationReport:
    with session.transaction():
        if session.finished_at(FINISHED) is None:
            session.record(FINISHED, {})
        return migration_report(session)
