"""Proposed rules held against the real columns: what cannot run, or says a thing twice, is dropped with the reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from profiling_pipeline.errors import RuleError
from profiling_pipeline.generation.overlaps import OverlapKind, find_overlaps
from profiling_pipeline.rules.binding import BoundRule, bind_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, OpenSource, kind_of
from profiling_pipeline.sources.others import Opener, OtherSources

_LONGEST_NAME = 255


@dataclass(frozen=True)
class DroppedRule:
    """A proposed rule that is not kept, and why.

    `is_broken` where it cannot run, so that it could be mended; `is_repeated` where the version has it already.
    """

    rule: Rule
    reason: str
    is_broken: bool = False
    is_repeated: bool = False


@dataclass(frozen=True)
class Vetted:
    """What is left of a proposal: rules with their column and dimension filled in, and the ones dropped."""

    kept: list[Rule]
    dropped: list[DroppedRule]


def vet_rules(
    proposed: Iterable[Rule],
    source: OpenSource,
    others: Mapping[str, Opener] | None = None,
    *,
    existing: Sequence[Rule] = (),
) -> Vetted:
    """Keep the rules that can run on the source, each once.

    Args:
        proposed: The rules; of two that say the same, the first is kept.
        source: The opened data.
        others: Sources that rules may look values up in.
        existing: Rules of the version that stay whatever is proposed, such as those that a person decided on.
    """
    vetted = Vetted([], [])
    with OtherSources(source, others) as looked_into:
        fitting = _fitting(proposed, source, looked_into, vetted.dropped)
    repeated = _repeated(existing, fitting)
    taken = {(_subject(rule), rule.name) for rule in existing}
    for place, rule in enumerate(fitting):
        if place in repeated:
            vetted.dropped.append(DroppedRule(rule, f"It says the same as '{repeated[place]}'.", is_repeated=True))
        else:
            named = _named_apart(rule, taken)
            vetted.kept.append(replace(named, execution_order=len(existing) + len(vetted.kept) + 1))
    return vetted


def _fitting(
    proposed: Iterable[Rule], source: OpenSource, others: OtherSources, dropped: list[DroppedRule]
) -> list[Rule]:
    """Return the rules that can run, column and dimension filled in; the others are added to `dropped`."""
    fitting = []
    for rule in proposed:
        try:
            bound = bind_rule(rule, source.table, source.columns, others)
        except RuleError as error:
            dropped.append(DroppedRule(rule, str(error), is_broken=True))
            continue
        if reason := nothing_to_read(bound, source):
            dropped.append(DroppedRule(rule, reason))
        else:
            fitting.append(bound.rule)
    return fitting


def _repeated(existing: Sequence[Rule], proposed: Sequence[Rule]) -> dict[int, str]:
    """Return the places of proposed rules that say the same as an earlier one, each with that one's name.

    A rule that another one merely implies stays: a person may reject the stricter of the two.
    """
    rules, first_proposed = [*existing, *proposed], len(existing)
    earlier: dict[int, str] = {}
    for overlap in find_overlaps(rules):
        if overlap.kind is OverlapKind.SAME and overlap.second >= first_proposed:
            earlier.setdefault(overlap.second - first_proposed, rules[overlap.first].name)
    return earlier


def _named_apart(rule: Rule, taken: set[tuple[object, str]]) -> Rule:
    """Return the rule under a name that no other rule of its attribute has, and that fits where it is stored."""
    name = stem = rule.name[: _LONGEST_NAME - 10].strip() or rule.check
    number = 2
    while (_subject(rule), name) in taken:
        name = f"{stem} ({number})"
        number += 1
    taken.add((_subject(rule), name))
    return rule if name == rule.name else replace(rule, name=name)


def _subject(rule: Rule) -> object:
    return rule.attribute_id if rule.attribute_id is not None else (rule.column or rule.attribute).casefold()


def nothing_to_read(bound: BoundRule, source: OpenSource) -> str | None:
    """Return why a rule on how a date is written does not apply, None where it does."""
    is_written = f"{bound.column}{TEXT_SUFFIX}" in source.table.columns
    kind = kind_of(source.table[bound.column].type())
    if bound.rule.check != "date_format" or is_written or kind not in {ColumnKind.DATE, ColumnKind.DATETIME}:
        return None
    return f"Column '{bound.column}' is stored as a {kind}, which is not written in any format."
