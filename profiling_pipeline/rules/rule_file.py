"""Rule files: the rules of one version as YAML that people read and write."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from profiling_pipeline.errors import InvalidInputError, RuleError
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.exact_yaml import dump_yaml, load_yaml
from profiling_pipeline.rules.rule import Dimension, Rule, Severity
from profiling_pipeline.rules.validation import validated

_LARGEST_MEGABYTES = 10

_Text = Annotated[str, StringConstraints(min_length=1)]


class _Entry(BaseModel):
    """One rule of a rule file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    attribute: _Text
    type: Dimension | None = None
    check: _Text
    parameters: dict[str, Any] = Field(default_factory=dict)
    severity: Severity = Severity.MEDIUM
    description: str | None = None
    rationale: str | None = None
    regulatory_reference: str | None = None
    confidence: Decimal | None = Field(default=None, ge=0, le=100)


def read_rules(path: Path) -> list[Rule]:
    """Read and validate the rules of a rule file.

    Raises:
        InvalidInputError: The file cannot be read or is no rule file.
        RuleError: A rule could never run; the message names the file, the line and the rule.
    """
    return parse_rules(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Return the text of a file of rules, whatever its format.

    Raises:
        InvalidInputError: It cannot be read, or is too large.
    """
    try:
        if path.stat().st_size > _LARGEST_MEGABYTES * 1_000_000:
            raise InvalidInputError(f"{path} is larger than {_LARGEST_MEGABYTES} MB. Split the rule file.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}. Name a file with rules.") from error
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} is not in UTF-8 (byte {error.start + 1}). Save it as UTF-8.") from error


def parse_rules(text: str, source: str) -> list[Rule]:
    """Read and validate the rules in the text of a rule file; `source` is what messages call it.

    Raises:
        InvalidInputError: It is no rule file.
        RuleError: A rule could never run; the message names the line and the rule.
    """
    content, lines = load_yaml(text, source, "rules")
    if not isinstance(content, dict) or content.keys() != {"rules"} or not isinstance(content["rules"], list):
        raise InvalidInputError(f"{source} is no rule file. Write one key `rules` with a list of rules.")
    rules: list[Rule] = []
    seen: dict[tuple[str, str], int] = {}
    for entry, line in zip(content["rules"], lines, strict=True):
        rule = rule_from_dict(entry, f"{source}, line {line}", len(rules) + 1)
        key = (rule.attribute, rule.name)
        if key in seen:
            raise RuleError(
                f"{source}, line {line}: the attribute '{rule.attribute}' has a rule '{rule.name}' in line {seen[key]} "
                "already. Give it another name."
            )
        seen[key] = line
        rules.append(rule)
    return rules


def write_rules(rules: Iterable[Rule], path: Path) -> None:
    """Write a rule file.

    Raises:
        InvalidInputError: It cannot be written.
    """
    write_text(dump_rules(rules), path)


def write_text(text: str, path: Path) -> None:
    """Write a file of rules, whatever its format.

    Raises:
        InvalidInputError: It cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be written: {error}. Name another file.") from error


def dump_rules(rules: Iterable[Rule]) -> str:
    """Return the text of a rule file."""
    return dump_yaml({"rules": [rule_to_dict(rule) for rule in rules]})


def rule_to_dict(rule: Rule) -> dict[str, Any]:
    """Return a rule as a rule file has it, without what is not set."""
    entry = {
        "name": rule.name,
        "attribute": rule.attribute,
        "type": rule.dimension and rule.dimension.value,
        "check": rule.check,
        "parameters": dict(rule.parameters) or None,
        "severity": rule.severity.value,
        "description": rule.description,
        "rationale": rule.rationale,
        "regulatory_reference": rule.regulatory_reference,
        "confidence": rule.confidence,
    }
    return {name: value for name, value in entry.items() if value is not None}


def rule_from_dict(entry: object, place: str, order: int) -> Rule:
    """Return one entry of a rule file as a rule that could run; `place` is where messages say that it stands.

    Raises:
        RuleError: It could never run.
    """
    if not isinstance(entry, Mapping):
        raise RuleError(f"{place}: this is no rule. Write name, attribute and check.")
    name = entry.get("name")
    try:
        fields = validated(_Entry, entry, {}, "field")
    except RuleError as error:
        raise RuleError(f"{place}: rule '{name}': {error} Correct it.") from error
    rule = Rule(
        name=fields.name,
        attribute=fields.attribute,
        check=fields.check,
        parameters=fields.parameters,
        dimension=fields.type,
        severity=fields.severity,
        description=fields.description,
        rationale=fields.rationale,
        confidence=fields.confidence,
        regulatory_reference=fields.regulatory_reference,
        execution_order=order,
    )
    try:
        validate_rule(rule)
    except RuleError as error:
        raise RuleError(f"{place}: {error}") from error
    return rule
