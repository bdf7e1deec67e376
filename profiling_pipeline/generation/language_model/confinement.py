"""What counts of a model's answer: rules of the attributes that it was asked about, and of no others."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from profiling_pipeline.errors import RuleError
from profiling_pipeline.generation.language_model.answer import Answer, ProposedRule
from profiling_pipeline.generation.language_model.asking import Request
from profiling_pipeline.generation.language_model.batches import Told
from profiling_pipeline.generation.language_model.endpoint import Endpoint
from profiling_pipeline.generation.language_model.prompts import PROMPT_VERSION
from profiling_pipeline.generation.language_model.proposed import Proposed
from profiling_pipeline.generation.overlaps import own_parameters
from profiling_pipeline.generation.vetting import DroppedRule
from profiling_pipeline.rules.binding import CONDITIONS
from profiling_pipeline.rules.predicate.columns import predicate_columns
from profiling_pipeline.rules.rule import Rule

_LONGEST_ORIGIN = 12


@dataclass(frozen=True)
class Asked:
    """A request that was answered, and what its keys mean: attributes, and rules that are to be changed."""

    request: Request
    members: Mapping[str, Told]
    replaced: Mapping[str, Rule] = field(default_factory=dict)


class Confinement:
    """Makes rules of answers; each rule's origin names the request that it came of."""

    def __init__(self, endpoint: Endpoint, columns: Sequence[str]) -> None:
        """Confine what an endpoint answers about a table with these columns."""
        self._endpoint, self._columns = endpoint, columns
        self._origins: dict[str, Asked] = {}

    def rules_of(self, answer: Answer, asked: Asked) -> Proposed:
        """Return the answer's rules, those only that are about attributes of the request."""
        origin = asked.request.digest(self._endpoint)[:_LONGEST_ORIGIN]
        self._origins[origin] = asked
        proposed = Proposed()
        for each in answer.rules:
            member = asked.members.get(each.attribute)
            rule = self._rule(each, member, origin)
            if member is None:
                reason = f"The model names '{each.attribute[:40]}', which is none of the attributes it was asked about."
                proposed.dropped.append(DroppedRule(rule, reason))
            elif not self._is_about(rule, member):
                proposed.dropped.append(DroppedRule(rule, "Its predicate does not name the attribute's own column."))
            elif asked.replaced and each.replaces not in asked.replaced:
                proposed.dropped.append(DroppedRule(rule, "It replaces none of the rules that were to be changed."))
            elif asked.replaced and each.replaces is not None:
                self._take_place(rule, asked.replaced[each.replaces], member, proposed)
            else:
                proposed.rules.append(rule)
        names = ", ".join(member.subject.attribute.name for member in asked.members.values())
        for reason in answer.unreadable:
            unreadable = Rule(name="(unreadable)", attribute=names[:200], check="", provider=self._endpoint.provider)
            proposed.dropped.append(DroppedRule(unreadable, f"An entry of the answer is no rule: {reason}."))
        return proposed

    def by_request(self, dropped: Iterable[DroppedRule]) -> list[tuple[Asked, list[DroppedRule]]]:
        """Return rules with the request that they came of, without those that came of none."""
        by_origin: dict[str, list[DroppedRule]] = defaultdict(list)
        for each in dropped:
            origin = each.rule.parameters.get("origin")
            batch = origin.get("batch") if isinstance(origin, Mapping) else None
            if batch in self._origins:
                by_origin[batch].append(each)
        return [(self._origins[origin], rules) for origin, rules in by_origin.items()]

    def _is_about(self, rule: Rule, member: Told) -> bool:
        """Return whether a free condition is one on the attribute's column, so that it is no rule of another one."""
        if rule.check != "expression":
            return True
        try:
            names = predicate_columns(str(rule.parameters.get("predicate")), self._columns)
        except RuleError:
            return True  # it goes back to the model with what is wrong
        return member.subject.column.name in names

    def _take_place(self, rule: Rule, replaced: Rule, member: Told, proposed: Proposed) -> None:
        """Add a rule that takes another's place; of a hidden column it keeps the conditions that were not told."""
        kept: dict[str, Any] = {}
        if not member.subject.attribute.is_shown:
            kept = {name: value for name, value in replaced.parameters.items() if name in CONDITIONS}
        changed = replace(rule, parameters={**kept, **rule.parameters}, rule_id=replaced.rule_id)
        if changed.check == replaced.check and own_parameters(changed) == own_parameters(replaced):
            proposed.dropped.append(DroppedRule(changed, "It says the same as the rule that was to be changed."))
        else:
            proposed.rules.append(changed)

    def _rule(self, proposed: ProposedRule, member: Told | None, origin: str) -> Rule:
        attribute = member.subject.attribute if member else None
        name = proposed.name or f"{attribute.name[:120] if attribute else proposed.attribute[:40]} {proposed.check}"
        own: dict[str, Any] = {key: value for key, value in proposed.parameters.items() if key != "origin"}
        return Rule(
            name=name,
            attribute=attribute.name if attribute else proposed.attribute[:40],
            check=proposed.check,
            parameters={**own, "origin": {"batch": origin, "prompt_version": PROMPT_VERSION}},
            severity=proposed.severity,
            column=member.subject.column.name if member else None,
            rationale=proposed.rationale,
            confidence=proposed.confidence,
            provider=self._endpoint.provider,
            regulatory_reference=proposed.regulatory_reference,
            attribute_id=attribute.attribute_id if attribute else None,
        )
