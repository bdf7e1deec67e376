"""The rule texts that stayed text, and why; and the legacy rows that were not migrated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profiling_pipeline.legacy_migration.hold import require_migrated
from profiling_pipeline.legacy_migration.ledger import ReasonFigures
from profiling_pipeline.legacy_migration.session import legacy_session
from profiling_pipeline.storage.database import Database


@dataclass(frozen=True)
class UntranslatedText:
    """A rule text that no check states, the reason, how many rules have it, and one of them."""

    rule_text: str
    reason: str
    rules: int
    example_rule_id: str
    attribute_name: str


@dataclass(frozen=True)
class UnmigratedRow:
    """A legacy row that has no row here, with the reason and its original values."""

    table_name: str
    legacy_key: str
    outcome: str
    reason: str
    original: Mapping[str, Any] | None


_TEXTS = """
SELECT min(r.rule_code), r.rule_parameters #>> '{origin,untranslated}', count(*), min(r.rule_id::text),
    min(a.attribute_name)
FROM cycle_report_data_profiling_rules r
JOIN cycle_report_planning_attributes a ON a.id = r.attribute_id
WHERE NOT r.is_executable AND r.rule_parameters #>> '{origin,untranslated}' IS NOT NULL
GROUP BY md5(r.rule_code), 2 ORDER BY 3 DESC, 4
"""
_ROWS = """
SELECT t.table_name, l.legacy_key, l.outcome, l.reason, l.detail, t.kind
FROM legacy_migration_ledger l JOIN legacy_migration_tables t USING (table_id)
WHERE l.outcome = 'rejected' ORDER BY l.table_id, l.legacy_key LIMIT %(limit)s
"""


def untranslated_texts(database: Database) -> list[UntranslatedText]:
    """Return the distinct texts of rules that cannot be executed, those of most rules first."""
    require_migrated(database)
    with legacy_session(database) as session, session.transaction():
        return [UntranslatedText(*row) for row in session.rows(_TEXTS)]


def rejected_rows(database: Database, limit: int = 1000) -> list[UnmigratedRow]:
    """Return legacy rows that were rejected, with the reason in words."""
    require_migrated(database)
    with legacy_session(database) as session, session.transaction():
        return [
            UnmigratedRow(name, key, outcome, ReasonFigures(name, kind, outcome, reason, 1).explanation, detail)
            for name, key, outcome, reason, detail, kind in session.rows(_ROWS, {"limit": limit})
        ]
