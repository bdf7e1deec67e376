"""Limits that other tools set for a figure or for failing rows, as bounds and pass rates.

A limit is a list of comparisons such as (`<=`, 5), all of which must hold.
"""

from collections.abc import Sequence
from decimal import Decimal

from profiling_pipeline.exchange.model import NotCarriedError, Note

Comparisons = Sequence[tuple[str, Decimal]]
_STRICT = {">": ">=", "<": "<="}


def bounds_of(comparisons: Comparisons, note: Note, *, of_whole_numbers: bool = False) -> dict[str, Decimal]:
    """Return `min_value` and `max_value` of a figure.

    Raises:
        NotCarriedError: The figure must differ from a value.
    """
    bounds: dict[str, Decimal] = {}
    for operator, number in comparisons:
        allowed = number
        if operator in _STRICT and of_whole_numbers and number == number.to_integral_value():
            allowed += 1 if operator == ">" else -1
        elif operator in _STRICT:
            note(
                f"{operator} {number:f}",
                f"Bounds of figures are included here: {_STRICT[operator]} {number:f}",
            )
        if operator not in (">", ">=", "<", "<=", "="):
            raise NotCarriedError("a figure that must not be a value cannot be said here")
        if operator in (">", ">=", "="):
            bounds["min_value"] = max(allowed, bounds.get("min_value", allowed))
        if operator in ("<", "<=", "="):
            bounds["max_value"] = min(allowed, bounds.get("max_value", allowed))
    return bounds


def pass_rate_of(comparisons: Comparisons, note: Note, *, in_percent: bool) -> Decimal:
    """Return the least pass rate that a limit of failing rows leaves.

    Raises:
        NotCarriedError: It is no such limit, or counts failing rows otherwise than in percent.
    """
    if len(comparisons) != 1:
        raise NotCarriedError("failing rows have one limit here, a pass rate")
    operator, number = comparisons[0]
    if (operator, number) in {("=", Decimal(0)), ("<=", Decimal(0))} or (
        operator == "<" and number == 1 and not in_percent
    ):
        return Decimal(100)
    if operator not in ("<", "<="):
        raise NotCarriedError("failing rows that must be there cannot be demanded here")
    if not in_percent:
        raise NotCarriedError("it allows a number of failing rows, and rules allow a percentage")
    if not 0 <= number <= 100:
        raise NotCarriedError(f"{number:f} is no percentage")
    if operator == "<":
        note(f"< {number:f} %", f"A pass rate is a least one: at exactly {number:f} % the rule passes")
    return 100 - number
