"""dbt: data tests in properties files (schema.yml), with the tests of dbt-utils and dbt-expectations."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange import mapping, sql_conditions
from profiling_pipeline.exchange.dbt_tests import (
    COMBINATION,
    COUNTERPARTS,
    DEFAULTS,
    EXPRESSION,
    FIGURE,
    NOT_NULL_PROPORTION,
    PREDICATES,
    REASONS,
    REGEX,
    ROW_COUNTS,
    SYNONYMS,
    WITHOUT_COLUMN,
)
from profiling_pipeline.exchange.items import Found, Item, Notation, facts_in, read_items, write_items
from profiling_pipeline.exchange.mapping import as_rule, column_of, pass_rates, where_of, with_tolerance
from profiling_pipeline.exchange.model import Exported, Imported, NotCarriedError, Note, plain
from profiling_pipeline.exchange.patterns import pattern_of, rule_of_pattern
from profiling_pipeline.exchange.reading import as_mapping, as_number, as_text, dump_json, listed, parse_yaml
from profiling_pipeline.exchange.sql_rates import pass_rate_sql, rule_of_pass_rate
from profiling_pipeline.exchange.sql_text import name_sql, parsed, predicate_sql
from profiling_pipeline.exchange.tables import chosen_table
from profiling_pipeline.rules.exact_yaml import dump_yaml
from profiling_pipeline.rules.rule import Rule

_SETTINGS = frozenset(
    {"where", "severity", "warn_if", "error_if", "fail_calc", "limit", "store_failures", "enabled", "tags", "meta"}
)
_SECTIONS = ("models", "seeds", "snapshots")
_ANY_FAILURE = frozenset({"!=0", ">0", ">=1", "<>0"})
_RATE = re.compile(r"(?P<rate>AVG\(.*\)) >= (?P<least>[0-9.]+)", re.IGNORECASE | re.DOTALL)


def _write(rule: Rule, note: Note) -> Item:
    """Return a rule as a data test."""
    least, warned = pass_rates(rule)
    is_warning = least == 0 and warned == 100
    if least < 100 and not is_warning:
        name, arguments = _rate(rule, least, note)
        config: dict[str, Any] = {}
    else:
        name, arguments = _said(rule) or (EXPRESSION, {"expression": sql_conditions.condition_of(rule, note)})
        config = ({"severity": "warn"} if is_warning else {}) | _filter(rule, name, arguments)
    if warned is not None and not is_warning:
        note("warn_pass_rate", "dbt knows no warning band of percentages; it stays in meta")
    if rule.check == "fresh_within":
        note(*mapping.AGE_NOTE)
    body = {
        "test": name,
        "description": rule.description,
        "arguments": arguments or None,
        "config": config or None,
    }
    body = {key: value for key, value in body.items() if value is not None}
    if any(mark in json.dumps(plain(body), default=str) for mark in ("{{", "{%", "{#")):
        raise NotCarriedError("its braces would be a template of dbt")
    return Item(body, None if name in WITHOUT_COLUMN else column_of(rule))


def _rate(rule: Rule, least: Decimal, note: Note) -> tuple[str, dict[str, Any]]:
    """Return the test of a pass rate; tests of rows know none."""
    if rule.check == "not_null" and not where_of(rule):
        return NOT_NULL_PROPORTION, {"at_least": least / 100}
    return FIGURE, {"expression": f"{pass_rate_sql(rule, note)} >= {least:f}"}


def _filter(rule: Rule, name: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    where = where_of(rule)
    conditions = [predicate_sql(where)] if where else []
    if name == COMBINATION:  # a key with a missing part is none
        conditions += [f"{column} IS NOT NULL" for column in arguments["combination_of_columns"]]
    return {"where": " AND ".join(f"({each})" for each in conditions)} if conditions else {}


def _said(rule: Rule) -> tuple[str, dict[str, Any]] | None:
    said = mapping.say(rule, COUNTERPARTS)
    pattern = pattern_of(rule) if said is None else None
    if pattern is not None:  # it stands within quotes of SQL there
        return REGEX, {"regex": pattern.replace("'", "''")}
    return _with_quotes(*said) if said is not None else None


def _with_quotes(name: str, arguments: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return a test that says of its set of values whether they are texts; None where some are, or hold quotes."""
    is_plain = "values" in arguments
    values = arguments.get("values", arguments.get("value_set"))
    if values is None:
        return name, arguments
    texts = [isinstance(value, str) for value in values]
    if any(texts) and (not all(texts) or any("'" in value for value in values)):
        return None
    if is_plain:  # texts unless said
        return name, arguments | ({} if all(texts) else {"quote": False})
    return name, arguments | {"quote_values": all(texts)}


