"""Back to the legacy tables as they were, and giving them up for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from profiling_pipeline.errors import ConflictError, InvalidInputError
from profiling_pipeline.legacy_migration.archive import archived_tables, move_back
from profiling_pipeline.legacy_migration.found import ARCHIVE
from profiling_pipeline.legacy_migration.migrate import FINISHED, SYSTEM_USER, VERIFIED
from profiling_pipeline.legacy_migration.session import LegacySession, legacy_session
from profiling_pipeline.legacy_migration.steps.reconstructed import RECONSTRUCTED
from profiling_pipeline.services.users import SYSTEM_EMAIL
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.json_text import to_json

DEFAULT_RETENTION_DAYS = 90


@dataclass(frozen=True)
class RollbackReport:
    """How many tables moved back, and how many rows made since the migration were exported."""

    tables: int
    exported_rows: int
    exported_to: Path | None


@dataclass(frozen=True)
class PurgeReport:
    """Which tables were dropped."""

    tables: tuple[str, ...]


# What people and runs made since the migration began, by table; each a query of whole rows as JSON.
_NEW_ROWS: Mapping[str, str] = {
    "audit_logs": (
        "SELECT to_jsonb(a) FROM audit_logs a WHERE a.table_name LIKE 'cycle_report_data_profiling_%%' "
        "AND a.timestamp >= (SELECT min(started_at) FROM legacy_migration_steps) ORDER BY a.audit_id"
    ),
    "cycle_report_data_profiling_rule_versions": (
        "SELECT to_jsonb(v) FROM cycle_report_data_profiling_rule_versions v WHERE v.workflow_execution_id IS DISTINCT "
        "FROM %(mark)s AND NOT EXISTS (SELECT 1 FROM legacy_migration_ledger l WHERE l.target = 'version' "
        "AND l.target_id = v.version_id)"
    ),
    "cycle_report_data_profiling_rules": (
        "SELECT to_jsonb(r) FROM cycle_report_data_profiling_rules r JOIN cycle_report_data_profiling_rule_versions v "
        "USING (version_id) WHERE v.updated_at >= (SELECT finished_at FROM legacy_migration_steps WHERE step = %(end)s)"
    ),
    "cycle_report_data_profiling_rule_executions": (
        "SELECT to_jsonb(e) FROM cycle_report_data_profiling_rule_executions e "
        "WHERE e.background_job_id IS NULL OR e.background_job_id NOT LIKE 'legacy:%%'"
    ),
    "cycle_report_data_profiling_generations": "SELECT to_jsonb(g) FROM cycle_report_data_profiling_generations g",
    "cycle_report_data_profiling_observations": "SELECT to_jsonb(o) FROM cycle_report_data_profiling_observations o",
}
_FORGET_USER = "DELETE FROM users WHERE email = %(email)s RETURNING user_id"
_FORGET_NUMBER = """
SELECT setval(s.name::regclass, coalesce(%(last)s, 1), %(last)s IS NOT NULL)
FROM (SELECT pg_get_serial_sequence('users', 'user_id') AS name) s
WHERE pg_sequence_last_value(s.name::regclass) = %(user_id)s
"""


def rollback(database: Database, export: Path | None = None) -> RollbackReport:
    """Put the legacy tables back where they were and take this project's tables away, in one transaction.

    Args:
        database: Where the migration ran.
        export: A file for the rows made since the migration, as JSON Lines; without it, they forbid a rollback.

    Raises:
        ConflictError: There is nothing to roll back, or people have worked on since the migration and no file is given.
        InvalidInputError: The file cannot be written.
    """
    with legacy_session(database) as session, session.transaction():
        archived_tables(session)
        exported = _export(session, export) if _has_tables(session) else 0
        user = _remembered_user(session)
        tables = move_back(session)
        _forget_user(session, user)
        return RollbackReport(tables, exported, export if exported else None)


def purge(database: Database, older_than_days: int = DEFAULT_RETENTION_DAYS) -> PurgeReport:
    """Drop the archive for good, once the migration is verified and old enough; nothing can be rolled back after it.

    Raises:
        ConflictError: There is no archive, no verification that passed, or the time is not up.
        DatabaseSchemaError: Something of the host's depends on a legacy table.
    """
    with legacy_session(database) as session, session.transaction():
        tables = archived_tables(session)
        if not tables:
            raise ConflictError("No legacy tables are in the archive: there is nothing to purge.")
        _require_verified(session, older_than_days)
        names = sql.SQL(", ").join(table.identifier for table in tables)
        session.execute(sql.SQL("DROP TABLE {}").format(names))
        session.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(ARCHIVE)))
        session.record("purged", {"tables": [table.name for table in tables]})
        return PurgeReport(tuple(table.name for table in tables))


def _has_tables(session: LegacySession) -> bool:
    return bool(session.rows("SELECT to_regclass('legacy_migration_steps') IS NOT NULL")[0][0])


def _export(session: LegacySession, export: Path | None) -> int:
    parameters = {"mark": RECONSTRUCTED, "end": FINISHED}
    found = {
        table: session.rows(f"SELECT count(*) FROM ({query}) new_rows", parameters)[0][0]  # noqa: S608  fixed words
        for table, query in _NEW_ROWS.items()
        if table != "cycle_report_data_profiling_rules"
    }
    if not any(found.values()):
        return 0
    listed = ", ".join(f"{count:,} in {table}" for table, count in found.items() if count)
    if export is None:
        raise ConflictError(
            f"People or runs have worked on since the migration ({listed}), and a rollback would lose that. "
            "Nothing was changed. Export it first: profiling legacy rollback --export FILE."
        )
    unfinished = export.with_name(export.name + ".unfinished")
    written = 0
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            for table, query in _NEW_ROWS.items():
                with session.raw.cursor(name="new_rows") as cursor:
                    for (row,) in cursor.execute(query, parameters):
                        file.write(to_json({"table": table, "row": row}) + "\n")
                        written += 1
        unfinished.replace(export)
    except OSError as error:
        raise InvalidInputError(
            f"The export cannot be written to {export}: {error.strerror}. Nothing was changed. Name another file."
        ) from error
    return written


def _remembered_user(session: LegacySession) -> dict[str, int | None] | None:
    """Return where the numbering of users stood, if the migration added the system user."""
    if not _has_tables(session):
        return None
    rows = session.rows("SELECT detail FROM legacy_migration_steps WHERE step = %(step)s", {"step": SYSTEM_USER})
    return rows[0][0] if rows and not rows[0][0]["was_there"] else None


def _forget_user(session: LegacySession, user: dict[str, int | None] | None) -> None:
    """Take the system user away again, unless something of the host's refers to it by now."""
    if user is None:
        return
    try:
        with session.raw.transaction():
            rows = session.rows(_FORGET_USER, {"email": SYSTEM_EMAIL})
            if rows:
                session.execute(_FORGET_NUMBER, {"user_id": rows[0][0], "last": user["last_value"]})
    except psycopg.errors.ForeignKeyViolation:
        return  # its rows in the audit log need it


def _require_verified(session: LegacySession, older_than_days: int) -> None:
    if not _has_tables(session):
        raise ConflictError(
            "The migration's own tables are gone, so nothing shows that it was right: it is not purged."
        )
    finished = session.finished_at(FINISHED)
    rows = session.rows("SELECT detail FROM legacy_migration_steps WHERE step = %(step)s", {"step": VERIFIED})
    if finished is None or not rows or not rows[0][0]["passed"]:
        raise ConflictError("The migration was not verified. Run `profiling legacy verify`; when it passes, purge.")
    due = finished + timedelta(days=older_than_days)
    if due > datetime.now(UTC):
        raise ConflictError(
            f"The archive is kept until {due:%Y-%m-%d %H:%M} UTC, {older_than_days} days after the migration. "
            "Purge it then, or name a shorter time: --older-than DAYS."
        )
