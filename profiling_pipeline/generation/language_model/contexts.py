"""The regulatory context of a report: files that say which reports they are about."""

import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from profiling_pipeline.errors import ConfigurationError
from profiling_pipeline.generation.language_model.endpoint import estimated_tokens
from profiling_pipeline.sources.model import Attribute

_PACKAGE = "profiling_pipeline.generation"
_SHARE_OF_ATTRIBUTES = 0.2
_MOST_TOKENS = 4_000


class Context(BaseModel):
    """What a model should know of a report, and how the report is recognised.

    All patterns are regular expressions that match anywhere, whatever the case: `reports` in the data source's name,
    the others in MDRM codes and names of attributes, of which a fifth have to match.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    reports: tuple[str, ...] = ()
    mdrm: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    text: str = Field(min_length=1)

    @field_validator("reports", "mdrm", "attributes")
    @classmethod
    def _are_patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"'{pattern}' is no regular expression: {error}") from error
        return patterns

    @field_validator("text")
    @classmethod
    def _is_short(cls, text: str) -> str:
        if estimated_tokens(text) > _MOST_TOKENS:
            raise ValueError(f"it takes more than {_MOST_TOKENS:,} tokens of every request")
        return text

    def is_about(self, report: str, attributes: Sequence[Attribute]) -> bool:
        """Return whether the report is one of those that the context is for."""
        if _matches(self.reports, [report]):
            return True
        by_mdrm = [a for a in attributes if a.mdrm and _matches(self.mdrm, [a.mdrm])]
        by_name = [a for a in attributes if _matches(self.attributes, [a.name, a.technical_name or ""])]
        return max(len(by_mdrm), len(by_name)) > _SHARE_OF_ATTRIBUTES * len(attributes)


def choose_context(report: str, attributes: Sequence[Attribute], folder: Path | None = None) -> Context:
    """Return the context of a report: the first of the given folder, then of the package's, that is about it.

    Raises:
        ConfigurationError: A file of the folder cannot be read as a context.
    """
    own = sorted(folder.glob("*.yaml")) if folder else []
    if folder and not folder.is_dir():
        raise ConfigurationError(f"PROFILING_LLM_CONTEXT_FOLDER: there is no folder {folder}. Correct or unset it.")
    shipped = sorted(
        (each for each in (files(_PACKAGE) / "prompts" / "contexts").iterdir() if each.name.endswith(".yaml")),
        key=lambda each: each.name,
    )
    contexts = [_read(file) for file in (*own, *shipped)]
    general = next(context for context in reversed(contexts) if context.name == "general")
    return next((context for context in contexts if context.is_about(report, attributes)), general)


def _read(file: Path | Traversable) -> Context:
    try:
        return Context.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(
            f"The regulatory context {file} cannot be read: {error}. See docs/generation-llm.md for its form."
        ) from error


def _matches(patterns: Iterable[str], texts: Iterable[str]) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for text in texts for pattern in patterns)