def _read(item: Item, note: Note) -> list[Rule]:
    """Return the rules of a data test."""
    body, column = item.body, item.column
    name, config = str(body.get("test")), as_mapping(body.get("config"), "config")
    arguments = {k: v for k, v in as_mapping(body.get("arguments"), "arguments").items() if v is not None}
    conditions = [config.get("where"), arguments.pop("row_condition", None)]
    wheres = [str(each) for each in conditions if each is not None]
    for where in wheres:
        parsed(where)
    joined = wheres[0] if len(wheres) == 1 else " AND ".join(f"({where})" for where in wheres)
    rule = _rule(name, arguments, column)
    tolerance = _tolerance(config, note)
    if name == NOT_NULL_PROPORTION and rule.check == "not_null":
        tolerance = {"min_pass_rate": as_number(arguments.get("at_least"), "at_least") * 100}
    rule = with_tolerance(rule, where=joined or None, **tolerance)
    rule = replace(rule, description=as_text(body.get("description")))
    named = as_text(body.get("name"))
    return [mapping.titled(rule, named) if named else rule]


def _rule(name: str, arguments: dict[str, Any], column: str | None) -> Rule:
    if name in SYNONYMS:
        name, changed = SYNONYMS[name]
        arguments = changed(arguments)
    if name in REASONS:
        raise NotCarriedError(REASONS[name])
    if name == FIGURE:
        return _rule_of_rate(arguments)
    if name == EXPRESSION:
        return _rule_of_expression(arguments.get("expression"), column)
    if name == REGEX:
        return rule_of_pattern(str(arguments.get("regex")).replace("''", "'"), column)
    if name in PREDICATES and column:
        return sql_conditions.rule_of_condition(PREDICATES[name](name_sql(column), arguments), column)
    if name == NOT_NULL_PROPORTION and arguments.keys() == {"at_least"}:
        return as_rule("not_null", {}, column)
    return mapping.read(name, _cleaned(name, arguments), column, COUNTERPARTS)


