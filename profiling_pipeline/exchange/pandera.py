"""Pandera: schemas as Python source. Written as text, read as a syntax tree: no Python is ever run."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from profiling_pipeline.exchange import mapping
from profiling_pipeline.exchange.facts import KEY
from profiling_pipeline.exchange.items import Found, Item, Notation, read_items, write_items
from profiling_pipeline.exchange.mapping import as_rule, column_of, pass_rates, titled, where_of, with_tolerance
from profiling_pipeline.exchange.model import Exported, Imported, LeftOut, NotCarriedError, Note
from profiling_pipeline.exchange.pandera_checks import COUNTERPARTS, NULLABLE, UNIQUE
from profiling_pipeline.exchange.pandera_source import schemas_in
from profiling_pipeline.exchange.patterns import pattern_of
from profiling_pipeline.exchange.python_text import call_text, literal_text
from profiling_pipeline.exchange.reading import as_text
from profiling_pipeline.exchange.tables import chosen_table
from profiling_pipeline.rules.rule import Rule

_FACTS = "facts"  # of an item, on their way to and from the metadata of its column


def _write(rule: Rule, note: Note) -> Item:
    """Return a rule as a check of a column, or as what the column says of itself."""
    least, warned = pass_rates(rule)
    is_warning = least == 0 and warned == 100
    if where_of(rule):
        raise NotCarriedError("Pandera's own checks look at all rows, and where cannot be said")
    if least < 100 and not is_warning:
        raise NotCarriedError("Pandera's checks know no pass rate")
    if warned is not None and not is_warning:
        note("warn_pass_rate", "Pandera knows no warning band; it stays in metadata")
    if rule.check in ("not_null", "unique"):
        if is_warning:
            raise NotCarriedError("Pandera warns of failed checks, not of missing or repeated values")
        return _of_column_itself(rule, note)
    said = mapping.say(rule, COUNTERPARTS)
    pattern = pattern_of(rule)
    if said is None and pattern is not None:
        said = "str_contains", {"pattern": pattern}
    if said is None:
        raise NotCarriedError(f"Pandera has no check of its own like {rule.check}, and Python code is not written")
    name, arguments = said
    texts = {"name": rule.name or None, "description": rule.description}
    body = {"check": name, "arguments": arguments} | {k: v for k, v in texts.items() if v is not None}
    return Item(body | ({"raise_warning": True} if is_warning else {}), column_of(rule))


def _of_column_itself(rule: Rule, note: Note) -> Item:
    if rule.check == "not_null":
        return Item({"check": NULLABLE}, column_of(rule))
    if rule.parameters.get("first_passes"):
        raise NotCarriedError("Pandera fails the first row of a repeated key too")
    if not rule.parameters.get("nulls_are_equal"):
        note("missing values", "Pandera takes rows without a value for alike")
    others = rule.parameters.get("with")
    if others:
        return Item({"check": UNIQUE, "columns": [column_of(rule), *others]})
    return Item({"check": UNIQUE}, column_of(rule))


def _read(item: Item, note: Note) -> list[Rule]:
    """Return the rules of a check."""
    body, column = item.body, item.column
    if "problem" in body:
        raise NotCarriedError(body["problem"])
    for what, why in body.get("notes", ()):
        note(what, why)
    name, arguments = body["check"], dict(body.get("arguments", {}))
    if name == NULLABLE:
        return [as_rule("not_null", {}, column)]
    if name == UNIQUE and "columns" in body:
        return [as_rule("unique", {mapping.COLUMNS: body["columns"]}, column)]
    if name == UNIQUE:
        return [as_rule("unique", {}, column)]
    if name == "unique_values_eq":
        return [as_rule(check, arguments, column) for check in ("distinct_values_in", "distinct_values_contain")]
    exact = arguments.pop("exact_value", None)
    if exact is not None:
        arguments |= {"min_value": exact, "max_value": exact}
    said = {key: value for key, value in arguments.items() if value is not None}
    rule = mapping.read(name, said, column, COUNTERPARTS)
    if body.get("raise_warning"):
        rule = with_tolerance(rule, min_pass_rate=Decimal(0), warn_pass_rate=Decimal(100))
    rule = replace(rule, description=as_text(body.get("description")))
    named = as_text(body.get("name"))
    return [titled(rule, named) if named else rule]


def _keep(item: Item, facts: dict[str, Any]) -> Item:
    return replace(item, body={**item.body, _FACTS: facts})


def _take(item: Item) -> tuple[Item, object]:
    return replace(item, body={k: v for k, v in item.body.items() if k != _FACTS}), item.body.get(_FACTS)


NOTATION = Notation(_write, _read, _keep, _take)


def read(text: str, source: str, table: str | None = None) -> Imported:
    """Read the rules of one schema in Python source: a DataFrameSchema or a DataFrameModel.

    Raises:
        InvalidInputError: It is no Python, has no schema, or several of which none is chosen.
    """
    schemas = schemas_in(text, source)
    chosen = chosen_table(schemas, lambda schema: True, source, table)
    found = [Found(_with_its_facts(item, chosen["facts"]), what, place) for item, what, place in chosen["items"]]
    imported = read_items(found, NOTATION)
    return replace(imported, left_out=(*(LeftOut(*each) for each in chosen["left_out"]), *imported.left_out))


def _with_its_facts(item: Item, facts: Mapping[str | None, Any]) -> Item:
    """Return an item with the facts that the metadata of its column, or of the schema, hold under its key."""
    kept = facts.get(item.column)
    own = kept.get(item.body.get("key")) if isinstance(kept, dict) else None
    body = {k: v for k, v in item.body.items() if k != "key"}
    return replace(item, body=body | ({_FACTS: own} if own is not None else {}))


def write(rules: Iterable[Rule], table: str) -> Exported:
    """Write rules as Python source that makes a schema for pandas."""
    kept, repeated = _said_once(rules)
    items, left_out = write_items(kept, NOTATION)
    columns: dict[str, list[Item]] = {}
    keys = [item for item in items if item.column is None]
    for item in items:
        if item.column is not None:
            columns.setdefault(item.column, []).append(item)
    text = "\n".join(_source(columns, keys, table))
    return Exported(text + "\n", (*repeated, *left_out))


def _said_once(rules: Iterable[Rule]) -> tuple[list[Rule], list[LeftOut]]:
    """Return the rules without those that a column, or the schema, would have to say of itself a second time."""
    kept, repeated, said = [], [], set()
    for rule in rules:
        of_schema = rule.check == "unique" and bool(rule.parameters.get("with"))
        place = (rule.check, None if of_schema else column_of(rule))
        if rule.check in ("not_null", "unique") and not pass_rates(rule)[0] < 100 and not where_of(rule):
            if place in said:
                reason = "Pandera can say it once only."
                repeated.append(LeftOut(f"check {rule.check}", reason, f"rule '{rule.name}'"))
                continue
            said.add(place)
        kept.append(rule)
    return kept, repeated


def _source(columns: Mapping[str, list[Item]], keys: list[Item], table: str) -> Iterator[str]:
    body = [f"        {literal_text(name)}: {_column(items)}," for name, items in columns.items()]
    unique = keys[0].body["columns"] if keys else None
    metadata = {KEY: {UNIQUE: keys[0].body[_FACTS]}} if keys and _FACTS in keys[0].body else None
    settings = {"name": table, "unique": unique, "metadata": metadata}
    yield f'"""Data-quality rules of {_one_line(table)}, for Pandera."""'
    yield ""
    if "Decimal(" in "".join(body) + literal_text(metadata):
        yield from ("from decimal import Decimal", "")
    yield from ("import pandera.pandas as pa", "", "schema = pa.DataFrameSchema(", "    {", *body, "    },")
    yield from (f"    {name}={literal_text(value)}," for name, value in settings.items() if value is not None)
    yield ")"


def _column(items: list[Item]) -> str:
    checks = [item for item in items if item.body["check"] not in (NULLABLE, UNIQUE)]
    flags = {item.body["check"]: item for item in items if item.body["check"] in (NULLABLE, UNIQUE)}
    keyed = {f"check {number}": item for number, item in enumerate(checks, start=1)} | flags
    facts = {key: item.body[_FACTS] for key, item in keyed.items() if _FACTS in item.body}
    said = (
        {"checks": "[\n" + "".join(f"                {_check(c)},\n" for c in checks) + "            ]"}
        if checks
        else {}
    )
    said["nullable"] = str(NULLABLE not in flags)
    if UNIQUE in flags:
        said["unique"] = "True"
    if facts:
        said["metadata"] = literal_text({KEY: facts})
    return "pa.Column(\n" + "".join(f"            {k}={v},\n" for k, v in said.items()) + "        )"


def _check(item: Item) -> str:
    # What failed is told by its `error`; `name` is how Pandera finds the check's function.
    body, settings = item.body, {"name": "error", "description": "description", "raise_warning": "raise_warning"}
    arguments = body["arguments"] | {theirs: body[ours] for ours, theirs in settings.items() if ours in body}
    return call_text(f"pa.Check.{body['check']}", arguments)


def _one_line(table: str) -> str:
    return " ".join(table.split()).replace("\\", "/").replace('"', "'")
