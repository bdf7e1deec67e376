"""Words for parameters in the sentences that describe rules."""

from collections.abc import Sequence
from decimal import Decimal

_MOST_SHOWN = 8


def shown(value: object) -> str:
    """Return one value as a sentence shows it: text in quotes, numbers plain."""
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def listed(values: Sequence[object]) -> str:
    """Return values as a list, shortened where it would be long."""
    more = len(values) - _MOST_SHOWN
    names = ", ".join(shown(value) for value in values[:_MOST_SHOWN])
    return f"{names} and {more} more" if more > 0 else names


def bounds(low: object, high: object) -> str:
    """Return what two optional bounds, of which one is given, demand."""
    if low is None:
        return f"at most {shown(high)}"
    return f"at least {shown(low)}" if high is None else f"between {shown(low)} and {shown(high)}"
