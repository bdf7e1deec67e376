"""Outcomes of rules on their way into and out of the table of executions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.storage.models import RuleDryRunRow, RuleExecutionRow


@dataclass(frozen=True)
class SourceState:
    """What the rules of a run were executed on: which source, how many rows, by which engine, in which state."""

    name: str
    rows: int
    engine: str
    fingerprint: Mapping[str, Any]


@dataclass(frozen=True)
class RuleExecution:
    """One rule run once: in which run, when, on what, and what came of it."""

    run_id: str
    executed_at: datetime
    source: SourceState
    outcome: RuleOutcome


@dataclass(frozen=True)
class DryRun:
    """A draft's rule tried on the data: when, on what, and what came of it."""

    executed_at: datetime
    source: SourceState
    outcome: RuleOutcome


def execution_values(outcome: RuleOutcome, source: SourceState) -> dict[str, Any]:
    """Return the columns that store an execution, the run's own apart."""
    rule = outcome.rule
    dimension = rule.dimension.value if rule.dimension else None
    scores = {"dimension": dimension, "weight": rule.severity.weight, "score": outcome.pass_rate}
    return outcome_values(outcome, source) | {"rule_id": rule.rule_id, "quality_scores": json_value(scores)}


def outcome_values(outcome: RuleOutcome, source: SourceState) -> dict[str, Any]:
    """Return the columns that store an outcome, of an execution or a dry run."""
    details = {"failed_rows": outcome.failed_rows, "frequent_values": outcome.frequent_values}
    details |= {"unusual_changes": outcome.unusual_changes} if outcome.unusual_changes else {}
    return {
        "execution_status": outcome.status.value,
        "execution_time_ms": outcome.elapsed_ms,
        "total_records_tested": outcome.tested,
        "passed_records": outcome.passed,
        "failed_records": outcome.failed,
        "pass_rate": outcome.pass_rate,
        "result_summary": json_value(
            {
                "source": source.name,
                "rows": source.rows,
                "skipped_records": outcome.skipped,
                "observed_value": outcome.observed,
                "error": outcome.error,
                "engine": source.engine,
                "source_fingerprint": _compact(source.fingerprint),
                "min_pass_rate": outcome.rule.parameters.get("min_pass_rate", 100),
                "warn_pass_rate": outcome.rule.parameters.get("warn_pass_rate"),
                "warning": outcome.is_warning,
            }
        ),
        "anomaly_details": json_value(details) if any(details.values()) else None,
    }


def execution_from_row(row: RuleExecutionRow, rule: Rule, *, with_samples: bool = True) -> RuleExecution:
    """Return a stored execution of a rule, with or without samples of failing rows and what else is in its details."""
    return RuleExecution(
        run_id=row.background_job_id or "",
        executed_at=row.executed_at or row.created_at,
        source=source_of_row(row),
        outcome=outcome_from_row(row, rule, with_samples=with_samples),
    )


def source_of_row(row: RuleExecutionRow | RuleDryRunRow) -> SourceState:
    """Return what a rule was executed or tried on."""
    summary = row.result_summary or {}
    return SourceState(
        name=summary.get("source") or "",
        rows=summary.get("rows") or 0,
        engine=summary.get("engine") or "",
        fingerprint=summary.get("source_fingerprint") or {},
    )


def outcome_from_row(row: RuleExecutionRow | RuleDryRunRow, rule: Rule, *, with_samples: bool = True) -> RuleOutcome:
    """Return the stored outcome of a rule's execution or dry run."""
    summary, details = row.result_summary or {}, (row.anomaly_details or {}) if with_samples else {}
    return RuleOutcome(
        rule=rule,
        status=ExecutionStatus(row.execution_status),
        tested=row.total_records_tested or 0,
        passed=row.passed_records or 0,
        failed=row.failed_records or 0,
        skipped=summary.get("skipped_records") or 0,
        pass_rate=row.pass_rate,
        is_warning=bool(summary.get("warning")),
        observed=summary.get("observed_value"),
        error=summary.get("error"),
        failed_rows=tuple(details.get("failed_rows") or ()),
        frequent_values=tuple(details.get("frequent_values") or ()),
        unusual_changes=tuple(details.get("unusual_changes") or ()),
        mark=details.get("mark"),
        elapsed_ms=row.execution_time_ms or 0,
    )


def dry_run_row(rule_id: UUID, outcome: RuleOutcome, source: SourceState, at: datetime) -> RuleDryRunRow:
    """Return the row of a rule that was tried on the data, not stored yet."""
    return RuleDryRunRow(rule_id=rule_id, executed_at=at, **outcome_values(outcome, source))


def dry_run_from_row(row: RuleDryRunRow, rule: Rule) -> DryRun:
    """Return what came of trying a rule on the data."""
    return DryRun(row.executed_at, source_of_row(row), outcome_from_row(row, rule))


def _compact(fingerprint: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fingerprint whose parts of any length are digests: every execution of a run repeats it."""
    return {
        name: _digest(value) if isinstance(value, Mapping | list | tuple) else value
        for name, value in fingerprint.items()
    }


def _digest(value: Any) -> str:
    return f"sha256:{sha256(json.dumps(json_value(value), sort_keys=True).encode()).hexdigest()}"
