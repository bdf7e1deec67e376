"""Asking a model so that it costs no more than needed: kept answers, budget, retries, and when to stop trying."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from random import random
from threading import Event, Lock
from time import monotonic
from typing import Any, Protocol, TypeVar

from profiling_pipeline.errors import ModelAnswerError, ModelError, ModelUnavailableError
from profiling_pipeline.generation.language_model.account import Account, Usage
from profiling_pipeline.generation.language_model.endpoint import Endpoint, estimated_tokens
from profiling_pipeline.generation.language_model.openai_client import (
    BusyError,
    Completion,
    Manner,
    MannerRefusedError,
    Message,
    ModelClient,
    OutputForm,
)

_ReadT = TypeVar("_ReadT")

LONGEST_ANSWER = 1_000_000  # characters
_LONGEST_WAIT = 300.0  # seconds that an endpoint may ask to wait
_FAILURES_TO_STOP = 8  # attempts in a row, whichever request they belong to
_FORMS = list(OutputForm)


@dataclass(frozen=True)
class KeptAnswer:
    """An answer that was paid for; `run_id` tells by which run."""

    text: str
    usage: Usage
    model: str
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

    What the endpoint turns out not to take (an output form, a temperature) is remembered, and so is that it is down:
    after too many failures in a row nothing more is asked.
    """

    def __init__(self, endpoint: Endpoint, client: ModelClient, answers: KeptAnswers) -> None:
        self.endpoint = endpoint
        self.account = Account(endpoint.token_budget, endpoint.cost_budget, endpoint.prices)
        self._client, self._answers = client, answers
        limit_name = "max_completion_tokens" if endpoint.base_url is None else "max_tokens"
        self._manner = Manner(limit_name=limit_name)
        self._lock = Lock()
        self._failures = 0
        self._not_before = 0.0
        self._stopped_by: ModelError | None = None
        self._cancelled = Event()

    @property
    def output_form(self) -> OutputForm:
        """How the endpoint is asked to keep to JSON, as far as is known."""
        return self._manner.form

    def cancel(self) -> None:
        """Ask nothing more, and end all waiting."""
        self._cancelled.set()

    def ask(self, request: Request, read: Callable[[str], _ReadT]) -> _ReadT:
        """Return what `read` makes of the answer; only an answer that it can read is kept.

        Raises:
            ModelAnswerError: There is an answer, but `read` cannot use it, or the model refuses.
            BudgetError: The budget has no room for the request.
            ModelUnavailableError: The endpoint does not answer, even after waiting.
            ModelError: The endpoint refuses everything.
        """
        digest = request.digest(self.endpoint)
        with self._answers.asking(digest):
            kept = self._answers.find(digest)
            if kept is not None:
                by_this_run = kept.run_id is not None and kept.run_id == self._answers.run_id
                self.account.reuse(kept.usage, by_this_run=by_this_run)
                return read(kept.text)
            most = request.most(self.endpoint)
            with self.account.reserved(most):
                completion = self._completed(request)
                usage = completion.usage or replace(most, output_tokens=estimated_tokens(completion.text))
                self.account.pay(usage)
            found = read(_text_of(completion))
            cost = self.account.cost_of(usage)
            kept = KeptAnswer(completion.text, usage, self.endpoint.model, cost, self._answers.run_id)
            self._answers.keep(digest, kept)
            return found

    def _completed(self, request: Request) -> Completion:
        attempt = 1
        while True:
            self._wait_until_allowed()
            manner = self._manner
            try:
                completion = self._client.complete(request.messages, request.schema, manner)
            except BusyError as error:
                self._note_failure(error)
                if attempt >= self.endpoint.attempts or (error.wait_seconds or 0) > _LONGEST_WAIT:
                    raise
                self._wait(error, attempt)
                attempt += 1
            except MannerRefusedError as error:
                self._adapt(manner, error)
            except ModelAnswerError:
                self._note_success()
                raise
            except ModelError as error:
                self._stopped_by = error
                raise
            else:
                self._note_success()
                return completion

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

    def _wait(self, error: BusyError, attempt: int) -> None:
        """Wait as the endpoint asked, all threads together, or ever longer."""
        if error.wait_seconds is not None:
            with self._lock:
                self._not_before = max(self._not_before, monotonic() + error.wait_seconds)
        else:
            # Threads that failed together do not come back together.
            self._cancelled.wait(self.endpoint.retry_seconds * 2 ** (attempt - 1) * (0.5 + random() / 2))  # noqa: S311

    def _wait_until_allowed(self) -> None:
        while (left := self._not_before - monotonic()) > 0 and not self._cancelled.wait(left):
            pass
        if self._stopped_by is not None:
            raise self._stopped_by
        if self._cancelled.is_set():
            raise ModelUnavailableError("The generation was interrupted. Generate again: what was answered is kept.")

    def _note_failure(self, error: BusyError) -> None:
        if error.is_limit:
            return  # the endpoint is well, only busy
        with self._lock:
            self._failures += 1
            if self._failures >= _FAILURES_TO_STOP and self._stopped_by is None:
                self._stopped_by = ModelUnavailableError(
                    f"{self.endpoint.place} failed {self._failures} times in a row and is not asked any more. {error} "
                    "Generate again once it answers: what was answered is kept."
                )

    def _note_success(self) -> None:
        with self._lock:
            self._failures = 0


def _text_of(completion: Completion) -> str:
    """Return the answer's text.

    Raises:
        ModelAnswerError: The model refused, was stopped, or wrote nothing or far too much.
    """
    if completion.refusal is not None or completion.finish_reason == "content_filter":
        said = " ".join((completion.refusal or "its filter stopped the answer").split())[:200]
        raise ModelRefusalError(f"The model refuses to answer: {said}.")
    if completion.finish_reason == "length":
        raise ModelAnswerError("The answer was cut off: it had no room to end.", is_cut_off=True)
    if len(completion.text) > LONGEST_ANSWER:
        raise ModelRefusalError(
            f"The answer has {len(completion.text):,} characters, and no answer may have more than {LONGEST_ANSWER:,}."
        )
    return completion.text


class ModelRefusalError(ModelAnswerError):
    """The model will not answer, or not in any useful length: to ask again would change nothing."""
