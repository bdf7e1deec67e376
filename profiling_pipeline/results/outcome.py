"""What came of running a rule once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from profiling_pipeline.rules.rule import Rule

_CENT = Decimal("0.01")


class ExecutionStatus(StrEnum):
    """Outcome of one execution of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True)
class RuleOutcome:
    """Counts and evidence of one rule run once; `tested + skipped` is the number of rows (1 for a figure check).

    `observed` is the figure that a figure check saw. `failed_rows` are samples and `frequent_values` the most
    frequent failing values with counts, both masked already where the column's classification asks for it.
    `unusual_changes` are figures outside their usual range, its pass rate or those of columns that it reads, and `mark`
    is what a person said of its pass rate then. `columns_read` are known only when the rule has just run.
    """

    rule: Rule
    status: ExecutionStatus
    tested: int = 0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    pass_rate: Decimal | None = None
    is_warning: bool = False
    observed: Any = None
    error: str | None = None
    failed_rows: tuple[Mapping[str, Any], ...] = ()
    frequent_values: tuple[Mapping[str, Any], ...] = ()
    elapsed_ms: int = 0
    unusual_changes: tuple[Mapping[str, Any], ...] = ()
    mark: Mapping[str, Any] | None = None
    columns_read: tuple[str, ...] = field(default=(), repr=False)

    @property
    def note(self) -> str | None:
        """Why it could not run or show its rows, or that it passes with a warning; None where all is said."""
        if self.error is None and self.is_warning:
            return f"passed with a warning: below {self.rule.parameters.get('warn_pass_rate')} %"
        return self.error


def pass_rate(passed: int, tested: int) -> Decimal | None:
    """Return `100 × passed / tested` with two decimals, None with nothing tested.

    It is never 100.00 with a failure and never 0.00 with a pass, so rounding cannot hide either.
    """
    if tested == 0:
        return None
    rate = (Decimal(100 * passed) / tested).quantize(_CENT, ROUND_HALF_UP)
    if passed < tested:
        rate = min(rate, 100 - _CENT)
    return max(rate, _CENT) if passed else rate
