"""What proposes rules."""

from enum import StrEnum


class Provider(StrEnum):
    """The offline suggester, or a language model."""

    OFFLINE = "offline"
    LLM = "llm"
