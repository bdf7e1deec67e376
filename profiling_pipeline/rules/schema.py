"""The catalogue as JSON Schema, for whoever writes rules: language models, forms, editors."""

from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from profiling_pipeline.rules.binding import Tolerance
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.checks.base import Check, WholeCheck


class _PlainSchema(GenerateJsonSchema):
    """Schemas as people write them: no titles, no null for what may be left out, exact numbers as numbers."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        plain = {"type": "number"}
        limits: dict[str, Any] = {name: _number(schema[name]) for name in ("ge", "gt", "le", "lt") if name in schema}
        self.update_with_validations(plain, limits, self.ValidationsMapping.numeric)
        return plain

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        plain = super().default_schema(schema)
        if plain.get("default", ...) is None:
            del plain["default"]
        return plain

    def encode_default(self, dft: Any) -> Any:
        return _number(dft) if isinstance(dft, Decimal) else super().encode_default(dft)

    def union_schema(self, schema: core_schema.UnionSchema) -> JsonSchemaValue:
        plain = super().union_schema(schema)
        choices = plain.get("anyOf", [])
        types = [choice["type"] for choice in choices if choice.keys() == {"type"}]
        if not choices or len(types) < len(choices):
            return plain
        return {"type": [name for name in types if name != "integer" or "number" not in types]}


def catalogue_schema() -> dict[str, Any]:
    """Return the whole catalogue as JSON values.

    Returns:
        Under `checks` one object for each check, in the catalogue's order: `name`, `dimension`, `tests` (`rows`, or the
        `whole` once), `columns` (the kinds of columns it runs on), `description`, `parameters` (JSON Schema of its
        own parameters) and `example` (such parameters). Under `reserved` the JSON Schema of the parameters that every
        check takes besides its own; of them a check of the whole takes `where` only.
    """
    return {"checks": [check_schema(check) for check in CATALOGUE.values()], "reserved": reserved_schema()}


def check_schema(check: type[Check]) -> dict[str, Any]:
    """Return what to know of one check, as `catalogue_schema` has it."""
    return {
        "name": check.name,
        "dimension": check.dimension.value,
        "tests": "whole" if issubclass(check, WholeCheck) else "rows",
        "columns": sorted(kind.value for kind in check.kinds),
        "description": " ".join((check.__doc__ or "").split()),
        "parameters": _plain_schema(check),
        "example": dict(check.example),
    }


def reserved_schema() -> dict[str, Any]:
    """Return the JSON Schema of the parameters that checks take besides their own."""
    return _plain_schema(Tolerance)


def _plain_schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(schema_generator=_PlainSchema)
    return {key: value for key, value in schema.items() if key not in {"title", "description"}}


def _number(value: Any) -> int | float:
    return int(value) if value == int(value) else float(value)
