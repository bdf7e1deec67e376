"""A planned phase with a tester and a report owner, and versions of it in a state that a test starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.draft_rules import DraftRules
from profiling_pipeline.services.drafts import create_draft_from_rules
from profiling_pipeline.services.review import ReviewService
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AuditLogRow, RuleRow, RuleVersionRow
from profiling_pipeline_tests.builders import a_data_source, a_phase_pair, a_report_owner, a_tester, an_attribute

BALANCE_IS_THERE = Rule("Balance is there", "Balance", "not_null")
BALANCE_IS_COVERED = Rule("Balance is covered", "Balance", "in_range", {"min_value": 0, "max_value": 1000})
STATE_IS_KNOWN = Rule("State is known", "State", "isin", {"allowed_values": ["CA", "NY"]})
RULES = (BALANCE_IS_THERE, BALANCE_IS_COVERED, STATE_IS_KNOWN)


@dataclass(frozen=True)
class Planned:
    """Ids of a planned phase and its people."""

    database: Database
    phase_id: int
    tester: int
    owner: int

    @property
    def review(self) -> ReviewService:
        """The service under test."""
        return ReviewService(self.database)

    @property
    def draft_rules(self) -> DraftRules:
        """What people do with the rules of drafts."""
        return DraftRules(self.database)

    def draft(self, rules: Sequence[Rule] = RULES) -> UUID:
        """Return a new draft with these rules, undecided."""
        return create_draft_from_rules(self.database, self.phase_id, rules, created_by_id=self.tester).version_id

    def pending(self, rules: Sequence[Rule] = RULES) -> UUID:
        """Return a submitted version, all of its rules approved by the tester."""
        version_id = self.draft(rules)
        self.review.decide_all(version_id, self.tester, Decision.APPROVE)
        self.review.submit(version_id, self.tester)
        return version_id

    def approved(self, rules: Sequence[Rule] = RULES) -> UUID:
        """Return an approved version."""
        version_id = self.pending(rules)
        self.review.approve(version_id, self.owner)
        return version_id

    def version(self, version_id: UUID) -> RuleVersionRow:
        """Return a version as it is stored."""
        with self.database.session() as session:
            return session.get_one(RuleVersionRow, version_id)

    def counters(self, version_id: UUID) -> tuple[int, int, int]:
        """Return how many rules a version has, how many of them are approved and how many rejected."""
        version = self.version(version_id)
        return version.total_rules, version.approved_rules, version.rejected_rules

    def rules(self, version_id: UUID) -> dict[str, RuleRow]:
        """Return a version's rules as they are stored, by name."""
        with self.database.session() as session:
            rows = session.scalars(select(RuleRow).where(RuleRow.version_id == version_id))
            return {row.rule_name: row for row in rows}

    def audit(self, key: UUID | None = None) -> list[AuditLogRow]:
        """Return audit rows in their order, of one version or rule where its key is given."""
        with self.database.session() as session:
            rows = session.scalars(select(AuditLogRow).order_by(AuditLogRow.audit_id))
            return [row for row in rows if key is None or str(key) in {_key(row.old_values), _key(row.new_values)}]


def a_planned_phase(database: Database) -> Planned:
    """Return a phase whose Planning phase has the attributes Balance and State."""
    with database.session() as session:
        phases = a_phase_pair(session)
        a_data_source(session, phases.planning)
        an_attribute(session, phases.planning, "Balance", data_type="Decimal")
        an_attribute(session, phases.planning, "State", information_security_classification="Confidential")
        tester, owner = a_tester(session), a_report_owner(session)
        return Planned(database, phases.profiling.phase_id, tester.user_id, owner.user_id)


def _key(values: dict[str, object] | None) -> object:
    return (values or {}).get("key")
