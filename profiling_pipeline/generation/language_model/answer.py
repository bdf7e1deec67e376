"""What a model may answer: the schema it is given, and reading what it wrote without trusting any of it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from profiling_pipeline.errors import ModelAnswerError
from profiling_pipeline.plurals import counted
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.rule import Severity
from profiling_pipeline.rules.schema import check_schema

MOST_RULES = 500  # of one answer

_LONGEST_NAME, _LONGEST_TEXT = 200, 2_000
_TEST = frozenset({"check", "parameters"})
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)\n\s*```", re.DOTALL)


class ProposedRule(BaseModel):
    """One entry of an answer, as far as it can be read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    attribute: str
    check: str = Field(max_length=100)
    parameters: dict[str, Any] = Field(default_factory=dict)
    name: str | None = None
    severity: Severity = Severity.MEDIUM
    confidence: Decimal | None = None
    rationale: str | None = None
    regulatory_reference: str | None = None
    replaces: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _test_beside_the_rest(cls, entry: Any) -> Any:
        """Take `check` and `parameters` from `test`; models also write them beside the rest."""
        test = entry.get("test") if isinstance(entry, dict) else None
        return {**entry, **{k: v for k, v in test.items() if k in _TEST}} if isinstance(test, dict) else entry

    @field_validator("parameters", mode="before")
    @classmethod
    def _none_are_none(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("severity", mode="before")
    @classmethod
    def _known_severity(cls, value: Any) -> Any:
        return value if value in set(Severity) else Severity.MEDIUM

    @field_validator("confidence", mode="before")
    @classmethod
    def _percentage(cls, value: Any) -> Decimal | None:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return None
        number = Decimal(value)
        if not number.is_finite():
            return None
        number = 100 * number if 0 < number <= 1 and number != number.to_integral_value() else number
        return min(max(number, Decimal(0)), Decimal(100)).quantize(Decimal("0.01"))

    @field_validator("name", "rationale", "regulatory_reference", mode="before")
    @classmethod
    def _clean(cls, value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        printable = "".join(each if each.isprintable() else " " for each in value)
        return " ".join(printable.split())[:_LONGEST_TEXT] or None

    @field_validator("name")
    @classmethod
    def _short(cls, value: str | None) -> str | None:
        return value[:_LONGEST_NAME] if value else None


@dataclass(frozen=True)
class Answer:
    """The entries of an answer: those that can be read, and of the others why not."""

    rules: tuple[ProposedRule, ...]
    unreadable: tuple[str, ...]


def read_answer(text: str) -> Answer:
    """Read an answer's JSON; it may stand in a Markdown fence or between sentences.

    Raises:
        ModelAnswerError: It is no JSON object with a list of rules.
    """
    if not text.strip():
        raise ModelAnswerError("The answer is empty.")
    content = _json(text)
    entries = content.get("rules") if isinstance(content, dict) else content
    if not isinstance(entries, list):
        raise ModelAnswerError("The answer is no JSON object with a list 'rules'.")
    rules, unreadable = [], []
    for entry in entries[:MOST_RULES]:
        try:
            rules.append(ProposedRule.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "entry"
            unreadable.append(f"{place}: {first['msg']}")
    if len(entries) > MOST_RULES:
        unreadable.append(f"{counted(len(entries) - MOST_RULES, 'rule')} beyond the first {MOST_RULES}")
    if entries and not rules:
        entered = counted(len(entries), "entry", "entries")
        raise ModelAnswerError(f"The answer has {entered} but no rule ({unreadable[0]}).")
    return Answer(tuple(rules), tuple(unreadable))


def answer_schema(keys: Iterable[str], replaces: Iterable[str] = ()) -> dict[str, Any]:
    """Return the JSON schema of an answer about attributes with these keys: one form of `test` for each check."""
    replaced = {"replaces": {"type": "string", "enum": list(replaces)}} if replaces else {}
    tests = [
        {
            "type": "object",
            "properties": {"check": {"const": name}, "parameters": _parameters(name)},
            "required": ["check", "parameters"],
            "additionalProperties": False,
        }
        for name in CATALOGUE
    ]
    properties = {"attribute": {"type": "string", "enum": list(keys)}, **replaced, "test": {"anyOf": tests}, **_ABOUT}
    rule = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"rules": {"type": "array", "items": rule}},
        "required": ["rules"],
        "additionalProperties": False,
        "$defs": dict(_SHARED),
    }


_FOR_PEOPLE = frozenset({"title", "description", "default"})
_TEXT: Mapping[str, Any] = {"type": "string"}
_ABOUT: Mapping[str, Any] = {
    "name": _TEXT,
    "severity": {"type": "string", "enum": list(Severity)},
    "confidence": {"type": "number"},
    "rationale": _TEXT,
    "regulatory_reference": {"type": ["string", "null"]},
}
_SHARED: Mapping[str, Any] = {"where": _TEXT, "min_pass_rate": {"type": "number"}}


@cache
def _parameters(check: str) -> dict[str, Any]:
    """Return the form of a check's parameters, with those that every check of rows takes; vetting says the rest."""
    described = check_schema(CATALOGUE[check])
    own = _without_words(described["parameters"])
    reserved = {name: {"$ref": f"#/$defs/{name}"} for name in _SHARED} if described["tests"] == "rows" else {}
    return {**own, "properties": {**own.get("properties", {}), **reserved}, "required": own.get("required", [])}


def _without_words(schema: Any) -> Any:
    """Return a schema without what only people read: every request pays for its length."""
    if isinstance(schema, list):
        return [_without_words(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: {key: _without_words(each) for key, each in value.items()}
        if name == "properties"
        else _without_words(value)
        for name, value in schema.items()
        if name not in _FOR_PEOPLE
    }


def _json(text: str) -> Any:
    """Return the first JSON that the text holds, numbers exact."""
    stripped = text.strip()
    candidates = [stripped, *(match.strip() for match in _FENCE.findall(text))]
    if "{" in stripped:
        candidates.append(stripped[stripped.index("{") : stripped.rfind("}") + 1])
    problem: Exception | None = None
    for candidate in candidates:
        try:
            return json.loads(candidate, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            problem = problem or error
    raise ModelAnswerError(f"The answer is no JSON ({problem}).") from problem
