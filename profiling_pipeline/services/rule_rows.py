"""Rules on their way into and out of the table of rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from profiling_pipeline.approval.lifecycle import RuleStatus
from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.catalogue import check_for
from profiling_pipeline.rules.rule import Dimension, Rule, Severity
from profiling_pipeline.services.stored_text import require_storable
from profiling_pipeline.sources.column_names import nearest_names
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline.storage.models import AttributeRow, RuleRow, RuleVersionRow

_LONGEST_NAME = 255
_LONGEST_PROVIDER = 50
EDITABLE = (
    "attribute_id",
    "rule_name",
    "rule_type",
    "rule_description",
    "rule_code",
    "rule_parameters",
    "regulatory_reference",
    "execution_order",
    "severity",
)
DEFINITION = (*EDITABLE, "llm_provider", "llm_rationale", "llm_confidence_score", "is_executable")


def new_rule_row(
    version: RuleVersionRow, attribute: Attribute, rule: Rule, *, created_by_id: int, at: datetime
) -> RuleRow:
    """Return an undecided rule for a version, not stored yet.

    Raises:
        RuleError: The rule could never run.
        InvalidInputError: One of its texts cannot be stored.
    """
    validate_rule(rule)
    return RuleRow(
        **_definition(rule),
        rule_id=uuid4(),
        version_id=version.version_id,
        phase_id=version.phase_id,
        attribute_id=attribute.attribute_id,
        is_executable=True,
        execution_order=rule.execution_order,
        status=RuleStatus.PENDING.value,
        created_by_id=created_by_id,
        updated_by_id=created_by_id,
        created_at=at,
        updated_at=at,
    )


def change_definition(row: RuleRow, rule: Rule) -> None:
    """Make a rule that is not stored yet say what another one says; attribute and place stay.

    Raises:
        RuleError: The rule could never run.
        InvalidInputError: One of its texts cannot be stored.
    """
    validate_rule(rule)
    for column, value in _definition(rule).items():
        setattr(row, column, value)
    row.is_executable = True


def _definition(rule: Rule) -> dict[str, Any]:
    return {
        "rule_name": _name(rule.name),
        "rule_type": (rule.dimension or check_for(rule.check).dimension).value,
        "rule_description": _text(rule.description, "description"),
        "rule_code": rule.check,
        "rule_parameters": json_value(rule.parameters),
        "llm_provider": _text(rule.provider, "provider", _LONGEST_PROVIDER),
        "llm_rationale": _text(rule.rationale, "rationale"),
        "llm_confidence_score": rule.confidence,
        "regulatory_reference": _text(rule.regulatory_reference, "regulatory reference"),
        "severity": rule.severity.value,
    }


def change_rule(row: RuleRow, changes: Mapping[str, Any], attributes: Sequence[Attribute]) -> None:
    """Change columns of a stored rule.

    Raises:
        RuleError: The changed rule could never run.
        InvalidInputError: A column cannot be changed, or not to that.
    """
    by_id = {attribute.attribute_id: attribute for attribute in attributes}
    for column, value in changes.items():
        if column not in EDITABLE:
            near = nearest_names(column, EDITABLE)
            hint = f"Did you mean {near[0]}?" if near else f"Choose from {', '.join(EDITABLE)}."
            raise InvalidInputError(f"A rule's '{column}' cannot be changed. {hint}")
        setattr(row, column, _column_value(column, value))
    if "attribute_id" in changes and row.attribute_id not in by_id:
        raise InvalidInputError(
            f"Rule '{row.rule_name}': there is no planned attribute {row.attribute_id}. Choose one."
        )
    attribute = by_id.get(row.attribute_id)
    validate_rule(rule_from_row(row, attribute.name if attribute else str(row.attribute_id)))
    row.is_executable = True


def rule_from_row(row: RuleRow, attribute: str, column: str | None = None) -> Rule:
    """Return a stored rule as what runs."""
    return Rule(
        name=row.rule_name,
        attribute=attribute,
        check=row.rule_code,
        parameters=row.rule_parameters or {},
        dimension=Dimension(row.rule_type),
        severity=Severity(row.severity),
        column=column,
        description=row.rule_description,
        rationale=row.llm_rationale,
        confidence=row.llm_confidence_score,
        provider=row.llm_provider,
        regulatory_reference=row.regulatory_reference,
        is_executable=row.is_executable,
        execution_order=row.execution_order,
        rule_id=row.rule_id,
        attribute_id=row.attribute_id,
    )


def copy_rule(parent: RuleRow, version: RuleVersionRow, *, created_by_id: int, at: datetime) -> RuleRow:
    """Return an undecided copy of a rule for another version, not stored yet; its origin names its parent."""
    parameters = dict(parent.rule_parameters or {})
    origin = parameters.get("origin")
    kept = origin if isinstance(origin, dict) else {} if origin is None else {"was": origin}
    return RuleRow(
        **{column: getattr(parent, column) for column in DEFINITION}
        | {"rule_parameters": {**parameters, "origin": {**kept, "parent_rule_id": str(parent.rule_id)}}},
        rule_id=uuid4(),
        version_id=version.version_id,
        phase_id=version.phase_id,
        status=RuleStatus.PENDING.value,
        created_by_id=created_by_id,
        updated_by_id=created_by_id,
        created_at=at,
        updated_at=at,
    )


def require_names_apart(session: Session, rows: Sequence[RuleRow]) -> None:
    """Make sure that the names of these rules of one version are unique for each attribute, the stored rules included.

    Raises:
        InvalidInputError: A name is taken.
    """
    stored = session.execute(
        select(RuleRow.rule_id, RuleRow.attribute_id, RuleRow.rule_name).where(
            RuleRow.version_id.in_({row.version_id for row in rows})
        )
    )
    taken: dict[tuple[int, str], UUID] = {(attribute_id, name): rule_id for rule_id, attribute_id, name in stored}
    for row in rows:
        if taken.setdefault((row.attribute_id, row.rule_name), row.rule_id) != row.rule_id:
            attribute = session.get_one(AttributeRow, row.attribute_id).attribute_name
            raise InvalidInputError(
                f"There is a rule '{row.rule_name}' for attribute '{attribute}' already. Choose another name."
            )


def _column_value(column: str, value: Any) -> Any:
    try:
        match column:
            case "rule_name":
                return _name(value)
            case "rule_type":
                return Dimension(value).value
            case "severity":
                return Severity(value).value
            case "rule_parameters":
                return json_value(dict(value or {}))
            case "attribute_id" | "execution_order":
                return _integer(value)
            case _:
                return _text(value, column)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"A rule's {column} cannot be {value!r}: {error}. Correct it.") from error


def _integer(value: Any) -> int:
    number = int(value)
    if abs(number) >= 2**31:
        raise ValueError("it is too large")
    return number


def _name(name: str) -> str:
    name = require_storable(name, "rule name", _LONGEST_NAME)
    if not name.strip():
        raise InvalidInputError("A rule needs a name. Give it one that says what it demands.")
    return name


def _text(text: str | None, what: str, longest: int | None = None) -> str | None:
    return require_storable(text, what, longest) if text is not None else None
