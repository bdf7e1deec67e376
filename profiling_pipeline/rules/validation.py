"""What people wrote, read into a model; what does not fit is said in words."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from profiling_pipeline.errors import RuleError
from profiling_pipeline.sources.column_names import nearest_names

_Model = TypeVar("_Model", bound=BaseModel)


def validated(model: type[_Model], values: Mapping[str, Any], example: Mapping[str, Any], noun: str) -> _Model:
    """Return `values` as a model; `noun` is what messages call one of them.

    Raises:
        RuleError: They do not fit; the message ends with the example.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        names = [field.alias or name for name, field in model.model_fields.items()]
        problems = "; ".join(_problem(each, names, noun) for each in _by_place(error))
        shown = f" Example: {json.dumps(example, ensure_ascii=False)}" if example else ""
        raise RuleError(f"{problems}.{shown}") from error


def _by_place(error: ValidationError) -> list[dict[str, Any]]:
    """Return one error for each value; one that could have been of several types gives all the reasons."""
    places: dict[object, dict[str, Any]] = {}
    for each in error.errors():
        reason = str(each["msg"]).removeprefix("Value error, ")
        known = places.setdefault(each["loc"][:1], {**each, "msg": reason})
        if reason not in known["msg"]:
            known["msg"] += f", or: {reason}"
    return list(places.values())


def _problem(error: Mapping[str, Any], names: Sequence[str], noun: str) -> str:
    """Say one validation error in words."""
    reason = error["msg"]
    if not error["loc"]:
        return str(reason)
    name = str(error["loc"][0])
    if error["type"] == "missing":
        return f"{noun} '{name}' is missing"
    if error["type"] == "extra_forbidden":
        near = nearest_names(name, names)
        known = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(names) or 'none'}"
        return f"there is no {noun} '{name}' ({known})"
    return f"{noun} '{name}' cannot be {_shortened(error['input'])}: {reason}"


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
