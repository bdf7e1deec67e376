"""Taking a step on a version as one transaction: read, lock, compare, change, record.

Locks are always taken in this order, so steps cannot block each other for ever: the phase (where a step looks at more
than one of its versions), the version, then an earlier version of the phase. Rules change only under their version's
lock.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from profiling_pipeline.approval import lifecycle
from profiling_pipeline.approval.lifecycle import Person
from profiling_pipeline.errors import ConflictError, NotFoundError
from profiling_pipeline.services.revisions import rule_revision, version_revision
from profiling_pipeline.services.users import person
from profiling_pipeline.storage.audit import record_audit
from profiling_pipeline.storage.database import Database, first_line
from profiling_pipeline.storage.models import RuleRow, RuleVersionRow

_LONGEST_WAIT = "30s"  # for a lock that somebody else holds
_NOT_RECORDED = frozenset({"updated_at", "updated_by_id"})
_TICK = timedelta(microseconds=1)


@dataclass
class VersionStep:
    """A version under lock, and who changes it when."""

    session: Session
    person: Person
    version: RuleVersionRow
    at: datetime

    def rules(self) -> list[RuleRow]:
        """Return the version's rules in listing order."""
        statement = (
            select(RuleRow)
            .where(RuleRow.version_id == self.version.version_id)
            .order_by(RuleRow.execution_order, RuleRow.rule_name, RuleRow.rule_id)
        )
        return list(self.session.scalars(statement))

    def count_rules(self) -> None:
        """Make the version's counters say what its stored rules say."""
        self.flush()
        lifecycle.count_rules(self.version, self.rules())

    @contextmanager
    def recorded(self, row: RuleVersionRow | RuleRow, action: str) -> Iterator[None]:
        """Write one audit row with what the block changes of `row`."""
        before = values(row)
        yield
        after = values(row)
        changed = [name for name in before if before[name] != after[name]]
        old, new = {name: before[name] for name in changed}, {name: after[name] for name in changed}
        self.record(row, action, old, new)

    def record(
        self, row: RuleVersionRow | RuleRow, action: str, old: dict[str, Any] | None, new: dict[str, Any] | None
    ) -> None:
        """Write one audit row."""
        key = row.version_id if isinstance(row, RuleVersionRow) else row.rule_id
        record_audit(self.session, self.person.user_id, action, row.__tablename__, str(key), old, new)

    def flush(self) -> None:
        """Send what changed to the database, each row with the time of this step: a row's time never repeats."""
        for row in self.session.dirty:
            if isinstance(row, RuleVersionRow | RuleRow) and self.session.is_modified(row):
                row.updated_at = max(self.at, row.updated_at + _TICK)
                row.updated_by_id = self.person.user_id
        self.session.flush()


@contextmanager
def version_step(
    database: Database, version_id: UUID, user_id: int, *, revision: str | None = None, locks_phase: bool = False
) -> Iterator[VersionStep]:
    """Lock a version that nobody changed since it was read.

    Raises:
        NotFoundError: There is no such version or user.
        ConflictError: The version, or one of its rules, changed since it had `revision`, or, without one, between this
            call's own reading and its lock.
    """
    mark = _mark_of_version(version_id, RuleVersionRow.updated_at)
    with _step(database, mark, version_revision, user_id, f"version {version_id}", revision, locks_phase) as step:
        yield step


@contextmanager
def rules_step(database: Database, version_id: UUID, user_id: int) -> Iterator[VersionStep]:
    """Lock a version whose state nobody changed since it was read; other rules of it may have changed.

    Raises:
        NotFoundError: There is no such version or user.
        ConflictError: The state changed between this call's own reading and its lock.
    """
    mark = _mark_of_version(version_id, RuleVersionRow.version_status)
    with _step(database, mark, str, user_id, f"version {version_id}") as step:
        yield step


@contextmanager
def rule_step(
    database: Database, rule_id: UUID, user_id: int, *, revision: str | None = None
) -> Iterator[tuple[VersionStep, RuleRow]]:
    """Lock the version of a rule which, like the version's state, nobody changed since it was read.

    Raises:
        NotFoundError: There is no such rule or user.
        ConflictError: The rule or the version's state changed since the rule had `revision`, or, without one, between
            this call's own reading and its lock.
    """
    mark = (
        select(RuleVersionRow.version_id, RuleVersionRow.phase_id, RuleRow.updated_at, RuleVersionRow.version_status)
        .join(RuleRow)
        .where(RuleRow.rule_id == rule_id)
    )
    with _step(database, mark, rule_revision, user_id, f"rule {rule_id}", revision) as step:
        yield step, step.session.get_one(RuleRow, rule_id)


def lock_phase(session: Session, phase_id: int) -> None:
    """Make transactions that add or approve versions of a phase wait for each other.

    The phase's row belongs to the host application and is not locked.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock((CAST(:versions AS regclass)::oid::bigint << 32) | :phase)"),
        {"versions": RuleVersionRow.__tablename__, "phase": phase_id},
    )


def clock(session: Session) -> datetime:
    """Return the database's time now, not that of the transaction's start."""
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now


def values(row: RuleVersionRow | RuleRow) -> dict[str, Any]:
    """Return a row's columns, as the audit log keeps them."""
    names = (column.key for column in row.__table__.columns)
    return {name: getattr(row, name) for name in names if name not in _NOT_RECORDED}


@contextmanager
def _step(
    database: Database,
    mark: Select[*tuple[Any, ...]],
    revision_of: Callable[..., str],
    user_id: int,
    what: str,
    revision: str | None = None,
    locks_phase: bool = False,
) -> Iterator[VersionStep]:
    """Run the block on the version that `mark` finds, locked, if its revision is the same before and after locking."""
    try:
        with database.session() as session:
            session.execute(text(f"SET LOCAL lock_timeout = '{_LONGEST_WAIT}'"))
            seen = _read(session, mark, what, must_exist=revision is None)
            actor = person(session, user_id)
            expected = revision_of(*seen[2:]) if revision is None else revision
            if locks_phase:
                lock_phase(session, seen.phase_id)
            version = session.get(RuleVersionRow, seen.version_id, with_for_update=True)
            now = _read(session, mark, what, must_exist=False)
            if version is None or revision_of(*now[2:]) != expected:
                raise _changed(what)
            step = VersionStep(session, actor, version, max(clock(session), version.updated_at + _TICK))
            yield step
            version.updated_at, version.updated_by_id = step.at, user_id
            step.flush()
    except (IntegrityError, StaleDataError) as error:
        reason = first_line(error.orig if isinstance(error, IntegrityError) else error)
        raise ConflictError(
            f"Somebody else changed what belongs to {what} ({reason}). Nothing was stored: read it again, then repeat."
        ) from error


def _mark_of_version(version_id: UUID, column: Any) -> Select[*tuple[Any, ...]]:
    return select(RuleVersionRow.version_id, RuleVersionRow.phase_id, column).where(
        RuleVersionRow.version_id == version_id
    )


def _read(session: Session, mark: Select[*tuple[Any, ...]], what: str, *, must_exist: bool) -> Row[*tuple[Any, ...]]:
    row = session.execute(mark).one_or_none()
    if row is not None:
        return row
    if must_exist:
        raise NotFoundError(f"There is no {what}. List versions: profiling version list.")
    raise _changed(what)


def _changed(what: str) -> ConflictError:
    return ConflictError(
        f"Somebody else changed {what} after it was read. Nothing was stored: read it again, then decide again."
    )
