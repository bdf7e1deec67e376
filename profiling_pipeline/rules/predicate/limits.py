"""How large a predicate may be, as text, as a tree and as the expression it becomes."""

from dataclasses import dataclass
from typing import NoReturn

import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.common.graph import Graph

from profiling_pipeline.rules.predicate.syntax import Node
from profiling_pipeline.rules.predicate.tokens import refuse

DEEPEST = 50  # levels of nesting as people write it: parentheses, NOT, CASE, arguments
_MOST_LEVELS = 100  # of the tree, which sums of many parts make deep without nesting
MOST_UNFINISHED = _MOST_LEVELS + DEEPEST  # expressions that may be open at a time: a bound for the parser's own stack
_MOST_PARTS = 10_000  # of a compiled predicate: some functions write their argument several times
_MOST_COMPILED_LEVELS = 70  # writing SQL takes about ten of Python's thousand frames for each
_MOST_GROWTH = 1_000_000  # times that a text may become longer by replacements within replacements


def refuse_too_complex(position: int) -> NoReturn:
    """Refuse a predicate for its size."""
    refuse("The predicate is too complex. Split it into several rules", position)


def refuse_deep_tree(tree: Node) -> None:
    """Refuse trees that are deep without nesting, such as sums of hundreds of parts."""
    level = [tree]
    for _ in range(_MOST_LEVELS):
        level = [part for node in level for part in node.parts()]
    if level:
        refuse_too_complex(level[0].position)


def refuse_large_expression(value: ir.Value) -> None:
    """Refuse what would become a huge query, or make huge texts, however short the predicate is."""
    sizes: dict[object, _Size] = {}
    graph, _ = Graph.from_bfs(value.op(), filter=ops.Value).toposort()  # what the table itself is made of is no matter
    for node in graph:
        sizes[node] = _size(node, [sizes[child] for child in node.__children__ if child in sizes])
    size = sizes[value.op()]
    if size.parts > _MOST_PARTS or size.levels > _MOST_COMPILED_LEVELS:
        refuse_too_complex(0)
    if size.growth > _MOST_GROWTH:
        refuse(f"REPLACE may make a text more than {_MOST_GROWTH:,} times as long. Use shorter replacements", 0)


@dataclass(frozen=True)
class _Size:
    """Of a compiled expression: its parts written out, its levels, and how many times longer it may make a text."""

    parts: int
    levels: int
    growth: int


def _size(node: ops.Value, below: list[_Size]) -> _Size:
    parts = 1 + sum(size.parts for size in below)
    growth = max((size.growth for size in below), default=1)
    if isinstance(node, ops.NullIf):  # a macro of DuckDB that writes its argument twice
        parts += below[0].parts
    if isinstance(node, ops.StringConcat):
        growth = sum(size.growth for size in below)
    if isinstance(node, ops.StringReplace) and isinstance(node.replacement, ops.Literal):
        growth *= max(1, len(node.replacement.value))
    return _Size(parts, 1 + max((size.levels for size in below), default=0), growth)