def _cleaned(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments without those that say what is so anyway."""
    is_sequence = name.endswith(("increasing", "decreasing"))
    said = {k: v for k, v in arguments.items() if not (k in DEFAULTS and DEFAULTS[k] == v and not is_sequence)}
    for key in ("quote", "quote_values"):
        is_text = said.pop(key, True)
        values = said.get("values", said.get("value_set"))
        if not is_text and isinstance(values, list) and any(isinstance(value, str) for value in values):
            raise NotCarriedError("its values are SQL, not values")
    return said


def _rule_of_expression(expression: object, column: str | None) -> Rule:
    if not isinstance(expression, str):
        raise NotCarriedError("it has no expression")
    return sql_conditions.rule_of_condition(f"{name_sql(column)} {expression}" if column else expression, column)


def _rule_of_rate(arguments: Mapping[str, Any]) -> Rule:
    match = _RATE.fullmatch(str(arguments.get("expression")).strip())
    if match is None or arguments.keys() != {"expression"}:
        raise NotCarriedError("its expression is of the whole table, and no pass rate")
    return rule_of_pass_rate(match["rate"], Decimal(match["least"]))


def _tolerance(config: Mapping[str, Any], note: Note) -> dict[str, Any]:
    for key in ("error_if", "warn_if"):
        if key in config and "".join(str(config[key]).split()) not in _ANY_FAILURE:
            raise NotCarriedError(f"its {key} counts failing rows, and rules allow a percentage")
    if "fail_calc" in config:
        raise NotCarriedError("its fail_calc counts failing rows in a way of its own")
    if config.get("enabled") is False:
        raise NotCarriedError("it is switched off")
    for key in config.keys() - {"where", "severity", "error_if", "warn_if", "enabled"}:
        note(f"config.{key}", "Rules have no place for it")
    is_warning = str(config.get("severity", "error")).casefold() == "warn"
    return {"min_pass_rate": Decimal(0), "warn_pass_rate": Decimal(100)} if is_warning else {}


_keep, _take_facts = facts_in("config", "meta")


def _take(item: Item) -> tuple[Item, object]:
    taken, facts = _take_facts(item)
    if facts is None:
        return taken, None
    return replace(taken, body={key: value for key, value in taken.body.items() if key != "name"}), facts


NOTATION = Notation(_write, _read, _keep, _take)


def read(text: str, source: str, table: str | None = None) -> Imported:
    """Read the data tests of one model, seed, snapshot or source table of a properties file.

    Raises:
        InvalidInputError: It is no properties file, or has several tables with tests of which none is chosen.
    """
    content = parse_yaml(text, source)
    tables = _tables(content)
    if not tables:
        raise InvalidInputError(f"{source} is no properties file of dbt: it has no models, seeds or sources.")
    return read_items(_found(chosen_table(tables, _has_tests, source, table)), NOTATION)


def _tables(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries = [entry for section in _SECTIONS for entry in listed(content.get(section))]
    for each in listed(content.get("sources")):
        entries += listed(each.get("tables")) if isinstance(each, dict) else []
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("name"), str)]


def _has_tests(table: Mapping[str, Any]) -> bool:
    columns = [column for column in listed(table.get("columns")) if isinstance(column, dict)]
    return any(_tests(each) for each in (table, *columns))


def _tests(entry: Mapping[str, Any]) -> list[Any]:
    return [test for key in ("data_tests", "tests") for test in listed(entry.get(key))]


def _found(table: Mapping[str, Any]) -> Iterator[Found]:
    columns = [column for column in listed(table.get("columns")) if isinstance(column, dict)]
    for column in columns:
        for test in _tests(column):
            yield found_test(test, str(column.get("name")), f"column {column.get('name')}")
    first = next((str(column["name"]) for column in columns if "name" in column), None)
    for test in _tests(table):
        yield found_test(test, None, f"model {table['name']}", first)


def found_test(test: object, column: str | None, place: str, first: str | None = None) -> Found:
    """Return a test, which is a name, or a mapping of a name to arguments, in any of dbt's layouts.

    `first` is the table's first column: counts of rows belong to that.
    """
    if isinstance(test, dict) and "test_name" in test:
        name, said = str(test["test_name"]), {k: v for k, v in test.items() if k != "test_name"}
    elif isinstance(test, dict) and len(test) == 1:
        name, said = next(iter(test.items()))
    else:
        name, said = str(test), {}
    said = dict(said) if isinstance(said, dict) else {}
    body: dict[str, Any] = {"test": name}
    for key in ("name", "description"):
        if key in said:
            body[key] = said.pop(key)
    config = {key: said.pop(key) for key in list(said) if key in _SETTINGS}
    nested, configured = (said.pop(key, None) for key in ("arguments", "config"))
    arguments = said | (nested if isinstance(nested, dict) else {})
    config |= configured if isinstance(configured, dict) else {}
    body |= ({"arguments": arguments} if arguments else {}) | ({"config": config} if config else {})
    return Found(Item(body, first if name in ROW_COUNTS else column), name, place)


def write(rules: Iterable[Rule], table: str) -> Exported:
    """Write rules as a properties file with the data tests of one model."""
    items, left_out = write_items(rules, NOTATION)
    columns: dict[str, list[Any]] = {}
    tests: list[Any] = []
    seen: Counter[str] = Counter()
    for item in items:
        body = dict(item.body)
        name = body.pop("test")
        identity = dump_json({"column": item.column, "name": name, "arguments": body.get("arguments")})
        seen[identity] += 1
        if seen[identity] > 1:  # dbt tells tests apart by name and arguments
            slug = re.sub(r"\W+", "_", f"{name}_{table}_{item.column or ''}").strip("_")
            body = {"name": f"{slug}_{seen[identity]}", **body}
        test = {name: body} if body else name
        (tests if item.column is None else columns.setdefault(item.column, [])).append(test)
    model: dict[str, Any] = {"name": table}
    if tests:
        model["data_tests"] = tests
    if columns:
        model["columns"] = [
            {"name": name} | ({"quote": True} if name_sql(name) != name else {}) | {"data_tests": listed}
            for name, listed in columns.items()
        ]
    return Exported(dump_yaml({"version": 2, "models": [model]}), tuple(left_out))
