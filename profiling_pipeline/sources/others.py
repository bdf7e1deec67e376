"""The other sources that rules may look values up in."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import ibis.expr.operations as ops
import ibis.expr.types as ir

from profiling_pipeline.errors import RuleError, SourceError
from profiling_pipeline.sources.column_names import nearest_names
from profiling_pipeline.sources.model import OpenSource

# Opens a source, given the one that is tested: where both live in one database they can share its connection.
Opener = Callable[[OpenSource], OpenSource]


class OtherSources:
    """Sources by their names, each opened once, when a rule first asks for it; leaving the context closes them."""

    def __init__(self, tested: OpenSource, openers: Mapping[str, Opener] | None = None) -> None:
        self._tested = tested
        self._openers = openers or {}
        self._opened: dict[str, OpenSource | RuleError] = {}
        self._held: dict[tuple[str, ops.Node], ir.Table] = {}
        self._stack = ExitStack()

    def find(self, name: str) -> OpenSource:
        """Return the source called `name`: the exact name first, then ignoring case where that is unambiguous.

        Raises:
            RuleError: There is none, or it cannot be opened; the message lists the nearest names.
        """
        known = self._named(name)
        if known not in self._opened:
            self._opened[known] = self._open(known)
        found = self._opened[known]
        if isinstance(found, RuleError):
            raise RuleError(*found.args) from found
        return found

    def hold(self, name: str, rows: ir.Table) -> ir.Table:
        """Return rows of the source called `name` as a table that joins with that of the tested source.

        Raises:
            RuleError: They cannot be brought there.
        """
        other = self.find(name)
        if other.connection is self._tested.connection:
            return rows
        from profiling_pipeline.sources.copying import copied  # brings Arrow, which most rules do not need

        key = (self._named(name), rows.op())
        if key not in self._held:
            try:
                self._held[key] = copied(rows, other, self._tested)
            except SourceError as error:
                raise RuleError(str(error)) from error
        return self._held[key]

    def _named(self, name: str) -> str:
        if name in self._openers:
            return name
        alike = [known for known in self._openers if known.casefold() == name.casefold()]
        if len(alike) != 1:
            raise RuleError(f"there is no other source '{name}'. {self._hint(name)}")
        return alike[0]

    def _open(self, name: str) -> OpenSource | RuleError:
        try:
            return self._stack.enter_context(self._openers[name](self._tested))
        except SourceError as error:
            return RuleError(f"the other source '{name}' cannot be read: {error}")

    def _hint(self, name: str) -> str:
        if not self._openers:
            return "Name it with --reference NAME=DATA, or plan it as a further data source of the phase."
        near = nearest_names(name, list(self._openers)) or list(self._openers)
        return f"Did you mean {' or '.join(near)}?"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()
