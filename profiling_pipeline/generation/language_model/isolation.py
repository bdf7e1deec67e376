"""Attributes whose texts could speak to the model are asked about alone, so that they can speak of themselves only.

Every text of an attribute is untrusted. It stands in the request as data that it cannot leave, but no fence keeps a
model from obeying what it reads. So a request that holds such a text has room for one attribute only, and no other
request holds the text. What may stand beside others is not guessed from suspicious words: it is what consists of
words of a list (`prompts/plain_words.txt`), numbers and codes, of which no instruction can be made.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

_LONGEST = 80
_MARKS = re.compile(r"[\w .,/()&%#:+'$*-]*", re.ASCII)
_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CODE = re.compile(r"A+9*|a+9*|[A-Z]{1,4}[0-9]{3,}|[A-Za-z]?[0-9]+")
_SHORT = 2  # letters of a code or an abbreviation, of which a text may have as many: more could spell something


def is_plain(facts: Any) -> bool:
    """Return whether all that is told of an attribute may stand beside what is told of others; a description never."""
    return "description" not in facts and all(is_plain_text(text) for text in _texts(facts))


def is_plain_text(text: str) -> bool:
    """Return whether a text consists of listed words, numbers and codes."""
    if len(text) > _LONGEST or not _MARKS.fullmatch(text):
        return False
    words = re.findall(r"[A-Za-z0-9]+", _WORD_STARTS.sub(" ", text))
    unlisted = [word for word in words if not _CODE.fullmatch(word) and word.lower() not in _plain_words()]
    return len(unlisted) <= _SHORT and all(len(word) <= _SHORT for word in unlisted)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


@cache
def _plain_words() -> frozenset[str]:
    text = (files("profiling_pipeline.generation") / "prompts" / "plain_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
