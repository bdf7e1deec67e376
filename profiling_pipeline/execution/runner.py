"""Rules in, outcomes out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from time import perf_counter

from profiling_pipeline.errors import RuleError
from profiling_pipeline.execution.alone import count_alone, is_counted_alone
from profiling_pipeline.execution.fused import Counts, count_fused
from profiling_pipeline.execution.observing import observe_columns
from profiling_pipeline.execution.queries import explained, one_snapshot
from profiling_pipeline.execution.report import ExecutionReport
from profiling_pipeline.execution.row_files import RowFiles, SeparatedRows
from profiling_pipeline.execution.samples import MASK, Evidence, FailingRule, Sampling, collect_evidence
from profiling_pipeline.execution.valueless import typed_as_expected
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome, pass_rate
from profiling_pipeline.rules.binding import BoundRule, bind_rule
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.checks.base import WholeCheck
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline.sources.others import Opener, OtherSources

Progress = Callable[[int, int], None]


def execute_rules(
    rules: Sequence[Rule],
    source: OpenSource,
    *,
    hidden_columns: frozenset[str] = frozenset(),
    key_columns: Sequence[str] = (),
    sample_rows: int = 20,
    observes_columns: bool = False,
    others: Mapping[str, Opener] | None = None,
    row_files: RowFiles | None = None,
    progress: Progress | None = None,
) -> ExecutionReport:
    """Test every rule on a source.

    A rule that cannot run is in error, and the others still run. Row and figure checks share one query; each is given
    an equal share of its time.

    Args:
        rules: The rules; one that is not executable is skipped.
        source: The opened data.
        hidden_columns: Columns whose values are masked in whatever leaves this function.
        key_columns: Columns by which people know a row; they are part of its sample.
        sample_rows: The most failing rows to show of each rule; 0 for no samples at all.
        observes_columns: Whether to take each column's figures too, for comparison with other runs.
        others: The other sources that rules may look values up in, each by its name.
        row_files: Where all failed and passed rows are to be written, unmasked. A rule in error may have failed any
            row, so then nothing is written.
        progress: Told of rules done and their total.

    Raises:
        SourceUnavailableError: The data can no longer be read.
        SourceError: The data changed while rows were written; there are no files then.
        InvalidInputError: The files of rows cannot be written.
    """
    started = perf_counter()
    sampling = Sampling(sample_rows, tuple(key_columns), hidden_columns)
    with OtherSources(source, others) as looked_into:
        source, fitted = _all_fitted(rules, source, looked_into)
    bound = {number: rule for number, rule in fitted.items() if isinstance(rule, BoundRule)}
    outcomes = {number: outcome for number, outcome in fitted.items() if isinstance(outcome, RuleOutcome)}
    with one_snapshot(source):
        rows, counted = _counted(bound, source)
        for number, counts, elapsed_ms in counted:
            outcome = _outcome(bound[number], counts, rows, elapsed_ms, hidden_columns)
            outcomes[number] = replace(outcome, columns_read=bound[number].columns_read)
            if progress:
                progress(len(outcomes), len(rules))
        if sample_rows:
            _add_evidence(outcomes, bound, source, sampling)
        columns = observe_columns(source, rows) if observes_columns else None
        separated = _separated(outcomes, bound, source, rows, row_files) if row_files else None
    return ExecutionReport(
        source=source.name,
        engine=source.engine,
        rows=rows,
        fingerprint=dict(source.fingerprint),
        outcomes=tuple(outcomes[number] for number in range(len(rules))),
        elapsed_ms=_milliseconds(started),
        columns=columns,
        separated=separated,
    )


def _separated(
    outcomes: Mapping[int, RuleOutcome],
    bound: Mapping[int, BoundRule],
    source: OpenSource,
    rows: int,
    row_files: RowFiles,
) -> SeparatedRows | None:
    from profiling_pipeline.execution.quarantine import named, separate_rows  # bring Arrow, which counting needs not

    if any(outcome.status is ExecutionStatus.ERROR for outcome in outcomes.values()):
        return None
    failing = [
        (rule, outcomes[number].failed)
        for number, rule in sorted(bound.items())
        if outcomes[number].failed and not isinstance(rule.check, WholeCheck)
    ]
    return separate_rows(named(failing), source, rows, row_files)


def _all_fitted(
    rules: Sequence[Rule], source: OpenSource, others: OtherSources
) -> tuple[OpenSource, dict[int, BoundRule | RuleOutcome]]:
    """Return each rule bound or with its outcome, and the source, its columns without any value of fitting types."""
    fitted = {number: _fitted(rule, source, others) for number, rule in enumerate(rules)}
    in_error = [number for number, found in fitted.items() if _is_in_error(found)]
    if not in_error:
        return source, fitted
    misfits = [rules[number] for number in in_error]
    typed = typed_as_expected(misfits, source, lambda rule, of: bind_rule(rule, of.table, of.columns, others))
    if typed is source:
        return source, fitted
    again = {number: _fitted(rule, typed, others) for number, rule in enumerate(rules)}
    is_better = sum(map(_is_in_error, again.values())) < len(in_error)
    return (typed, again) if is_better else (source, fitted)


def _is_in_error(fitted: BoundRule | RuleOutcome) -> bool:
    return isinstance(fitted, RuleOutcome) and fitted.status is ExecutionStatus.ERROR


def _fitted(rule: Rule, source: OpenSource, others: OtherSources) -> BoundRule | RuleOutcome:
    """Return the rule bound to the source, or the outcome of a rule for which that cannot be."""
    if not rule.is_executable:
        reason = "The rule is kept as text only and cannot run. Replace it by a check of the catalogue."
        return RuleOutcome(rule, ExecutionStatus.SKIPPED, error=reason)
    try:
        return bind_rule(rule, source.table, source.columns, others)
    except RuleError as error:
        message = str(error)
    except Exception as error:  # noqa: BLE001 - whatever a rule's expression trips over, the others still run
        message = explained(error)
    if rule.dimension is None and rule.check in CATALOGUE:
        rule = replace(rule, dimension=CATALOGUE[rule.check].dimension)
    return RuleOutcome(rule, ExecutionStatus.ERROR, error=message)


def _counted(bound: Mapping[int, BoundRule], source: OpenSource) -> tuple[int, Iterator[tuple[int, Counts, int]]]:
    """Return the number of rows, and each rule's number, counts and milliseconds as they come.

    The fused queries come first, then those that rules bring of their own.
    """
    together = [number for number, rule in bound.items() if not is_counted_alone(rule)]
    started = perf_counter()
    rows, fused = count_fused([bound[number] for number in together], source)
    share = _milliseconds(started) // max(len(together), 1)

    def counted() -> Iterator[tuple[int, Counts, int]]:
        for number, counts in zip(together, fused, strict=True):
            yield number, counts, share
        for number, rule in bound.items():
            if is_counted_alone(rule):
                started = perf_counter()
                yield number, count_alone(rule, source), _milliseconds(started)

    return rows, counted()


def _outcome(
    bound: BoundRule, counts: Counts, rows: int, elapsed_ms: int, hidden_columns: frozenset[str]
) -> RuleOutcome:
    if counts.error is not None:
        return _in_error(bound, counts.error, elapsed_ms, hidden_columns)
    if isinstance(bound.check, WholeCheck):
        return _whole_outcome(bound, bound.check, counts, elapsed_ms, hidden_columns)
    tested = counts.passed + counts.failed
    status, is_warning = _judged(counts.passed, tested, bound)
    return RuleOutcome(
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


def _judged(passed: int, tested: int, bound: BoundRule) -> tuple[ExecutionStatus, bool]:
    """Return the status and whether it is a warning, by exact shares and not by rounded rates."""
    if tested == 0:
        return ExecutionStatus.SKIPPED, False
    if 100 * passed < bound.min_pass_rate * tested:
        return ExecutionStatus.FAILED, False
    return ExecutionStatus.PASSED, bound.warn_pass_rate is not None and 100 * passed < bound.warn_pass_rate * tested


def _whole_outcome(
    bound: BoundRule, check: WholeCheck, counts: Counts, elapsed_ms: int, hidden_columns: frozenset[str]
) -> RuleOutcome:
    try:
        observed, accepted = (None, False) if counts.observed is None else check.verdict(counts.observed)
    except Exception as error:  # noqa: BLE001 - a figure of a kind that the check cannot compare
        return _in_error(bound, error, elapsed_ms, hidden_columns)
    if observed is None:
        reason = "There is no value to judge."
        return RuleOutcome(bound.rule, ExecutionStatus.SKIPPED, skipped=1, error=reason, elapsed_ms=elapsed_ms)
    is_hidden = check.shows_values and bound.column in hidden_columns and observed != []
    return RuleOutcome(
        rule=bound.rule,
        status=ExecutionStatus.PASSED if accepted else ExecutionStatus.FAILED,
        tested=1,
        passed=int(accepted),
        failed=int(not accepted),
        pass_rate=Decimal("100.00") if accepted else Decimal("0.00"),
        observed=MASK if is_hidden else observed,
        elapsed_ms=elapsed_ms,
    )


def _in_error(bound: BoundRule, error: Exception, elapsed_ms: int, hidden_columns: frozenset[str]) -> RuleOutcome:
    said = explained(error, may_quote_values=hidden_columns.isdisjoint(bound.columns_read))
    return RuleOutcome(bound.rule, ExecutionStatus.ERROR, error=said, elapsed_ms=elapsed_ms)


def _add_evidence(
    outcomes: dict[int, RuleOutcome], bound: Mapping[int, BoundRule], source: OpenSource, sampling: Sampling
) -> None:
    """Add samples to the outcomes of rules that rows fail; where they cannot be read, the note says why."""
    numbers = [
        number for number, rule in bound.items() if outcomes[number].failed and not isinstance(rule.check, WholeCheck)
    ]
    failing = [FailingRule(number, bound[number], outcomes[number].failed) for number in numbers]
    for number, evidence in collect_evidence(failing, source, sampling):
        outcomes[number] = _with_evidence(outcomes[number], bound[number], evidence, sampling)


def _with_evidence(outcome: RuleOutcome, bound: BoundRule, evidence: Evidence, sampling: Sampling) -> RuleOutcome:
    if evidence.error is None:
        return replace(outcome, failed_rows=evidence.failed_rows, frequent_values=evidence.frequent_values)
    said = explained(evidence.error, may_quote_values=sampling.hidden_columns.isdisjoint(bound.columns_read))
    return replace(outcome, error=f"No failing rows can be shown. {said}")


def _milliseconds(started: float) -> int:
    return round(1000 * (perf_counter() - started))
