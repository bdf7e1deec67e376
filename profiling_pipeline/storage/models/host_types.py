"""Column types for tables of the host application, whose exact column types differ from host to host."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Text, cast
from sqlalchemy.types import UserDefinedType

from profiling_pipeline.storage.json_text import to_json


class HostText(UserDefinedType[str]):
    """Text that a host may keep as text or as an enum.

    Values are sent without a type, so PostgreSQL reads them as whatever the column is. Comparisons are made as text, so
    that asking for a label that the host's enum lacks finds nothing instead of failing.
    """

    cache_ok = True

    class Comparator(UserDefinedType.Comparator[str]):
        """Compares the column's text."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            """Apply the operator to the column cast to text."""
            result: ColumnElement[Any] = op(cast(self.expr, Text), *other, **kwargs)
            return result

    comparator_factory = Comparator

    def __init__(self, length: int | None = None) -> None:
        self.length = length

    def get_col_spec(self, **kwargs: Any) -> str:
        """Return the column type for a table that this project creates itself."""
        return f"VARCHAR({self.length})" if self.length else "TEXT"


class HostJson(UserDefinedType[Any]):
    """JSON that a host may keep as json, jsonb or text, and as JSON text inside a JSON string."""

    cache_ok = True

    def get_col_spec(self, **kwargs: Any) -> str:
        """Return the column type for a table that this project creates itself."""
        return "JSON"

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        """Send JSON text without a type."""
        return lambda value: None if value is None else to_json(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Unpack JSON until it is no longer text; text that is no JSON stays as it is."""

        def unpack(value: Any) -> Any:
            while isinstance(value, str):
                try:
                    value = json.loads(value)
                except ValueError:
                    break
            return value

        return unpack
