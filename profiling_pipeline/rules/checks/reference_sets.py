"""Checks against sets that standards keep."""

from typing import Annotated, ClassVar

import ibis.expr.types as ir
from pydantic import AfterValidator, Field

from profiling_pipeline.rules.checks.base import RowCheck
from profiling_pipeline.rules.reference_sets import REFERENCE_SETS, reference_set
from profiling_pipeline.rules.rule import Dimension


def _known(name: str) -> str:
    return reference_set(name).name


class IsinReference(RowCheck):
    """Every value is one of a set that a standard keeps, written as the standard writes it."""

    name: ClassVar[str] = "isin_reference"
    dimension: ClassVar = Dimension.VALIDITY
    reads_text: ClassVar = True
    judges_value_alone: ClassVar = True
    example: ClassVar = {"reference": "currency"}
    reference: Annotated[str, AfterValidator(_known)] = Field(
        description="; ".join(f"`{each.name}`: {each.description}" for each in REFERENCE_SETS.values()) + ".",
        json_schema_extra={"enum": list(REFERENCE_SETS)},
    )

    def sentence(self, column: str) -> str:
        return f"{column} is one of the {reference_set(self.reference).description}."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        return value.isin(reference_set(self.reference).values)
