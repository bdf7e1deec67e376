"""Asking a model so that it costs no more than needed: kept answers, budget, retries, and when to stop trying."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from random import random
from threading import Lock
from typing import Any, Protocol, TypeVar

from profiling_pipeline.errors import ModelAnswerError, ModelError, ModelUnavailableError
from profiling_pipeline.generation.language_model.account import Account, Usage
from profiling_pipeline.generation.language_model.completion import (
    BusyError,
    Client,
    Completion,
    Manner,
    MannerRefusedError,
    Message,
    OutputForm,
)
from profiling_pipeline.generation.language_model.endpoint import Endpoint, estimated_tokens
from profiling_pipeline.generation.language_model.traffic import Traffic

_ReadT = TypeVar("_ReadT")

LONGEST_ANSWER = 1_000_000  # characters
_LONGEST_WAIT = 300.0  # seconds that an endpoint may ask to wait
_FORMS = list(OutputForm)


@dataclass(frozen=True)
class KeptAnswer:
    """An answer that was paid for, whether it can be used or not; `run_id` tells by which run."""

    text: str
    usage: Usage
    model: str
    finish_reason: str | None = None
    refusal: str | None = None
    cost: Decimal | None = None
    run_id: str | None = None


class KeptAnswers(Protocol):
    """Where answers are kept by the digest of their request."""

    run_id: str | None

    def asking(self, digest: str) -> AbstractContextManager[None]:
        """Make others who would ask the same wait until the block is left."""

    def find(self, digest: str) -> KeptAnswer | None:
        """Return the kept answer to a request."""

    def keep(self, digest: str, answer: KeptAnswer) -> None:
        """Keep an answer at once, whatever happens next."""


class NoKeptAnswers:
    """For work without a database: nothing is kept."""

    run_id: str | None = None

    def asking(self, digest: str) -> AbstractContextManager[None]:
        """Let everybody ask."""
        return nullcontext()

    def find(self, digest: str) -> KeptAnswer | None:
        """Find nothing."""
        return None

    def keep(self, digest: str, answer: KeptAnswer) -> None:
        """Keep nothing."""


@dataclass(frozen=True)
class Request:
    """What is asked: the messages, and the schema that the answer should have."""

    messages: tuple[Message, ...]
    schema: Mapping[str, Any]

    def digest(self, endpoint: Endpoint) -> str:
        """Return what the request is known by: everything that the answer depends on."""
        content = {
            "place": endpoint.base_url,
            "model": endpoint.model,
            "temperature": str(endpoint.temperature),
            "answer_tokens": endpoint.answer_tokens,
            "messages": self.messages,
            "schema": self.schema,
        }
        return sha256(json.dumps(content, sort_keys=True, default=str).encode(errors="replace")).hexdigest()

    def most(self, endpoint: Endpoint) -> Usage:
        """Return about what the request uses at most."""
        text = "".join(message["content"] for message in self.messages) + json.dumps(self.schema, default=str)
        return Usage(estimated_tokens(text), endpoint.answer_tokens, is_estimate=True)


class Asker:
    """Asks one endpoint during one generation; may be used by several threads.

    What the endpoint turns out not to take (an output form, a temperature) is remembered.
    """

    def __init__(self, endpoint: Endpoint, client: Client, answers: KeptAnswers) -> None:
        self.endpoint = endpoint
        self.account = Account(endpoint.token_budget, endpoint.cost_budget, endpoint.prices)
        self._client, self._answers = client, answers
        self._traffic = Traffic(endpoint.place, endpoint.parallel_requests, endpoint.retry_seconds)
        self._manner = Manner(limit_name=self._first_limit_name())
        self._lock = Lock()

    @property
    def output_form(self) -> OutputForm:
        """How the endpoint is asked to keep to JSON, as far as is known."""
        return self._manner.form

    def cancel(self) -> None:
        """Ask nothing more, and end all waiting."""
        self._traffic.end(
            ModelUnavailableError("The generation was interrupted. Generate again: what was answered is kept.")
        )

    def ask(self, request: Request, read: Callable[[str], _ReadT]) -> _ReadT:
        """Return what `read` makes of the answer, which is kept whatever it is: it has been paid for.

        Raises:
            ModelAnswerError: There is an answer, but `read` cannot use it, or the model refuses.
            BudgetError: The budget has no room for the request.
            ModelUnavailableError: The endpoint does not answer, even after waiting.
            ModelError: The endpoint refuses everything.
        """
        digest = request.digest(self.endpoint)
        with self._answers.asking(digest):
            answer = self._answers.find(digest)
            if answer is not None:
                by_this_run = answer.run_id is not None and answer.run_id == self._answers.run_id
                self.account.reuse(answer.usage, by_this_run=by_this_run)
            else:
                answer = self._paid(request)
                self._answers.keep(digest, answer)
        return read(_text_of(answer))

    def _paid(self, request: Request) -> KeptAnswer:
        """Return the answer of the endpoint, entered in the account."""
        completion = self._completed(request)
        text = completion.text[: LONGEST_ANSWER + 1]
        usage = completion.usage or replace(request.most(self.endpoint), output_tokens=estimated_tokens(text))
        self.account.pay(usage)
        return KeptAnswer(
            text,
            usage,
            self.endpoint.model,
            completion.finish_reason,
            completion.refusal,
            self.account.cost_of(usage),
            self._answers.run_id,
        )

    def _completed(self, request: Request) -> Completion:
        attempt = 1
        while True:
            with self._traffic.passage() as is_trial:
                manner = self._manner
                try:
                    completion = self._attempt(request, manner)
                except BusyError as error:
                    wait = self._note_failure(error, attempt, is_trial=is_trial)
                    if attempt >= self.endpoint.attempts or (error.wait_seconds or 0) > _LONGEST_WAIT:
                        raise
                except MannerRefusedError as error:
                    self._adapt(manner, error)
                    continue
                except ModelAnswerError:
                    self._traffic.answered()
                    raise
                except ModelError as error:
                    self._traffic.end(error)
                    raise
                else:
                    self._traffic.answered()
                    return completion
            self._traffic.pause(wait)
            attempt += 1

    def _attempt(self, request: Request, manner: Manner) -> Completion:
        """Send a request within the budget; one that may have been answered unheard counts as paid in full."""
        most = request.most(self.endpoint)
        with self.account.reserved(most):
            try:
                return self._client.complete(request.messages, request.schema, manner)
            except BusyError as error:
                if error.may_be_paid:
                    self.account.pay(most)
                raise

    def _note_failure(self, error: BusyError, attempt: int, *, is_trial: bool) -> float:
        """Tell all threads what the endpoint needs, and return how long this one waits beside."""
        # Threads that failed together do not come back together.
        own_wait = self.endpoint.retry_seconds * 2 ** (attempt - 1) * (0.5 + random() / 2)  # noqa: S311
        if error.is_limit:
            asked = error.wait_seconds if error.wait_seconds is not None else own_wait
            self._traffic.asked_too_much(min(asked, _LONGEST_WAIT))
            return 0
        self._traffic.failed(error, is_trial=is_trial, wait_seconds=error.wait_seconds)
        return own_wait if error.wait_seconds is None else 0

    def _adapt(self, tried: Manner, error: MannerRefusedError) -> None:
        """Change what the endpoint is sent; where nothing is left to change, the request itself is refused."""
        other_name = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}[tried.limit_name]
        if "temperature" in error.said and tried.has_temperature:
            adapted = replace(tried, has_temperature=False)
        elif tried.limit_name in error.said and other_name != self._first_limit_name():
            adapted = replace(tried, limit_name=other_name)
        elif tried.form is not OutputForm.PLAIN:
            adapted = replace(tried, form=_FORMS[_FORMS.index(tried.form) + 1])
        else:
            raise ModelAnswerError(str(error)) from error
        with self._lock:
            if self._manner == tried:  # else another thread was quicker
                self._manner = adapted

    def _first_limit_name(self) -> str:
        return "max_completion_tokens" if self.endpoint.base_url is None else "max_tokens"


def _text_of(answer: KeptAnswer) -> str:
    """Return the answer's text.

    Raises:
        ModelAnswerError: The model refused, was stopped, or wrote nothing or far too much.
    """
    if answer.refusal is not None or answer.finish_reason == "content_filter":
        said = " ".join((answer.refusal or "its filter stopped the answer").split())[:200]
        raise ModelRefusalError(f"The model refuses to answer: {said}.")
    if answer.finish_reason == "length":
        raise ModelAnswerError("The answer was cut off: it had no room to end.", is_cut_off=True)
    if len(answer.text) > LONGEST_ANSWER:
        raise ModelRefusalError(f"The answer has more than {LONGEST_ANSWER:,} characters, which no answer may have.")
    return answer.text


class ModelRefusalError(ModelAnswerError):
    """The model will not answer, or not in any useful length: to ask again would change nothing."""
