"""The catalogue as people read it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.checks.base import Check


@dataclass(frozen=True)
class CheckManual:
    """What to know of a check to use it; optional parameters end in `?`."""

    name: str
    dimension: str
    demand: str
    parameters: tuple[str, ...]
    example: str


def manual_of(check: type[Check]) -> CheckManual:
    """Return what to know of a check."""
    parameters = [
        f"{field.alias or name}{'' if field.is_required() else '?'}" for name, field in check.model_fields.items()
    ]
    demand = (check.__doc__ or "").partition("\n")[0]
    return CheckManual(
        check.name,
        check.dimension.value,
        demand,
        tuple(parameters),
        json.dumps(dict(check.example), ensure_ascii=False, default=str),
    )


def catalogue_table() -> str:
    """Return the catalogue as a Markdown table for the documentation."""
    lines = ["| check | dimension | parameters | demands | example |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *_rows(manual_of(check) for check in CATALOGUE.values())])


def _rows(manuals: Iterable[CheckManual]) -> Iterable[str]:
    for manual in manuals:
        parameters = ", ".join(manual.parameters)
        example = manual.example.replace("|", "\\|")
        yield f"| `{manual.name}` | {manual.dimension} | {parameters} | {manual.demand} | `{example}` |"
