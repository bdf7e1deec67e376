"""Profiles and check reports as tables for people."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from profiling_pipeline.cli.output import Markup, print_table, say, status_text
from profiling_pipeline.plurals import counted
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome

if TYPE_CHECKING:
    from profiling_pipeline.execution.report import ExecutionReport
    from profiling_pipeline.execution.row_files import SeparatedRows
    from profiling_pipeline.generation.vetting import DroppedRule
    from profiling_pipeline.profiling.profile import ColumnProfile, TableProfile
    from profiling_pipeline.results.change_report import ChangeReport
    from profiling_pipeline.results.scores import Scores
    from profiling_pipeline.results.unusual_change import Change
    from profiling_pipeline.services.generations import Generation

SHOWN_SAMPLES = 5
SHOWN_NAMES = 10
_WORST_FIRST = [ExecutionStatus.ERROR, ExecutionStatus.FAILED, ExecutionStatus.SKIPPED, ExecutionStatus.PASSED]


def print_profile(profile: "TableProfile") -> None:
    """Print one line for each column."""
    size = f"{counted(profile.rows, 'row')}, {counted(len(profile.columns), 'column')}"
    say(Markup(f"[bold]{escape(profile.source)}[/]: {size}"))
    print_table(
        None,
        ["Column", "Type", "#Nulls", "#Distinct", "Minimum", "Median", "Maximum", "Most frequent", "Pattern"],
        [_profile_row(column) for column in profile.columns],
    )


def print_report(report: "ExecutionReport") -> None:
    """Print every rule's result, worst first, then samples of failing rows and the scores."""
    print_outcomes(report.outcomes)
    for outcome in report.outcomes:
        print_samples(outcome)
    counts = Counter(status_text(outcome.status, warning=outcome.is_warning) for outcome in _sorted(report.outcomes))
    summary = ", ".join(f"{count:,} {status}" for status, count in counts.items())
    say(Markup(f"\n[bold]{escape(report.source)}[/]: {counted(report.rows, 'row')}, {summary or 'no rules'}"))
    print_scores(report.scores)


def print_separated(separated: "SeparatedRows | None") -> None:
    """Say which files of rows were written."""
    if separated and separated.failed_file:
        say(f"Wrote {counted(separated.failed_rows, 'failed row')} to {separated.failed_file}.")
    if separated and separated.passed_file:
        say(f"Wrote {counted(separated.passed_rows, 'passed row')} to {separated.passed_file}.")


def print_outcomes(outcomes: "tuple[RuleOutcome, ...]") -> None:
    """Print one line for each rule run, worst first."""
    print_table(
        None,
        ["Status", "Rule", "Attribute", "Severity", "#Tested", "#Failed", "#Skipped", "#Pass rate", "Note"],
        [
            (
                status_text(outcome.status, warning=outcome.is_warning),
                outcome.rule.name,
                outcome.rule.attribute,
                outcome.rule.severity,
                outcome.tested,
                outcome.failed,
                outcome.skipped,
                "" if outcome.pass_rate is None else f"{outcome.pass_rate} %",
                outcome.note or ("" if outcome.observed is None else f"observed {_short(outcome.observed)}"),
            )
            for outcome in _sorted(outcomes)
        ],
    )


def _sorted(outcomes: "Sequence[RuleOutcome]") -> "list[RuleOutcome]":
    """Return outcomes, the worst first; warnings before what passes without one."""
    return sorted(outcomes, key=lambda o: (_WORST_FIRST.index(o.status), not o.is_warning, -o.failed))


def print_scores(scores: "Scores") -> None:
    """Print the overall score and that of each dimension, with what did not count."""
    if scores.overall is None:
        say("No rule was tested, so there is no score.")
        return
    say(Markup(f"Score [bold]{scores.overall}[/], grade [bold]{scores.grade}[/]"))
    for dimension, score in scores.dimensions.items():
        shown = "no score" if score.score is None else f"{score.score:>6}"
        left_out = f", {score.not_counted:,} not counted" if score.not_counted else ""
        say(f"  {dimension:13} {shown}  ({counted(score.counted, 'rule')}{left_out})")


