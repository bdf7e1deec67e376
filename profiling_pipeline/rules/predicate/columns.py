"""The columns that a predicate names."""

from collections.abc import Iterator, Mapping, Sequence

from profiling_pipeline.errors import PredicateError, RuleError
from profiling_pipeline.rules.predicate.parser import parse_predicate
from profiling_pipeline.rules.predicate.syntax import ColumnName, Node
from profiling_pipeline.rules.predicate.tokens import excerpt
from profiling_pipeline.sources.column_names import resolve_column


def predicate_columns(text: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that a predicate reads, each once, in the order it names them.

    Raises:
        PredicateError: It is not in the language, or names a column that is missing.
    """
    return tuple(dict.fromkeys(resolved_names(parse_predicate(text), columns).values()))


def quoted(name: str) -> str:
    """Return a column's name as predicates write it."""
    return '"' + name.replace('"', '""') + '"'


def resolved_names(tree: Node, columns: Sequence[str]) -> Mapping[str, str]:
    """Return the column that each name in a tree means, in the order of the text.

    Raises:
        PredicateError: A column is missing, or a name could mean several.
    """
    first: dict[str, int] = {}
    for node in _nodes(tree):
        if isinstance(node, ColumnName):
            first.setdefault(node.name, node.position)
    return {name: _resolved(name, position, columns) for name, position in first.items()}


def _resolved(name: str, position: int, columns: Sequence[str]) -> str:
    try:
        return resolve_column(name, columns)
    except RuleError as error:
        said = str(error).replace(name, excerpt(name)).removesuffix(".")
        raise PredicateError(f"{said} (at character {position + 1} of the predicate).", position) from error


def _nodes(node: Node) -> Iterator[Node]:
    """Walk a tree, a node before its parts, from left to right."""
    yield node
    for part in node.parts():
        yield from _nodes(part)
