"""Which of a version's rules a page lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs, urlencode

from fastapi import Query

from profiling_pipeline.approval.lifecycle import Decision, VersionStatus
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.services.versions import RuleView, VersionView

UNDECIDED, FAILING, WOULD_FAIL, NOTED = "undecided", "failing", "would-fail", "noted"
STATES = {
    UNDECIDED: "undecided",
    Decision.APPROVE.value: "approved",
    Decision.REJECT.value: "rejected",
    Decision.REQUEST_CHANGES.value: "changes requested",
    FAILING: "failed or in error",
    WOULD_FAIL: "would fail on the data",
    NOTED: "at odds with other rules",
}


@dataclass(frozen=True)
class RuleFilter:
    """What rules must be to be listed; what is empty, or unknown, is not asked for."""

    state: str = ""
    dimension: str = ""
    text: str = ""

    @property
    def query(self) -> str:
        """The filter as the query of an address."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    def listed(self, version: VersionView) -> list[RuleView]:
        """Return the rules that fit, in listing order."""
        return [rule for rule in version.rules if self._fits(rule, version.version_status)]

    def _fits(self, rule: RuleView, version_status: str) -> bool:
        if self.dimension and rule.rule_type != self.dimension:
            return False
        if self.state in _IS and not _IS[self.state](rule):
            return False
        if self.state in STATES.keys() - _IS and (decision_on(rule, version_status) or UNDECIDED) != self.state:
            return False
        return self.text.casefold() in _searched(rule)


def rule_filter(
    state: Annotated[str, Query()] = "", dimension: Annotated[str, Query()] = "", text: Annotated[str, Query()] = ""
) -> RuleFilter:
    """Return the filter that an address asks for."""
    return RuleFilter(
        state if state in STATES else "", dimension if dimension in set(Dimension) else "", text.strip()[:200]
    )


def filter_of_query(query: str) -> RuleFilter:
    """Return the filter that a form sends back as it was in the page's address."""
    values = {name: found[0] for name, found in parse_qs(query).items()}
    return rule_filter(values.get("state", ""), values.get("dimension", ""), values.get("text", ""))


def decision_on(rule: RuleView, version_status: str) -> str | None:
    """Return the decision that counts: the tester's in a draft and where the tester rejected, else the owner's."""
    if version_status == VersionStatus.DRAFT or rule.tester_decision == Decision.REJECT:
        return rule.tester_decision
    return rule.report_owner_decision


def decision_counts(rules: Sequence[RuleView], version_status: str) -> dict[str, int]:
    """Return how many rules are in each state of decision, undecided first."""
    decisions = [decision_on(rule, version_status) or UNDECIDED for rule in rules]
    return {state: decisions.count(state) for state in STATES if state not in _IS}


def is_failing(rule: RuleView) -> bool:
    """Return whether the rule's latest execution failed or could not run."""
    return _is_bad(rule.latest_outcome)


def would_fail(rule: RuleView) -> bool:
    """Return whether the rule failed or could not run when it was tried on the data."""
    return rule.dry_run is not None and _is_bad(rule.dry_run.outcome)


def _is_bad(outcome: RuleOutcome | None) -> bool:
    return outcome is not None and outcome.status in {ExecutionStatus.FAILED, ExecutionStatus.ERROR}


# What is asked of a rule beside the decision on it.
_IS: Mapping[str, Callable[[RuleView], bool]] = {
    FAILING: is_failing,
    WOULD_FAIL: would_fail,
    NOTED: lambda rule: bool(rule.findings),
}


def _searched(rule: RuleView) -> str:
    texts = (rule.rule_name, rule.attribute_name, rule.sentence, rule.rule_code, rule.llm_rationale or "")
    return "\n".join(texts).casefold()
