"""What passes between rules and another tool's file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from profiling_pipeline.rules.rule import Rule


class FormatName(StrEnum):
    """What formats are called on the command line."""

    YAML = "yaml"
    GX = "gx"
    SODA = "soda"
    DBT = "dbt"
    ODCS = "odcs"
    PANDERA = "pandera"


@dataclass(frozen=True)
class LeftOut:
    """Something that is not carried over: `what` names it, `place` says where it stands."""

    what: str
    reason: str
    place: str = ""


@dataclass(frozen=True)
class Imported:
    """The rules of a foreign file, and what of it is not among them."""

    rules: tuple[Rule, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Exported:
    """The text of a foreign file, and what of the rules is not in it."""

    text: str
    left_out: tuple[LeftOut, ...]


class NotCarriedError(Exception):
    """One rule or one foreign check has no counterpart; the message is the reason. It becomes a `LeftOut`."""


Note = Callable[[str, str], None]
"""Takes what of a rule or check is not carried over, and why, while the rest of it is."""


def plain(value: Any) -> Any:
    """Return a value in dictionaries, lists and exact numbers, so that what is equal compares equal."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return Decimal(str(value)) if isinstance(value, float) else value
