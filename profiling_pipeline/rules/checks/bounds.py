"""What checks with two optional bounds have in common."""

from typing import Any

import ibis.expr.types as ir


def check_bounds(low: Any, high: Any) -> None:
    """Refuse bounds that are both missing or in the wrong order.

    Raises:
        ValueError: The message says what to do.
    """
    if low is None and high is None:
        raise ValueError("give min_value, max_value or both")
    if low is not None and high is not None and low > high:
        raise ValueError(f"min_value {low} is above max_value {high}; exchange them")


def within(value: ir.Value, low: int | None, high: int | None) -> ir.BooleanValue:
    """Return where `value` respects the bounds that are given, at least one."""
    if low is None:
        return value <= high
    return value >= low if high is None else value.between(low, high)
