"""A version as tables for people."""

from typing import TYPE_CHECKING

from profiling_pipeline.cli.output import Markup, print_table, say, status_text
from profiling_pipeline.cli.tables import print_generation, print_samples
from profiling_pipeline.plurals import counted
from profiling_pipeline.results.outcome import ExecutionStatus

if TYPE_CHECKING:
    from profiling_pipeline.services.versions import RuleView, VersionView

SHOWN_DROPPED = 50


def print_version(view: "VersionView") -> None:
    """Print a version's state, how it was generated, its rules, what to look at, and proposals that were dropped."""
    state = status_text(view.version_status)
    say(Markup(f"Version {view.phase_id}:{view.version_number} is {state}  ({view.version_id})"))
    say(f"{counted(view.total_rules, 'rule')}, {view.approved_rules:,} approved, {view.rejected_rules:,} rejected")
    say(f"Sensitivity to unusual change: {view.sensitivity}")
    if view.rejection_reason:
        print_table(None, ["Sent back because"], [(view.rejection_reason,)])
    if view.generation is not None:
        print_generation(view.generation.generation, view.generation.dropped_rules)
    heads = ["Rule", "Attribute", "Demands", "#Would fail", "Severity", "State", "Tester", "Owner", "Id"]
    print_table(None, heads, map(_row, view.rules))
    found = [(rule.rule_name, rule.attribute_name, finding) for rule in view.rules for finding in rule.findings]
    if found:
        print_table("To look at", ["Rule", "Attribute", "Finding"], found)
    if view.generation is not None and view.generation.dropped:
        dropped = [(each.rule, each.attribute, each.reason) for each in view.generation.dropped[:SHOWN_DROPPED]]
        print_table("Dropped proposals", ["Rule", "Attribute", "Reason"], dropped)


def print_dry_runs(view: "VersionView") -> None:
    """Print what each rule came to when it was tried on the data, and rows that would fail."""
    tried = [(rule, rule.dry_run) for rule in view.rules if rule.dry_run is not None]
    for _, dry_run in tried:
        print_samples(dry_run.outcome)
    print_table(
        None,
        ["Rule", "Attribute", "#Would fail", "#Tested", "#Skipped", "Note"],
        [
            (
                rule.rule_name,
                rule.attribute_name,
                dry_run.outcome.failed,
                dry_run.outcome.tested,
                dry_run.outcome.skipped,
                dry_run.outcome.error,
            )
            for rule, dry_run in tried
        ],
    )
    tried_rules = counted(len(tried), "rule")
    say(f"Tried {tried_rules} of version {view.phase_id}:{view.version_number}. Nothing else was changed.")


def _row(rule: "RuleView") -> tuple[object, ...]:
    return (
        rule.rule_name,
        rule.attribute_name,
        rule.sentence,
        _would_fail(rule),
        rule.severity,
        status_text(rule.status),
        rule.tester_decision,
        rule.report_owner_decision,
        rule.rule_id,
    )


def _would_fail(rule: "RuleView") -> str:
    """Return what the rule came to when it was tried on the data."""
    if rule.dry_run is None:
        return "not tried"
    outcome = rule.dry_run.outcome
    if outcome.status is ExecutionStatus.ERROR:
        return "cannot run"
    if outcome.observed is not None:
        return f"{'yes' if outcome.failed else 'no'}: {outcome.observed}"
    return f"{outcome.failed:,} of {outcome.tested:,}"
