"""Access records: who read which classified column of source data, and why."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from profiling_pipeline.storage.models import AccessLogRow

# What a host's own list of classifications may call ours, from the best likeness to the strictest.
_LIKENESSES = {
    "public": ("public",),
    "internal": ("internal", "proprietary", "confidential"),
    "confidential": ("confidential", "restricted", "hrci"),
    "restricted": ("restricted", "confidential", "hrci"),
    "hrci": ("hrci", "restricted", "confidential"),
}


def record_access(
    session: Session,
    user_id: int,
    table_name: str,
    columns: Iterable[tuple[str, str | None]],
    reason: str,
    *,
    access_type: str = "read",
    record_identifier: str | None = None,
    ip_address: str | None = None,
    user_agent: str | None = None,
) -> int:
    """Add one row for each classified column to the transaction and return how many they are.

    A host may keep classifications as an enum with fewer labels than planning has; then the nearest label is stored and
    the reason names the column's own classification.

    Args:
        session: The transaction that the reading belongs to.
        user_id: Who reads, or in whose name it is done.
        table_name: The source: a table's name or a file's.
        columns: Each column read, with its classification; those without one leave no row.
        reason: Why the data are read.
        access_type: What kind of reading it is.
        record_identifier: What the reading is part of, such as a run.
        ip_address: Where the reader sits, if known.
        user_agent: The reader's program, if known.
    """
    labels = _host_labels(session)
    rows = []
    for column, classification in columns:
        if classification is None:
            continue
        label = _nearest_label(classification, labels) if labels else classification
        rows.append(
            AccessLogRow(
                user_id=user_id,
                table_name=table_name[:255],
                column_name=column[:255],
                record_identifier=record_identifier and record_identifier[:255],
                security_classification=label,
                access_type=access_type,
                access_reason=reason if label == classification else f"{reason} (classified {classification})",
                ip_address=ip_address,
                user_agent=user_agent and user_agent[:500],
            )
        )
    session.add_all(rows)
    return len(rows)


def _host_labels(session: Session) -> list[str]:
    """Return the labels of the host's enum, from its first to its last; none where the column is text."""
    found = session.execute(
        text(
            "SELECT enumlabel FROM pg_enum JOIN pg_attribute ON enumtypid = atttypid "
            "WHERE attrelid = to_regclass(:table) AND attname = 'security_classification' ORDER BY enumsortorder"
        ),
        {"table": AccessLogRow.__tablename__},
    )
    return list(found.scalars())


def _nearest_label(classification: str, labels: list[str]) -> str:
    if classification in labels:
        return classification
    by_name = {label.lower(): label for label in labels}
    likenesses = _LIKENESSES.get(classification.lower(), ("restricted", "hrci", "confidential"))
    return next((by_name[name] for name in likenesses if name in by_name), labels[0])
