"""Every deliberate failure: one family, grouped by what the caller can do about it.

A message names the thing, the reason and the next step. Library errors are translated where they enter.
"""

from typing import ClassVar


class ProfilingError(Exception):
    """Base of all errors that are meant for people.

    `retryable` tells an orchestrator whether the same call may succeed later without anybody changing anything.
    """

    retryable: ClassVar[bool] = False


class ConfigurationError(ProfilingError):
    """A setting is missing or has a value that cannot be used."""


class NotFoundError(ProfilingError):
    """A phase, version, rule, user or data source that was named does not exist.

    `reason` is the message without what to do at the command line, for those who work elsewhere.
    """

    def __init__(self, reason: str, at_command_line: str = "") -> None:
        super().__init__(f"{reason} {at_command_line}".rstrip())
        self.reason = reason


class InvalidInputError(ProfilingError):
    """What the caller gave cannot be used: an option, a rule file, a value."""


class SourceError(ProfilingError):
    """A data source cannot be found, opened or read as what it claims to be."""


class SourceUnavailableError(SourceError):
    """The place where the data lives does not answer now."""

    retryable: ClassVar[bool] = True


class ModelError(ProfilingError):
    """A language model cannot be asked: the key, the model's name or the endpoint is not right."""


class ModelUnavailableError(ModelError):
    """The language model's endpoint does not answer now."""

    retryable: ClassVar[bool] = True


class ModelAnswerError(ModelError):
    """A language model answered, but nothing that can be used; `is_cut_off` where the answer had no room."""

    def __init__(self, message: str, *, is_cut_off: bool = False) -> None:
        super().__init__(message)
        self.is_cut_off = is_cut_off


class RuleError(InvalidInputError):
    """A rule cannot run: unknown check, wrong parameters, missing column, wrong column type."""


class PredicateError(RuleError):
    """A predicate expression is refused; `position` is the offset of the first offending character."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class WorkflowError(ProfilingError):
    """The review workflow refuses a step."""


class TransitionRefusedError(WorkflowError):
    """The version's or rule's state does not allow the step; the message names the state and what is allowed."""


class PermissionRefusedError(WorkflowError):
    """This person may not take the step: wrong role, or the two-person rule."""


class ConflictError(WorkflowError):
    """Somebody else changed it after it was read: read again, then decide again."""


class DatabaseUnavailableError(ProfilingError):
    """The database does not answer."""

    retryable: ClassVar[bool] = True


class DatabaseSchemaError(ProfilingError):
    """The database does not hold the tables that this release needs, or refuses this user what it needs of them."""


def is_interruption(error: BaseException) -> bool:
    """Return whether an exception is what becomes of Ctrl-C while DuckDB works on a query."""
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"
