"""Rule texts that only name a kind of check in JSON, with or without its figures."""

import json
from typing import Any

from profiling_pipeline.errors import RuleError
from profiling_pipeline.legacy_migration.translation.limits import LONGEST_TEXT
from profiling_pipeline.legacy_migration.translation.model import Certainty, NotRecognisedError, Translation
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.rule import Rule

_CHECKS = {
    "not_null": ("not_null", {}),
    "required": ("not_null", {}),
    "not_blank": ("not_blank", {}),
    "unique": ("unique", {}),
    "range": ("in_range", {"min": "min_value", "max": "max_value"}),
    "pattern": ("str_matches", {"pattern": "pattern", "regex": "pattern"}),
    "regex": ("str_matches", {"pattern": "pattern", "regex": "pattern"}),
    "in_set": ("isin", {"values": "allowed_values", "allowed": "allowed_values"}),
    "enum": ("isin", {"values": "allowed_values", "allowed": "allowed_values"}),
    "length": ("str_length", {"min": "min_value", "max": "max_value"}),
}
_NOT_SAID = "The text names a kind of check only; that rows without a value are as the check has them is a guess."


def is_named(text: str) -> bool:
    """Return whether a rule text is a JSON object."""
    return text.lstrip().startswith("{")


def translation_of_name(text: str) -> Translation:
    """Return the check that a rule text names.

    Raises:
        NotRecognisedError: It names none, or not all that it needs.
    """
    kind, figures = _named(text)
    if kind not in _CHECKS:
        raise NotRecognisedError(f"it names a kind of check that is not known here ({kind[:40]})")
    check, known = _CHECKS[kind]
    parameters = {known.get(key, key): value for key, value in figures.items()}
    try:
        validate_rule(Rule(name="legacy", attribute="", check=check, parameters=parameters))
    except RuleError as error:
        needed = " and ".join(sorted(set(known.values()))) or "nothing else"
        raise NotRecognisedError(f"it names the check {check} but does not give what it needs ({needed})") from error
    return Translation(check, parameters, f"the name {kind}", Certainty.GUESSED, (_NOT_SAID,))


def _named(text: str) -> tuple[str, dict[str, Any]]:
    if len(text) > LONGEST_TEXT:
        raise NotRecognisedError(f"it has more than {LONGEST_TEXT:,} characters")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotRecognisedError("it is no JSON") from error
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise NotRecognisedError("it is JSON that names no type of check")
    figures = {key: value for key, value in found.items() if key != "type"}
    inner = figures.pop("parameters", {})
    return found["type"].casefold(), {**figures, **(inner if isinstance(inner, dict) else {})}
