"""Plain values as Python source."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def literal_text(value: Any) -> str:
    """Return a plain value as Python source: the shortest float that is exactly a number, else a Decimal."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal_text(key)}: {literal_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal_text, value)) + "]"
    if isinstance(value, Decimal):
        return _number_text(value)
    return repr(value)


def call_text(function: str, arguments: Mapping[str, Any]) -> str:
    """Return a call with named arguments as Python source."""
    return f"{function}({', '.join(f'{name}={literal_text(value)}' for name, value in arguments.items())})"


def _number_text(value: Decimal) -> str:
    if value == value.to_integral_value() and abs(value) < 10**15:
        return str(int(value))
    as_float = repr(float(value))
    return as_float if Decimal(as_float) == value else f'Decimal("{value}")'
