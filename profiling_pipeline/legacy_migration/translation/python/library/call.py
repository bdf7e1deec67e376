"""Calls with their arguments."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.python.evaluator import Evaluator
from profiling_pipeline.legacy_migration.translation.symbolic.cells import Constant

Function = Callable[[Evaluator, "Call"], Any]  # NotImplemented stands for arguments that it does not know


@dataclass(frozen=True)
class Call:
    """A call: the dotted name of a function or the name of a method, and what it is given."""

    name: str
    given: Sequence[Any] = ()
    named: Mapping[str, Any] = field(default_factory=dict)

    @property
    def short_name(self) -> str:
        """The function's name without its module."""
        return self.name.rsplit(".", 1)[-1]

    def plain(self, name: str, default: Any, position: int | None = None) -> Any:
        """Return the plain value of an argument that may be named, or given at a position.

        Raises:
            NotRecognisedError: It is not written out.
        """
        if name in self.named:
            return plain(self.named[name])
        return plain(self.given[position]) if position is not None and position < len(self.given) else default

    def require_known(self, names: Mapping[str, frozenset[str]], message: str) -> None:
        """Refuse a call with other named arguments than those that are known for it.

        Args:
            names: The names of arguments that are understood, by the short name of what is called.
            message: What the text does, without the name of the argument.
        """
        if unknown := self.named.keys() - names.get(self.short_name, frozenset()):
            raise NotRecognisedError(f"{message} with {min(unknown)[:40]}")


def plain(value: Any) -> Any:
    """Return the plain value of a constant.

    Raises:
        NotRecognisedError: It is none.
    """
    if not isinstance(value, Constant):
        raise NotRecognisedError("it uses a value that is not written out")
    return value.value
