"""Rules on when a value that is often missing must be there."""

from collections.abc import Iterable, Mapping, Sequence

from profiling_pipeline.generation.conditions import Condition
from profiling_pipeline.generation.suggestions.subject import Subject, count, portion
from profiling_pipeline.rules.predicate.columns import quoted
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import ColumnKind

_NUMERIC = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})


def suggest(
    subject: Subject, conditions: Sequence[Condition], labels: Mapping[str, str], kinds: Mapping[str, ColumnKind]
) -> Iterable[Rule]:
    """Yield the rule that the value is there where another column says so; none for what the plan declares optional."""
    for condition in conditions:
        if condition.column != subject.column.name:
            continue
        label = labels.get(condition.by, condition.by)
        yield subject.rule(
            f"is present where {label} is {_listed(condition.values)}"[:200],
            "required_when",
            {"when": _predicate(condition, kinds[condition.by])},
            because=(
                f"{portion(condition.holding, condition.tested, 'such rows')} have a value, and "
                f"{count(condition.absent)} of the {count(condition.elsewhere)} others have none."
            ),
            holding=condition.holding,
            tested=condition.tested,
        )


def _listed(values: Sequence[str]) -> str:
    return " or ".join(values) if values else "given"


def _predicate(condition: Condition, kind: ColumnKind) -> str:
    column = quoted(condition.by)
    if not condition.values:
        return f"{column} IS NOT NULL"
    if kind is ColumnKind.BOOLEAN:
        return f"{column} = {condition.values[0].upper()}"
    if kind in _NUMERIC:
        literals = list(condition.values)
    else:
        literals = ["'" + value.replace("'", "''") + "'" for value in condition.values]
        literals = [f"DATE {literal}" for literal in literals] if kind is ColumnKind.DATE else literals
    return f"{column} = {literals[0]}" if len(literals) == 1 else f"{column} IN ({', '.join(literals)})"
