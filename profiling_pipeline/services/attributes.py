"""The planned attributes of a report, as rules and sources need them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.column_names import nearest_names
from profiling_pipeline.sources.matching import match_columns
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline.storage.models import AttributeRow, PdeMappingRow


def planned_attributes(session: Session, planning_phase_id: int, data_source_id: int | None) -> list[Attribute]:
    """Return the attributes of a Planning phase that are in force, in the order in which they were planned.

    What an attribute does not say itself, its column and classification, comes from the mapping of its physical data
    element: one to this data source, else one to none in particular, the newest first.
    """
    rows = session.scalars(
        select(AttributeRow)
        .where(AttributeRow.phase_id == planning_phase_id, AttributeRow.is_active, AttributeRow.is_latest_version)
        .order_by(AttributeRow.id)
    ).all()
    mappings = _mappings(session, planning_phase_id, data_source_id)
    return [_attribute(row, mappings.get(row.id)) for row in rows]


def attribute_of_rule(rule: Rule, attributes: Sequence[Attribute], column_map: Mapping[str, str]) -> Attribute:
    """Return the planned attribute that a rule belongs to, by its id, else the attribute's name, else its column.

    Raises:
        InvalidInputError: No attribute is meant; the message lists the nearest names.
    """
    if rule.attribute_id is not None:
        found = [attribute for attribute in attributes if attribute.attribute_id == rule.attribute_id]
    else:
        wanted = rule.attribute.casefold()
        found = [attribute for attribute in attributes if attribute.name == rule.attribute]
        found = found or [attribute for attribute in attributes if attribute.name.casefold() == wanted]
        found = found or _by_column(rule.column or rule.attribute, attributes, column_map)
    if len(found) == 1:
        return found[0]
    near = nearest_names(rule.attribute, [attribute.name for attribute in attributes])
    hint = f"Did you mean {' or '.join(near)}?" if near else "Name an attribute of the report's plan."
    what = "several planned attributes" if found else "no planned attribute"
    raise InvalidInputError(f"Rule '{rule.name}': {what} '{rule.attribute}'. {hint}")


def _by_column(column: str, attributes: Sequence[Attribute], column_map: Mapping[str, str]) -> list[Attribute]:
    matched = match_columns(attributes, [column], column_map).columns
    return [attribute for attribute in attributes if attribute.attribute_id in matched]


def _mappings(session: Session, planning_phase_id: int, data_source_id: int | None) -> dict[int, PdeMappingRow]:
    rows = session.scalars(
        select(PdeMappingRow)
        .join(AttributeRow, AttributeRow.id == PdeMappingRow.attribute_id)
        .where(AttributeRow.phase_id == planning_phase_id)
        .where((PdeMappingRow.data_source_id == data_source_id) | PdeMappingRow.data_source_id.is_(None))
        .order_by(PdeMappingRow.data_source_id.is_(None).desc(), PdeMappingRow.id)
    )
    return {row.attribute_id: row for row in rows}  # the last of an attribute stands


def _attribute(row: AttributeRow, mapping: PdeMappingRow | None) -> Attribute:
    mapped = mapping.source_field if mapping is not None else None
    classification = row.information_security_classification
    if classification is None and mapping is not None:
        classification = mapping.information_security_classification
    return Attribute(
        attribute_id=row.id,
        name=row.attribute_name,
        technical_name=row.technical_line_item_name or None,
        description=row.description,
        data_type=row.data_type or None,
        format_code=row.validation_rules,
        mandatory=row.is_mandatory or None,
        is_primary_key=bool(row.is_primary_key),
        primary_key_order=row.primary_key_order,
        classification=classification or None,
        source_column=row.source_column or None,
        mapped_column=mapped.rpartition(".")[2] or None if mapped else None,
        line_item_number=row.line_item_number,
        mdrm=row.mdrm,
    )
