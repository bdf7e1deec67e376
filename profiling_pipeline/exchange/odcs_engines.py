"""Checks of other engines within a data contract, read as those engines write them."""

from collections.abc import Callable, Mapping
from typing import Any

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange import dbt, gx, soda
from profiling_pipeline.exchange.items import Found, Item, Notation, read_item
from profiling_pipeline.exchange.mapping import as_rule, with_tolerance
from profiling_pipeline.exchange.model import LeftOut, NotCarriedError, Note
from profiling_pipeline.exchange.reading import as_list, as_mapping, parse_yaml
from profiling_pipeline.exchange.sodacl import check_of_metric
from profiling_pipeline.rules.binding import RESERVED
from profiling_pipeline.rules.rule import Rule

OWN_ENGINE = "profiling-pipeline"


def rules_of_engine(engine: object, implementation: object, column: str | None, note: Note) -> list[Rule]:
    """Return the rules of a check that is written for an engine.

    Raises:
        NotCarriedError: The engine is not known, or its check has no counterpart.
    """
    name = "".join(character for character in str(engine).casefold() if character.isalnum())
    if name not in _ENGINES:
        raise NotCarriedError(f"checks of the engine {engine} are not known here")
    if isinstance(implementation, str):
        try:
            implementation = parse_yaml(implementation, "its implementation")
        except InvalidInputError as error:
            raise NotCarriedError(str(error)) from error
    return _ENGINES[name](as_mapping(implementation, "implementation"), column, note)


def _own(demand: Mapping[str, Any], column: str | None, note: Note) -> list[Rule]:
    parameters = as_mapping(demand.get("parameters"), "parameters")
    rule = as_rule(str(demand.get("check")), {k: v for k, v in parameters.items() if k not in RESERVED}, column)
    return [with_tolerance(rule, **{k: v for k, v in parameters.items() if k in RESERVED})]


def _gx(demand: Mapping[str, Any], column: str | None, note: Note) -> list[Rule]:
    kwargs = as_mapping(demand.get("kwargs"), "kwargs")
    own = {} if column is None or "column" in kwargs else {"column": column}
    return _read(Found(Item({**demand, "kwargs": {**own, **kwargs}}), "", ""), gx.NOTATION, note)


def _soda(demand: Mapping[str, Any], column: str | None, note: Note) -> list[Rule]:
    if "type" not in demand:
        return _read(soda.found_check(dict(demand), column, None, ""), soda.NOTATION, note)
    limits = {key: value for key, value in demand.items() if key.startswith("must_be")}
    columns = as_list(demand.get("columns"), "columns") or ([column] if column else [])
    item = check_of_metric(str(demand["type"]), [str(each) for each in columns], limits, {})
    if item is None:
        raise NotCarriedError(f"Soda's {demand['type']} has no counterpart")
    return _read(Found(item, "", ""), soda.NOTATION, note)


def _dbt(demand: Mapping[str, Any], column: str | None, note: Note) -> list[Rule]:
    return _read(dbt.found_test(dict(demand), column, ""), dbt.NOTATION, note)


def _read(found: Found, notation: Notation, note: Note) -> list[Rule]:
    notes: list[LeftOut] = []
    rules = read_item(found, notation, notes)
    for each in notes:
        note(each.what, each.reason.rstrip("."))
    return rules


_ENGINES: Mapping[str, Callable[[Mapping[str, Any], str | None, Note], list[Rule]]] = {
    "profilingpipeline": _own,
    "greatexpectations": _gx,
    "soda": _soda,
    "dbt": _dbt,
}
