"""Great Expectations' row conditions and predicates, in both directions where both can say it."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from profiling_pipeline.errors import RuleError
from profiling_pipeline.exchange.model import NotCarriedError
from profiling_pipeline.exchange.python_conditions import predicate_of_python
from profiling_pipeline.exchange.reading import as_list, as_mapping
from profiling_pipeline.exchange.sql_text import name_sql, parsed, value_sql
from profiling_pipeline.rules.predicate import parse_predicate
from profiling_pipeline.rules.predicate.syntax import (
    Between,
    Binary,
    Chain,
    ColumnName,
    In,
    IsNull,
    Literal,
    Node,
    Unary,
)

_OPERATORS = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_SQL_OPERATORS = {theirs: ours for ours, theirs in _OPERATORS.items()}
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_LEGACY = re.compile(
    r"""col\("(?P<column>[^"]+)"\)\s*(?:(?P<notnull>\.notnull\(\))
    |(?P<operator>[<>=!]=?)\s*(?:(?P<number>[+-]?\d+(?:\.\d*)?)|(?P<quote>["'])(?P<text>[^"']*)(?P=quote)))""",
    re.VERBOSE | re.IGNORECASE,
)


def condition_of_predicate(predicate: str) -> dict[str, Any]:
    """Return a predicate as a row condition.

    Raises:
        NotCarriedError: Row conditions compare one column with values, joined by AND and then by OR; it does not.
    """
    tree = parsed(predicate)
    if isinstance(tree, Chain) and tree.operator == "OR":
        return {"type": "or", "conditions": [_conjunction(operand) for operand in tree.operands]}
    return _conjunction(tree)


def predicate_of_condition(condition: object, parser: object = None) -> str:
    """Return a row condition as a predicate.

    Raises:
        NotCarriedError: It cannot be said as one.
    """
    if isinstance(condition, str):
        return _predicate_of_text(condition, parser)
    said = as_mapping(condition, "row_condition")
    match said.get("type"):
        case "comparison":
            return _comparison(said)
        case "nullity":
            return f"{_column(said)} IS {'NULL' if said.get('is_null') else 'NOT NULL'}"
        case "and" | "or" as joined:
            parts = [predicate_of_condition(part) for part in as_list(said.get("conditions"), "conditions")]
            if not parts:
                raise NotCarriedError("its row_condition joins nothing")
            return parts[0] if len(parts) == 1 else f" {joined.upper()} ".join(f"({part})" for part in parts)
        case "pass_through":
            return _predicate_of_text(str(said.get("pass_through_filter")), parser)
    raise NotCarriedError("its row_condition is of no known type")


def _conjunction(node: Node) -> dict[str, Any]:
    if isinstance(node, Chain) and node.operator == "AND":
        return {"type": "and", "conditions": [_single(operand) for operand in node.operands]}
    if isinstance(node, Between):
        bounds = (
            Binary(node.position, ">=", node.operand, node.low),
            Binary(node.position, "<=", node.operand, node.high),
        )
        return {"type": "and", "conditions": [_single(bound) for bound in bounds]}
    return _single(node)


def _single(node: Node) -> dict[str, Any]:
    match node:
        case IsNull(operand=ColumnName(name=name)):
            return {"type": "nullity", "column": {"name": name}, "is_null": True}
        case Unary(operator="NOT", operand=IsNull(operand=ColumnName(name=name))):
            return {"type": "nullity", "column": {"name": name}, "is_null": False}
        case Binary(operator=operator, left=ColumnName(name=name), right=Literal(value=value)) if (
            operator in _OPERATORS and value is not None
        ):
            return _compared(name, _OPERATORS[operator], value)
        case Binary(operator=operator, left=Literal(value=value), right=ColumnName(name=name)) if (
            operator in _OPERATORS and value is not None
        ):
            return _compared(name, _OPERATORS[_MIRRORED[operator]], value)
        case In(operand=ColumnName(name=name), options=options):
            return _compared(name, "IN", _members(options))
        case Unary(operator="NOT", operand=In(operand=ColumnName(name=name), options=options)):
            return _compared(name, "NOT_IN", _members(options))
    raise NotCarriedError("its where is more than comparisons of single columns with values")


def _compared(name: str, operator: str, parameter: object) -> dict[str, Any]:
    return {"type": "comparison", "column": {"name": name}, "operator": operator, "parameter": parameter}


def _members(options: tuple[Node, ...]) -> list[Any]:
    members = [option.value for option in options if isinstance(option, Literal)]
    kinds = {str if isinstance(member, str) else Decimal for member in members}
    if len(members) < len(options) or len(kinds) > 1 or any(isinstance(m, bool) or m is None for m in members):
        raise NotCarriedError("the values of its where are not all texts or all numbers")
    return members


def _comparison(said: Mapping[str, Any]) -> str:
    operator, parameter = str(said.get("operator")), said.get("parameter")
    if operator in {"IN", "NOT_IN"} and isinstance(parameter, list) and parameter:
        words = "IN" if operator == "IN" else "NOT IN"
        return f"{_column(said)} {words} ({', '.join(map(_value, parameter))})"
    if operator not in _SQL_OPERATORS:
        raise NotCarriedError("its row_condition has an unknown operator")
    return f"{_column(said)} {_SQL_OPERATORS[operator]} {_value(parameter)}"


def _column(said: Mapping[str, Any]) -> str:
    name = as_mapping(said.get("column"), "column").get("name")
    if not isinstance(name, str) or not name:
        raise NotCarriedError("its row_condition names no column")
    return name_sql(name)


def _value(value: object) -> str:
    if not isinstance(value, bool | int | Decimal | str):
        raise NotCarriedError("its row_condition compares with what is no single value")
    return value_sql(value)


def _predicate_of_text(condition: str, parser: object) -> str:
    """Return a condition in one of the older notations, which text does not tell apart."""
    legacy = _LEGACY.fullmatch(condition.strip())
    if legacy is not None:
        column = name_sql(legacy["column"])
        if legacy["notnull"]:
            return f"{column} IS NOT NULL"
        value = legacy["number"] or value_sql(legacy["text"])
        operator = _SQL_OPERATORS.get(legacy["operator"])
        if operator is not None:
            return f"{column} {operator} {value}"
    if parser != "pandas":
        try:
            parse_predicate(condition)
        except RuleError:
            pass
        else:
            return condition
    return predicate_of_python(condition)
