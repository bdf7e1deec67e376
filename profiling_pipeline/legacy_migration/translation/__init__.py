"""From the earlier system's rule texts to checks of the catalogue; the texts are read, never run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Translation:
    """A check that counts what the text counted.

    `recognised_as` names the form of the text, `certainty` says how surely the counts are the same, and `differences`
    where they are not, because the text was plainly wrong.
    """

    check: str
    parameters: Mapping[str, Any]
    recognised_as: str
    certainty: str
    differences: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Untranslated:
    """A text that stays text, and why."""

    reason: str


def translate(text: str, column: str | None, columns: Sequence[str]) -> Translation | Untranslated:
    """Return the check that a rule text states.

    Args:
        text: Python or SQL as the earlier system stored it.
        column: The source column of the rule's attribute, None where it has none.
        columns: All mapped columns of the rule's data source.
    """
    return Untranslated("no form of rule text is recognised by this release")
