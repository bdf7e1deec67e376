"""Attributes of a report as a CSV file, for planning without a host application."""

import csv
from collections.abc import Sequence
from pathlib import Path

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.sources.column_names import nearest_names
from profiling_pipeline.sources.model import Attribute

COLUMNS = (
    "name",
    "technical_name",
    "description",
    "data_type",
    "format_code",
    "mandatory",
    "primary_key_order",
    "classification",
    "source_column",
    "line_item_number",
    "mdrm",
)


def read_attributes(path: Path) -> list[Attribute]:
    """Read attributes from a CSV file whose header uses the names in `COLUMNS`; only `name` must be there.

    A number in `primary_key_order` makes the attribute part of the key.

    Raises:
        InvalidInputError: The file cannot be read, has an unknown column, no attribute, or one without a name.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            _require_known(path, reader.fieldnames or [])
            attributes = [_attribute(path, reader.line_num, row) for row in reader]
    except OSError as error:
        raise InvalidInputError(
            f"{path} cannot be read: {error.strerror}. Check the path and its permissions."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInputError(f"{path} is not a CSV file in UTF-8: {error}. Save it as UTF-8 CSV.") from error
    if not attributes:
        raise InvalidInputError(f"{path} has a header but no attribute. Add one line for each attribute.")
    return attributes


def write_attributes(attributes: list[Attribute], path: Path) -> None:
    """Write attributes in the form that `read_attributes` reads."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS)
        writer.writeheader()
        writer.writerows({name: getattr(attribute, name) for name in COLUMNS} for attribute in attributes)


def _require_known(path: Path, header: Sequence[str]) -> None:
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        near = nearest_names(unknown[0], COLUMNS)
        hint = f"Did you mean '{near[0]}'?" if near else f"Use {', '.join(COLUMNS)}."
        raise InvalidInputError(f"{path} has an unknown column '{unknown[0]}'. {hint}")
    if "name" not in header:
        raise InvalidInputError(f"{path} has no column 'name'. Its header may use {', '.join(COLUMNS)}.")


def _attribute(path: Path, line: int, row: dict[str, str]) -> Attribute:
    values = {name: (row.get(name) or "").strip() or None for name in COLUMNS}
    name, order = values.pop("name"), values.pop("primary_key_order")
    if not name:
        raise InvalidInputError(f"{path}, line {line}: the attribute has no name. Name it.")
    if order is not None and not order.isdecimal():
        raise InvalidInputError(f"{path}, line {line}: primary_key_order '{order}' is not a whole number. Correct it.")
    return Attribute(
        attribute_id=0,
        name=name,
        is_primary_key=order is not None,
        primary_key_order=int(order) if order else None,
        **values,
    )
