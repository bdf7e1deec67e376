"""What only we know of a rule, kept where the other side keeps what it does not understand.

Only what the visible part does not say is kept. On the way back it counts as long as it still leads to exactly that
visible part: a check that somebody has edited meanwhile means what it says now.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from profiling_pipeline.errors import ProfilingError
from profiling_pipeline.exchange.model import NotCarriedError, plain
from profiling_pipeline.rules.catalogue import check_for
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.rules.rule_file import rule_from_dict, rule_to_dict

KEY = "profiling"
_MEANING = frozenset({"attribute", "column", "check", "parameters"})


def facts_of(rule: Rule, visible: Rule | None) -> dict[str, Any]:
    """Return the fields of a rule's entry in a rule file that the visible part, read alone, does not give."""
    entry: dict[str, Any] = plain(rule_to_dict(rule))
    if rule.column not in (None, rule.attribute):
        entry["column"] = rule.column
    if visible is None:
        return entry
    if rule.dimension is check_for(rule.check).dimension:
        del entry["type"]  # goes without saying
    known = plain(rule_to_dict(visible))
    facts = {name: value for name, value in entry.items() if name != "parameters" and known.get(name) != value}
    ours, seen = entry.get("parameters", {}), known.get("parameters", {})
    if "check" in facts or seen.keys() - ours.keys():
        return facts | {"check": rule.check, "parameters": ours}  # with the check come all of its parameters
    unseen = {name: value for name, value in ours.items() if name not in seen or seen[name] != value}
    return facts | ({"parameters": unseen} if unseen else {})


def with_facts(facts: object, visible: Rule | None, leads_back: Callable[[Rule], bool], place: str) -> Rule:
    """Return the rule that facts and visible part make together.

    Args:
        facts: What `facts_of` gave, or whatever stands in its place.
        visible: The rule that the visible part gives alone, None where it gives none.
        leads_back: Whether a rule has exactly this visible part.
        place: What messages call the place.

    Raises:
        NotCarriedError: Neither of them is a rule.
    """
    for trusted in _attempts(facts):
        rule = _rule(trusted, visible, place)
        if rule is not None and (not trusted.keys() & _MEANING or leads_back(rule)):
            return rule
    if visible is None:
        raise NotCarriedError("it has been edited into something that has no counterpart")
    return visible


def _attempts(facts: object) -> list[Mapping[str, Any]]:
    """Return the facts, and then those of them that say nothing of what is checked."""
    if not isinstance(facts, Mapping):
        return []
    return [facts, {name: value for name, value in facts.items() if name not in _MEANING}]


def _rule(facts: Mapping[str, Any], visible: Rule | None, place: str) -> Rule | None:
    known = plain(rule_to_dict(visible)) if visible is not None else {}
    parameters = facts.get("parameters", {})
    if "check" not in facts and isinstance(parameters, Mapping):
        parameters = {**known.get("parameters", {}), **parameters}
    entry = {**known, **facts, "parameters": parameters}
    column = entry.pop("column", None)
    try:
        rule = rule_from_dict(entry, place, 0)
    except ProfilingError:
        return None  # edited by hand: the visible part stands
    return replace(rule, column=column) if isinstance(column, str) else rule
