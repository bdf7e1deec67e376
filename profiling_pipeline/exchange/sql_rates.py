"""A rule's pass rate as a figure in standard SQL, for the places that know no tolerance of their own."""

import re
from decimal import Decimal

from profiling_pipeline.exchange.mapping import where_of, with_tolerance
from profiling_pipeline.exchange.model import NotCarriedError, Note
from profiling_pipeline.exchange.sql_conditions import condition_of, rule_of_condition
from profiling_pipeline.exchange.sql_text import predicate_sql
from profiling_pipeline.rules.rule import Rule

_RATE = re.compile(
    r"AVG\(CASE WHEN (?P<right>.+) THEN 100\.0 WHEN (?P<wrong>.+) THEN 0\.0 END\)", re.IGNORECASE | re.DOTALL
)


def pass_rate_sql(rule: Rule, note: Note) -> str:
    """Return the percentage of the tested rows that pass; rows that are skipped count neither way.

    Raises:
        NotCarriedError: SQL of every engine has no such condition.
    """
    condition, where = condition_of(rule, note), where_of(rule)
    tested = f"({predicate_sql(where)}) AND " if where else ""
    return f"AVG(CASE WHEN {tested}({condition}) THEN 100.0 WHEN {tested}NOT ({condition}) THEN 0.0 END)"


def rule_of_pass_rate(figure: str, least: Decimal, column: str | None = None) -> Rule:
    """Return the rule, without a name, that a figure made by `pass_rate_sql` is at least `least`.

    Raises:
        NotCarriedError: The figure is none of these.
    """
    match = _RATE.fullmatch(figure.strip())
    if match is not None:
        for condition, where in _readings(match["right"]):
            tested = f"({where}) AND " if where else ""
            if match["wrong"] == f"{tested}NOT ({condition})":
                return with_tolerance(rule_of_condition(condition, column), where=where, min_pass_rate=least)
    raise NotCarriedError(f"its figure '{figure[:200]}' is none that a check looks at")


def _readings(right: str) -> list[tuple[str, str | None]]:
    """Return the conditions, each with its `where`, that the text of the passing rows could mean."""
    ends = [match.start() for match in re.finditer(r"\) AND \(", right)]
    readings: list[tuple[str, str | None]] = [(right[1:-1], None)]
    return readings + [(right[end + len(") AND (") : -1], right[1:end]) for end in ends[:20]]
