"""Which attributes are asked about together."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from profiling_pipeline.generation.language_model.disclosure import Subject, told
from profiling_pipeline.generation.language_model.endpoint import Endpoint, estimated_tokens
from profiling_pipeline.generation.language_model.isolation import is_plain

_TOKENS_OF_AN_ANSWER = 400  # that the rules of one attribute take


@dataclass(frozen=True)
class Told:
    """An attribute and what is told of it."""

    subject: Subject
    facts: dict[str, Any]

    @property
    def tokens(self) -> int:
        """About the tokens that the facts take."""
        return estimated_tokens(json.dumps(self.facts, default=str))


@dataclass(frozen=True)
class Batch:
    """Attributes of one request, each under a key of the request's own: the answer can name no other."""

    members: tuple[Told, ...]

    def by_key(self) -> dict[str, Told]:
        """Return the attributes by their keys in the request."""
        return {f"a{number}": member for number, member in enumerate(self.members, start=1)}

    def halves(self) -> tuple["Batch", "Batch"]:
        """Return two smaller batches; this one has at least two attributes."""
        middle = len(self.members) // 2
        return Batch(self.members[:middle]), Batch(self.members[middle:])


def make_batches(subjects: Iterable[Subject], endpoint: Endpoint) -> list[Batch]:
    """Put attributes together as far as there is room, those whose texts could speak to the model alone."""
    most = max(1, endpoint.answer_tokens // _TOKENS_OF_AN_ANSWER)
    batches: list[Batch] = []
    together: list[Told] = []
    for subject in subjects:
        member = Told(subject, told(subject))
        if not is_plain(member.facts):
            batches.append(Batch((member,)))
        elif together and (len(together) == most or _tokens([*together, member]) > endpoint.batch_tokens):
            batches.append(Batch(tuple(together)))
            together = [member]
        else:
            together.append(member)
    return [*batches, Batch(tuple(together))] if together else batches


def _tokens(members: Sequence[Told]) -> int:
    return sum(member.tokens for member in members)
