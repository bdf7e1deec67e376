"""Proposed rules held against the real columns: what cannot run, or says a thing twice, is dropped with the reason."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.binding import BoundRule, bind_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import OpenSource


@dataclass(frozen=True)
class DroppedRule:
    """A proposed rule that is not kept, and why."""

    rule: Rule
    reason: str


@dataclass(frozen=True)
class Vetted:
    """What is left of a proposal: rules with their column and dimension filled in, and the ones dropped."""

    kept: list[Rule]
    dropped: list[DroppedRule]


def vet_rules(proposed: Iterable[Rule], source: OpenSource) -> Vetted:
    """Keep the rules that can run on the source, each once."""
    vetted = Vetted([], [])
    seen: dict[tuple[str, str, str], str] = {}
    for rule in proposed:
        try:
            bound = bind_rule(rule, source.table, source.columns)
        except RuleError as error:
            vetted.dropped.append(DroppedRule(rule, str(error)))
            continue
        earlier = seen.setdefault(_meaning(bound), rule.name)
        if earlier != rule.name:
            vetted.dropped.append(DroppedRule(rule, f"It says the same as '{earlier}'."))
        else:
            vetted.kept.append(replace(bound.rule, execution_order=len(vetted.kept) + 1))
    return vetted


def _meaning(bound: BoundRule) -> tuple[str, str, str]:
    """Return what the rule tests, whatever it is called: rules alike in it are duplicates."""
    parameters = {key: value for key, value in bound.rule.parameters.items() if key != "origin"}
    return bound.column, bound.rule.check, json.dumps(parameters, sort_keys=True, default=str)
