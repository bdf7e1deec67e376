"""Python values as JSON knows them, in one way for files, database, API and UI."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from math import isfinite, isnan
from pathlib import Path
from typing import Any
from uuid import UUID


def json_value(value: Any) -> Any:
    """Return a value made of JSON's own types.

    Decimals become numbers (whole ones integers), dates and times ISO 8601 text, infinite numbers the texts "Infinity"
    and "-Infinity", NaN null, bytes hexadecimal text, dataclasses objects.
    """
    match value:
        case None | bool() | int():
            return value.value if isinstance(value, Enum) else value
        case Enum():
            return json_value(value.value)
        case str():
            return value
        case float():
            return value if isfinite(value) else _not_finite(value)
        case Decimal():
            if not value.is_finite():
                return _not_finite(float(value))
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case UUID() | Path():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case Mapping():
            return {str(json_value(key)): json_value(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [json_value(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: json_value(getattr(value, each.name)) for each in fields(value) if each.repr}
    return str(value)


def _not_finite(value: float) -> str | None:
    if isnan(value):
        return None
    return "Infinity" if value > 0 else "-Infinity"
