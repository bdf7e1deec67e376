"""How many rows of a source keep rules, before these become suggestions."""

from collections.abc import Sequence

import ibis

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.binding import BoundRule, bind_rule
from profiling_pipeline.rules.checks.base import GroupCheck, RowCheck
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.answers import answers
from profiling_pipeline.sources.model import OpenSource

Kept = tuple[int, int]  # rows that keep a rule, rows tested


def count_kept(rules: Sequence[Rule], source: OpenSource) -> list[Kept | None]:
    """Return for each rule the rows that keep it and those tested; None for one that does not fit the source.

    Checks of rows share one query.
    """
    bound = [_bound(rule, source) for rule in rules]
    kept: dict[int, Kept] = {}
    outcomes = {}
    for number, rule in enumerate(bound):
        if rule is not None and isinstance(rule.check, RowCheck):
            outcome = rule.check.result(source.table, rule.column)
            outcomes[f"outcome {number}"] = (
                outcome if rule.where is None else rule.where.ifelse(outcome, ibis.null("boolean"))
            )
        elif rule is not None and isinstance(rule.check, GroupCheck):
            rows = source.table if rule.where is None else source.table.filter(rule.where)
            [answer] = answers(source.connection, rule.check.tested(rows, rule.column))
            kept[number] = (int(answer["tested"] - answer["failed"]), int(answer["tested"]))
    if outcomes:
        judged = source.table.select(**outcomes)
        figures = {f"tested {name}": judged[name].count() for name in outcomes}
        figures |= {f"kept {name}": judged[name].sum().coalesce(0) for name in outcomes}
        [found] = answers(source.connection, judged.aggregate(**figures))
        for name in outcomes:
            kept[int(name.rpartition(" ")[2])] = (int(found[f"kept {name}"]), int(found[f"tested {name}"]))
    return [kept.get(number) for number in range(len(rules))]


def _bound(rule: Rule, source: OpenSource) -> BoundRule | None:
    try:
        return bind_rule(rule, source.table, source.columns)
    except RuleError:
        return None
