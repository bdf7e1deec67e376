"""The form that adds or corrects a rule: between a rule's columns and what people type."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from fastapi import Form

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.rules.catalogue import CATALOGUE, check_for
from profiling_pipeline.rules.exact_yaml import dump_yaml, load_yaml
from profiling_pipeline.rules.rule import Dimension, Rule, Severity
from profiling_pipeline.services.versions import RuleView

_WHERE, _ORIGIN = "where", "origin"
_RATES = ("min_pass_rate", "warn_pass_rate")
# Each has a field of its own, or none: where a rule came from is not for editing.
_RESERVED = (_WHERE, *_RATES, _ORIGIN)

_Field = Annotated[str, Form()]
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True)
class RuleForm:
    """The form's fields as text, filled in or sent."""

    rule_name: str = ""
    attribute_id: str = ""
    rule_code: str = ""
    rule_type: str = ""
    severity: str = Severity.MEDIUM.value
    parameters: str = ""
    where: str = ""
    min_pass_rate: str = ""
    warn_pass_rate: str = ""
    rule_description: str = ""

    def changes(self, origin: object = None) -> dict[str, Any]:
        """Return a rule's columns with what the form says: without a dimension its check's own, `origin` as it was.

        Raises:
            InvalidInputError: A field cannot be read, or names what there is not.
        """
        parameters = _parameters(self.parameters)
        if self.where.strip():
            parameters[_WHERE] = self.where.strip()
        for name in _RATES:
            if text := getattr(self, name).strip():
                parameters[name] = _rate(name, text)
        if origin is not None:
            parameters[_ORIGIN] = origin
        return {
            "rule_name": self.rule_name.strip(),
            "attribute_id": self._attribute_id(),
            "rule_code": self.rule_code,
            "rule_type": self.rule_type or check_for(self.rule_code).dimension.value,
            "severity": self.severity,
            "rule_parameters": parameters,
            "rule_description": self.rule_description.strip() or None,
        }

    def rule(self) -> Rule:
        """Return a new rule.

        Raises:
            InvalidInputError: A field cannot be read, or names what there is not.
        """
        columns = self.changes()
        return Rule(
            name=columns["rule_name"],
            attribute=self.attribute_id,
            attribute_id=columns["attribute_id"],
            check=columns["rule_code"],
            parameters=columns["rule_parameters"],
            dimension=_word(Dimension, columns["rule_type"]),
            severity=_word(Severity, columns["severity"]),
            description=columns["rule_description"],
        )

    def _attribute_id(self) -> int:
        if not (self.attribute_id.isascii() and self.attribute_id.isdecimal()):
            raise InvalidInputError("The rule belongs to no attribute. Choose one.")
        return int(self.attribute_id)


def sent_rule_form(
    rule_name: _Field = "",
    attribute_id: _Field = "",
    rule_code: _Field = "",
    rule_type: _Field = "",
    severity: _Field = Severity.MEDIUM.value,
    parameters: _Field = "",
    where: _Field = "",
    min_pass_rate: _Field = "",
    warn_pass_rate: _Field = "",
    rule_description: _Field = "",
) -> RuleForm:
    """Return the form as it was sent."""
    return RuleForm(
        rule_name=rule_name,
        attribute_id=attribute_id,
        rule_code=rule_code,
        rule_type=rule_type,
        severity=severity,
        parameters=parameters,
        where=where,
        min_pass_rate=min_pass_rate,
        warn_pass_rate=warn_pass_rate,
        rule_description=rule_description,
    )


def form_of_rule(rule: RuleView) -> RuleForm:
    """Return the form filled in with a stored rule."""
    parameters = rule.rule_parameters
    return RuleForm(
        rule_name=rule.rule_name,
        attribute_id=str(rule.attribute_id),
        rule_code=rule.rule_code,
        rule_type=rule.rule_type,
        severity=rule.severity,
        parameters=own_parameters(rule.rule_code, parameters),
        where=str(parameters.get(_WHERE) or ""),
        min_pass_rate=_shown(parameters.get("min_pass_rate")),
        warn_pass_rate=_shown(parameters.get("warn_pass_rate")),
        rule_description=rule.rule_description or "",
    )


def own_parameters(check_name: str, parameters: Mapping[str, Any]) -> str:
    """Return the check's own parameters as YAML, in the order in which it declares them; nothing without any."""
    check = CATALOGUE.get(check_name)
    declared = [field.alias or name for name, field in check.model_fields.items()] if check is not None else []
    names = [*(name for name in declared if name in parameters), *parameters]
    own = {name: parameters[name] for name in names if name not in _RESERVED}
    return dump_yaml(own) if own else ""


def _parameters(text: str) -> dict[str, Any]:
    content, _ = load_yaml(text, "The text of the parameters", "")
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InvalidInputError("The parameters are no list of names with values. Write lines such as: min_value: 0")
    if misplaced := [name for name in _RESERVED if name in content]:
        raise InvalidInputError(f"{' and '.join(misplaced)} cannot stand among the parameters. Use the fields below.")
    return content


def _rate(name: str, text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite():
        raise InvalidInputError(f"{name} cannot be '{text}'. Write a percentage from 0 to 100, such as 99.5.")
    return rate


def _word(kind: type[_Word], text: str) -> _Word:
    try:
        return kind(text)
    except ValueError as error:
        raise InvalidInputError(
            f"There is no {kind.__name__.lower()} '{text}'. Choose from {', '.join(kind)}."
        ) from error


def _shown(value: object) -> str:
    return "" if value is None else str(value)
