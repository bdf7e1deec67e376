"""The rules of a draft, as people add, edit and delete them.

Every method is one transaction with one audit row for each rule. `revision` is what the caller read of a rule's view;
when the rule, or its version's state, changed since, the method refuses with ConflictError and changes nothing.
Without a revision, that is so for changes between the method's own reading and its lock.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from profiling_pipeline.approval import lifecycle
from profiling_pipeline.approval.lifecycle import Step
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.attributes import attribute_of_rule
from profiling_pipeline.services.dry_runs import Tried, require_runnable
from profiling_pipeline.services.execution_records import dry_run_row
from profiling_pipeline.services.phases import phase_attributes
from profiling_pipeline.services.rule_rows import (
    DEFINITION,
    change_rule,
    new_rule_row,
    require_names_apart,
    rule_from_row,
)
from profiling_pipeline.services.steps import VersionStep, rule_step, rules_step, values
from profiling_pipeline.services.users import person
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import RuleDryRunRow, RuleRow, RuleVersionRow


class DraftRules:
    """What people do with the rules of stored drafts.

    All methods raise NotFoundError for an unknown version, rule or user, PermissionRefusedError when the step is not
    for this user, TransitionRefusedError when the version is no draft, and ConflictError when somebody else was
    quicker.
    """

    def __init__(self, database: Database, settings: Settings | None = None) -> None:
        """Change what is in the database; with `settings`, rules are tried on the data first."""
        self._database = database
        self._settings = settings

    def add_rules(
        self, version_id: UUID, user_id: int, rules: Sequence[Rule], *, tried: Tried | None = None
    ) -> list[UUID]:
        """Add rules to a draft, all of them or none, and return their ids.

        Args:
            version_id: The draft.
            user_id: Who adds them.
            rules: The rules.
            tried: What they come to on the data, where they have been tried already.

        Raises:
            InvalidInputError: A rule cannot run, its attribute is not planned, or its name is taken.
        """
        tried = tried or self._tried(version_id, user_id, lambda *plan: [_placed(rule, *plan) for rule in rules])
        with rules_step(self._database, version_id, user_id) as step:
            lifecycle.check_step(Step.CHANGE_RULES, step.version, step.person)
            attributes, column_map = phase_attributes(step.session, step.version.phase_id)
            rows = [
                new_rule_row(
                    step.version,
                    attribute_of_rule(rule, attributes, column_map),
                    rule,
                    created_by_id=user_id,
                    at=step.at,
                )
                for rule in rules
            ]
            require_names_apart(step.session, rows)
            step.session.add_all(rows)
            step.session.flush()
            _keep_dry_runs(step, rows, tried)
            for row in rows:
                step.record(row, "add_rule", None, values(row))
            step.count_rules()
            return [row.rule_id for row in rows]

    def add_rule(self, version_id: UUID, user_id: int, rule: Rule) -> UUID:
        """Add a rule to a draft and return its id.

        Raises:
            InvalidInputError: The rule cannot run, its attribute is not planned, or its name is taken.
        """
        return self.add_rules(version_id, user_id, [rule])[0]

    def edit_rule(
        self, rule_id: UUID, user_id: int, changes: Mapping[str, Any], *, revision: str | None = None
    ) -> None:
        """Change a rule of a draft; its decisions are cleared.

        Args:
            rule_id: The rule.
            user_id: Who changes it.
            changes: New values by column name, such as `rule_parameters`; the others stay.
            revision: The rule's revision as it was read.

        Raises:
            InvalidInputError: A name in `changes` is unknown, or the changed rule cannot run.
        """
        changes_what_it_demands = not _SAYS_THE_SAME.issuperset(changes)
        tried = self._tried_edit(rule_id, user_id, changes) if changes_what_it_demands else None
        with rule_step(self._database, rule_id, user_id, revision=revision) as (step, rule):
            lifecycle.check_step(Step.CHANGE_RULES, step.version, step.person)
            attributes, _ = phase_attributes(step.session, step.version.phase_id)
            with step.recorded(rule, "edit_rule"), step.session.no_autoflush:
                change_rule(rule, changes, attributes)
                require_names_apart(step.session, [rule])
                lifecycle.clear_decisions(rule)
            if changes_what_it_demands:
                _keep_dry_runs(step, [rule], tried)
            step.count_rules()

    def delete_rule(self, rule_id: UUID, user_id: int, *, revision: str | None = None) -> None:
        """Delete a rule of a draft."""
        with rule_step(self._database, rule_id, user_id, revision=revision) as (step, rule):
            lifecycle.check_step(Step.CHANGE_RULES, step.version, step.person)
            step.record(rule, "delete_rule", values(rule), None)
            step.session.delete(rule)
            step.count_rules()

    def _tried_edit(self, rule_id: UUID, user_id: int, changes: Mapping[str, Any]) -> Tried | None:
        """Try a rule as it would be after the changes."""
        if self._settings is None:
            return None
        with self._database.session() as session:
            row = session.get(RuleRow, rule_id)
            if row is None:
                return None  # the step itself says so
            version_id = row.version_id
            changed = RuleRow(**{name: getattr(row, name) for name in DEFINITION}, rule_id=rule_id)

        def change(attributes: Sequence[Attribute], _: Mapping[str, str]) -> list[Rule]:
            change_rule(changed, changes, attributes)
            name = next(each.name for each in attributes if each.attribute_id == changed.attribute_id)
            return [rule_from_row(changed, name)]

        return self._tried(version_id, user_id, change)

    def _tried(
        self,
        version_id: UUID,
        user_id: int,
        make: Callable[[Sequence[Attribute], Mapping[str, str]], Sequence[Rule]],
    ) -> Tried | None:
        """Try rules on the data before anything is locked, once it is sure that this person may change the version."""
        if self._settings is None:
            return None
        with self._database.session() as session:
            version = session.get(RuleVersionRow, version_id)
            if version is None:
                return None  # the step itself says so
            lifecycle.check_step(Step.CHANGE_RULES, version, person(session, user_id))
            phase_id = version.phase_id
            rules = make(*phase_attributes(session, phase_id))
        return require_runnable(self._database, self._settings, phase_id, rules, user_id=user_id)


# Changes of these leave what a rule demands of the data as it is.
_SAYS_THE_SAME = frozenset(
    {"rule_name", "rule_type", "rule_description", "regulatory_reference", "execution_order", "severity"}
)


def _placed(rule: Rule, attributes: Sequence[Attribute], column_map: Mapping[str, str]) -> Rule:
    validate_rule(rule)
    return replace(rule, attribute_id=attribute_of_rule(rule, attributes, column_map).attribute_id)


def _keep_dry_runs(step: VersionStep, rules: Sequence[RuleRow], tried: Tried | None) -> None:
    """Store what rules come to now; what one came to before it was changed goes in any case."""
    step.session.execute(delete(RuleDryRunRow).where(RuleDryRunRow.rule_id.in_([rule.rule_id for rule in rules])))
    if tried is not None:
        pairs = zip(rules, tried.outcomes, strict=True)
        step.session.add_all([dry_run_row(row.rule_id, outcome, tried.source, step.at) for row, outcome in pairs])
