"""Requests made from prompt files and facts; what is not the project's own text stands in them as fenced data."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Any

from profiling_pipeline.generation.language_model.answer import answer_schema
from profiling_pipeline.generation.language_model.asking import Request
from profiling_pipeline.generation.language_model.batches import Batch
from profiling_pipeline.generation.language_model.contexts import Context
from profiling_pipeline.generation.language_model.endpoint import estimated_tokens
from profiling_pipeline.generation.language_model.isolation import is_plain_text
from profiling_pipeline.profiling.profile import ColumnProfile
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.manual import manual_of

PROMPT_VERSION = "v1"  # the folder of the prompt files: a changed prompt is a new folder

_MOST_TOKENS_OF_COLUMNS = 2_500


@dataclass(frozen=True)
class BrokenRule:
    """A proposed rule that cannot be used, under its attribute's key, and why."""

    key: str
    check: str
    parameters: Mapping[str, Any]
    reason: str
    replaces: str | None = None


@dataclass(frozen=True)
class RuleToChange:
    """A rule that comes back with the report owner's notes, as far as the model may see it."""

    check: str
    parameters: Mapping[str, Any]
    name: str
    notes: str | None


class Prompts:
    """Makes the requests of one generation."""

    def __init__(self, context: Context, columns: Iterable[ColumnProfile]) -> None:
        self._system = _template("system").substitute(catalogue=_catalogue(), context=context.text.strip())
        self._columns = _listed(columns)

    def about(self, batch: Batch) -> Request:
        """Return the request for rules of a batch's attributes."""
        data = {"attributes": _keyed(batch), "columns": self._columns}
        return self._request("attributes", data, answer_schema(batch.by_key()))

    def about_changes(self, batch: Batch, rules: Mapping[str, RuleToChange]) -> Request:
        """Return the request for rules of one attribute in place of these, which have keys."""
        changes = {
            key: {"check": rule.check, "parameters": rule.parameters, "name": rule.name, "notes": rule.notes}
            for key, rule in rules.items()
        }
        data = {"attributes": _keyed(batch), "rules_to_change": changes, "columns": self._columns}
        return self._request("revision", data, answer_schema(batch.by_key(), replaces=list(rules)))

    def about_broken(self, request: Request, broken: Sequence[BrokenRule]) -> Request:
        """Return a request's continuation: the rules of its answer that cannot be used, each with the reason."""
        rules = [
            {
                "attribute": each.key,
                **({"replaces": each.replaces} if each.replaces else {}),
                "test": {"check": each.check, "parameters": each.parameters},
                "problem": each.reason,
            }
            for each in broken
        ]
        message = {"role": "user", "content": _fenced("repair", {"rules": rules})}
        return Request((*request.messages, message), request.schema)

    def _request(self, name: str, data: Mapping[str, Any], schema: Mapping[str, Any]) -> Request:
        messages = ({"role": "system", "content": self._system}, {"role": "user", "content": _fenced(name, data)})
        return Request(messages, schema)


def asked_again(request: Request, reason: str) -> Request:
    """Return a request with what was wrong with its answer, which itself is not repeated."""
    content = _template("again").substitute(reason=reason)
    return Request((*request.messages, {"role": "user", "content": content}), request.schema)


def _fenced(name: str, data: Mapping[str, Any]) -> str:
    """Return a prompt with data between marks that nothing in the data can write.

    The data are JSON without `<`, and the mark is their digest, which no text can know that is part of them.
    """
    text = json.dumps(data, ensure_ascii=False, default=str, indent=1).replace("<", "\\u003c").replace(">", "\\u003e")
    return _template(name).substitute(mark=sha256(text.encode(errors="replace")).hexdigest()[:12], data=text)


def _keyed(batch: Batch) -> dict[str, Any]:
    return {key: member.facts for key, member in batch.by_key().items()}


def _listed(columns: Iterable[ColumnProfile]) -> dict[str, str]:
    """Return names and kinds of the source's columns as far as they are plain names and there is room."""
    listed: dict[str, str] = {}
    room = _MOST_TOKENS_OF_COLUMNS
    for column in columns:
        room -= estimated_tokens(f'"{column.name}": "{column.kind.value}",')
        if room < 0:
            break
        if is_plain_text(column.name):
            listed[column.name] = column.kind.value
    return listed


@cache
def _template(name: str) -> Template:
    folder = files("profiling_pipeline.generation") / "prompts" / PROMPT_VERSION
    return Template((folder / f"{name}.md").read_text(encoding="utf-8"))


@cache
def _catalogue() -> str:
    manuals = [manual_of(check) for check in CATALOGUE.values()]
    return "\n".join(f"- `{m.name}` ({m.dimension}): {m.demand} Parameters: {m.example}" for m in manuals)
