"""New draft versions of a phase."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from profiling_pipeline.approval.lifecycle import VersionStatus
from profiling_pipeline.storage.models import RuleVersionRow

FILE_UPLOAD = "file_upload"
DATABASE_SOURCE = "database_source"


def next_draft(session: Session, phase_id: int, *, created_by_id: int, at: datetime) -> RuleVersionRow:
    """Return a draft with the phase's next number, not stored yet; the phase must be locked by this transaction."""
    highest = session.scalar(select(func.max(RuleVersionRow.version_number)).where(RuleVersionRow.phase_id == phase_id))
    return RuleVersionRow(
        version_id=uuid4(),
        phase_id=phase_id,
        version_number=(highest or 0) + 1,
        version_status=VersionStatus.DRAFT.value,
        created_by_id=created_by_id,
        updated_by_id=created_by_id,
        created_at=at,
        updated_at=at,
    )


def next_revision(session: Session, parent: RuleVersionRow, *, created_by_id: int, at: datetime) -> RuleVersionRow:
    """Return a draft that takes up an earlier version's source, activity and settings, like `next_draft`."""
    draft = next_draft(session, parent.phase_id, created_by_id=created_by_id, at=at)
    draft.parent_version_id = parent.version_id
    draft.workflow_activity_id = parent.workflow_activity_id
    draft.data_source_type = parent.data_source_type
    draft.planning_data_source_id = parent.planning_data_source_id
    draft.change_sensitivity = parent.change_sensitivity
    return draft