def print_changes(report: "ChangeReport | None") -> None:
    """Print what is unusual beside earlier runs, with what people said of it."""
    if report is None:
        return
    if not report.unusual:
        say(f"\n{report.summary}")
        return
    say(Markup(f"\n[yellow]Unusual change[/] beside {counted(report.earlier_runs, 'earlier run')}"))
    print_table(
        None,
        ["Figure", "What", "Marked"],
        [(str(change.key), change.sentence, _marked(report, change)) for change in report.unusual],
    )


def _marked(report: "ChangeReport", change: "Change") -> str | None:
    mark = report.marks.get(change.key)
    return f"{mark.verdict}: {mark.note}" if mark else None


def print_generation(generation: "Generation", dropped: int) -> None:
    """Print by what rules were proposed, at which cost, and what the language model gave nothing for."""
    say(f"Proposed by {generation.title}{f': {generation.spent}' if generation.spent else ''}.")
    if dropped:
        say(f"Dropped proposals: {dropped:,}{_mended(generation.mended_rules)}.")
    for failure in generation.failures:
        about = f"{counted(len(failure.attributes), 'attribute')}: " if failure.attributes else ""
        say(Markup(f"[yellow]Nothing from the model[/] {about}{escape(failure.reason)}"))
    if generation.offline_attributes:
        names = ", ".join(generation.offline_attributes[:SHOWN_NAMES])
        more = len(generation.offline_attributes) - SHOWN_NAMES
        say(f"Offline rules instead for: {names}{f' and {more:,} more' if more > 0 else ''}.")


def why_no_rules(rows: int, dropped: "Sequence[DroppedRule]") -> str:
    """Return why nothing that was proposed for so many rows is left."""
    if dropped:
        return f"No rule is left: every proposal was dropped, the first because of this: {dropped[0].reason}"
    if not rows:
        return "No rule was found: there are no rows to learn from."
    return f"No rule was found: in {counted(rows, 'row')} nothing is regular enough to be more than chance."


def _mended(count: int) -> str:
    return f"; {count:,} came back from the model mended" if count else ""


def print_samples(outcome: RuleOutcome) -> None:
    """Print a few of the rows that fail a rule."""
    if not outcome.failed_rows:
        return
    names = list(outcome.failed_rows[0])
    print_table(
        f"\n{outcome.rule.name}: {counted(outcome.failed, 'row fails', 'rows fail')}",
        [f"#{name}" if name == "row" else name for name in names],
        [[_short(row[name]) for name in names] for row in outcome.failed_rows[:SHOWN_SAMPLES]],
    )
    more = len(outcome.failed_rows) - SHOWN_SAMPLES
    if more > 0:
        say(Markup(f"[dim]{counted(more, 'more is', 'more are')} in the output of --format json.[/]"))
    repeated = [each for each in outcome.frequent_values if each["count"] > 1][:SHOWN_SAMPLES]
    if repeated:
        values = ", ".join(f"{_short(each['value']) or 'no value'} ({each['count']:,})" for each in repeated)
        say(f"Most frequent: {values}")


def _profile_row(column: "ColumnProfile") -> tuple[Any, ...]:
    top = column.top_values[0] if column.top_values else None
    return (
        column.name,
        column.kind,
        column.nulls,
        column.distinct if column.distinct_is_exact else f"~{column.distinct:,}",
        _short(column.minimum),
        _short((column.quantiles or {}).get("0.5")),
        _short(column.maximum),
        f"{_short(top.value)} ({top.count:,})" if top else None,
        _short(column.patterns[0].value) if column.patterns else None,
    )


def _short(value: Any) -> str | None:
    if value is None:
        return None
    text = f"{value:,.6g}" if isinstance(value, float) else f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
