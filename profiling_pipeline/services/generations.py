"""How versions were generated, on the way into and out of the table that keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from profiling_pipeline.generation.language_model.generator import ModelGenerator
from profiling_pipeline.generation.language_model.prompts import PROMPT_VERSION
from profiling_pipeline.generation.language_model.proposed import Failure
from profiling_pipeline.generation.vetting import DroppedRule
from profiling_pipeline.plurals import counted
from profiling_pipeline.results.json_values import json_value
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
class Generation:
    """How rules were generated; tokens and cost are what this generation paid itself."""

    provider: Provider
    model: str | None = None
    endpoint: str | None = None
    prompt_version: str | None = None
    temperature: Decimal | None = None
    context: str | None = None
    output_form: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    tokens_are_estimated: bool = False
    cost: Decimal | None = None
    requests: int = 0
    answers_reused: int = 0
    tokens_reused: int = 0
    mended_rules: int = 0
    failures: tuple[Failure, ...] = ()
    offline_attributes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What proposed the rules, for people."""
        if self.model is None:
            return "the offline suggester"
        return f"{self.model} at {self.endpoint}, prompts {self.prompt_version}, temperature {self.temperature or 0:g}"

    @property
    def spent(self) -> str | None:
        """What asking has used, for people; None where nothing was asked."""
        if self.model is None:
            return None
        about = "about " if self.tokens_are_estimated else ""
        used = f"{about}{counted(self.input_tokens, 'token')} of requests and {self.output_tokens:,} of answers"
        cost = f", cost {self.cost:.4f}" if self.cost is not None else ""
        reused = (
            f"; {counted(self.answers_reused, 'answer was', 'answers were')} there already"
            if self.answers_reused
            else ""
        )
        return f"{used} in {counted(self.requests, 'request')}{cost}{reused}"


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


def generation_by_model(generator: ModelGenerator, failures: Sequence[Failure]) -> Generation:
    """Return how a language model was asked, and what that used."""
    asker, account = generator.asker, generator.asker.account
    return Generation(
        provider=Provider.LLM,
        model=asker.endpoint.model,
        endpoint=asker.endpoint.place,
        prompt_version=PROMPT_VERSION,
        temperature=asker.endpoint.temperature,
        context=generator.context.name,
        output_form=asker.output_form.value,
        input_tokens=account.paid.input_tokens,
        output_tokens=account.paid.output_tokens,
        tokens_are_estimated=account.paid.is_estimate,
        cost=account.cost,
        requests=account.requests,
        answers_reused=account.reused_answers,
        tokens_reused=account.reused.tokens,
        failures=tuple(failures),
    )


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
