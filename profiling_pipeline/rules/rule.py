"""What a rule is, before it meets any data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID


class Dimension(StrEnum):
    """A rule's type: the side of data quality that it looks at."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    ACCURACY = "accuracy"
    CONSISTENCY = "consistency"
    UNIQUENESS = "uniqueness"


class Severity(StrEnum):
    """How much a failure matters."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def weight(self) -> int:
        """Weight of the rule in scores."""
        return {"low": 1, "medium": 2, "high": 3}[self.value]


@dataclass(frozen=True)
class Rule:
    """A named check with parameters for one column.

    `attribute` is the attribute's name or the column itself, `column` the source column once it is known.
    `confidence` is a percentage. `rule_id` is set when the rule is stored.
    """

    name: str
    attribute: str
    check: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    dimension: Dimension | None = None
    severity: Severity = Severity.MEDIUM
    column: str | None = None
    description: str | None = None
    rationale: str | None = None
    confidence: Decimal | None = None
    provider: str | None = None
    regulatory_reference: str | None = None
    is_executable: bool = True
    execution_order: int = 0
    rule_id: UUID | None = None
    attribute_id: int | None = None
