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
from profiling_pipeline.approval.subjects import name_of
from profiling_pipeline.errors import ConflictError, NotFoundError
from profiling_pipeline.services.revisions import rule_revision, version_revision
from profiling_pipeline.services.unknown import unknown_rule, unknown_version
from profiling_pipeline.services.users import person
from profiling_pipeline.storage.audit import record_audit
from profiling_pipeline.storage.database import Database, first_line
from profiling_pipeline.storage.models import RuleRow, RuleVersionRow

_LONGEST_WAIT = "30s"  # for a lock that somebody else holds
_NOT_RECORDED = frozenset({"updated_at", "updated_by_id"})
_TICK = timedelta(microseconds=1)
_NAMED_BY = (RuleVersionRow.version_id, RuleVersionRow.phase_id, RuleVersionRow.version_number)


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
    seen = _Mark(_version_query(version_id), lambda row: version_revision(row.updated_at), unknown_version(version_id))
    with _step(database, seen, user_id, revision, locks_phase) as step:
        yield step


@contextmanager
def rules_step(database: Database, version_id: UUID, user_id: int) -> Iterator[VersionStep]:
    """Lock a version whose state nobody changed since it was read; other rules of it may have changed.

    Raises:
        NotFoundError: There is no such version or user.
        ConflictError: The state changed between this call's own reading and its lock.
    """
    seen = _Mark(_version_query(version_id), lambda row: str(row.version_status), unknown_version(version_id))
    with _step(database, seen, user_id) as step:
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
    query = (
        select(*_NAMED_BY, RuleVersionRow.version_status, RuleRow.updated_at, RuleRow.rule_name)
        .join(RuleRow)
        .where(RuleRow.rule_id == rule_id)
    )
    seen = _Mark(query, lambda row: rule_revision(row.updated_at, row.version_status), unknown_rule(rule_id))
    with _step(database, seen, user_id, revision) as step:
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


@dataclass(frozen=True)
class _Mark:
    """What a step looks at twice, before and after it locks the version.

    `query` finds the version with what `revision_of` needs, and the rule's name where the step is about one of its
    rules; `unknown` is what is said where there is no such version or rule.
    """

    query: Select[*tuple[Any, ...]]
    revision_of: Callable[[Row[*tuple[Any, ...]]], str]
    unknown: NotFoundError

    def read(self, session: Session) -> Row[*tuple[Any, ...]] | None:
        return session.execute(self.query).one_or_none()


@contextmanager
def _step(
    database: Database, mark: _Mark, user_id: int, revision: str | None = None, locks_phase: bool = False
) -> Iterator[VersionStep]:
    """Run the block on the version that `mark` finds, locked, if its revision is the same before and after locking."""
    what = "it"
    try:
        with database.session() as session:
            session.execute(text(f"SET LOCAL lock_timeout = '{_LONGEST_WAIT}'"))
            seen = mark.read(session)
            if seen is None:
                raise mark.unknown if revision is None else _changed(what)
            what = _name(seen)
            actor = person(session, user_id)
            expected = mark.revision_of(seen) if revision is None else revision
            if locks_phase:
                lock_phase(session, seen.phase_id)
            version = session.get(RuleVersionRow, seen.version_id, with_for_update=True)
            now = mark.read(session)
            if version is None or now is None or mark.revision_of(now) != expected:
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


def _version_query(version_id: UUID) -> Select[*tuple[Any, ...]]:
    return select(*_NAMED_BY, RuleVersionRow.version_status, RuleVersionRow.updated_at).where(
        RuleVersionRow.version_id == version_id
    )


def _name(seen: Any) -> str:
    """Return what people call that which a step is about."""
    version = name_of(seen)
    return f"rule '{seen.rule_name}' of {version}" if "rule_name" in seen._fields else version


def _changed(what: str) -> ConflictError:
    return ConflictError(
        f"Somebody else changed {what} after it was read. Nothing was stored: read it again, then decide again."
    )
