"""A predicate's text cut into tokens."""

import re
import unicodedata
from dataclasses import dataclass
from typing import NoReturn

from profiling_pipeline.errors import PredicateError

LONGEST = 4000

_TOKEN = re.compile(
    r"""
      (?P<space>      [ \t\r\n]+ )
    | (?P<comment>    -- | /\* )
    | (?P<number>     (?: [0-9]+ (?: \.[0-9]* )? | \.[0-9]+ ) (?: [eE][+-]?[0-9]+ )? )
    | (?P<text>       ' (?: [^'] | '' )* ' )
    | (?P<quoted>     " (?: [^"] | "" )+ " )
    | (?P<word>       [^\W\d]\w* )
    | (?P<operator>   <> | <= | >= | [=<>+\-*/%(),] )
    """,
    re.VERBOSE,
)
_INSTEAD = {"!": "<>", "|": "CONCAT or OR", ":": "CAST", "&": "AND", "^": "POWER"}
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_LONGEST_EXCERPT = 60


@dataclass(frozen=True)
class Token:
    """One word, number, text, quoted name or operator; `value` is what it stands for (words in capitals if ASCII)."""

    kind: str
    value: str
    position: int
    written: str


def refuse(what: str, position: int) -> NoReturn:
    """Refuse a predicate, naming what is wrong and where."""
    raise PredicateError(f"{what} (at character {position + 1} of the predicate).", position)


def excerpt(text: str) -> str:
    """Return foreign text as messages may show it: on one line, with its first characters, none of them invisible."""
    shown = text if len(text) <= _LONGEST_EXCERPT else f"{text[:_LONGEST_EXCERPT]}…"
    return "".join(character if character.isprintable() else _escaped(character) for character in shown)


def tokenize(text: str) -> list[Token]:
    """Cut a predicate into tokens; the last one is of kind `end`.

    Raises:
        PredicateError: It is empty, too long, or holds a character or comment that is not allowed.
    """
    if len(text) > LONGEST:
        refuse(f"The predicate has {len(text)} characters, {LONGEST} are allowed. Split it into several rules", LONGEST)
    if unusable := _NOT_TEXT.search(text):
        refuse(f"{_named(unusable.group())} is not allowed, not even in quotes. Remove it", unusable.start())
    tokens = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            _refuse_character(text, position)
        kind, written = str(match.lastgroup), match.group()
        if kind == "comment":
            refuse("Comments are not allowed. Remove it", position)
        if kind != "space":
            tokens.append(Token(kind, _value(kind, written), position, written))
        position = match.end()
    if not tokens:
        refuse("The predicate is empty. Write a condition such as AMOUNT > 0", 0)
    return [*tokens, Token("end", "", len(text), "the end")]


def _value(kind: str, written: str) -> str:
    if kind == "text":
        return written[1:-1].replace("''", "'")
    if kind == "quoted":
        return written[1:-1].replace('""', '"')
    # Only ASCII words are keywords: some other letters turn into ASCII when capitalised.
    return written.upper() if kind == "word" and written.isascii() else written


def _refuse_character(text: str, position: int) -> NoReturn:
    character = text[position]
    if character in "'\"":
        refuse("A quote is never closed. Add the closing one", position)
    if character == ";":
        refuse("Statements and ';' are not allowed. Write one condition", position)
    if instead := _INSTEAD.get(character):
        refuse(f"'{character}' is not allowed. Use {instead}", position)
    if unicodedata.category(character).startswith("M"):
        refuse(f"{_named(character)} is not allowed. Put a column's name that has it in double quotes", position)
    refuse(f"{_named(character)} is not allowed. Remove it", position)


def _named(character: str) -> str:
    name = unicodedata.name(character, f"character {ord(character):#x}").lower()
    return f"'{character}' ({name})" if character.isprintable() else f"'{_escaped(character)}' ({name})"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
