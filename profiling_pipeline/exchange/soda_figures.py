"""Soda's checks of figures of the whole data set, and the thresholds that all of its checks have."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from profiling_pipeline.exchange import mapping, sql_figures
from profiling_pipeline.exchange.mapping import as_rule, column_of, where_of
from profiling_pipeline.exchange.model import NotCarriedError, Note
from profiling_pipeline.exchange.reading import as_mapping, as_number, as_text
from profiling_pipeline.exchange.soda_checks import FUNCTIONS
from profiling_pipeline.exchange.sql_rates import rule_of_pass_rate
from profiling_pipeline.exchange.sql_text import predicate_sql
from profiling_pipeline.exchange.thresholds import Comparisons, bounds_of
from profiling_pipeline.rules.rule import Rule

_OPERATORS = {
    "must_be": "=",
    "must_not_be": "<>",
    "must_be_greater_than": ">",
    "must_be_greater_than_or_equal": ">=",
    "must_be_less_than": "<",
    "must_be_less_than_or_equal": "<=",
}
NAMES = {operator: name for name, operator in _OPERATORS.items()}
_INSIDE = {"greater_than": ">", "greater_than_or_equal": ">=", "less_than": "<", "less_than_or_equal": "<="}


def write_figure(rule: Rule) -> dict[str, Any]:
    """Return a rule on a figure as a check."""
    said = {"min_value": ">=", "max_value": "<="}
    bounds = {sign: rule.parameters.get(name) for name, sign in said.items()}
    if any(not isinstance(bound, int | Decimal | None) for bound in bounds.values()):
        raise NotCarriedError("bounds that are dates cannot be said there")
    threshold = threshold_of([(sign, Decimal(bound)) for sign, bound in bounds.items() if bound is not None])
    if rule.check == "row_count_between":
        return {"type": "row_count", "threshold": threshold}
    if rule.check == "null_rate_between":
        return {"type": "missing", "threshold": {"metric": "percent", **threshold}}
    if rule.check in FUNCTIONS:
        return {"type": "aggregate", "function": FUNCTIONS[rule.check], "threshold": threshold}
    return {"type": "metric", "expression": sql_figures.figure_of(rule), "threshold": threshold}


def write_freshness(rule: Rule, note: Note) -> dict[str, Any]:
    """Return a rule on the newest date as a check."""
    note(*mapping.AGE_NOTE)
    threshold = threshold_of([("<=", Decimal(str(rule.parameters["days"])))])
    where = where_of(rule)
    filtered = {"filter": predicate_sql(where)} if where else {}
    return {"type": "freshness", "column": column_of(rule), **filtered, "threshold": {"unit": "day", **threshold}}


def read_figure(
    kind: object, body: Mapping[str, Any], threshold: Mapping[str, Any], column: str | None, note: Note
) -> Rule:
    """Return the rule that a check of a figure is.

    Raises:
        NotCarriedError: The catalogue has none.
    """
    is_count = kind == "row_count"
    comparisons = comparisons_in(threshold) or ([(">", Decimal(0))] if is_count else [])
    if threshold.get("level") == "warn" or threshold.get("additional") is not None:
        raise NotCarriedError("rules on figures pass or fail, without a warning")
    bounds = bounds_of(comparisons, note, of_whole_numbers=is_count)
    if is_count:
        return as_rule("row_count_between", bounds, column)
    if kind == "missing":
        return as_rule("null_rate_between", bounds, column)
    if kind == "aggregate":
        by_function = {function: check for check, function in FUNCTIONS.items()}
        function = str(body.get("function"))
        if function not in by_function:
            raise NotCarriedError(f"there is no check of the figure {function}")
        return as_rule(by_function[function], bounds, column)
    if kind == "metric" and isinstance(body.get("expression"), str):
        if body["expression"].lstrip().upper().startswith("AVG(CASE") and bounds.keys() == {"min_value"}:
            return rule_of_pass_rate(body["expression"], bounds["min_value"], column)
        return sql_figures.rule_of_figure(body["expression"], bounds, column)
    raise NotCarriedError(f"the catalogue has no check like {kind}")


def read_freshness(body: Mapping[str, Any], threshold: Mapping[str, Any], note: Note) -> Rule:
    """Return the rule that a check of the newest date is.

    Raises:
        NotCarriedError: It says more than how many days old that date may be.
    """
    if "now_variable" in body:
        raise NotCarriedError("its now_variable is another moment than that of the check")
    bounds = bounds_of(comparisons_in(threshold), note)
    hours = {"day": 24, "hour": 1}.get(str(threshold.get("unit", "hour")))
    days = bounds["max_value"] * hours / 24 if hours and bounds.keys() == {"max_value"} else None
    if days is None or days != days.to_integral_value() or threshold.get("level") == "warn":
        raise NotCarriedError("the newest date may be a whole number of days old here, and no more can be said")
    return as_rule("fresh_within", {"days": int(days)}, as_text(body.get("column")))


def threshold_of(comparisons: Comparisons) -> dict[str, Any]:
    """Return comparisons as a threshold."""
    if len(comparisons) == 1:
        operator, number = comparisons[0]
        return {NAMES[operator]: number}
    low, high = (number for _, number in comparisons)
    if low == high:
        return {"must_be": low}
    return {"must_be_between": {"greater_than_or_equal": low, "less_than_or_equal": high}}


def comparisons_in(threshold: Mapping[str, Any]) -> list[tuple[str, Decimal]]:
    """Return the comparisons that a threshold is.

    Raises:
        NotCarriedError: It demands values outside of a range.
    """
    found = [(operator, as_number(threshold[name], name)) for name, operator in _OPERATORS.items() if name in threshold]
    between = as_mapping(threshold.get("must_be_between"), "must_be_between")
    found += [(operator, as_number(between[name], name)) for name, operator in _INSIDE.items() if name in between]
    if "must_be_not_between" in threshold:
        raise NotCarriedError("values outside of a range cannot be demanded here")
    return found
