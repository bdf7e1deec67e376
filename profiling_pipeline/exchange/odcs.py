"""Open Data Contract Standard 3.1: the quality sections of a data contract, and the constraints of its schema."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange.facts import KEY
from profiling_pipeline.exchange.items import Found, Item, Notation, named_apart, read_items, write_items
from profiling_pipeline.exchange.mapping import (
    as_rule,
    column_of,
    pass_rates,
    titled,
    where_of,
    with_tolerance,
)
from profiling_pipeline.exchange.model import Exported, Imported, NotCarriedError, Note
from profiling_pipeline.exchange.odcs_engines import OWN_ENGINE, rules_of_engine
from profiling_pipeline.exchange.odcs_metrics import (
    DIMENSIONS,
    OPTIONS,
    OUR_DIMENSIONS,
    OUR_SEVERITIES,
    SEVERITIES,
    comparisons_of,
    operators_of,
    read_metric,
    read_options,
    say_metric,
)
from profiling_pipeline.exchange.reading import as_text, listed, parse_yaml
from profiling_pipeline.exchange.sql_conditions import failing_rows_of, rule_of_failing_rows
from profiling_pipeline.exchange.sql_figures import SQL_FIGURES, figure_of, rule_of_figure
from profiling_pipeline.exchange.sql_rates import pass_rate_sql, rule_of_pass_rate
from profiling_pipeline.exchange.tables import chosen_table
from profiling_pipeline.exchange.thresholds import bounds_of, pass_rate_of
from profiling_pipeline.rules.exact_yaml import dump_yaml
from profiling_pipeline.rules.rule import Rule, Severity

_NO_PLACE = (
    "schedule",
    "scheduler",
    "businessImpact",
    "tags",
    "method",
    "authoritativeDefinitions",
    "customProperties",
)
_COUNT = "SELECT COUNT(*) FROM {object} WHERE "
_FROM = " FROM {object}"


def _write(rule: Rule, note: Note) -> Item:
    """Return a rule as an entry of a quality section."""
    demand, column = _demand(rule, note)
    described = {
        "name": rule.name or None,
        "description": rule.description,
        "dimension": DIMENSIONS[rule.dimension] if rule.dimension else None,
        "severity": SEVERITIES[rule.severity],
    }
    return Item({key: value for key, value in described.items() if value is not None} | demand, column)


def _demand(rule: Rule, note: Note) -> tuple[dict[str, Any], str | None]:
    """Return what an entry demands, and the property under which it stands, if it does."""
    least, warned = pass_rates(rule)
    if warned is not None:
        note("warn_pass_rate", "The standard knows no warning band; it stays in customProperties")
    said = say_metric(rule, least) if not where_of(rule) else None
    if said is not None:
        is_of_object = said["metric"] == "rowCount" or "properties" in said.get("arguments", {})
        return {"type": "library", **said}, None if is_of_object else column_of(rule)
    try:
        return {"type": "sql", **_query(rule, least, note)}, column_of(rule)
    except NotCarriedError:
        own = {"check": rule.check, "parameters": {k: v for k, v in rule.parameters.items() if k != "origin"}}
        return {"type": "custom", "engine": OWN_ENGINE, "implementation": own}, column_of(rule)


def _query(rule: Rule, least: Decimal, note: Note) -> dict[str, Any]:
    """Return a query and the limit of its result.

    Raises:
        NotCarriedError: SQL of every engine has none.
    """
    if rule.check in SQL_FIGURES:
        return {"query": f"SELECT {figure_of(rule)}{_FROM}", **operators_of(rule.parameters)}
    if least < 100:
        return {"query": f"SELECT {pass_rate_sql(rule, note)}{_FROM}", "mustBeGreaterOrEqualTo": least}
    return {"query": _COUNT + failing_rows_of(rule, note), "mustBe": 0}


def _read(item: Item, note: Note) -> list[Rule]:
    """Return the rules of an entry of a quality section."""
    body = item.body
    for key in _NO_PLACE:
        if body.get(key):
            note(key, "Rules have no place for it")
    kind = body.get("type", "text" if not body.keys() & {"metric", "rule"} else "library")
    if kind == "library":
        rules = [_rule_of_metric(body, item.column, note)]
    elif kind == "sql":
        rules = [_rule_of_query(body, item.column, note)]
    elif kind == "custom":
        rules = rules_of_engine(body.get("engine"), body.get("implementation"), item.column, note)
    elif kind == OPTIONS:
        rules = read_options(body, item.column)
    else:
        raise NotCarriedError("it is text for people: say it as a check")
    return [_described(rule, body, note) for rule in rules]


def _described(rule: Rule, body: Mapping[str, Any], note: Note) -> Rule:
    dimension = OUR_DIMENSIONS.get(str(body.get("dimension")))
    if "dimension" in body and dimension is None:
        note(f"dimension {body['dimension']}", "Rules know no such dimension; the check's own is taken")
    severity = OUR_SEVERITIES.get(str(body.get("severity")).casefold(), Severity.MEDIUM)
    name = as_text(body.get("name"))
    described = replace(
        rule, dimension=dimension, severity=severity, description=as_text(body.get("description")) or rule.description
    )
    return titled(described, name) if name else described


def _rule_of_metric(body: Mapping[str, Any], column: str | None, note: Note) -> Rule:
    metric = body.get("metric", body.get("rule"))
    comparisons, in_percent = comparisons_of(body), body.get("unit") == "percent"
    if metric == "rowCount":
        return as_rule("row_count_between", bounds_of(comparisons, note, of_whole_numbers=True), column)
    has_lower = any(operator in (">", ">=") or (operator == "=" and n > 0) for operator, n in comparisons)
    if metric == "nullValues" and in_percent and has_lower:
        return as_rule("null_rate_between", bounds_of(comparisons, note), column)
    least = pass_rate_of(comparisons, note, in_percent=in_percent)
    if least < 100 and metric != "nullValues":
        note("percent", "The standard does not say whether rows without a value count; here they do not")
    return with_tolerance(read_metric(str(metric), body.get("arguments"), column), min_pass_rate=least)


def _rule_of_query(body: Mapping[str, Any], column: str | None, note: Note) -> Rule:
    query = " ".join(str(body.get("query")).split()).removesuffix(";")
    if column is not None:
        query = query.replace("${column}", "{property}").replace("{property}", column)
    query = query.replace("${table}", "{object}").replace("${object}", "{object}")
    comparisons = comparisons_of(body)
    if query.upper().startswith(_COUNT.upper()):
        pass_rate_of(comparisons, note, in_percent=False)
        return rule_of_failing_rows(query[len(_COUNT) :], column)
    if not query.upper().startswith("SELECT ") or not query.upper().endswith(_FROM.upper()):
        raise NotCarriedError(f"only queries such as {_COUNT}... and SELECT AVG(...){_FROM} are checks")
    figure = query[len("SELECT ") : -len(_FROM)]
    bounds = bounds_of(comparisons, note)
    if figure.upper().startswith("AVG(CASE") and bounds.keys() == {"min_value"}:
        return rule_of_pass_rate(figure, bounds["min_value"], column)
    return rule_of_figure(figure, bounds, column)


def _keep(item: Item, facts: dict[str, Any]) -> Item:
    return replace(item, body={**item.body, "customProperties": [{"property": KEY, "value": facts}]})


def _take(item: Item) -> tuple[Item, object]:
    properties = item.body.get("customProperties")
    if not isinstance(properties, list):
        return item, None
    facts = next((p.get("value") for p in properties if isinstance(p, dict) and p.get("property") == KEY), None)
    others = [p for p in properties if not (isinstance(p, dict) and p.get("property") == KEY)]
    body = {key: value for key, value in item.body.items() if key != "customProperties"}
    return replace(item, body=body | ({"customProperties": others} if others else {})), facts


NOTATION = Notation(_write, _read, _keep, _take)


def read(text: str, source: str, table: str | None = None) -> Imported:
    """Read the rules of one schema object of a data contract: its quality sections and its constraints.

    Raises:
        InvalidInputError: It is no contract of this standard, or has several objects with checks and none is chosen.
    """
    contract = parse_yaml(text, source)
    objects = contract.get("schema")
    if contract.get("kind") != "DataContract" or not isinstance(objects, list):
        raise InvalidInputError(f"{source} is no Open Data Contract: kind is DataContract and schema a list in one.")
    tables = [each for each in objects if isinstance(each, dict) and isinstance(each.get("name"), str)]
    if not tables:
        raise InvalidInputError(f"{source} has no schema object with a name. Complete the contract.")
    chosen = chosen_table(tables, _has_checks, source, table)
    said = read_items(_found(chosen), NOTATION)
    constraints = read_items(_constraints_of(chosen), NOTATION)
    known = {_meaning(rule) for rule in said.rules}
    further = {_meaning(rule): replace(rule, name="") for rule in constraints.rules if _meaning(rule) not in known}
    return Imported(named_apart([*said.rules, *further.values()]), said.left_out + constraints.left_out)


def _meaning(rule: Rule) -> str:
    return repr((rule.attribute, rule.check, sorted(rule.parameters.items())))


def _properties(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each for each in listed(table.get("properties")) if isinstance(each, dict)]


def _has_checks(table: Mapping[str, Any]) -> bool:
    return any(next(found(table), None) is not None for found in (_found, _constraints_of))


def _found(table: Mapping[str, Any]) -> Iterator[Found]:
    properties = _properties(table)
    columns = [str(each.get("physicalName") or each.get("name")) for each in properties]
    for each, column in zip(properties, columns, strict=True):
        for quality in _qualities(each):
            yield Found(Item(quality, column), _what(quality), f"property {column}")
    first = columns[0] if columns else None
    for quality in _qualities(table):
        is_of_rows = quality.get("metric", quality.get("rule")) == "rowCount"
        yield Found(Item(quality, first if is_of_rows else None), _what(quality), f"object {table['name']}")


def _constraints_of(table: Mapping[str, Any]) -> Iterator[Found]:
    """Yield what the schema demands beside the quality sections."""
    properties = _properties(table)
    columns = [str(each.get("physicalName") or each.get("name")) for each in properties]
    for each, column in zip(properties, columns, strict=True):
        for what, body in _constraints(each):
            yield Found(Item(body, column), what, f"property {column}")
    yield from _primary_key(properties, columns)


def _qualities(element: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each if isinstance(each, dict) else {"type": "text"} for each in listed(element.get("quality"))]


def _what(quality: Mapping[str, Any]) -> str:
    kind = quality.get("metric") or quality.get("rule") or quality.get("engine") or quality.get("type") or "text"
    return f"{kind} '{quality['name']}'" if "name" in quality else str(kind)


def _constraints(element: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a property demands beside its quality section."""
    none_fails: dict[str, Any] = {"type": "library", "mustBe": 0}
    if element.get("required") is True:
        yield "required", {**none_fails, "metric": "nullValues"}
    if element.get("unique") is True:
        yield "unique", {**none_fails, "metric": "duplicateValues"}
    options = element.get("logicalTypeOptions")
    if isinstance(options, dict) and options:
        yield "logicalTypeOptions", {"type": OPTIONS, "options": options}
    for relationship in listed(element.get("relationships")):
        yield "relationship", {"type": OPTIONS, "relationship": relationship}
    if element.get("properties") or element.get("items"):
        yield "nested properties", {"type": OPTIONS, "nested": True}


