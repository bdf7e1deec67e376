"""Names, values and predicates as SQL that means the same on every engine."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from profiling_pipeline.errors import RuleError
from profiling_pipeline.exchange.model import NotCarriedError
from profiling_pipeline.rules.predicate import parse_predicate
from profiling_pipeline.rules.predicate.syntax import (
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Chain,
    ColumnName,
    In,
    IntervalLiteral,
    IsNull,
    Literal,
    Node,
    TemporalLiteral,
    Unary,
)

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS_OF_SQL = frozenset({
    "ALL", "AND", "ANY", "AS", "ASC", "BETWEEN", "BOTH", "BY", "CASE", "CAST", "CHECK", "COLUMN", "CONSTRAINT",
    "CREATE", "CROSS", "CURRENT_DATE", "DATE", "DEFAULT", "DELETE", "DESC", "DISTINCT", "DROP", "ELSE", "END",
    "EXCEPT", "EXISTS", "EXTRACT", "FALSE", "FOR", "FOREIGN", "FROM", "FULL", "GRANT", "GROUP", "HAVING", "ILIKE",
    "IMPLIES", "IN", "INNER", "INSERT", "INTERSECT", "INTERVAL", "INTO", "IS", "JOIN", "KEY", "LEADING", "LEFT",
    "LIKE", "LIMIT", "NATURAL", "NOT", "NULL", "OFFSET", "ON", "OR", "ORDER", "OUTER", "PRIMARY", "REFERENCES",
    "RIGHT", "SELECT", "SET", "SOME", "TABLE", "THEN", "TIMESTAMP", "TO", "TRAILING", "TRUE", "TRY_CAST", "UNION",
    "UNIQUE", "UPDATE", "USER", "USING", "VALUES", "WHEN", "WHERE", "WINDOW", "WITH",
})  # fmt: skip
_DIALECTS_DIFFER = {"REGEXP_LIKE", "DATE_DIFF", "CONCAT", "GREATEST", "LEAST"}
_PARTS_OF_DATES = frozenset({"YEAR", "MONTH", "DAY"})
_RENDERED = frozenset({"IMPLIES", "/", "%"})


def name_sql(name: str) -> str:
    """Return a column's name as SQL, in quotes where it needs them."""
    if _PLAIN_NAME.fullmatch(name) and name.upper() not in _WORDS_OF_SQL:
        return name
    return '"' + name.replace('"', '""') + '"'


def value_sql(value: Any) -> str:
    """Return a rule's value as SQL."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def parsed(predicate: str) -> Node:
    """Return a predicate as a tree.

    Raises:
        NotCarriedError: It is not in the predicate language.
    """
    try:
        return parse_predicate(predicate)
    except RuleError as error:
        raise NotCarriedError(f"its SQL is not in the predicate language: {error}") from error


def nodes_of(tree: Node) -> Iterator[Node]:
    """Yield a tree's nodes, from the top down and from left to right."""
    yield tree
    for part in tree.parts():
        yield from nodes_of(part)


def columns_in(tree: Node) -> Iterator[str]:
    """Yield the columns that a predicate names, from left to right."""
    yield from (node.name for node in nodes_of(tree) if isinstance(node, ColumnName))


def predicate_sql(predicate: str) -> str:
    """Return a predicate in SQL that means the same on every engine: as it is, or rewritten where it must be.

    Raises:
        NotCarriedError: It cannot be said so.
    """
    tree = parsed(predicate)
    must_change = [_is_ours_alone(node) or _lacks_quotes(node, predicate) for node in nodes_of(tree)]
    return tree_sql(tree) if any(must_change) else predicate


def _is_ours_alone(node: Node) -> bool:
    if isinstance(node, Call) and node.function in _DIALECTS_DIFFER:
        raise NotCarriedError(f"{node.function} is not the same in every engine's SQL")
    if isinstance(node, Binary) and node.operator in {"LIKE", "ILIKE"} and "\\" in _text_of(node.right):
        raise NotCarriedError("a backslash in LIKE is not the same in every engine's SQL")
    if isinstance(node, Cast):
        raise NotCarriedError("CAST gives null for what cannot be cast here, and an error elsewhere")
    return (isinstance(node, Binary) and node.operator in _RENDERED) or (
        isinstance(node, Call) and node.function in _PARTS_OF_DATES
    )


def _lacks_quotes(node: Node, predicate: str) -> bool:
    """Return whether a column stands without the quotes that SQL wants, as its name is a word of SQL."""
    return isinstance(node, ColumnName) and name_sql(node.name) != node.name and predicate[node.position] != '"'


def _text_of(node: Node) -> str:
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else ""


def tree_sql(node: Node) -> str:
    """Return a tree as SQL, with parentheses around every operation within another."""
    match node:
        case Literal(value=value):
            return "NULL" if value is None else value_sql(value)
        case TemporalLiteral(type_name=name, text=text):
            return f"{name} {value_sql(text)}"
        case IntervalLiteral(amount=amount, unit=unit):
            return f"INTERVAL '{amount}' {unit}"
        case ColumnName(name=name):
            return name_sql(name)
        case Unary(operator=operator, operand=operand):
            return f"{operator} ({tree_sql(operand)})"
        case Binary(operator="IMPLIES", left=left, right=right):
            return f"NOT ({tree_sql(left)}) OR ({tree_sql(right)})"
        case Binary(operator="/" | "%" as operator, left=left, right=right):
            return f"{_inner(left)} {operator} NULLIF({tree_sql(right)}, 0)"
        case Binary(operator=operator, left=left, right=right):
            return f"{_inner(left)} {operator} {_inner(right)}"
        case Chain(operator=operator, operands=operands):
            return f" {operator} ".join(map(_inner, operands))
        case IsNull(operand=operand):
            return f"{_inner(operand)} IS NULL"
        case In(operand=operand, options=options):
            return f"{_inner(operand)} IN ({', '.join(map(tree_sql, options))})"
        case Between(operand=operand, low=low, high=high):
            return f"{_inner(operand)} BETWEEN {_inner(low)} AND {_inner(high)}"
        case Case(branches=branches, default=default):
            cases = "".join(f" WHEN {tree_sql(when)} THEN {tree_sql(then)}" for when, then in branches)
            return f"CASE{cases}{f' ELSE {tree_sql(default)}' if default is not None else ''} END"
        case Cast(operand=operand, type_name=name, sizes=sizes):
            size = f"({', '.join(map(str, sizes))})" if sizes else ""
            return f"CAST({tree_sql(operand)} AS {name}{size})"
        case Call(function="EXTRACT", arguments=(Literal(value=unit), operand)):
            return f"EXTRACT({unit} FROM {tree_sql(operand)})"
        case Call(function="CURRENT_DATE"):
            return "CURRENT_DATE"
        case Call(function=function, arguments=(operand,)) if function in _PARTS_OF_DATES:
            return f"EXTRACT({function} FROM {tree_sql(operand)})"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(tree_sql, arguments))})"
    raise AssertionError(node)


def _inner(node: Node) -> str:
    is_operation = isinstance(node, Unary | Binary | Chain | IsNull | In | Between)
    return f"({tree_sql(node)})" if is_operation else tree_sql(node)
