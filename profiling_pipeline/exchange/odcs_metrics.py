"""The library metrics, operators and schema constraints of the Open Data Contract Standard."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from profiling_pipeline.exchange import mapping, sql_conditions
from profiling_pipeline.exchange.mapping import COLUMNS, NUMBER, ONE_OF, Argument, Counterpart, as_rule
from profiling_pipeline.exchange.model import NotCarriedError
from profiling_pipeline.exchange.patterns import pattern_of, rule_of_pattern
from profiling_pipeline.exchange.reading import as_list, as_mapping, as_number
from profiling_pipeline.exchange.sql_text import name_sql, value_sql
from profiling_pipeline.rules.rule import Dimension, Rule, Severity

OPTIONS = "schema"  # our own word for what the schema demands, among the types of quality entries
DIMENSIONS = {
    Dimension.COMPLETENESS: "completeness",
    Dimension.VALIDITY: "conformity",
    Dimension.ACCURACY: "accuracy",
    Dimension.CONSISTENCY: "consistency",
    Dimension.UNIQUENESS: "uniqueness",
}
_SYNONYMS = {"cp": "completeness", "cf": "conformity", "ac": "accuracy", "cs": "consistency", "uq": "uniqueness"}
_BY_NAME = {theirs: ours for ours, theirs in DIMENSIONS.items()}
OUR_DIMENSIONS = _BY_NAME | {short: _BY_NAME[name] for short, name in _SYNONYMS.items()}
SEVERITIES = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "info"}
OUR_SEVERITIES = {theirs: ours for ours, theirs in SEVERITIES.items()} | {
    "critical": Severity.HIGH,
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
}

COUNTERPARTS = (
    Counterpart("not_null", "nullValues"),
    Counterpart("isin", "invalidValues", (Argument("allowed_values", "validValues"),)),
    Counterpart("equal_to", "invalidValues", (Argument("value", "validValues", ONE_OF),)),
    Counterpart("unique", "duplicateValues", (Argument(COLUMNS, "properties"),)),
    Counterpart("unique", "duplicateValues"),
)
# What only the schema says, read and never written.
_CONSTRAINTS = (
    Counterpart("in_range", OPTIONS, (Argument("min_value", "minimum"), Argument("max_value", "maximum"))),
    Counterpart("greater_than_or_equal_to", OPTIONS, (Argument("min_value", "minimum"),)),
    Counterpart("less_than_or_equal_to", OPTIONS, (Argument("max_value", "maximum"),)),
    Counterpart("greater_than", OPTIONS, (Argument("min_value", "exclusiveMinimum"),)),
    Counterpart("less_than", OPTIONS, (Argument("max_value", "exclusiveMaximum"),)),
    Counterpart("str_length", OPTIONS, (Argument("min_value", "minLength"), Argument("max_value", "maxLength"))),
    Counterpart("is_email", OPTIONS, fixed={"format": "email"}),
    Counterpart("is_uuid", OPTIONS, fixed={"format": "uuid"}),
    Counterpart("is_url", OPTIONS, fixed={"format": "uri"}),
    Counterpart("is_ipv4", OPTIONS, fixed={"format": "ipv4"}),
)
_TOGETHER = (("minimum", "maximum"), ("minLength", "maxLength"))
_OPERATORS = {
    "mustBe": "=",
    "mustNotBe": "<>",
    "mustBeGreaterThan": ">",
    "mustBeGreaterOrEqualTo": ">=",
    "mustBeGreaterThanOrEqualTo": ">=",  # of 3.0
    "mustBeLessThan": "<",
    "mustBeLessOrEqualTo": "<=",
    "mustBeLessThanOrEqualTo": "<=",  # of 3.0
}


def say_metric(rule: Rule, least: Decimal) -> dict[str, Any] | None:
    """Return a library metric with its limit that says what a rule demands, None where there is none."""
    if rule.check == "row_count_between":
        return {"metric": "rowCount", **operators_of(rule.parameters)}
    if rule.check == "null_rate_between":
        return {"metric": "nullValues", "unit": "percent", **operators_of(rule.parameters)}
    said = mapping.say(rule, COUNTERPARTS)
    pattern = pattern_of(rule)
    if said is None and pattern is not None:
        said = "invalidValues", {"pattern": pattern}
    if said is None or (least < 100 and said[0] != "nullValues"):
        return None  # the standard does not say of which rows a percentage is
    limit: dict[str, Any] = {"mustBe": 0} if least == 100 else {"mustBeLessOrEqualTo": 100 - least, "unit": "percent"}
    metric, arguments = said
    return {"metric": metric} | ({"arguments": arguments} if arguments else {}) | limit


def read_metric(metric: str, arguments: object, column: str | None) -> Rule:
    """Return the rule, without name and tolerance, of a metric that counts failing rows.

    Raises:
        NotCarriedError: There is none.
    """
    said = as_mapping(arguments, "arguments")
    if metric == "invalidValues" and said.keys() == {"pattern"}:
        return rule_of_pattern(said["pattern"], column)
    if metric == "missingValues" and column is not None:
        missing = [each for each in as_list(said.get("missingValues"), "missingValues") if each is not None]
        if not all(isinstance(each, bool | int | Decimal | str) for each in missing):
            raise NotCarriedError("its missingValues are no single values")
        if not missing:
            return as_rule("not_null", {}, column)
        listed = ", ".join(map(value_sql, missing))
        return sql_conditions.rule_of_condition(f"COALESCE({name_sql(column)} NOT IN ({listed}), FALSE)", column)
    return mapping.read(metric, said, column, COUNTERPARTS)


def read_options(body: Mapping[str, Any], column: str | None) -> list[Rule]:
    """Return the rules of a constraint of the schema.

    Raises:
        NotCarriedError: It has no counterpart.
    """
    if "nested" in body:
        raise NotCarriedError("rules are of columns, not of what is nested in them")
    if "relationship" in body:
        return [_reference(as_mapping(body["relationship"], "relationship"), column)]
    left = as_mapping(body.get("options"), "logicalTypeOptions").copy()
    rules = []
    if "pattern" in left:
        rules.append(rule_of_pattern(left.pop("pattern"), column))
    if "multipleOf" in left and column is not None:
        factor = value_sql(as_number(left.pop("multipleOf"), "multipleOf"))
        rules.append(sql_conditions.rule_of_condition(f"{name_sql(column)} % {factor} = 0", column))
    for keys in _TOGETHER:
        pair = {key: left.pop(key) for key in keys if key in left}
        if pair:
            rules.append(mapping.read(OPTIONS, pair, column, _CONSTRAINTS))
    return rules + [mapping.read(OPTIONS, {key: value}, column, _CONSTRAINTS) for key, value in left.items()]


def _reference(relationship: Mapping[str, Any], column: str | None) -> Rule:
    to = relationship.get("to")
    if not isinstance(to, str) or "." not in to or relationship.get("type", "foreignKey") != "foreignKey":
        raise NotCarriedError("it refers to no single property of another object")
    source, _, key = to.rpartition(".")
    return as_rule("references", {"source": source, "column": key}, column)


def operators_of(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the operators of bounds, both included.

    Raises:
        NotCarriedError: The bounds are no numbers.
    """
    low, high = parameters.get("min_value"), parameters.get("max_value")
    try:
        low, high = (None if each is None else NUMBER.to_theirs(each) for each in (low, high))
    except ValueError as error:
        raise NotCarriedError("bounds that are dates cannot be said there") from error
    if low is None:
        return {"mustBeLessOrEqualTo": high}
    if high is None:
        return {"mustBeGreaterOrEqualTo": low}
    return {"mustBe": low} if low == high else {"mustBeBetween": [low, high]}


def comparisons_of(body: Mapping[str, Any]) -> list[tuple[str, Decimal]]:
    """Return the comparisons that the operators of an entry make.

    Raises:
        NotCarriedError: It makes none, or excludes a range.
    """
    found = [(operator, as_number(body[name], name)) for name, operator in _OPERATORS.items() if name in body]
    between = as_list(body.get("mustBeBetween"), "mustBeBetween")
    found += [(sign, as_number(each, "mustBeBetween")) for sign, each in zip((">=", "<="), between, strict=False)]
    if "mustNotBeBetween" in body:
        raise NotCarriedError("values outside of a range cannot be demanded here")
    if not found:
        raise NotCarriedError("it has no operator such as mustBe")
    return found
