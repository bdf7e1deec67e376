"""Parts of a predicate with the values that they compile to, and whether these are of the kind that is wanted."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from profiling_pipeline.rules.portable.literals import parse_date, parse_datetime
from profiling_pipeline.rules.predicate.functions import DATES
from profiling_pipeline.rules.predicate.syntax import ColumnName, Literal, Node
from profiling_pipeline.rules.predicate.tokens import excerpt, refuse
from profiling_pipeline.sources.model import ColumnKind, kind_of

_FAMILIES = {ColumnKind.INTEGER: ColumnKind.NUMBER, ColumnKind.DATETIME: ColumnKind.DATE}
_NULLS = {ColumnKind.TEXT: "string", ColumnKind.INTEGER: "int64", ColumnKind.DATE: "date"}
_CASTS = {
    ColumnKind.INTEGER: "INTEGER", ColumnKind.NUMBER: "DECIMAL", ColumnKind.DATE: "DATE",
    ColumnKind.DATETIME: "TIMESTAMP", ColumnKind.BOOLEAN: "BOOLEAN", ColumnKind.TEXT: "VARCHAR",
}  # fmt: skip


@dataclass(frozen=True)
class Operand:
    """A node and its value; NULL is of no kind and goes with every other."""

    node: Node
    value: ir.Value

    @property
    def is_null(self) -> bool:
        """Whether it is NULL itself."""
        return bool(self.value.type().is_null())

    @property
    def kind(self) -> ColumnKind:
        """The kind of its values."""
        return kind_of(self.value.type())

    @property
    def family(self) -> ColumnKind:
        """What it compares with: all numbers with one another, dates with dates and times."""
        return _FAMILIES.get(self.kind, self.kind)

    @property
    def shown(self) -> str:
        """What messages call it, with its kind."""
        if isinstance(self.node, ColumnName):
            return f"Column {excerpt(self.node.name)} ({self.kind})"
        return f"{self.written} ({self.kind})" if isinstance(self.node, Literal) else f"A value of kind {self.kind}"

    @property
    def written(self) -> str:
        """How a predicate writes it, with dots for what is long."""
        if isinstance(self.node, ColumnName):
            return excerpt(self.node.name)
        if isinstance(self.node, Literal):
            text = excerpt(str(self.node.value))
            return f"'{text}'" if isinstance(self.node.value, str) else text
        return "..."

    def of_kind(self, kinds: frozenset[ColumnKind]) -> ir.Value:
        """Return the value, which must be of one of some kinds; NULL is taken for one.

        Raises:
            PredicateError: It is of another kind.
        """
        operand = self.as_moment() if kinds is DATES else self
        if operand.is_null:
            return ibis.null(_NULLS[min(kinds)])
        if operand.kind not in kinds:
            wanted = " or ".join(sorted(kinds))
            hint = operand.converted_to(min(kinds)) if operand.kind is ColumnKind.TEXT else "Use CAST"
            refuse(f"{operand.shown} stands where {wanted} is expected. {hint}", self.node.position)
        return operand.value

    def as_moment(self) -> "Operand":
        """Return a text literal as the date that it is; anything else as it is.

        Raises:
            PredicateError: It is text that is no date.
        """
        if not isinstance(self.node, Literal) or not isinstance(self.node.value, str):
            return self
        moment = parse_date(self.node.value) or parse_datetime(self.node.value)
        if moment is None:
            refuse(f"{self.written} is no date. Write 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'", self.node.position)
        return Operand(self.node, ibis.literal(moment))

    def converted_to(self, kind: ColumnKind) -> str:
        """Say how to write it as another kind."""
        return f"Write TRY_CAST({self.written} AS {_CASTS[kind]})"
