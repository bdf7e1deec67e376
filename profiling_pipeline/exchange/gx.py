"""Great Expectations 1.x: expectation suites as JSON."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange import mapping, sql_conditions
from profiling_pipeline.exchange.gx_conditions import condition_of_predicate, predicate_of_condition
from profiling_pipeline.exchange.gx_expectations import (
    COUNTERPARTS,
    DEFAULTS,
    NO_COLUMN,
    NOT_FOR_US,
    PREDICATES,
    QUANTILES,
    REASONS,
    REGEX,
    ROW_COUNT,
    SQL,
    SYNONYMS,
)
from profiling_pipeline.exchange.items import Found, Item, Notation, facts_in, read_items, write_items
from profiling_pipeline.exchange.mapping import (
    as_rule,
    column_of,
    pass_rates,
    where_of,
    with_tolerance,
)
from profiling_pipeline.exchange.model import Exported, Imported, NotCarriedError, Note
from profiling_pipeline.exchange.patterns import pattern_of, rule_of_pattern
from profiling_pipeline.exchange.reading import as_list, as_mapping, as_text, dump_json, parse_json
from profiling_pipeline.exchange.sql_rates import pass_rate_sql, rule_of_pass_rate
from profiling_pipeline.exchange.sql_text import name_sql
from profiling_pipeline.rules.rule import Rule, Severity

_ROWS_OF_BATCH = "SELECT * FROM {batch} WHERE "
_RATE_OF_BATCH = re.compile(
    r"SELECT (?P<rate>AVG\(.*\)) AS pass_rate FROM \{batch\} HAVING (?P=rate) < (?P<least>[0-9.]+)", re.IGNORECASE
)
_SEVERITIES = {Severity.HIGH: "critical", Severity.MEDIUM: "warning", Severity.LOW: "info"}
_OUR_SEVERITIES = {theirs: ours for ours, theirs in _SEVERITIES.items()}


def _write(rule: Rule, note: Note) -> Item:
    """Return a rule as an expectation."""
    name, kwargs = _demand(rule, note)
    body: dict[str, Any] = {"type": name, "kwargs": kwargs, "severity": _SEVERITIES[rule.severity]}
    if rule.description is not None:
        body["description"] = rule.description
    if rule.check == "quantile_between":
        note("interpolation", "Great Expectations may take a neighbouring value, as with pandas")
    if pass_rates(rule)[1] is not None:
        note("warn_pass_rate", "Great Expectations knows no warning band; it stays in meta")
    return Item(body)


def _demand(rule: Rule, note: Note) -> tuple[str, dict[str, Any]]:
    """Return the expectation of a rule, its tolerance included, and its arguments."""
    said, where, least = _said(rule), where_of(rule), pass_rates(rule)[0]
    if said is not None:
        name, arguments = said
        try:
            return name, (
                ({} if name in NO_COLUMN else {"column": column_of(rule)})
                | arguments
                | ({"mostly": least / 100} if least < 100 else {})
                | ({"row_condition": condition_of_predicate(where)} if where else {})
            )
        except NotCarriedError as error:
            if rule.check not in sql_conditions.SQL_CHECKS:
                raise NotCarriedError(f"{error}, and {mapping.named(rule)} cannot be said in SQL instead") from error
    if least == 100:
        return SQL, {"unexpected_rows_query": _ROWS_OF_BATCH + sql_conditions.failing_rows_of(rule, note)}
    rate = pass_rate_sql(rule, note)
    # Text for another tool, never run here.
    query = f"SELECT {rate} AS pass_rate FROM {{batch}} HAVING {rate} < {least:f}"  # noqa: S608
    return SQL, {"unexpected_rows_query": query}


def _said(rule: Rule) -> tuple[str, dict[str, Any]] | None:
    said = mapping.say(rule, COUNTERPARTS)
    if said is None and (pattern := pattern_of(rule)) is not None:
        return REGEX, {"regex": pattern}
    if said is not None and said[0] == QUANTILES:
        name, arguments = said
        bounds = [arguments.get("min_value"), arguments.get("max_value")]
        return name, {"quantile_ranges": {"quantiles": [arguments["quantile"]], "value_ranges": [bounds]}}
    return said


def _read(item: Item, note: Note) -> list[Rule]:
    """Return the rules of an expectation."""
    body = item.body
    name = body.get("type", body.get("expectation_type"))
    kwargs = {k: v for k, v in as_mapping(body.get("kwargs"), "kwargs").items() if v is not None}
    for argument in NOT_FOR_US:
        kwargs.pop(argument, None)
    condition, parser, mostly = (kwargs.pop(key, None) for key in ("row_condition", "condition_parser", "mostly"))
    where = None if condition is None else predicate_of_condition(condition, parser)
    least = None if mostly is None else _percent(mostly)
    severity = _OUR_SEVERITIES.get(str(body.get("severity")), Severity.MEDIUM)
    return [
        replace(
            with_tolerance(rule, where=where, min_pass_rate=least),
            severity=severity,
            description=as_text(body.get("description")),
        )
        for rule in _rules(name, kwargs, item.column, note)
    ]


def _percent(mostly: object) -> Decimal:
    if isinstance(mostly, bool) or not isinstance(mostly, int | Decimal):
        raise NotCarriedError("its mostly is no number")
    return Decimal(mostly) * 100


def _rules(name: object, kwargs: dict[str, Any], belongs_to: str | None, note: Note) -> Iterator[Rule]:
    """Yield the rules, without tolerance and names, that an expectation demands of its column, or of `belongs_to`."""
    if not isinstance(name, str):
        raise NotCarriedError("it has no type")
    if name in SYNONYMS:
        name, changed = SYNONYMS[name]
        kwargs = changed(kwargs)
    if name in REASONS:
        raise NotCarriedError(REASONS[name])
    column = kwargs.pop("column", belongs_to)
    if name == SQL:
        yield _rule_of_query(kwargs.get("unexpected_rows_query"))
    elif name == REGEX:
        yield rule_of_pattern(kwargs.get("regex"), column)
    elif name in PREDICATES and isinstance(column, str):
        yield _rule_of_predicate(name, column, kwargs)
    elif name == QUANTILES:
        yield from _quantiles(kwargs, column)
    elif name == "expect_column_distinct_values_to_equal_set":
        for check in ("distinct_values_in", "distinct_values_contain"):
            yield as_rule(check, {"values": kwargs.get("value_set")}, column)
    else:
        yield mapping.read(name, _cleaned(name, kwargs, note), column, COUNTERPARTS)


def _cleaned(name: str, kwargs: Mapping[str, Any], note: Note) -> dict[str, Any]:
    """Return arguments without those that say what is so anyway, and in our words about rows with missing values."""
    said = {key: value for key, value in kwargs.items() if not (key in DEFAULTS and DEFAULTS[key] == value)}
    is_figure = name.startswith("expect_column_") and name.endswith("_to_be_between") and "values_to" not in name
    if is_figure and "value_lengths" not in name:
        for bound in ("strict_min", "strict_max"):
            if said.pop(bound, False):
                note(bound, "Bounds of figures are included here")
    for counterpart in COUNTERPARTS:
        wanted = counterpart.fixed.get("ignore_row_if")
        if counterpart.theirs == name and wanted is not None and said.get("ignore_row_if") != wanted:
            said["ignore_row_if"] = wanted
            note("ignore_row_if", "Rows in which one of the values is missing are skipped here")
    return said


def _rule_of_query(query: object) -> Rule:
    text = " ".join(query.split()) if isinstance(query, str) else ""
    rated = _RATE_OF_BATCH.fullmatch(text)
    if rated is not None:
        return rule_of_pass_rate(rated["rate"], Decimal(rated["least"]))
    if not text.upper().startswith(_ROWS_OF_BATCH.upper()):
        raise NotCarriedError(f"only queries of the form {_ROWS_OF_BATCH}... are conditions")
    return sql_conditions.rule_of_failing_rows(text[len(_ROWS_OF_BATCH) :])


def _rule_of_predicate(name: str, column: str, kwargs: Mapping[str, Any]) -> Rule:
    try:
        predicate = PREDICATES[name](name_sql(column), kwargs)
    except KeyError as error:
        raise NotCarriedError(f"its {error.args[0]} is missing") from error
    return sql_conditions.rule_of_condition(predicate, column)


def _quantiles(kwargs: Mapping[str, Any], column: object) -> Iterator[Rule]:
    ranges = as_mapping(kwargs.get("quantile_ranges"), "quantile_ranges")
    quantiles, bounds = (as_list(ranges.get(key), key) for key in ("quantiles", "value_ranges"))
    if not quantiles or len(quantiles) != len(bounds) or any(len(as_list(b, "value_ranges")) != 2 for b in bounds):
        raise NotCarriedError("its quantiles and value_ranges do not go together")
    for quantile, (low, high) in zip(quantiles, bounds, strict=True):
        said = {"quantile": quantile, "min_value": low, "max_value": high}
        yield as_rule("quantile_between", {k: v for k, v in said.items() if v is not None}, _text(column))


def _text(column: object) -> str | None:
    return column if isinstance(column, str) else None


_keep, _take = facts_in("meta")
NOTATION = Notation(_write, _read, _keep, _take)


def read(text: str, source: str, table: str | None = None) -> Imported:
    """Read the rules of an expectation suite; a suite is of one table, whatever it is called.

    Raises:
        InvalidInputError: It is no expectation suite.
    """
    suite = parse_json(text, source)
    expectations = suite.get("expectations")
    if not isinstance(expectations, list):
        raise InvalidInputError(f"{source} is no expectation suite: it has no list of expectations.")
    return read_items(_found(expectations), NOTATION)


def _found(expectations: Sequence[object]) -> Iterator[Found]:
    """Yield the expectations; counts of rows belong to the first column that the suite names."""
    bodies = [body if isinstance(body, dict) else {} for body in expectations]
    columns = [_column_in(body) for body in bodies]
    first = next((column for column in columns if column is not None), None)
    for number, (body, column) in enumerate(zip(bodies, columns, strict=True), start=1):
        name = str(body.get("type", body.get("expectation_type", "expectation")))
        belongs_to = first if name.startswith(ROW_COUNT) else None
        yield Found(Item(body, belongs_to), f"{name}({column})" if column else name, f"expectation {number}")


def _column_in(body: Mapping[str, Any]) -> str | None:
    kwargs = body.get("kwargs")
    column = kwargs.get("column") if isinstance(kwargs, dict) else None
    return column if isinstance(column, str) and column else None


def write(rules: Iterable[Rule], table: str) -> Exported:
    """Write rules as an expectation suite that is called like their table."""
    items, left_out = write_items(rules, NOTATION)
    suite = {"name": table, "expectations": [{"meta": {}, **item.body} for item in items], "meta": {}}
    return Exported(dump_json(suite), tuple(left_out))
