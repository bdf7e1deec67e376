"""One request to an OpenAI-compatible endpoint; the only module that knows the `openai` package."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

import httpx2
import openai

from profiling_pipeline.errors import ModelAnswerError, ModelError
from profiling_pipeline.generation.language_model.account import Usage
from profiling_pipeline.generation.language_model.completion import (
    BusyError,
    Completion,
    Manner,
    MannerRefusedError,
    Message,
    OutputForm,
)
from profiling_pipeline.generation.language_model.endpoint import Endpoint

_OPENAI_URL = "https://api.openai.com/v1"
_NO_KEY = "none"  # local servers ask for none, the package for any
_LONGEST_QUOTE = 200
_KEY = re.compile(r"\b(sk|key|Bearer)[-_ ][\w*.-]{6,}")
_REFUSED_FOR_GOOD = frozenset({401, 402, 403})
_UNDER_LOAD = frozenset({408, 409, 425, 429})


class ModelClient:
    """Sends requests; every call is one attempt. May be used by several threads."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client = openai.OpenAI(
            api_key=endpoint.api_key or _NO_KEY,
            base_url=endpoint.base_url or _OPENAI_URL,
            timeout=endpoint.timeout_seconds,
            max_retries=0,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any], manner: Manner) -> Completion:
        """Send one request and return what came back.

        Raises:
            BusyError: It may succeed later.
            MannerRefusedError: The endpoint does not take something of the manner, or the request at all.
            ModelAnswerError: The request is too long for the model.
            ModelError: Key, model or address are not right; no further request can succeed.
        """
        options: dict[str, Any] = {manner.limit_name: self._endpoint.answer_tokens}
        if manner.has_temperature:
            options["temperature"] = float(self._endpoint.temperature)
        if manner.form is not OutputForm.PLAIN:
            options["response_format"] = _response_format(manner.form, schema)
        try:
            answer = self._client.chat.completions.create(
                model=self._endpoint.model,
                messages=[dict(message) for message in messages],  # type: ignore[misc]  # plain messages
                **options,
            )
        except openai.APIStatusError as error:
            problem = self._translated(error)
        except openai.APITimeoutError as error:
            said = f"did not answer within {self._endpoint.timeout_seconds:g} seconds"
            problem = self._without_answer(said, error)
        except openai.APIConnectionError as error:
            reason = self._quoted(str(error.__cause__ or error))
            problem = self._without_answer(f"cannot be reached, or broke off: {reason}", error)
        except (openai.OpenAIError, ValueError) as error:
            problem = self._without_answer(f"sent no chat completion ({self._quoted(str(error))})", error)
        else:
            return self._completion(answer)
        raise problem  # out here, so that it does not carry the package's error, and with that the request and its key

    def _completion(self, answer: Any) -> Completion:
        """Read an answer field by field: an endpoint may send anything."""
        choices = getattr(answer, "choices", None)
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = getattr(choice, "message", None)
        if message is None:
            raise BusyError(f"{self._endpoint.place} sent no chat completion.", may_be_paid=True)
        text, refusal = getattr(message, "content", None), getattr(message, "refusal", None)
        return Completion(
            text=text if isinstance(text, str) else "",
            finish_reason=getattr(choice, "finish_reason", None),
            refusal=refusal if isinstance(refusal, str) and refusal else None,
            usage=_usage(getattr(answer, "usage", None)),
        )

    def _without_answer(self, said: str, error: Exception) -> BusyError:
        may_be_paid = not isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout)
        return BusyError(f"{self._endpoint.place} {said}.", may_be_paid=may_be_paid)

    def _translated(self, error: openai.APIStatusError) -> ModelError:
        place, status = self._endpoint.place, error.status_code
        said = self._quoted(error.message)
        code = f"{error.code or ''}"
        if status in _REFUSED_FOR_GOOD or code in {"insufficient_quota", "billing_not_active"}:
            return ModelError(
                f"{place} refuses the request ({status}: {said}). Check PROFILING_LLM_API_KEY and what the key may do, "
                "or draft with --provider offline."
            )
        if status in _UNDER_LOAD or (status >= 500 and not _is_about_form(said)):
            wait = _wait_seconds(error.response.headers)
            return BusyError(f"{place} answers {status}: {said}.", wait_seconds=wait, is_limit=status == 429)
        if code == "context_length_exceeded" or "context" in said.lower():
            return ModelAnswerError(f"{place} has no room for the request: {said}.", is_cut_off=True)
        if status == 404 and not _is_about_form(said):
            return ModelError(
                f"{place} knows no model '{self._endpoint.model}', or the address is wrong (404: {said}). "
                "Check PROFILING_LLM_MODEL and PROFILING_LLM_BASE_URL."
            )
        return MannerRefusedError(f"{place} does not take the request ({status}: {said}).", said=said.lower())

    def _quoted(self, text: str) -> str:
        """Return the beginning of what an endpoint says, without anything that looks like a key."""
        if self._endpoint.api_key:
            text = text.replace(self._endpoint.api_key, "•••")
        text = " ".join(_KEY.sub("•••", text).split())
        return (text[:_LONGEST_QUOTE] + "…" if len(text) > _LONGEST_QUOTE else text).rstrip(".") or "no reason given"


def _response_format(form: OutputForm, schema: Mapping[str, Any]) -> dict[str, Any]:
    if form is OutputForm.OBJECT:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "rules", "schema": dict(schema)}}


def _is_about_form(said: str) -> bool:
    return any(word in said.lower() for word in ("response_format", "json_schema", "json schema", "grammar"))


def _usage(usage: Any) -> Usage | None:
    counts = [getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens")]
    if not all(isinstance(count, int) and count >= 0 for count in counts) or not any(counts):
        return None
    return Usage(*counts)  # type: ignore[arg-type]  # both are numbers


def _wait_seconds(headers: Mapping[str, str]) -> float | None:
    """Return what `Retry-After` asks for, in seconds (or `Retry-After-Ms`) or as a date."""
    for name, unit in (("retry-after-ms", 1_000), ("retry-after", 1)):
        try:
            asked = float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
        return max(0.0, asked) if isfinite(asked) else None
    try:
        moment = parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
