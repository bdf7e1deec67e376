"""Regular expressions: RE2 syntax on every engine.

DuckDB's own engine is RE2. PostgreSQL and Spark (which has Java's) read the same text differently in places, so that
patterns are rewritten for them where they can be, and refused with the reason where they cannot.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

import duckdb

from profiling_pipeline.errors import RuleError

_LONGEST = 1000
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": r"\t\n\f\r "}  # of ASCII only, as in RE2
_NAMED_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": r"\t ", "digit": "0-9", "lower": "a-z", "print": " -~",
    "space": "\t\n\v\f\r ", "upper": "A-Z", "word": "A-Za-z0-9_", "xdigit": "0-9A-Fa-f",
    "punct": r"!-/:-@\[-`{-~", "graph": "!-~",
}  # fmt: skip
_NAMED_CLASS = re.compile(r"\[:(\^?\w+):\]")
_CATEGORY = re.compile(r"\\[pP](?:\{[A-Z][a-z]?\}|[A-Z])")
_WORD = "[A-Za-z0-9_]"
# What engines have of their own takes letters of all alphabets for parts of words.
_BOUNDARIES = {
    "b": f"(?:(?<!{_WORD})(?={_WORD})|(?<={_WORD})(?!{_WORD}))",
    "B": f"(?:(?<!{_WORD})(?!{_WORD})|(?<={_WORD})(?={_WORD}))",
}
_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_FLAGS = re.compile(r"\(\?([is]+)\)")
_GROUP = re.compile(r"\((\?:|\?P<\w+>)?(?!\?)")
_REPEAT = re.compile(r"\{(\d+)(?:,(\d*))?\}|[*+?]")
_HEX = re.compile(r"x(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))")


def check_pattern(pattern: str) -> str:
    """Return `pattern` as it is.

    Raises:
        RuleError: It is no RE2 pattern, or too long.
    """
    if len(pattern) > _LONGEST:
        raise RuleError(f"The pattern has {len(pattern)} characters, {_LONGEST} are allowed. Shorten it.")
    if problem := _re2_problem(pattern):
        raise RuleError(f"The pattern '{pattern}' is no regular expression of RE2 syntax: {problem}. Correct it.")
    return pattern


@lru_cache(maxsize=1)
def _re2() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@lru_cache(maxsize=4096)
def _re2_problem(pattern: str) -> str | None:
    try:
        _re2().cursor().execute("SELECT regexp_matches('', ?)", [pattern])
    except duckdb.Error as error:
        return str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
    return None


@dataclass(frozen=True)
class _Dialect:
    """How an engine that is not RE2 writes what it can do as well."""

    engine: str
    end: str  # the end of the text, and not a place before its last line end
    quoted: Callable[[str], str]
    ignore_case: str
    any_character: str  # also a line end
    most_repeats: int = 1000  # of RE2
    has_categories: bool = False  # \\p{L} and the like

    @property
    def anchors(self) -> dict[str, str]:
        return {"A": r"\A", "z": self.end, **_BOUNDARIES}


def _plain_or(code: str) -> Callable[[str], str]:
    """Return what writes a character that stands for itself, also in brackets."""
    return lambda character: character if character.isalnum() or character in " _" else code.format(ord(character))


_RE2_ENGINES = frozenset({"duckdb", "bigquery"})
_DIALECTS = {
    "postgres": _Dialect("PostgreSQL", "$", _plain_or(r"\U{0:08x}"), "(?i)", ".", most_repeats=255),
    "pyspark": _Dialect("Spark", r"\z", _plain_or(r"\x{{{0:x}}}"), "(?iu)", r"[\s\S]", has_categories=True),
}


def pattern_for(pattern: str, engine: str, *, at_start: bool = False) -> str:
    """Return a checked pattern in the dialect of an Ibis engine, anchored where it must match from the first character.

    Raises:
        RuleError: The engine has no way to say the same.
    """
    if engine in _RE2_ENGINES:
        return f"^(?:{pattern})" if at_start else pattern
    if engine not in _DIALECTS:
        raise RuleError(f"It is not known how {engine} reads patterns, which this check needs. Choose another check.")
    dialect = _DIALECTS[engine]
    flags = _FLAGS.match(pattern)
    body = _Translation(pattern, flags, dialect).translated()
    anchored = f"^(?:{body})" if at_start else body
    return f"{dialect.ignore_case}{anchored}" if flags and "i" in flags[1] else anchored


class _Translation:
    """A pattern on its way from RE2's to another syntax; laziness is dropped, as it never changes whether."""

    def __init__(self, pattern: str, flags: re.Match[str] | None, dialect: _Dialect) -> None:
        self.pattern = pattern
        self.at = flags.end() if flags else 0
        self.dialect = dialect
        self.anchors = dialect.anchors
        self.characters = {".": r"[^\n]", "{": r"\{", "$": dialect.end}
        if flags and "s" in flags[1]:
            self.characters["."] = dialect.any_character

    def translated(self) -> str:
        parts: list[str] = []
        while self.at < len(self.pattern):
            if repeat := self._take(_REPEAT):
                parts.append(self._repeat(repeat, bool(parts) and parts[-1] not in {"^", *self.anchors.values()}))
            elif self.pattern[self.at] == "(":
                group = self._take(_GROUP) or self._refuse("flags inside the pattern")
                parts.append("(?:" if group[1] == "?:" else "(")
            elif self.pattern[self.at] == "[":
                parts.append(self._bracket())
            elif self.pattern[self.at] == "\\":
                parts.append(self._escape())
            else:
                character = self._next()
                parts.append(self.characters.get(character, character))
        return "".join(parts)

    def _repeat(self, repeat: re.Match[str], follows_something: bool) -> str:
        if not follows_something:
            self._refuse("a repeated anchor")
        most = self.dialect.most_repeats
        if any(int(bound) > most for bound in repeat.groups() if bound):
            self._refuse(f"more than {most} repeats")
        if self.pattern[self.at : self.at + 1] == "?":
            self.at += 1
        return repeat[0]

    def _escape(self) -> str:
        kind = self.pattern[self.at + 1]
        if self.dialect.has_categories and (category := self._take(_CATEGORY)):
            return category[0]
        if kind in self.anchors:
            self.at += 2
            return self.anchors[kind]
        if kind.lower() in _CLASSES:
            self.at += 2
            return f"[{'^' if kind.isupper() else ''}{_CLASSES[kind.lower()]}]"
        return self.dialect.quoted(self._escaped_character())

    def _bracket(self) -> str:
        self.at += 1
        negated = self.pattern[self.at] == "^"
        self.at += negated
        items = [self._bracket_item()]  # a `]` in first place is a character
        while self.pattern[self.at] != "]":
            items.append(self._bracket_item())
        self.at += 1
        return f"[{'^' if negated else ''}{''.join(items)}]"

    def _bracket_item(self) -> str:
        if named := self._take(_NAMED_CLASS):
            return _NAMED_CLASSES.get(named[1]) or self._refuse(f"the class [:{named[1]}:]")
        if self.dialect.has_categories and (category := self._take(_CATEGORY)):
            return category[0]
        if self.pattern[self.at] == "\\" and self.pattern[self.at + 1].lower() in _CLASSES:
            kind = self.pattern[self.at + 1]
            self.at += 2
            return _CLASSES.get(kind) or self._refuse(f"\\{kind} inside brackets")
        first = self._bracket_character()
        if self.pattern[self.at] == "-" and self.pattern[self.at + 1] != "]":
            self.at += 1
            return f"{self.dialect.quoted(first)}-{self.dialect.quoted(self._bracket_character())}"
        return self.dialect.quoted(first)

    def _bracket_character(self) -> str:
        return self._escaped_character() if self.pattern[self.at] == "\\" else self._next()

    def _escaped_character(self) -> str:
        self.at += 1
        if code := self._take(_HEX):
            return chr(int(code[1] or code[2], 16))
        character = self._next()
        if character in _CONTROLS:
            return _CONTROLS[character]
        return self._refuse(f"\\{character}") if character.isalnum() else character

    def _next(self) -> str:
        self.at += 1
        return self.pattern[self.at - 1]

    def _take(self, expected: re.Pattern[str]) -> re.Match[str] | None:
        found = expected.match(self.pattern, self.at)
        if found:
            self.at = found.end()
        return found

    def _refuse(self, what: str) -> NoReturn:
        raise RuleError(
            f"The pattern '{self.pattern}' uses {what}, which {self.dialect.engine} cannot do. Write it in another way."
        )
