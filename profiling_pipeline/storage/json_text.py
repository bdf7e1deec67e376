"""JSON as PostgreSQL accepts it."""

import json
import math
from collections.abc import Mapping
from typing import Any


def to_json(value: Any) -> str:
    """Return JSON text for any value that a source or a rule may hold.

    PostgreSQL's JSON knows no NaN, no infinity and no NUL character: the first two become text, the last `U+FFFD`.
    Dates, decimals, identifiers and the like become text too.
    """
    return json.dumps(_storable(value), default=str, allow_nan=False, ensure_ascii=False)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        # Lone surrogates cannot be sent as UTF-8.
        return value.replace("\x00", "\ufffd").encode(errors="replace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {_storable(str(name)): _storable(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_storable(item) for item in value]
    return value
