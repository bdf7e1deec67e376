"""Rule packs: what regulation and the trade know about attributes of certain names, as data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from profiling_pipeline.errors import InvalidInputError, RuleError
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.exact_yaml import load_yaml
from profiling_pipeline.rules.predicate.columns import quoted
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline.rules.validation import validated

OWN_COLUMN = "column"  # what a pack's predicates call the rule's own column
PREDICATES = frozenset({"predicate", "when", "then", "where"})  # parameters in which names of columns are quoted
_LARGEST_MEGABYTES = 5
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

_Text = Annotated[str, StringConstraints(min_length=1)]
_Names = tuple[_Text, ...]


class AppliesTo(BaseModel):
    """Which attributes a rule is for: patterns of names (`*` stands for anything), or MDRM codes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: _Names = ()
    mdrm: _Names = ()
    except_names: _Names = ()

    @model_validator(mode="after")
    def _names_something(self) -> "AppliesTo":
        if not self.names and not self.mdrm:
            raise ValueError("give `names` or `mdrm`")
        return self


class PackRule(BaseModel):
    """One rule of a pack.

    In `parameters`, `{column}` stands for the rule's own column and `{alias}` for one of `columns`. `min_share` is the
    percentage of the tested rows that must keep the rule for it to be proposed at all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    applies_to: AppliesTo
    columns: Mapping[str, _Names] = Field(default_factory=dict)
    check: _Text
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    severity: Severity = Severity.MEDIUM
    why: _Text
    reference: str | None = None
    min_share: Decimal = Field(default=Decimal(90), ge=0, le=100)

    def filled_in(self, columns: Mapping[str, str]) -> dict[str, Any]:
        """Return the parameters with the names of columns in their places, quoted in predicates."""
        return {key: _filled_in(value, columns, key in PREDICATES) for key, value in self.parameters.items()}

    def check_placeholders(self) -> None:
        """Refuse a placeholder that is no column of the rule.

        Raises:
            RuleError: The message names it.
        """
        known = {OWN_COLUMN, *self.columns}
        for found in _PLACEHOLDER.findall(str(dict(self.parameters))):
            if found not in known:
                raise RuleError(f"{{{found}}} stands for no column. Name it under `columns`.")


class _Head(BaseModel):
    """What a pack says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pack: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")]
    title: _Text
    reference: _Text
    when_columns: tuple[_Names, ...] = ()


@dataclass(frozen=True)
class RulePack:
    """A named collection of rules; it applies to tables that have a column of each of `when_columns`."""

    name: str
    title: str
    reference: str
    when_columns: tuple[tuple[str, ...], ...]
    rules: tuple[PackRule, ...]


def load_packs(folders: Sequence[Path] = ()) -> tuple[RulePack, ...]:
    """Return the packs that come with the project and those of some folders.

    A pack takes the place of an earlier one of the same name, so that people can replace what comes with the project.

    Raises:
        InvalidInputError: A folder or file cannot be read or is no rule pack; the message names the file and the line.
    """
    packs = {pack.name: pack for pack in _built_in()}
    for folder in folders:
        if not folder.is_dir():
            raise InvalidInputError(f"There is no folder {folder} of rule packs. Correct PROFILING_RULE_PACKS.")
        for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
            pack = read_pack(path)
            packs[pack.name] = pack
    return tuple(packs.values())


def read_pack(path: Path) -> RulePack:
    """Read one rule pack.

    Raises:
        InvalidInputError: The file cannot be read or is no rule pack.
        RuleError: One of its rules could never run; the message names file, line and rule.
    """
    try:
        if path.stat().st_size > _LARGEST_MEGABYTES * 1_000_000:
            raise InvalidInputError(f"{path} is larger than {_LARGEST_MEGABYTES} MB. Split the rule pack.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} cannot be read: {error}. Give a rule pack in UTF-8.") from error
    return parse_pack(text, str(path))


def parse_pack(text: str, source: str) -> RulePack:
    """Read the text of a rule pack; `source` is what messages call it.

    Raises:
        InvalidInputError: It is no rule pack.
        RuleError: One of its rules could never run; the message names the line and the rule.
    """
    content, lines = load_yaml(text, source, "rules")
    if not isinstance(content, dict) or not isinstance(content.get("rules"), list):
        raise InvalidInputError(f"{source} is no rule pack. Write the keys pack, title, reference and a list `rules`.")
    try:
        head = validated(_Head, {key: value for key, value in content.items() if key != "rules"}, {}, "key")
    except RuleError as error:
        raise InvalidInputError(f"{source}: {error} Correct it.") from error
    rules = tuple(_rule(entry, f"{source}, line {line}") for entry, line in zip(content["rules"], lines, strict=True))
    return RulePack(head.pack, head.title, head.reference, head.when_columns, rules)


def is_called(name: str, patterns: Sequence[str]) -> bool:
    """Return whether a name, in lower-case words or without spaces, matches one of the patterns."""
    spaced = " ".join(word.lower() for word in _WORD.findall(name))
    return any(fnmatchcase(form, pattern) for form in {spaced, spaced.replace(" ", "")} for pattern in patterns)


@cache
def _built_in() -> tuple[RulePack, ...]:
    folder = resources.files("profiling_pipeline.generation") / "packs"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return tuple(parse_pack(file.read_text(encoding="utf-8"), file.name) for file in files)


def _rule(entry: object, place: str) -> PackRule:
    if not isinstance(entry, Mapping):
        raise RuleError(f"{place}: this is no rule. Write name, applies_to, check and why.")
    try:
        rule = validated(PackRule, _with_lists(entry), {}, "field")
        rule.check_placeholders()
        names = {alias: alias for alias in (OWN_COLUMN, *rule.columns)}
        validate_rule(Rule(rule.name, OWN_COLUMN, rule.check, rule.filled_in(names)))
    except RuleError as error:
        raise RuleError(f"{place}: rule '{entry.get('name')}': {error} Correct it.") from error
    return rule


def _with_lists(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry in which each of `columns` has a list of names, also where a single one was written."""
    columns = entry.get("columns")
    if not isinstance(columns, Mapping):
        return dict(entry)
    listed = {alias: [names] if isinstance(names, str) else names for alias, names in columns.items()}
    return {**entry, "columns": listed}


def _filled_in(value: Any, columns: Mapping[str, str], is_predicate: bool) -> Any:
    if isinstance(value, str):

        def name(found: re.Match[str]) -> str:
            column = columns[found[1]]
            return quoted(column) if is_predicate else column

        return _PLACEHOLDER.sub(name, value) if any(f"{{{alias}}}" in value for alias in columns) else value
    if isinstance(value, list | tuple):
        return [_filled_in(each, columns, is_predicate) for each in value]
    return value
