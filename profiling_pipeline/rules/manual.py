"""The catalogue as people read it; `python -m profiling_pipeline.rules.manual` writes docs/checks.md."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import dedent, indent
from typing import Any

from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.checks.base import ANY_KIND, Check, WholeCheck
from profiling_pipeline.rules.exact_yaml import dump_yaml
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.rules.schema import check_schema

_COLUMN = "MY_COLUMN"
_INTRODUCTION = """\
# The checks

A rule names one of these checks; [rules.md](rules.md) says what a rule is and what comes of it,
[coming-from.md](coming-from.md) how to say here what other tools call by another name. `profiling checks` lists the
checks, `profiling checks NAME` explains one, and `profiling checks --format json` describes all in JSON Schema, for
programs and models that write rules. This page is written by `make docs`.

There are checks of **rows**, of which each passes, fails or is skipped, and checks of the **whole**, which test one
thing and show what they observed. Besides its own parameters each takes `where`, and a check of rows `min_pass_rate`
and `warn_pass_rate` as well.
"""


@dataclass(frozen=True)
class ParameterManual:
    """What to know of one parameter; `default` is its value as JSON, where it has one."""

    name: str
    kind: str
    is_required: bool
    default: str | None
    meaning: str


@dataclass(frozen=True)
class CheckManual:
    """What to know of a check to use it; optional parameters end in `?`."""

    name: str
    dimension: str
    demand: str
    details: str
    tests: str
    columns: str
    skips: str
    parameters: tuple[str, ...]
    parameter_manuals: tuple[ParameterManual, ...]
    example: str
    example_rule: str


def manual_of(check: type[Check]) -> CheckManual:
    """Return what to know of a check."""
    schema = check_schema(check)
    parameters = _parameters(schema["parameters"])
    demand, _, details = (check.__doc__ or "").partition("\n")
    return CheckManual(
        name=check.name,
        dimension=check.dimension.value,
        demand=demand,
        details=dedent(details).strip(),
        tests="the whole, once" if issubclass(check, WholeCheck) else "each row",
        columns="of any kind" if check.kinds == ANY_KIND else f"of kind {_listed(schema['columns'])}",
        skips=check.skips,
        parameters=tuple(f"{each.name}{'' if each.is_required else '?'}" for each in parameters),
        parameter_manuals=parameters,
        example=json.dumps(schema["example"], ensure_ascii=False, default=str),
        example_rule=_example_rule(check),
    )


def _parameters(schema: Mapping[str, Any]) -> tuple[ParameterManual, ...]:
    """Return what to know of the parameters that a JSON Schema declares."""
    return tuple(
        ParameterManual(
            name=name,
            kind=_kind(declared),
            is_required=name in schema.get("required", ()),
            default=json.dumps(declared["default"]) if declared.get("default", []) != [] else None,
            meaning=declared.get("description", ""),
        )
        for name, declared in schema.get("properties", {}).items()
    )


def checks_page() -> str:
    """Return the page of the catalogue, in Markdown."""
    parts = [_INTRODUCTION]
    for dimension in Dimension:
        manuals = [manual_of(check) for check in CATALOGUE.values() if check.dimension is dimension]
        parts += [f"## {dimension.value.capitalize()}", "", "| check | demands | parameters |", "|---|---|---|"]
        parts += [f"| [`{m.name}`](#{m.name}) | {m.demand} | {', '.join(m.parameters)} |" for m in manuals]
        for manual in manuals:
            parts += ["", *_section(manual)]
        parts.append("")
    return "\n".join(parts)


def _section(manual: CheckManual) -> Iterator[str]:
    yield f"### {manual.name}"
    yield ""
    yield manual.demand
    if manual.details:
        yield ""
        yield manual.details
    yield ""
    yield f"Tests {manual.tests}. Columns {manual.columns}. Skips {manual.skips}."
    yield ""
    if manual.parameter_manuals:
        yield from _parameter_table(manual.parameter_manuals)
        yield ""
    yield "```yaml"
    yield manual.example_rule.rstrip("\n")
    yield "```"


def _parameter_table(parameters: tuple[ParameterManual, ...]) -> Iterator[str]:
    yield "| parameter | value | without it | meaning |"
    yield "|---|---|---|---|"
    for each in parameters:
        absent = "needed" if each.is_required else f"`{each.default}`" if each.default else "–"
        yield f"| `{each.name}` | {each.kind} | {absent} | {each.meaning} |".replace("'|'", "'\\|'")


def _example_rule(check: type[Check]) -> str:
    """Return a rule as a rule file has it."""
    told = check.model_validate(check.example).sentence(_COLUMN).rstrip(".")
    rule: dict[str, Any] = {"name": told, "attribute": _COLUMN, "check": check.name}
    if check.example:
        rule["parameters"] = dict(check.example)
    return f"- {indent(dump_yaml(rule), '  ').strip()}\n"


def _kind(declared: Mapping[str, Any]) -> str:
    """Say in words which values a parameter takes."""
    if "enum" in declared:
        return f"one of {', '.join(map(str, declared['enum']))}"
    types = declared.get("type", "value")
    if types == "array":
        return f"list of: {_kind(declared['items'])}"
    names = [_WORDS.get(name, name) for name in ([types] if isinstance(types, str) else types)]
    return f"{_listed(names)}{_limits(declared)}"


def _limits(declared: Mapping[str, Any]) -> str:
    above, low, high = (declared.get(name) for name in ("exclusiveMinimum", "minimum", "maximum"))
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if above is not None:
        return f" above {above}"
    return "" if low is None else f" from {low}"


def _listed(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


_WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false"}

if __name__ == "__main__":
    sys.stdout.write(checks_page())
