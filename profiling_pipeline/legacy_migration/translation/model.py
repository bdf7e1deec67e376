"""What comes of a rule text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Certainty(StrEnum):
    """How surely a translation counts what the text counted."""

    EXACT = "exact"
    EQUIVALENT = "equivalent"  # but for the differences that are named
    GUESSED = "guessed"  # the text leaves open what was meant


@dataclass(frozen=True)
class Translation:
    """A check that counts what the text counted.

    `recognised_as` names what the text asks, `certainty` says how surely the counts are the same, and `differences` in
    sentences where they are not, or what in the text was plainly wrong and is kept.
    """

    check: str
    parameters: Mapping[str, Any]
    recognised_as: str
    certainty: Certainty
    differences: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Untranslated:
    """A text that stays text, and why."""

    reason: str


class NotRecognisedError(Exception):
    """A text does something that is not known here; the message completes "not translated: ..."."""


class StopsError(NotRecognisedError):
    """A text would have stopped with an error, whatever the values: it compared text with a number, say."""
