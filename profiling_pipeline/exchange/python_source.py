"""Python source as a syntax tree, with the plain values in it. Nothing of it is run."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from profiling_pipeline.errors import InvalidInputError

_MOMENTS = {"date": date, "datetime": datetime}


def parse_python(text: str, source: str) -> "Source":
    """Return source as a tree.

    Raises:
        InvalidInputError: It is no Python; the message names the line.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
        for _ in ast.walk(tree):
            pass
    except SyntaxError as error:
        where = f"line {error.lineno}" if error.lineno else "it"
        raise InvalidInputError(f"{source} cannot be used as Python: {where}: {error.msg}. Correct it.") from error
    except (ValueError, RecursionError, MemoryError) as error:
        problem = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise InvalidInputError(f"{source} cannot be used as Python: {problem}. Correct it.") from error
    return Source(tree)


@dataclass(frozen=True)
class Source:
    """A module's tree, and what its names stand for where that can be read off."""

    tree: ast.Module

    def assigned(self) -> Iterator[tuple[str, ast.expr]]:
        """Yield the names that the module's statements assign, with what they assign."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign):
                yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                yield node.target.id, node.value

    def names_of(self, node: ast.expr) -> list[str]:
        """Return the parts of a dotted name such as `pa.Check.ge`, imported names under their own; else none."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return []
        return [self._imported().get(node.id, node.id), *parts]

    def resolved(self, node: ast.expr | None) -> ast.expr | None:
        """Return what a name stands for where the module assigns it once, else the node itself."""
        if isinstance(node, ast.Name):
            values = [value for name, value in self.assigned() if name == node.id]
            if len(values) == 1 and not isinstance(values[0], ast.Name):
                return values[0]
        return node

    def listed(self, node: ast.expr | None) -> list[ast.expr]:
        """Return the elements of a list, one node as a list of it, nothing as an empty list."""
        node = self.resolved(node)
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return []
        if isinstance(node, ast.List | ast.Tuple):
            return [self.resolved(each) or each for each in node.elts]
        return [node]

    def value_or_none(self, node: ast.expr | None) -> Any:
        """Return the plain value that a node is, None where it is none."""
        try:
            return None if node is None else self.value(node)
        except ValueError:
            return None

    def value(self, node: ast.expr) -> Any:
        """Return the plain value that a node is; dates and times as ISO 8601 text, numbers exact.

        Raises:
            ValueError: It is none.
        """
        try:
            return self._value(self.resolved(node) or node)
        except RecursionError as error:
            raise ValueError("a value is nested too deeply") from error

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=float() as number):
                return _exact(repr(number))
            case ast.Constant(value=None | bool() | int() | str() as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self.value(operand)
                if isinstance(number, int | Decimal) and not isinstance(number, bool):
                    return -number
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return [self.value(each) for each in elements]
            case ast.Dict(keys=keys, values=values) if all(key is not None for key in keys):
                pairs = zip(keys, values, strict=True)
                return {str(self.value(key)): self.value(value) for key, value in pairs if key is not None}
            case ast.Call(func=function, args=arguments, keywords=[]):
                return self._called(self.names_of(function)[-1:], [self.value(each) for each in arguments])
        raise ValueError(f"{ast.unparse(node)[:80]} is no plain value")

    def _called(self, function: list[str], arguments: list[Any]) -> Any:
        """Return the value of a call that makes a number or a date."""
        match function, arguments:
            case (["Decimal"], [str() | int() | Decimal() as number]):
                return _exact(str(number))
            case (["Timestamp" | "to_datetime"], [str() as moment]):
                return moment
            case (["date" | "datetime" as name], numbers) if all(type(n) is int for n in numbers):
                try:
                    return _MOMENTS[name](*numbers).isoformat(*(" " if name == "datetime" else ""))
                except (TypeError, OverflowError) as error:
                    raise ValueError(f"{name}(...) is no date") from error
            case (["list" | "tuple" | "set" | "frozenset"], [list() as elements]):
                return elements
        raise ValueError(f"{'.'.join(function) or 'a call'}(...) is no plain value")

    def _imported(self) -> dict[str, str]:
        return {
            alias.asname: alias.name
            for node in self.tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if alias.asname
        }


def _exact(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text[:40]} is no number") from error
    if not number.is_finite():
        raise ValueError(f"{text[:40]} is no finite number")
    return number
