"""Rule texts in Python as syntax trees."""

import ast
import warnings
from functools import lru_cache

from profiling_pipeline.legacy_migration.translation.limits import LONGEST_TEXT
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError

_MOST_NODES = 4_000
_DEEPEST = 60


@lru_cache(maxsize=16)
def python_tree(text: str) -> ast.Module:
    """Return a text as Python's syntax tree, which is not to be changed.

    Raises:
        NotRecognisedError: It is no Python, or too large.
    """
    if len(text) > LONGEST_TEXT:
        raise NotRecognisedError(f"it has more than {LONGEST_TEXT:,} characters")
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
    except SyntaxError as error:
        raise NotRecognisedError(f"it is no Python: line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotRecognisedError("it is no Python that can be read") from error
    _refuse_large(tree)
    return tree


def _refuse_large(tree: ast.AST) -> None:
    level, nodes = [tree], 0
    for _ in range(_DEEPEST):
        nodes += len(level)
        if nodes > _MOST_NODES:
            raise NotRecognisedError("it is too long")
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise NotRecognisedError("it is nested too deeply")


def described(node: ast.AST) -> str:
    """Return a statement or operation that is not known here in words."""
    return f"a statement or operation that is not known here ({type(node).__name__})"
