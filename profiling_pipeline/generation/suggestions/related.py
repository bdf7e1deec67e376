"""Rules on how a number or a day relates to those of other columns."""

from collections.abc import Iterable, Mapping, Sequence

from profiling_pipeline.generation.relations import Order, Sum
from profiling_pipeline.generation.suggestions.subject import Subject, portion, share
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import ColumnKind

_TEMPORAL = frozenset({ColumnKind.DATE, ColumnKind.DATETIME})


def suggest(
    subject: Subject, orders: Sequence[Order], sums: Sequence[Sum], labels: Mapping[str, str]
) -> Iterable[Rule]:
    """Yield the rules for which the subject's column is the larger one, the earlier one, or the total."""
    name = subject.column.name
    is_day = subject.column.kind in _TEMPORAL
    for order in orders:
        if name != (order.small if is_day else order.large):
            continue
        other = order.large if is_day else order.small
        because = (
            f"{portion(order.holding, order.tested, 'rows')} keep it; of rows put together at random, "
            f"{share(1 - order.by_chance, 1)} would."
        )
        label = labels.get(other, other)
        yield subject.rule(
            f"is not after {label}" if is_day else f"is at least {label}",
            "date_order" if is_day else "column_ge",
            {"later": other} if is_day else {"other": other},
            because=because,
            holding=order.holding,
            tested=order.tested,
        )
    for each in sums:
        if each.total == name:
            parts = " and ".join(labels.get(part, part) for part in each.parts)
            yield subject.rule(
                f"is the sum of {parts}"[:150],
                "sum_equals",
                {"parts": list(each.parts), "tolerance": 0.01},
                because=f"It is in {portion(each.holding, each.tested, 'rows')}, to the cent.",
                holding=each.holding,
                tested=each.tested,
            )
