"""Rules in, outcomes out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from time import perf_counter

from profiling_pipeline.errors import RuleError, SourceUnavailableError
from profiling_pipeline.execution.fused import Counts, count_fused, count_group, count_rows, explained
from profiling_pipeline.execution.report import ExecutionReport
from profiling_pipeline.execution.samples import Sampling, failed_rows, frequent_values
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome, pass_rate
from profiling_pipeline.rules.binding import BoundRule, bind_rule
from profiling_pipeline.rules.checks.base import FigureCheck, GroupCheck
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import OpenSource

Progress = Callable[[int, int], None]


def execute_rules(
    rules: Sequence[Rule],
    source: OpenSource,
    *,
    hidden_columns: frozenset[str] = frozenset(),
    key_columns: Sequence[str] = (),
    sample_rows: int = 20,
    progress: Progress | None = None,
) -> ExecutionReport:
    """Test every rule on a source.

    A rule that cannot run is in error, and the others still run. Row and figure checks share one query; each is given
    an equal share of its time.

    Args:
        rules: The rules; one that is not executable is skipped.
        source: The opened data.
        hidden_columns: Columns whose values are masked in samples.
        key_columns: Columns by which people know a row; they are part of its sample.
        sample_rows: The most failing rows to show of each rule; 0 for none.
        progress: Told of rules done and their total.

    Raises:
        SourceUnavailableError: The data's server has stopped answering.
    """
    started = perf_counter()
    sampling = Sampling(sample_rows, tuple(key_columns), hidden_columns)
    outcomes: dict[int, RuleOutcome] = {}
    bound: dict[int, BoundRule] = {}
    for number, rule in enumerate(rules):
        fitted = _bound(rule, source)
        if isinstance(fitted, RuleOutcome):
            outcomes[number] = fitted
        else:
            bound[number] = fitted
    rows = count_rows(source)
    for number, counts, elapsed_ms in _count(bound, source):
        outcomes[number] = _outcome(bound[number], counts, rows, elapsed_ms, source, sampling)
        if progress:
            progress(len(outcomes), len(rules))
    return ExecutionReport(
        source=source.name,
        engine=source.engine,
        rows=rows,
        fingerprint=source.fingerprint,
        outcomes=tuple(outcomes[number] for number in range(len(rules))),
        elapsed_ms=_milliseconds(started),
    )


def _bound(rule: Rule, source: OpenSource) -> BoundRule | RuleOutcome:
    if not rule.is_executable:
        reason = "The rule is kept as text only and cannot run. Replace it by a check of the catalogue."
        return RuleOutcome(rule, ExecutionStatus.SKIPPED, error=reason)
    try:
        return bind_rule(rule, source.table, source.columns)
    except RuleError as error:
        return RuleOutcome(rule, ExecutionStatus.ERROR, error=str(error))


def _count(bound: dict[int, BoundRule], source: OpenSource) -> list[tuple[int, Counts, int]]:
    """Return each rule's number, counts and time: the fused query first, then the queries of their own."""
    together = [number for number, rule in bound.items() if not isinstance(rule.check, GroupCheck)]
    started = perf_counter()
    fused = count_fused([bound[number] for number in together], source)
    share = _milliseconds(started) // max(len(together), 1)
    counted = [(number, counts, share) for number, counts in zip(together, fused, strict=True)]
    for number, rule in bound.items():
        if isinstance(rule.check, GroupCheck):
            started = perf_counter()
            counted.append((number, count_group(rule, rule.check, source), _milliseconds(started)))
    return counted


def _outcome(
    bound: BoundRule, counts: Counts, rows: int, elapsed_ms: int, source: OpenSource, sampling: Sampling
) -> RuleOutcome:
    if counts.error is not None:
        return RuleOutcome(bound.rule, ExecutionStatus.ERROR, error=counts.error, elapsed_ms=elapsed_ms)
    if isinstance(bound.check, FigureCheck):
        return _figure_outcome(bound, bound.check, counts, elapsed_ms)
    tested = counts.passed + counts.failed
    status, is_warning = _judged(counts.passed, tested, bound)
    outcome = RuleOutcome(
        rule=bound.rule,
        status=status,
        tested=tested,
        passed=counts.passed,
        failed=counts.failed,
        skipped=rows - tested,
        pass_rate=pass_rate(counts.passed, tested),
        is_warning=is_warning,
        elapsed_ms=elapsed_ms,
    )
    return _with_samples(outcome, bound, source, sampling) if counts.failed else outcome


def _judged(passed: int, tested: int, bound: BoundRule) -> tuple[ExecutionStatus, bool]:
    """Return the status and whether it is a warning, by exact shares and not by rounded rates."""
    if tested == 0:
        return ExecutionStatus.SKIPPED, False
    if 100 * passed < bound.min_pass_rate * tested:
        return ExecutionStatus.FAILED, False
    return ExecutionStatus.PASSED, bound.warn_pass_rate is not None and 100 * passed < bound.warn_pass_rate * tested


def _figure_outcome(bound: BoundRule, check: FigureCheck, counts: Counts, elapsed_ms: int) -> RuleOutcome:
    if counts.observed is None:
        reason = "There is no value to take the figure from."
        return RuleOutcome(bound.rule, ExecutionStatus.SKIPPED, skipped=1, error=reason, elapsed_ms=elapsed_ms)
    accepted = check.accepts(counts.observed)
    return RuleOutcome(
        rule=bound.rule,
        status=ExecutionStatus.PASSED if accepted else ExecutionStatus.FAILED,
        tested=1,
        passed=int(accepted),
        failed=int(not accepted),
        pass_rate=Decimal("100.00") if accepted else Decimal("0.00"),
        observed=counts.observed,
        elapsed_ms=elapsed_ms,
    )


def _with_samples(outcome: RuleOutcome, bound: BoundRule, source: OpenSource, sampling: Sampling) -> RuleOutcome:
    """Return the outcome with failing rows; when they cannot be read, the counts stand and the note says why."""
    try:
        shown = failed_rows(bound, source, sampling)
        frequent = frequent_values(bound, source, sampling)
    except SourceUnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - engines raise what they like
        return replace(outcome, error=f"No failing rows can be shown. {explained(error)}")
    return replace(outcome, failed_rows=shown, frequent_values=frequent)


def _milliseconds(started: float) -> int:
    return round(1000 * (perf_counter() - started))
