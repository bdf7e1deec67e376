"""What came of executing rules on a source."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from profiling_pipeline.execution.row_files import SeparatedRows
from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.results.observation import ColumnFigures
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.results.scores import Scores, score_outcomes


@dataclass(frozen=True)
class ExecutionReport:
    """The outcome of each rule, in the order the rules were given, and which state of the data they were tested on.

    `columns` are the figures of each column that are compared with other runs, None where they were not asked for.
    """

    source: str
    engine: str
    rows: int
    fingerprint: Mapping[str, Any]
    outcomes: tuple[RuleOutcome, ...]
    elapsed_ms: int
    columns: Mapping[str, ColumnFigures] | None = None
    separated: SeparatedRows | None = None

    @property
    def status(self) -> ExecutionStatus:
        """`error` when a rule is in error, else `failed` when one failed, else `passed`."""
        statuses = {outcome.status for outcome in self.outcomes}
        for status in (ExecutionStatus.ERROR, ExecutionStatus.FAILED):
            if status in statuses:
                return status
        return ExecutionStatus.PASSED

    @cached_property
    def scores(self) -> Scores:
        """The scores of the outcomes."""
        return score_outcomes(self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as values that JSON knows."""
        report: dict[str, Any] = {
            "source": self.source,
            "rows": self.rows,
            "status": self.status.value,
            "rules": [outcome_to_dict(outcome) for outcome in self.outcomes],
            "scores": self.scores.to_dict(),
        }
        return report if self.separated is None else report | {"row_files": json_value(self.separated)}


def outcome_to_dict(outcome: RuleOutcome) -> dict[str, Any]:
    """Return one rule's outcome as values that JSON knows."""
    rule = outcome.rule
    return {
        "name": rule.name,
        "attribute": rule.attribute,
        "check": rule.check,
        "type": rule.dimension.value if rule.dimension else None,
        "severity": rule.severity.value,
        "status": outcome.status.value,
        "warning": outcome.is_warning,
        "tested": outcome.tested,
        "passed": outcome.passed,
        "failed": outcome.failed,
        "skipped": outcome.skipped,
        "pass_rate": json_value(outcome.pass_rate),
        "observed": json_value(outcome.observed),
        "error": outcome.error,
        "failed_rows": json_value(outcome.failed_rows),
        "frequent_values": json_value(outcome.frequent_values),
    }
