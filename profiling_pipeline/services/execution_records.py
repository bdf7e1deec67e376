"""Outcomes of rules on their way into and out of the table of executions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.storage.models import RuleExecutionRow


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


def execution_values(outcome: RuleOutcome, source: SourceState) -> dict[str, Any]:
    """Return the columns that store an outcome, the run's own apart."""
    rule = outcome.rule
    dimension = rule.dimension.value if rule.dimension else None
    details = {"failed_rows": outcome.failed_rows, "frequent_values": outcome.frequent_values}
    details |= {"unusual_changes": outcome.unusual_changes} if outcome.unusual_changes else {}
    return {
        "rule_id": rule.rule_id,
        "execution_status": outcome.status.value,
        "execution_time_ms": outcome.elapsed_ms,
        "total_records_tested": outcome.tested,
        "passed_records": outcome.passed,
        "failed_records": outcome.failed,
        "pass_rate": outcome.pass_rate,
        "quality_scores": json_value(
            {"dimension": dimension, "weight": rule.severity.weight, "score": outcome.pass_rate}
        ),
        "result_summary": json_value(
            {
                "source": source.name,
                "rows": source.rows,
                "skipped_records": outcome.skipped,
                "observed_value": outcome.observed,
                "error": outcome.error,
                "engine": source.engine,
                "source_fingerprint": _compact(source.fingerprint),
                "min_pass_rate": rule.parameters.get("min_pass_rate", 100),
                "warn_pass_rate": rule.parameters.get("warn_pass_rate"),
                "warning": outcome.is_warning,
            }
        ),
        "anomaly_details": json_value(details) if any(details.values()) else None,
    }


def execution_from_row(row: RuleExecutionRow, rule: Rule, *, with_samples: bool = True) -> RuleExecution:
    """Return a stored execution of a rule, with or without samples of failing rows and what else is in its details."""
    summary, details = row.result_summary or {}, (row.anomaly_details or {}) if with_samples else {}
    return RuleExecution(
        run_id=row.background_job_id or "",
        executed_at=row.executed_at or row.created_at,
        source=SourceState(
            name=summary.get("source") or "",
            rows=summary.get("rows") or 0,
            engine=summary.get("engine") or "",
            fingerprint=summary.get("source_fingerprint") or {},
        ),
        outcome=RuleOutcome(
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
        ),
    )


def _compact(fingerprint: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fingerprint whose parts of any length are digests: every execution of a run repeats it."""
    return {
        name: _digest(value) if isinstance(value, Mapping | list | tuple) else value
        for name, value in fingerprint.items()
    }


def _digest(value: Any) -> str:
    return f"sha256:{sha256(json.dumps(json_value(value), sort_keys=True).encode()).hexdigest()}"
