"""Attributes whose texts could speak to the model are asked about alone, so that they can speak of themselves only.

Every text of an attribute is untrusted. It stands in the request as data that it cannot leave, but no fence keeps a
model from obeying what it reads. So what looks as if it addressed the reader shares a request with no other attribute.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

_LONGEST_NAME = 80
_SPEAKING = re.compile(
    r"\b(?:ignor\w*|disregard\w*|forget|overrid\w*|instruct\w*|prompt\w*|assistant|chatbot|jailbreak|gpt|llms?|json|"
    r"language models?|developer mode|system (?:message|prompt)|respond\w*|repl(?:y|ies)|answers?|rules?|"
    r"you are|you must|you should|you will|your|pretend|act as|from now on|regardless|instead|"
    r"(?:other|all|every|each|previous|above|following|next|remaining) (?:attribute|column|field|item|line|entr)\w*|"
    r"(?:do not|don't|never|always) (?:propos|suggest|check|creat|generat|writ|return|emit|use)\w*)\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"[{}<>\[\]`|\\]|https?:|\b(?:system|user|assistant|human|ai)\s*:|#{2,}|={3,}|-{3,}", re.IGNORECASE
)
_PLAIN_NAME = re.compile(rf"[\w .,/()&%#:+'$-]{{1,{_LONGEST_NAME}}}")


def is_plain(facts: Any) -> bool:
    """Return whether no text in what is told of an attribute looks as if it addressed the reader."""
    return all(_is_plain_text(text) for text in _texts(facts))


def is_plain_name(name: str) -> bool:
    """Return whether a column's name may stand in requests about others."""
    return bool(_PLAIN_NAME.fullmatch(name)) and _is_plain_text(name)


def _is_plain_text(text: str) -> bool:
    visible = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    words = re.sub(r"[_\W]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", visible))
    if any(_is_unusual_letter(each) for each in visible):
        return False
    return not (_SPEAKING.search(visible) or _SPEAKING.search(words) or _MARKUP.search(visible))


def _is_unusual_letter(character: str) -> bool:
    """Return whether a letter is of another script than Latin: the words above are looked for in English only."""
    return character.isalpha() and "LATIN" not in unicodedata.name(character, "")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
