"""JSON objects put together as text: jsonb_build_object looks up each value's type for each row, which takes longer.

Members are SQL expressions of JSON text; one that is null is left out.
"""

from collections.abc import Mapping


def json_object(members: Mapping[str, str]) -> str:
    """Return an expression for a JSON object."""
    return f"({json_text(members)})::jsonb"


def json_text(members: Mapping[str, str]) -> str:
    """Return an expression for the text of a JSON object, as a member of another one."""
    listed = ", ".join(f"'\"{name}\": ' || {value}" for name, value in members.items())
    return f"'{{' || concat_ws(', ', {listed}) || '}}'"


def quoted(expression: str) -> str:
    """Return the member for a text or a time."""
    return f"to_json({expression})::text"


def plain(expression: str) -> str:
    """Return the member for a number, a boolean or JSON."""
    return f"({expression})::text"
