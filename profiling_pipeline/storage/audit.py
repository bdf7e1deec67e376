"""Audit rows: who did what to which of this project's rows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from profiling_pipeline.storage.models import AuditLogRow


def record_audit(
    session: Session,
    user_id: int | None,
    action: str,
    table_name: str,
    key: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
) -> None:
    """Add one audit row to the transaction.

    The log's own record number is an integer, so the row's key stands in the values, as `key`: in the old ones, the new
    ones, or both, as far as they are given; in the new ones where neither is.
    """
    session.add(
        AuditLogRow(
            user_id=user_id,
            action=action,
            table_name=table_name,
            old_values=None if old is None else {"key": key, **old},
            new_values=None if new is None and old is not None else {"key": key, **(new or {})},
        )
    )
