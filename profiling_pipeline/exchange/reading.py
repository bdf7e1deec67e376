"""Foreign text as plain values: exact numbers, no aliases, no constructors, and a clear error for anything else."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn
from uuid import uuid4

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange.model import NotCarriedError
from profiling_pipeline.rules.exact_yaml import load_yaml


def parse_yaml(text: str, source: str) -> dict[str, Any]:
    """Return the mapping that a YAML text holds.

    Raises:
        InvalidInputError: It is no YAML of plain values, or no mapping.
    """
    content, _ = load_yaml(text, source, "")
    if not isinstance(content, dict):
        raise InvalidInputError(f"{source} holds no mapping of names to values. Name another file or format.")
    return content


def parse_json(text: str, source: str) -> dict[str, Any]:
    """Return the object that a JSON text holds, with decimals as exact numbers.

    Raises:
        InvalidInputError: It is no JSON, or no object.
    """
    try:
        content = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        problem = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InvalidInputError(f"{source} cannot be used as JSON: {problem}. Correct it.") from error
    if not isinstance(content, dict):
        raise InvalidInputError(f"{source} holds no JSON object. Name another file or format.")
    return content


def dump_json(content: Mapping[str, Any]) -> str:
    """Return JSON text that `parse_json` reads back, every digit of its numbers included."""
    mark = uuid4().hex
    marked = json.dumps(content, ensure_ascii=False, indent=2, default=lambda value: _marked(value, mark))
    return re.sub(f'"{mark}([^"]*)"', r"\1", marked) + "\n"


def as_mapping(value: object, what: str) -> dict[str, Any]:
    """Return a value that should be a mapping; None is an empty one.

    Raises:
        NotCarriedError: It is something else.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise NotCarriedError(f"its {what} is no mapping of names to values")
    return value


def as_list(value: object, what: str) -> list[Any]:
    """Return a value that should be a list; None is an empty one.

    Raises:
        NotCarriedError: It is something else.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise NotCarriedError(f"its {what} is no list")
    return value


def listed(value: object) -> list[Any]:
    """Return a value where it is a list, else an empty one: what is no list holds no checks."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str | None:
    """Return a value where it is text that says something."""
    return value if isinstance(value, str) and value.strip() else None


def as_number(value: object, what: str) -> Decimal:
    """Return a value that should be a number.

    Raises:
        NotCarriedError: It is something else.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise NotCarriedError(f"its {what} is no number")
    return Decimal(value)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _marked(value: object, mark: str) -> str:
    """Return an exact number as text that is freed of its quotes later; other values are text themselves."""
    return f"{mark}{value:f}" if isinstance(value, Decimal) else str(value)
