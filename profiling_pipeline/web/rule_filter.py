"""Which of a version's rules a page lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs, urlencode

from fastapi import Query

from profiling_pipeline.approval.lifecycle import Decision, VersionStatus
from profiling_pipeline.results.outcome import ExecutionStatus
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.services.versions import RuleView, VersionView

UNDECIDED, FAILING = "undecided", "failing"
STATES = {
    UNDECIDED: "undecided",
    Decision.APPROVE.value: "approved",
    Decision.REJECT.value: "rejected",
    Decision.REQUEST_CHANGES.value: "changes requested",
    FAILING: "failed or in error",
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
        if self.state == FAILING and not is_failing(rule):
            return False
        if self.state in STATES.keys() - {FAILING} and (decision_on(rule, version_status) or UNDECIDED) != self.state:
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
    return {state: decisions.count(state) for state in STATES if state != FAILING}


def is_failing(rule: RuleView) -> bool:
    """Return whether the rule's latest execution failed or could not run."""
    outcome = rule.latest_outcome
    return outcome is not None and outcome.status in {ExecutionStatus.FAILED, ExecutionStatus.ERROR}


def _searched(rule: RuleView) -> str:
    texts = (rule.rule_name, rule.attribute_name, rule.sentence, rule.rule_code, rule.llm_rationale or "")
    return "\n".join(texts).casefold()
