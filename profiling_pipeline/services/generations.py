"""How versions were generated, on the way into and out of the table that keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from profiling_pipeline.generation.language_model.generator import Failure
from profiling_pipeline.generation.vetting import DroppedRule
from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.services.proposals import Generation
from profiling_pipeline.services.provider import Provider
from profiling_pipeline.storage.models import GenerationRow

_MOST_LISTED = 1_000
_LONGEST_REASON = 500
# What has no column of its own.
_IN_ACCOUNT = (
    "context", "output_form", "tokens_are_estimated", "requests", "answers_reused", "tokens_reused", "mended_rules",
    "offline_attributes",
)  # fmt: skip


@dataclass(frozen=True)
class DroppedView:
    """A proposed rule that was not kept."""

    rule: str
    attribute: str
    check: str
    reason: str


@dataclass(frozen=True)
class StoredGeneration:
    """How a version was generated, and which proposals were dropped; of very many the first."""

    generation: Generation
    dropped_rules: int
    dropped: tuple[DroppedView, ...]
    created_at: datetime


def generation_row(
    version_id: UUID, generation: Generation, dropped: Sequence[DroppedRule], at: datetime
) -> GenerationRow:
    """Return the row of a version's generation, not stored yet."""
    account: dict[str, Any] = {name: getattr(generation, name) for name in _IN_ACCOUNT}
    account |= {
        "failures": [{"attributes": each.attributes, "reason": each.reason} for each in generation.failures],
        "dropped_rules": len(dropped),
        "dropped": [
            DroppedView(each.rule.name, each.rule.attribute, each.rule.check, each.reason[:_LONGEST_REASON])
            for each in dropped[:_MOST_LISTED]
        ],
    }
    return GenerationRow(
        version_id=version_id,
        provider=generation.provider.value,
        model=generation.model,
        endpoint=generation.endpoint,
        prompt_version=generation.prompt_version,
        temperature=generation.temperature,
        input_tokens=generation.input_tokens,
        output_tokens=generation.output_tokens,
        cost=generation.cost,
        account=json_value(account),
        created_at=at,
    )


def generation_from_row(row: GenerationRow) -> StoredGeneration:
    """Return a stored generation."""
    account = row.account
    generation = Generation(
        provider=Provider(row.provider),
        model=row.model,
        endpoint=row.endpoint,
        prompt_version=row.prompt_version,
        temperature=row.temperature,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cost=row.cost,
        failures=tuple(Failure(tuple(each["attributes"]), each["reason"]) for each in account["failures"]),
        **{name: account[name] for name in _IN_ACCOUNT if name != "offline_attributes"},
        offline_attributes=tuple(account["offline_attributes"]),
    )
    dropped = tuple(DroppedView(**each) for each in account["dropped"])
    return StoredGeneration(generation, account["dropped_rules"], dropped, row.created_at)
