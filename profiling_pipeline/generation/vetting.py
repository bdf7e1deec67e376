"""Proposed rules held against the real columns: what cannot run, or says a thing twice, is dropped with the reason."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.binding import BoundRule, bind_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, OpenSource, kind_of
from profiling_pipeline.sources.others import Opener, OtherSources


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


def vet_rules(proposed: Iterable[Rule], source: OpenSource, others: Mapping[str, Opener] | None = None) -> Vetted:
    """Keep the rules that can run on the source, each once; `others` are those that rules may look values up in."""
    with OtherSources(source, others) as looked_into:
        return _vetted(proposed, source, looked_into)


def _vetted(proposed: Iterable[Rule], source: OpenSource, others: OtherSources) -> Vetted:
    vetted = Vetted([], [])
    seen: dict[tuple[str, str, str], Rule] = {}
    for rule in proposed:
        try:
            bound = bind_rule(rule, source.table, source.columns, others)
        except RuleError as error:
            vetted.dropped.append(DroppedRule(rule, str(error)))
            continue
        if reason := _has_nothing_to_read(bound, source):
            vetted.dropped.append(DroppedRule(rule, reason))
            continue
        earlier = seen.setdefault(_meaning(bound), rule)
        if earlier is not rule:
            vetted.dropped.append(DroppedRule(rule, f"It says the same as '{earlier.name}'."))
        else:
            vetted.kept.append(replace(bound.rule, execution_order=len(vetted.kept) + 1))
    return vetted


def _has_nothing_to_read(bound: BoundRule, source: OpenSource) -> str | None:
    """Return why a rule on how a date is written does not apply, None where it does."""
    is_written = f"{bound.column}{TEXT_SUFFIX}" in source.table.columns
    kind = kind_of(source.table[bound.column].type())
    if bound.rule.check != "date_format" or is_written or kind not in {ColumnKind.DATE, ColumnKind.DATETIME}:
        return None
    return f"Column '{bound.column}' is stored as a {kind}, which is not written in any format."


def _meaning(bound: BoundRule) -> tuple[str, str, str]:
    """Return what the rule tests, whatever it is called: rules alike in it are duplicates."""
    parameters = {key: value for key, value in bound.rule.parameters.items() if key != "origin"}
    return bound.column, bound.rule.check, json.dumps(parameters, sort_keys=True, default=str)
