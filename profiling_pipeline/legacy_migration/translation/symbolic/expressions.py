"""Values and comparisons written as SQL."""

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from profiling_pipeline.exchange.sql_text import value_sql
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Expression
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import Condition, both, comparison, negated

_OPERATORS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPPOSITES = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def literal(value: Any) -> str:
    """Return a plain value as SQL.

    Raises:
        NotRecognisedError: Rules have no such value.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotRecognisedError("it compares with a number that is not finite")
        value = int(value) if value.is_integer() and abs(value) < 10**15 else Decimal(repr(value))
    if not isinstance(value, bool | int | Decimal | str):
        raise NotRecognisedError(f"it compares with a value of type {type(value).__name__}")
    if isinstance(value, str) and "\0" in value:
        raise NotRecognisedError("it has a character that texts cannot have")
    return value_sql(value)


def compared(left: str, operator: str, right: str, needs: Iterable[str]) -> Condition:
    """Return where two expressions compare, by an operator of Python; false where one that they need is null."""
    word = _OPERATORS[operator]
    return comparison(f"{left} {word} {right}", f"{left} {_OPPOSITES[word]} {right}", needs)


def compared_with(cell: Expression, operator: str, right: str, left: str | None = None) -> Condition:
    """Return where a value, or the expression `left` made of it, compares with one that is never null."""
    return both(negated(cell.missing), compared(left or cell.sql, operator, right, cell.needs))


def compared_cells(left: Expression, operator: str, right: Expression) -> Condition:
    """Return where two values of one kind compare, neither of them missing."""
    tested = compared(left.sql, operator, right.sql, left.needs | right.needs)
    return both(negated(left.missing), negated(right.missing), tested)
