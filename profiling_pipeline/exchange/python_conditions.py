"""Conditions in Python's notation, such as those of `DataFrame.query`, as predicates; read, never run."""

import ast
from decimal import Decimal

from profiling_pipeline.exchange.model import NotCarriedError
from profiling_pipeline.exchange.sql_text import name_sql, parsed, value_sql

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: "<>", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%"}
_NULLITY = {"isnull": "IS NULL", "isna": "IS NULL", "notnull": "IS NOT NULL", "notna": "IS NOT NULL"}
_UNABLE = "its condition is more than comparisons in Python's notation"


def predicate_of_python(condition: str) -> str:
    """Return a condition as a predicate.

    Raises:
        NotCarriedError: It cannot be said as one.
    """
    try:
        tree = ast.parse(condition.strip(), mode="eval")
        predicate = _expression(tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotCarriedError(f"{_UNABLE}: {condition[:200]}") from error
    parsed(predicate)
    return predicate


def _expression(node: ast.expr) -> str:
    match node:
        case ast.BoolOp(op=operator, values=values):
            word = " AND " if isinstance(operator, ast.And) else " OR "
            return word.join(f"({_expression(value)})" for value in values)
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr() as operator, left=left, right=right):
            word = "AND" if isinstance(operator, ast.BitAnd) else "OR"
            return f"({_expression(left)}) {word} ({_expression(right)})"
        case ast.BinOp(op=operator, left=left, right=right) if type(operator) in _ARITHMETIC:
            return f"({_expression(left)} {_ARITHMETIC[type(operator)]} {_expression(right)})"
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            return f"NOT ({_expression(operand)})"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_expression(operand)}"
        case ast.Compare(left=left, ops=operators, comparators=comparators):
            sides = [left, *comparators]
            parts = [_comparison(a, op, b) for a, op, b in zip(sides, operators, sides[1:], strict=False)]
            return " AND ".join(parts)
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=[], keywords=[]) if name in _NULLITY:
            return f"{_expression(value)} {_NULLITY[name]}"
        case ast.Name(id=name):
            return name_sql(name)
        case ast.Constant(value=bool() | int() | str() as value):
            return value_sql(value)
        case ast.Constant(value=float() as value):
            return value_sql(Decimal(str(value)))
    raise NotCarriedError(_UNABLE)


def _comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> str:
    if isinstance(operator, ast.In | ast.NotIn) and isinstance(right, ast.List | ast.Tuple):
        members = ", ".join(_expression(member) for member in right.elts)
        return f"{_expression(left)} {'IN' if isinstance(operator, ast.In) else 'NOT IN'} ({members})"
    if type(operator) not in _COMPARISONS:
        raise NotCarriedError(_UNABLE)
    return f"{_expression(left)} {_COMPARISONS[type(operator)]} {_expression(right)}"
