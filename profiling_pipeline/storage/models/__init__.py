"""The tables as typed classes; attribute names are column names."""

from profiling_pipeline.storage.models.base import Base
from profiling_pipeline.storage.models.generation import GenerationRow, ModelAnswerRow, RuleDryRunRow
from profiling_pipeline.storage.models.host import (
    AccessLogRow,
    ActivityRow,
    AttributeRow,
    AuditLogRow,
    DataSourceRow,
    PdeMappingRow,
    PhaseRow,
    UserRow,
)
from profiling_pipeline.storage.models.legacy import (
    LegacyLedgerRow,
    LegacyRuleTextRow,
    LegacyStepRow,
    LegacyTableRow,
)
from profiling_pipeline.storage.models.profiling import ObservationRow, RuleExecutionRow, RuleRow, RuleVersionRow

HOST_TABLES: frozenset[str] = frozenset(
    row.__tablename__
    for row in (
        AccessLogRow, ActivityRow, AttributeRow, AuditLogRow, DataSourceRow, PdeMappingRow, PhaseRow, UserRow,
    )
)  # fmt: skip
PROFILING_TABLES: frozenset[str] = frozenset(
    row.__tablename__
    for row in (
        RuleVersionRow, RuleRow, RuleExecutionRow, ObservationRow, GenerationRow, RuleDryRunRow, ModelAnswerRow,
        LegacyTableRow, LegacyStepRow, LegacyLedgerRow, LegacyRuleTextRow,
    )
)  # fmt: skip

__all__ = [
    "HOST_TABLES",
    "PROFILING_TABLES",
    "AccessLogRow",
    "ActivityRow",
    "AttributeRow",
    "AuditLogRow",
    "Base",
    "DataSourceRow",
    "GenerationRow",
    "LegacyLedgerRow",
    "LegacyRuleTextRow",
    "LegacyStepRow",
    "LegacyTableRow",
    "ModelAnswerRow",
    "ObservationRow",
    "PdeMappingRow",
    "PhaseRow",
    "RuleDryRunRow",
    "RuleExecutionRow",
    "RuleRow",
    "RuleVersionRow",
    "UserRow",
]
