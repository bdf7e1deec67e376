"""Regular expressions of Python as those of RE2 syntax, which rules have."""

import re
import warnings
from re import _constants as sre  # type: ignore[attr-defined]  # the parser behind `re` has no public name
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from profiling_pipeline.errors import RuleError
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.rules.portable.patterns import check_pattern

_LONGEST = 500
_FLAGS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}
_OWN_FLAGS = re.compile(r"\(\?[a-zA-Z]+\)")
_WIDER = re.compile(r"\\[wdsWDSbB]")
BEYOND_ASCII = (
    "Python's \\w, \\d and \\s also mean letters, digits and spaces of other alphabets; here they are ASCII's."
)


def re2_pattern(pattern: str, flags: int, where: str) -> str:
    """Return a pattern of Python in RE2 syntax, anchored for `where` it must match: contains, match or fullmatch.

    Raises:
        NotRecognisedError: It is none, or uses what RE2 cannot do.
    """
    if len(pattern) > _LONGEST:
        raise NotRecognisedError(f"its pattern has more than {_LONGEST} characters")
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = parser.parse(pattern, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise NotRecognisedError(f"its pattern is no regular expression: {error}") from error
    _refuse_unknown(tree, 0)
    if flags & ~(re.IGNORECASE | re.MULTILINE | re.DOTALL | re.ASCII | re.UNICODE):
        raise NotRecognisedError("its pattern has flags that are not known here")
    letters = "".join(letter for flag, letter in _FLAGS.items() if flags & flag)
    own = _OWN_FLAGS.match(pattern)
    lead = f"(?{letters})" * bool(letters) + (own[0] if own else "")
    body = _with_known_escapes(pattern[own.end() :] if own else pattern)
    try:
        return check_pattern(lead + _anchored(body, tree, where, has_lines="m" in lead))
    except RuleError as error:
        raise NotRecognisedError(f"its pattern cannot be said in RE2 syntax: {error}") from error


def _anchored(body: str, tree: Any, where: str, *, has_lines: bool) -> str:
    if where == "contains":
        return body
    if has_lines:
        raise NotRecognisedError("its pattern looks for the starts of lines")
    whole = where == "fullmatch"
    starts = bool(len(tree)) and tree[0] in ((sre.AT, sre.AT_BEGINNING), (sre.AT, sre.AT_BEGINNING_STRING))
    ends = bool(len(tree)) and tree[-1] == (sre.AT, sre.AT_END)
    return body if starts and (ends or not whole) else f"^(?:{body}){'$' * whole}"


def differences_of(pattern: str) -> list[str]:
    """Return what a pattern finds in Python but not here."""
    return [BEYOND_ASCII] if _WIDER.search(pattern.replace("\\\\", "")) else []


def _refuse_unknown(tree: Any, depth: int) -> None:
    if depth > 20:
        raise NotRecognisedError("its pattern is nested too deeply")
    for operation, argument in tree:
        if operation in (sre.ASSERT, sre.ASSERT_NOT):
            raise NotRecognisedError("its pattern looks ahead or behind, which rules' patterns cannot")
        if operation in (sre.GROUPREF, sre.GROUPREF_EXISTS, sre.GROUPREF_IGNORE):
            raise NotRecognisedError("its pattern refers to a group, which rules' patterns cannot")
        if operation in (getattr(sre, "ATOMIC_GROUP", None), getattr(sre, "POSSESSIVE_REPEAT", None)):
            raise NotRecognisedError("its pattern does not give back what it matched, which rules' patterns cannot")
        for part in _parts(argument):
            _refuse_unknown(part, depth + 1)


def _parts(argument: Any) -> list[Any]:
    if isinstance(argument, parser.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [part for each in argument for part in _parts(each)]
    return []


def _with_known_escapes(pattern: str) -> str:
    """Return the pattern with the few escapes of Python that RE2 writes otherwise."""
    return re.sub(
        r"\\(.)", lambda found: {"Z": r"\z", '"': '"', "'": "'"}.get(found[1], found[0]), pattern, flags=re.DOTALL
    )
