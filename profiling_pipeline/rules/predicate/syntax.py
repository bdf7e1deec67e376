"""What a predicate is once it is read: a tree of these nodes, each with its place in the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Node:
    """A part of a predicate; `position` is the offset of its first character (of its operator, where it has one)."""

    position: int

    def parts(self) -> Iterator["Node"]:
        """Return the nodes right below this one, from left to right."""
        for value in vars(self).values():
            yield from _nodes_in(value)


def _nodes_in(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes_in(item)


@dataclass(frozen=True)
class Literal(Node):
    """A number, text, TRUE, FALSE or NULL."""

    value: bool | int | Decimal | str | None


@dataclass(frozen=True)
class TemporalLiteral(Node):
    """DATE '...' or TIMESTAMP '...'."""

    type_name: str
    text: str


@dataclass(frozen=True)
class IntervalLiteral(Node):
    """INTERVAL with an amount and a unit."""

    amount: int
    unit: str


@dataclass(frozen=True)
class ColumnName(Node):
    """A column, by the name the predicate gives it."""

    name: str


@dataclass(frozen=True)
class Unary(Node):
    """NOT or a sign."""

    operator: str
    operand: Node


@dataclass(frozen=True)
class Binary(Node):
    """IMPLIES, a comparison, LIKE, ILIKE or arithmetic."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Chain(Node):
    """Operands joined by AND, or by OR."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class IsNull(Node):
    """IS NULL."""

    operand: Node


@dataclass(frozen=True)
class In(Node):
    """IN with a list of literals."""

    operand: Node
    options: tuple[Node, ...]


@dataclass(frozen=True)
class Between(Node):
    """BETWEEN, both bounds included."""

    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True)
class Case(Node):
    """CASE WHEN."""

    branches: tuple[tuple[Node, Node], ...]
    default: Node | None


@dataclass(frozen=True)
class Cast(Node):
    """CAST or TRY_CAST; `sizes` are the digits and decimals of DECIMAL."""

    operand: Node
    type_name: str
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Call(Node):
    """A function; EXTRACT and DATE_DIFF keep their unit as a text in first place."""

    function: str
    arguments: tuple[Node, ...]
