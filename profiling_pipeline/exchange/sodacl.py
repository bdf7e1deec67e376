"""SodaCL, Soda's checks language of version 3: its checks in the terms of the contract language."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange.items import Found, Item
from profiling_pipeline.exchange.model import LeftOut
from profiling_pipeline.exchange.sql_text import name_sql

_HEADING = re.compile(r"checks for (?P<table>\S+?)(?: *\[.*\])?")
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_CHECK = re.compile(
    rf"""(?P<metric>\w+) \s* (?:\( (?P<columns>[^()]*) \))? \s*
    (?: (?P<operator>>=|<=|!=|<>|=|<|>) \s* (?P<number>{_NUMBER}) \s* %?
      | between \s+ (?P<low>{_NUMBER}) \s* %? \s+ and \s+ (?P<high>{_NUMBER}) \s* %? )""",
    re.VERBOSE,
)
_FUNCTIONS = {"avg", "min", "max", "sum"}
_OPERATORS = {
    "=": "must_be", "!=": "must_not_be", "<>": "must_not_be", ">": "must_be_greater_than",
    ">=": "must_be_greater_than_or_equal", "<": "must_be_less_than", "<=": "must_be_less_than_or_equal",
}  # fmt: skip
_SETTINGS = {
    name.replace("_", " "): name
    for name in (
        "missing_values", "valid_values", "invalid_values", "valid_min", "valid_max", "valid_length",
        "valid_min_length", "valid_max_length",
    )
}  # fmt: skip
_PATTERNS = {"valid regex": "valid_format", "invalid regex": "invalid_format", "missing regex": "missing_format"}
_QUIET = frozenset({"samples limit", "samples columns", "attributes", "identity", "title"})


def is_sodacl(content: Mapping[str, Any]) -> bool:
    """Return whether a document holds SodaCL."""
    return any(name.startswith("checks for ") for name in content)


def checks_of_sodacl(content: Mapping[str, Any], source: str, table: str | None) -> tuple[list[Found], list[LeftOut]]:
    """Return the checks of one table, in the terms of the contract language, and what is left out.

    Raises:
        InvalidInputError: There are checks of several tables, of which none is chosen, or none of the chosen one.
    """
    headings = {name: match["table"] for name in content if (match := _HEADING.fullmatch(name))}
    tables = sorted(set(headings.values()))
    chosen = table if table is not None else tables[0] if len(tables) == 1 else None
    if chosen not in tables:
        raise InvalidInputError(f"{source} has checks of {', '.join(tables)}. Choose one with --table.")
    found: list[Found] = []
    left_out: list[LeftOut] = []
    for name, checks in content.items():
        if headings.get(name) != chosen:
            if name not in headings:
                left_out.append(LeftOut(name, "Only checks become rules.", source))
            continue
        if "[" in name:
            left_out.append(LeftOut(name, "Partitions are defined elsewhere in SodaCL.", name))
            continue
        for check in checks if isinstance(checks, list) else []:
            heading, settings = _heading(check)
            body = _body(heading, settings)
            if body is None:
                left_out.append(LeftOut(heading, "This check of SodaCL has no counterpart.", name))
            else:
                found.append(Found(body, heading, name))
    return found, left_out


def _heading(check: object) -> tuple[str, dict[str, Any]]:
    if isinstance(check, dict) and len(check) == 1:
        name, settings = next(iter(check.items()))
        return str(name), settings if isinstance(settings, dict) else {}
    return str(check), {}


def _body(heading: str, settings: Mapping[str, Any]) -> Item | None:
    """Return a check in the terms of the contract language, None where it has none."""
    common = {name: settings[name] for name in ("name", "filter") if name in settings}
    if heading == "failed rows":
        condition = settings.get("fail condition")
        return Item({"type": "failed_rows", **common, "expression": condition}) if isinstance(condition, str) else None
    match = _CHECK.fullmatch(heading.strip())
    if match is None or any(name.startswith(("warn", "fail")) for name in settings):
        return None
    columns = [each.strip() for each in (match["columns"] or "").split(",") if each.strip()]
    body = check_of_metric(match["metric"], columns, _threshold(match), _conditions(settings))
    return body and replace(body, body=body.body | common)


def check_of_metric(
    metric: str, columns: list[str], threshold: dict[str, Any], conditions: Mapping[str, Any]
) -> Item | None:
    """Return the check of a metric of SodaCL in the terms of the contract language, None where it has none."""
    kind, _, unit = metric.rpartition("_")
    if metric == "row_count":
        return Item({"type": "row_count", "threshold": threshold})
    if not columns:
        return None
    if kind in {"missing", "invalid", "duplicate"} and unit in {"count", "percent"}:
        body = {"type": kind, **conditions, "threshold": {"metric": unit, **threshold}}
        is_key = kind == "duplicate" and len(columns) > 1
        return Item({**body, "columns": columns}) if is_key else Item(body, columns[0])
    if metric in _FUNCTIONS:
        return Item({"type": "aggregate", "function": metric, "threshold": threshold}, columns[0])
    if metric == "stddev":
        expression = f"STDDEV_SAMP({name_sql(columns[0])})"
        return Item({"type": "metric", "expression": expression, "threshold": threshold}, columns[0])
    return None


def _threshold(match: re.Match[str]) -> dict[str, Any]:
    if match["operator"]:
        return {_OPERATORS[match["operator"]]: Decimal(match["number"])}
    between = {"greater_than_or_equal": Decimal(match["low"]), "less_than_or_equal": Decimal(match["high"])}
    return {"must_be_between": between}


def _conditions(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes a value missing or invalid; what is not known keeps its name and is refused later."""
    body: dict[str, Any] = {}
    for name, value in settings.items():
        if name in _PATTERNS:
            body[_PATTERNS[name]] = {"regex": value, "name": name}
        elif name not in _QUIET | {"name", "filter"}:
            body[_SETTINGS.get(name, name)] = value
    return body
