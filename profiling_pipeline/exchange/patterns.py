"""Rules as regular expressions that are searched anywhere in a text, as most tools do it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from profiling_pipeline.exchange.mapping import as_rule
from profiling_pipeline.exchange.model import NotCarriedError
from profiling_pipeline.rules.checks.formats import IsEmail, IsIpv4, IsUrl, IsUuid
from profiling_pipeline.rules.portable.reading import date_pattern
from profiling_pipeline.rules.rule import Rule

_ANCHORED = re.compile(r"\^\(\?:(.*)\)", re.DOTALL)


def _like(pattern: str) -> str:
    parts = [{"%": ".*", "_": "."}.get(character, re.escape(character)) for character in pattern]
    return f"(?s)^{''.join(parts)}$"


_PATTERNS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "str_contains": lambda p: p["pattern"],
    "str_matches": lambda p: f"^(?:{p['pattern']})",
    "str_startswith": lambda p: f"^{re.escape(p['string'])}",
    "str_endswith": lambda p: f"{re.escape(p['string'])}$",
    "like": lambda p: _like(p["pattern"]),
    "date_format": lambda p: f"^(?:{date_pattern(p['format'])})$",
    "is_email": lambda p: f"^(?:{IsEmail.pattern})$",
    "is_url": lambda p: f"^(?:{IsUrl.pattern})$",
    "is_uuid": lambda p: f"^(?:{IsUuid.pattern})$",
    "is_ipv4": lambda p: f"^(?:{IsIpv4.pattern})$",
}
PATTERN_CHECKS = frozenset(_PATTERNS)  # those that can be said as a regular expression


def pattern_of(rule: Rule) -> str | None:
    """Return the expression of which every value of the rule's column has a match, None where it has none."""
    return _PATTERNS[rule.check](rule.parameters) if rule.check in _PATTERNS else None


def rule_of_pattern(pattern: object, column: str | None) -> Rule:
    """Return the rule, without a name, that every value has a match.

    Raises:
        NotCarriedError: It is no pattern of RE2 syntax.
    """
    anchored = _ANCHORED.fullmatch(pattern) if isinstance(pattern, str) else None
    if anchored is not None:
        try:
            re.compile(anchored[1])  # what is left of `(?:a)|(?:b)` does not stand alone
            return as_rule("str_matches", {"pattern": anchored[1]}, column)
        except (re.error, NotCarriedError):
            pass
    return as_rule("str_contains", {"pattern": pattern}, column)
