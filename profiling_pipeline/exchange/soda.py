"""Soda: data contracts (contract language of version 4), and SodaCL of version 3 for reading."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange import mapping, sql_conditions, sql_figures
from profiling_pipeline.exchange.items import Found, Item, Notation, facts_in, read_items, write_items
from profiling_pipeline.exchange.mapping import as_rule, column_of, pass_rates, where_of, with_tolerance
from profiling_pipeline.exchange.model import Exported, Imported, NotCarriedError, Note
from profiling_pipeline.exchange.patterns import pattern_of, rule_of_pattern
from profiling_pipeline.exchange.reading import as_list, as_mapping, as_text, listed, parse_yaml
from profiling_pipeline.exchange.soda_checks import COUNTERPARTS, REASONS
from profiling_pipeline.exchange.soda_figures import (
    NAMES,
    comparisons_in,
    read_figure,
    read_freshness,
    threshold_of,
    write_figure,
    write_freshness,
)
from profiling_pipeline.exchange.sodacl import checks_of_sodacl, is_sodacl
from profiling_pipeline.exchange.sql_rates import pass_rate_sql
from profiling_pipeline.exchange.sql_text import name_sql, parsed, predicate_sql, value_sql
from profiling_pipeline.exchange.thresholds import pass_rate_of
from profiling_pipeline.rules.exact_yaml import dump_yaml
from profiling_pipeline.rules.rule import Rule

_OF_ROWS = frozenset({"missing", "invalid", "duplicate", "failed_rows"})
_OF_COLUMNS = frozenset({"missing", "invalid", "duplicate", "aggregate"})
_ALL_FAILING = ("=", Decimal(0))


def _write(rule: Rule, note: Note) -> Item:
    """Return a rule as a check."""
    if rule.check == "fresh_within":
        body = write_freshness(rule, note)
    else:
        body = write_figure(rule) if rule.check in sql_figures.SQL_FIGURES else _check_of_rows(rule, note)
    name = {"name": rule.name} if rule.name else {}
    is_of_column = body["type"] in _OF_COLUMNS and "columns" not in body
    return Item({"type": body.pop("type"), **name, **body}, column_of(rule) if is_of_column else None)


def _check_of_rows(rule: Rule, note: Note) -> dict[str, Any]:
    least, warned = pass_rates(rule)
    said, where = _said(rule), where_of(rule)
    if said is None:
        if _is_rate(least, warned):  # percentages of failing rows count rows without a value too
            if warned is not None:
                note("warn_pass_rate", "Figures in SQL know no warning band there; it stays in attributes")
            threshold = threshold_of([(">=", least)])
            return {"type": "metric", "expression": pass_rate_sql(rule, note), "threshold": threshold}
        expression = sql_conditions.failing_rows_of(rule, note)
        return {"type": "failed_rows", "expression": expression, **_rates(least, warned)}
    kind, arguments = said
    conditions = [predicate_sql(where)] if where else []
    if kind == "duplicate" and "columns" in arguments:  # a key with a missing part is none
        conditions += [f"{name_sql(name)} IS NOT NULL" for name in arguments["columns"]]
    if _is_rate(least, warned) and kind == "duplicate":
        raise NotCarriedError("duplicates are counted differently there: all but one of those that are alike")
    if _is_rate(least, warned) and kind == "invalid":  # percentages there are of all rows, here of those with a value
        conditions.append(f"{name_sql(column_of(rule))} IS NOT NULL")
    filtered = {"filter": _joined(conditions)} if conditions else {}
    return {"type": kind, **arguments, **filtered, **_rates(least, warned)}


def _said(rule: Rule) -> tuple[str, dict[str, Any]] | None:
    if rule.check == "references":
        named = {"dataset": rule.parameters.get("source"), "column": rule.parameters.get("column")}
        return "invalid", {"valid_reference_data": named}
    said = mapping.say(rule, COUNTERPARTS)
    if said is None and (pattern := pattern_of(rule)) is not None:
        return "invalid", {"valid_format": {"regex": pattern, "name": rule.check}}
    return said


def _is_rate(least: Decimal, warned: Decimal | None) -> bool:
    """Return whether a tolerance is more than that all rows must pass, or that less than all is a warning."""
    return not (least == 100 or (least == 0 and warned == 100))


def _rates(least: Decimal, warned: Decimal | None) -> dict[str, Any]:
    """Return the threshold of a least pass rate and of that below which there is a warning."""
    fails, warns = _rate(least), None if warned in (None, least) else _rate(warned)
    if least == 100:
        return {}
    if least == 0 and warns is not None:
        return {"threshold": {**warns, "level": "warn"}}
    extra = {k: v for k, v in warns.items() if k != "metric"} | {"level": "warn"} if warns else None
    return {"threshold": {"metric": "percent", **fails} | ({"additional": extra} if extra else {})}


def _rate(rate: Decimal | None) -> dict[str, Any]:
    failing = 100 - Decimal(rate or 0)
    return {"metric": "percent", NAMES["<="]: failing} if failing else {NAMES["="]: 0}


def _joined(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else " AND ".join(f"({each})" for each in conditions)


def _read(item: Item, note: Note) -> list[Rule]:
    """Return the rules of a check."""
    body = dict(item.body)
    kind, name, where = (body.pop(key, None) for key in ("type", "name", "filter"))
    for unknown in ("attributes", "store_failed_rows", "scope"):
        if body.pop(unknown, None):
            note(unknown, "Rules have no place for it")
    threshold = as_mapping(body.pop("threshold", None), "threshold")
    if kind in REASONS:
        raise NotCarriedError(REASONS[str(kind)])
    tolerance: dict[str, Any] = {}
    if kind in _OF_ROWS and not (kind == "missing" and _is_null_rate(threshold)):
        tolerance = _tolerance(threshold, note)
        if kind == "invalid" and "min_pass_rate" in tolerance:
            where, is_of_values = _without_not_null(where, item.column)
            if not is_of_values and tolerance["min_pass_rate"] > 0:
                note("percent", "Percentages there count rows without a value too, here they are skipped")
        rules = list(_rules_of_rows(kind, body, item.column))
        if len(rules) > 1 and tolerance.get("min_pass_rate", 100) < 100:
            raise NotCarriedError("its conditions have one tolerance together, and rules have one each")
    elif kind == "freshness":
        rules = [read_freshness(body, threshold, note)]
    else:
        rules = [read_figure(kind, body, threshold, item.column, note)]
    if where is not None:
        parsed(str(where))
    rules = [with_tolerance(rule, where=where, **tolerance) for rule in rules]
    named = as_text(name)
    return [mapping.titled(rule, named) for rule in rules] if named else rules


def _is_null_rate(threshold: Mapping[str, Any]) -> bool:
    """Return whether a threshold of missing values is more than an upper limit."""
    lower = [each for each in comparisons_in(threshold) if each[0] not in ("<", "<=") and each != _ALL_FAILING]
    return threshold.get("metric") == "percent" and bool(lower)


def _rules_of_rows(kind: object, body: dict[str, Any], column: str | None) -> Iterator[Rule]:
    if kind == "failed_rows":
        if not isinstance(body.get("expression"), str):
            raise NotCarriedError("a query of its own is no condition of single rows")
        yield sql_conditions.rule_of_failing_rows(body["expression"], column)
        return
    length = body.pop("valid_length", None)
    if length is not None:
        body |= {"valid_min_length": length, "valid_max_length": length}
    try:
        yield mapping.read(str(kind), body, column, COUNTERPARTS)
    except NotCarriedError:
        if not body:
            raise
        yield from _rules_of_parts(str(kind), body, column)


def _rules_of_parts(kind: str, body: Mapping[str, Any], column: str | None) -> Iterator[Rule]:
    """Yield one rule for each condition of a check that has several, or one that only reading knows."""
    left = dict(body)
    for keys in (("valid_min", "valid_max"), ("valid_min_length", "valid_max_length")):
        pair: dict[str, Any] = {key: left.pop(key) for key in keys if key in left}
        if pair:
            yield mapping.read(kind, pair, column, COUNTERPARTS)
    for key, value in left.items():
        if key in ("valid_format", "invalid_format", "missing_format", "missing_values", "valid_reference_data"):
            yield _special(key, value, column)
        else:
            yield mapping.read(kind, {key: value}, column, COUNTERPARTS)


def _special(key: str, value: object, column: str | None) -> Rule:
    name = name_sql(column) if column else ""
    if key == "valid_reference_data":
        said = as_mapping(value, key)
        return as_rule("references", {"source": said.get("dataset"), "column": said.get("column")}, column)
    if key == "missing_values":
        missing = [each for each in as_list(value, key) if each is not None]
        if not all(isinstance(each, bool | int | Decimal | str) for each in missing) or not missing:
            raise NotCarriedError("its missing_values are no single values")
        listed = ", ".join(map(value_sql, missing))
        return sql_conditions.rule_of_condition(f"COALESCE({name} NOT IN ({listed}), FALSE)", column)
    pattern = as_mapping(value, key).get("regex")
    if key == "valid_format":
        return rule_of_pattern(pattern, column)
    if not isinstance(pattern, str):
        raise NotCarriedError(f"its {key} has no regex")
    negated = f"NOT REGEXP_LIKE({name}, {value_sql(pattern)})"
    predicate = negated if key == "invalid_format" else f"COALESCE({negated}, FALSE)"
    return sql_conditions.rule_of_condition(predicate, column)


def _tolerance(threshold: Mapping[str, Any], note: Note) -> dict[str, Any]:
    """Return the pass rates that a threshold of failing rows leaves."""
    in_percent = threshold.get("metric") == "percent"
    comparisons = comparisons_in(threshold) or [_ALL_FAILING]
    rate = pass_rate_of(comparisons, note, in_percent=in_percent)
    if threshold.get("level") == "warn":
        return {"min_pass_rate": Decimal(0), "warn_pass_rate": rate}
    additional = threshold.get("additional")
    if additional is None:
        return {"min_pass_rate": rate} if rate < 100 else {}
    warned = pass_rate_of(comparisons_in(as_mapping(additional, "additional")), note, in_percent=in_percent)
    return {"min_pass_rate": rate, "warn_pass_rate": warned}


def _without_not_null(where: object, column: str | None) -> tuple[object, bool]:
    """Return a filter without the condition that the column has a value, and whether it had it."""
    own = f"{name_sql(column or '')} IS NOT NULL"
    if where == own:
        return None, True
    if isinstance(where, str) and where.startswith("(") and where.endswith(f") AND ({own})"):
        return where[1 : -len(f") AND ({own})")], True
    return where, False


_keep, _take_facts = facts_in("attributes")


def _take(item: Item) -> tuple[Item, object]:
    taken, facts = _take_facts(item)
    return replace(taken, body={key: value for key, value in taken.body.items() if key != "qualifier"}), facts


NOTATION = Notation(_write, _read, _keep, _take)


def read(text: str, source: str, table: str | None = None) -> Imported:
    """Read the rules of a data contract, or of a file of SodaCL checks.

    Raises:
        InvalidInputError: It is neither, or SodaCL of several tables of which none is chosen.
    """
    contract = parse_yaml(text, source)
    if is_sodacl(contract):
        found, left_out = checks_of_sodacl(contract, source, table)
    elif isinstance(contract.get("columns", []), list) and isinstance(contract.get("checks", []), list):
        found, left_out = _found(contract), []
    else:
        raise InvalidInputError(f"{source} is no Soda contract: columns and checks are lists in one.")
    imported = read_items(found, NOTATION)
    return Imported(imported.rules, (*left_out, *imported.left_out))


def _found(contract: Mapping[str, Any]) -> list[Found]:
    filtered = contract.get("filter")
    columns = [column for column in contract.get("columns", []) if isinstance(column, dict)]
    found = [
        found_check(check, str(column.get("name")), filtered, f"column {column.get('name')}")
        for column in columns
        for check in listed(column.get("checks"))
    ]
    first = next((str(column["name"]) for column in columns if "name" in column), None)
    return found + [found_check(check, None, filtered, "dataset", first) for check in listed(contract.get("checks"))]


def found_check(check: object, column: str | None, filtered: object, place: str, first: str | None = None) -> Found:
    """Return a check, which is a name, or a mapping of a name to its settings.

    `filtered` is the filter of the whole dataset, `first` its first column: counts of rows belong to that.
    """
    settings = check if isinstance(check, dict) and len(check) == 1 else {str(check): None}
    kind, body = next(iter(settings.items()))
    body = dict(body) if isinstance(body, dict) else {}
    if isinstance(filtered, str):
        body["filter"] = _joined([filtered, body["filter"]]) if isinstance(body.get("filter"), str) else filtered
    belongs_to = column or (first if kind in ("row_count",) else None)
    return Found(Item({"type": kind, **body}, belongs_to), str(kind), place)


def write(rules: Iterable[Rule], table: str) -> Exported:
    """Write rules as a data contract; its dataset is to be completed with data source, database and schema."""
    items, left_out = write_items(rules, NOTATION)
    columns: dict[str, list[dict[str, Any]]] = {}
    checks: list[dict[str, Any]] = []
    seen: Counter[tuple[str | None, str]] = Counter()
    for item in items:
        body = dict(item.body)
        kind = body.pop("type")
        seen[item.column, kind] += 1
        if seen[item.column, kind] > 1:
            body["qualifier"] = str(seen[item.column, kind])  # tells checks of one kind apart
        (checks if item.column is None else columns.setdefault(item.column, [])).append({kind: body})
    contract: dict[str, Any] = {"dataset": table if "/" in table else f"data_source/schema/{table}"}
    if columns:
        contract["columns"] = [{"name": name, "checks": listed} for name, listed in columns.items()]
    if checks:
        contract["checks"] = checks
    return Exported(dump_yaml(contract), tuple(left_out))
