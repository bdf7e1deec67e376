"""Why rows were not migrated, and the ledger's figures."""

from dataclasses import dataclass

from profiling_pipeline.legacy_migration.catalogue import LEGACY, Kind
from profiling_pipeline.legacy_migration.session import LegacySession

# What a reason means, and what a person can do about it.
REASONS = {
    "kept_in_archive": "The table is kept in the archive: {because}.",
    "stays_in_place": "The table goes on where it is.",
    "phase_missing": "The phase has no row in workflow_phases. Add the phase, roll back and migrate again.",
    "attribute_missing": (
        "The attribute has no row in cycle_report_planning_attributes. Add it, roll back and migrate again."
    ),
    "never_run": "The configuration has no job, so it says only how a run was to be made.",
    "job_missing": "The job that it belongs to has no row.",
    "job_not_migrated": "The job that it belongs to was not migrated.",
    "rule_set_missing": "The rule set that it belongs to was not migrated.",
    "names_no_attribute": "It is about a run as a whole and names no attribute, so no rule it could belong to.",
    "no_execution": "Its job has no execution that it could belong to.",
    "no_rules": "It names no rule of a known attribute.",
}


@dataclass(frozen=True)
class TableFigures:
    """What became of the rows of one legacy table; `found` is the number when the migration began."""

    table_name: str
    kind: str
    found: int
    migrated: int
    archived: int
    rejected: int
    changed: int

    @property
    def is_accounted(self) -> bool:
        """Whether every row is accounted for exactly once."""
        return self.found == self.migrated + self.archived + self.rejected


@dataclass(frozen=True)
class ReasonFigures:
    """How many rows of a table were not migrated for one reason."""

    table_name: str
    kind: str
    outcome: str
    reason: str
    rows: int

    @property
    def explanation(self) -> str:
        """The reason as a sentence."""
        return REASONS[self.reason].format(because=LEGACY[Kind(self.kind)].kept_because)


_FIGURES = """
SELECT t.table_name, t.kind, t.row_count,
    count(*) FILTER (WHERE l.outcome = 'migrated'), count(*) FILTER (WHERE l.outcome = 'archived'),
    count(*) FILTER (WHERE l.outcome = 'rejected'),
    count(*) FILTER (WHERE l.outcome = 'migrated' AND l.detail IS NOT NULL)
FROM legacy_migration_tables t
LEFT JOIN legacy_migration_ledger l USING (table_id)
GROUP BY t.table_id ORDER BY t.table_id
"""
_REASONS = """
SELECT t.table_name, t.kind, l.outcome, l.reason, count(*)
FROM legacy_migration_tables t
JOIN legacy_migration_ledger l USING (table_id)
WHERE l.outcome <> 'migrated'
GROUP BY t.table_id, l.outcome, l.reason ORDER BY t.table_id, l.outcome, l.reason
"""


def ledger_figures(session: LegacySession) -> list[TableFigures]:
    """Return the figures of each legacy table, in the current transaction."""
    return [TableFigures(*row) for row in session.rows(_FIGURES)]


def reason_figures(session: LegacySession) -> list[ReasonFigures]:
    """Return why rows were not migrated, in the current transaction."""
    return [ReasonFigures(*row) for row in session.rows(_REASONS)]
