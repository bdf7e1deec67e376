"""What an endpoint is sent and what comes back, whatever carries it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from profiling_pipeline.errors import ModelError, ModelUnavailableError
from profiling_pipeline.generation.language_model.account import Usage

Message = Mapping[str, str]  # role and content


class OutputForm(StrEnum):
    """How the endpoint is asked to keep to JSON, from the strictest to none."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    PLAIN = "plain"


@dataclass(frozen=True)
class Manner:
    """What an endpoint is sent beside the messages: not all of them take everything."""

    form: OutputForm = OutputForm.SCHEMA
    has_temperature: bool = True
    limit_name: str = "max_completion_tokens"


@dataclass(frozen=True)
class Completion:
    """What came back: the text, why it ended, and the tokens used, None where the endpoint does not say."""

    text: str
    finish_reason: str | None
    refusal: str | None
    usage: Usage | None


class BusyError(ModelUnavailableError):
    """The endpoint failed for now.

    `wait_seconds` is what it asked to wait; `is_limit` tells that it is asked too much, and `may_be_paid` that it may
    have answered, though no answer came.
    """

    def __init__(
        self,
        message: str,
        *,
        wait_seconds: float | None = None,
        is_limit: bool = False,
        may_be_paid: bool = False,
    ) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds
        self.is_limit = is_limit
        self.may_be_paid = may_be_paid


class MannerRefusedError(ModelError):
    """The endpoint does not take the request in this manner; `said` is its own reason."""

    def __init__(self, message: str, *, said: str) -> None:
        super().__init__(message)
        self.said = said


class Client(Protocol):
    """What sends requests; every call is one attempt."""

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any], manner: Manner) -> Completion:
        """Send one request and return what came back."""