def _primary_key(properties: list[dict[str, Any]], columns: list[str]) -> Iterator[Found]:
    keyed = [
        (each.get("primaryKeyPosition") or 0, column)
        for each, column in zip(properties, columns, strict=True)
        if each.get("primaryKey") is True
    ]
    names = [column for _, column in sorted(keyed, key=lambda pair: pair[0] if isinstance(pair[0], int) else 0)]
    body: dict[str, Any] = {"type": "library", "metric": "duplicateValues", "mustBe": 0}
    if len(names) > 1:
        yield Found(Item(body | {"arguments": {"properties": names}}), "primary key", ", ".join(names))
    elif names:
        yield Found(Item(body, names[0]), "primary key", names[0])


def write(rules: Iterable[Rule], table: str) -> Exported:
    """Write rules as a data contract with one schema object."""
    items, left_out = write_items(rules, NOTATION)
    columns: dict[str, list[dict[str, Any]]] = {}
    of_table: list[dict[str, Any]] = []
    for item in items:
        (of_table if item.column is None else columns.setdefault(item.column, [])).append(item.body)
    element: dict[str, Any] = {"name": table}
    if of_table:
        element["quality"] = of_table
    if columns:
        element["properties"] = [{"name": name, "quality": listed} for name, listed in columns.items()]
    contract = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": str(uuid5(NAMESPACE_URL, table)),  # the same each time
        "name": table,
        "version": "1.0.0",
        "status": "draft",
        "schema": [element],
    }
    return Exported(dump_yaml(contract), tuple(left_out))
