"""The one way to delete rows that are otherwise kept for ever."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session


@contextmanager
def retention_allowed(session: Session) -> Iterator[None]:
    """Let this transaction, inside the block, delete executions and audit rows; changing them stays refused."""
    session.execute(text("SET LOCAL profiling.retention = 'on'"))
    yield
    session.flush()
    session.execute(text("SET LOCAL profiling.retention = 'off'"))
