"""Rules as conditions in standard SQL, for the places where other tools take one.

A condition holds where the rule does: rows for which it is null are neither right nor wrong, as with rules.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from profiling_pipeline.errors import RuleError
from profiling_pipeline.exchange.mapping import as_rule, column_of, named, own_parameters, where_of
from profiling_pipeline.exchange.model import NotCarriedError, Note
from profiling_pipeline.exchange.sql_text import columns_in, name_sql, parsed, predicate_sql, tree_sql, value_sql
from profiling_pipeline.rules.predicate import parse_predicate
from profiling_pipeline.rules.predicate.syntax import Unary
from profiling_pipeline.rules.rule import Rule


def _list_sql(values: list[Any]) -> str:
    return f"({', '.join(map(value_sql, values))})"


def _range(column: str, p: Mapping[str, Any]) -> str:
    low, high = value_sql(p["min_value"]), value_sql(p["max_value"])
    above, below = ">=" if p.get("include_min", True) else ">", "<=" if p.get("include_max", True) else "<"
    return f"{column} {above} {low} AND {column} {below} {high}"


def _among(column: str, values: list[Any], p: Mapping[str, Any], operator: str) -> str:
    if p.get("ignore_case"):
        return f"LOWER({column}) {operator} {_list_sql([v.lower() if isinstance(v, str) else v for v in values])}"
    return f"{column} {operator} {_list_sql(values)}"


def _length(column: str, p: Mapping[str, Any]) -> str:
    bounds = (("min_value", ">="), ("max_value", "<="))
    return " AND ".join(f"LENGTH({column}) {sign} {p[name]}" for name, sign in bounds if name in p)


def _days_ahead(column: str, p: Mapping[str, Any]) -> str:
    days = p.get("tolerance_days", 0)
    return f"{column} <= CURRENT_DATE" + (f" + INTERVAL '{days}' DAY" if days else "")


def _sum(column: str, p: Mapping[str, Any]) -> str:
    parts = " + ".join(name_sql(part) for part in p["parts"])
    return f"ABS({column} - ({parts})) <= {value_sql(p.get('tolerance', 0))}"


def _expression(p: Mapping[str, Any]) -> str:
    if "predicate_with_gaps" in p:
        raise NotCarriedError("it demands something else where values are missing in the column")
    return predicate_sql(p["predicate"])


_CONDITIONS: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "not_blank": lambda c, p: f"COALESCE(TRIM({c}) <> '', FALSE)",
    "not_null": lambda c, p: f"{c} IS NOT NULL",
    "equal_to": lambda c, p: f"{c} = {value_sql(p['value'])}",
    "not_equal_to": lambda c, p: f"{c} <> {value_sql(p['value'])}",
    "greater_than": lambda c, p: f"{c} > {value_sql(p['min_value'])}",
    "greater_than_or_equal_to": lambda c, p: f"{c} >= {value_sql(p['min_value'])}",
    "less_than": lambda c, p: f"{c} < {value_sql(p['max_value'])}",
    "less_than_or_equal_to": lambda c, p: f"{c} <= {value_sql(p['max_value'])}",
    "in_range": _range,
    "isin": lambda c, p: _among(c, p["allowed_values"], p, "IN"),
    "notin": lambda c, p: _among(c, p["forbidden_values"], p, "NOT IN"),
    "str_startswith": lambda c, p: f"LEFT({c}, {len(p['string'])}) = {value_sql(p['string'])}",
    "str_endswith": lambda c, p: f"RIGHT({c}, {len(p['string'])}) = {value_sql(p['string'])}",
    "str_length": _length,
    "like": lambda c, p: predicate_sql(f"{c} LIKE {value_sql(p['pattern'])}"),
    "not_in_future": _days_ahead,
    "column_ge": lambda c, p: f"{c} >= {name_sql(p['other'])}",
    "column_gt": lambda c, p: f"{c} > {name_sql(p['other'])}",
    "column_eq": lambda c, p: f"{c} = {name_sql(p['other'])}",
    "date_order": lambda c, p: f"{c} <= {name_sql(p['later'])}",
    "sum_equals": _sum,
    "expression": lambda c, p: _expression(p),
    "implies": lambda c, p: f"NOT ({predicate_sql(p['when'])}) OR ({predicate_sql(p['then'])})",
    "required_when": lambda c, p: f"NOT ({predicate_sql(p['when'])}) OR {c} IS NOT NULL",
}
SQL_CHECKS = frozenset(_CONDITIONS)  # those that can be said as a condition of SQL


def condition_of(rule: Rule, note: Note) -> str:
    """Return the condition that a rule demands of each row, without its `where`.

    Raises:
        NotCarriedError: SQL of every engine has none.
    """
    if rule.check not in _CONDITIONS:
        raise NotCarriedError(f"{named(rule)} has no counterpart there, nor one in SQL that every engine reads alike")
    if rule.check == "not_blank":
        note("tabs and line breaks", "In SQL only spaces count as blank")
    return _CONDITIONS[rule.check](name_sql(column_of(rule)), own_parameters(rule))


def failing_rows_of(rule: Rule, note: Note) -> str:
    """Return the condition that is true of the rows that fail a rule, its `where` included.

    Raises:
        NotCarriedError: SQL of every engine has none.
    """
    failing = f"NOT ({condition_of(rule, note)})"
    where = where_of(rule)
    return f"({predicate_sql(where)}) AND {failing}" if where else failing


def rule_of_failing_rows(condition: str, column: str | None = None) -> Rule:
    """Return the rule, without a name, that fails the rows for which a condition is true.

    Raises:
        NotCarriedError: The condition is not in the predicate language.
    """
    predicate = _without_not(condition.strip()) or f"NOT ({condition.strip()})"
    return rule_of_condition(predicate, column)


def rule_of_condition(predicate: str, column: str | None = None) -> Rule:
    """Return the rule, without a name, that demands a condition; its column is the first that it names.

    Raises:
        NotCarriedError: The condition is not in the predicate language.
    """
    first = next(columns_in(parsed(predicate)), None)
    return as_rule("expression", {"predicate": predicate}, column or first)


def _without_not(condition: str) -> str | None:
    """Return what stands within `NOT (...)`, None where the condition is none of that form."""
    if not re.match(r"NOT\s*\(", condition, re.IGNORECASE) or not condition.endswith(")"):
        return None
    inner = condition[condition.index("(") + 1 : -1]
    try:
        whole, part = parse_predicate(condition), parse_predicate(inner)
    except RuleError:
        return None
    is_all = isinstance(whole, Unary) and whole.operator == "NOT" and type(whole.operand) is type(part)
    return inner if is_all and tree_sql(whole) == f"NOT ({tree_sql(part)})" else None
