"""Proposed rules put to the test before anybody sees them: vetted against the columns and tried on the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.generation.vetting import DroppedRule, vet_rules
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.phases import PlannedSource
from profiling_pipeline.sources.model import Attribute, ColumnMatches, OpenSource
from profiling_pipeline.sources.others import Opener

MOST_EXAMPLES = 5  # failing rows that are shown of each rule that was tried


@dataclass(frozen=True)
class Material:
    """What proposals are made from and tried on: a source, its profile, its attributes, and which values are masked."""

    profile: TableProfile
    attributes: Sequence[Attribute]
    matches: ColumnMatches
    source: OpenSource
    report: str = ""
    hidden_columns: frozenset[str] = frozenset()
    key_columns: Sequence[str] = ()
    others: Mapping[str, Opener] = field(default_factory=dict)

    @classmethod
    def of(cls, planned: PlannedSource, profile: TableProfile) -> "Material":
        """Return what there is for a planned source; the report is known by its data source's name."""
        return cls(
            profile,
            planned.plan.attributes,
            planned.matches,
            planned.source,
            planned.plan.data_source_name,
            planned.hidden_columns,
            planned.key_columns,
            planned.others,
        )


@dataclass
class Trial:
    """Rules that can run, with what they come to on the data, and the others with the reason."""

    material: Material
    existing: Sequence[Rule]
    rules: list[Rule] = field(default_factory=list)
    outcomes: list[RuleOutcome] = field(default_factory=list)
    dropped: list[DroppedRule] = field(default_factory=list)

    def add(self, proposed: Sequence[Rule]) -> list[DroppedRule]:
        """Vet rules against the columns and the rules so far, try them all at once, return those that are broken."""
        if not proposed:
            return []
        source, others = self.material.source, self.material.others
        vetted = vet_rules(proposed, source, others, existing=[*self.existing, *self.rules])
        broken = [each for each in vetted.dropped if each.is_broken]
        self.dropped += [each for each in vetted.dropped if not each.is_broken]
        for outcome in self.tried(vetted.kept):
            if outcome.status is ExecutionStatus.ERROR:
                broken.append(DroppedRule(outcome.rule, outcome.error or "It cannot run.", is_broken=True))
            else:
                self.rules.append(outcome.rule)
                self.outcomes.append(outcome)
        self.dropped += broken
        return broken

    def tried(self, rules: Sequence[Rule]) -> Sequence[RuleOutcome]:
        """Return what rules come to on the data, all in one pass where the data allow."""
        if not rules:
            return ()
        return execute_rules(
            rules,
            self.material.source,
            hidden_columns=self.material.hidden_columns,
            key_columns=self.material.key_columns,
            sample_rows=MOST_EXAMPLES,
            others=self.material.others,
        ).outcomes

    def keep_first_of_each(self) -> None:
        """Of several rules in place of the same one keep the first."""
        kept = first_of_each(self.rules)
        pairs = [(r, o) for r, o in zip(self.rules, self.outcomes, strict=True) if any(r is one for one in kept)]
        self.rules, self.outcomes = [rule for rule, _ in pairs], [outcome for _, outcome in pairs]

    def in_order(self) -> list[tuple[Rule, RuleOutcome]]:
        """Return what is left, numbered in order of the attributes."""
        places = {attribute.attribute_id: place for place, attribute in enumerate(self.material.attributes)}
        pairs = sorted(
            zip(self.rules, self.outcomes, strict=True), key=lambda pair: places.get(pair[0].attribute_id or 0, 0)
        )
        first = len(self.existing) + 1
        return [
            (replace(rule, execution_order=order), outcome) for order, (rule, outcome) in enumerate(pairs, start=first)
        ]


def first_of_each(rules: Sequence[Rule]) -> list[Rule]:
    """Return, of several rules in place of the same other one, the first."""
    return list({rule.rule_id: rule for rule in reversed(rules)}.values())[::-1]
