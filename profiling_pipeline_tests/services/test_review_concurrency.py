"""Many people act on one version at the same moment: one outcome, and everybody else is told."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from profiling_pipeline.approval.lifecycle import Decision, VersionStatus
from profiling_pipeline.errors import ConflictError, TransitionRefusedError
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.drafts import create_draft_from_rules
from profiling_pipeline.services.versions import get_version, list_versions
from profiling_pipeline_tests.services.planned import RULES, Planned

PEOPLE = 50
TEN_RULES = tuple(Rule(f"Balance is there {n}", "Balance", "not_null") for n in range(10))


def all_at_once(steps: Sequence[Callable[[], object]]) -> Counter[str]:
    """Take all steps at the same moment and return how often each outcome came, `done` for success."""
    barrier = Barrier(len(steps))

    def take(step: Callable[[], object]) -> str:
        barrier.wait()
        try:
            step()
        except (ConflictError, TransitionRefusedError) as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(steps)) as pool:
        return Counter(pool.map(take, steps))


def check_counters(planned: Planned, version_id) -> None:
    version, rules = planned.version(version_id), planned.rules(version_id).values()
    statuses = Counter(rule.status for rule in rules)
    assert (version.total_rules, version.approved_rules, version.rejected_rules) == (
        len(rules),
        statuses["approved"],
        statuses["rejected"],
    )


def test_fifty_approvals_make_one(planned: Planned) -> None:
    version_id = planned.pending()
    revision = get_version(planned.database, version_id).revision
    approve = [lambda: planned.review.approve(version_id, planned.owner, revision=revision)] * PEOPLE
    assert all_at_once(approve) == {"done": 1, "ConflictError": PEOPLE - 1}
    check_counters(planned, version_id)
    assert [row.action for row in planned.audit(version_id)].count("approve_rule_version") == 1


def test_fifty_approvals_without_a_revision_make_one(planned: Planned) -> None:
    version_id = planned.pending()
    outcomes = all_at_once([lambda: planned.review.approve(version_id, planned.owner)] * PEOPLE)
    assert outcomes["done"] == 1
    assert outcomes.total() == PEOPLE
    assert planned.version(version_id).version_status == VersionStatus.APPROVED


def test_approvals_rejections_and_decisions_at_once_have_one_outcome(planned: Planned) -> None:
    version_id = planned.pending(TEN_RULES)
    read = get_version(planned.database, version_id)
    review, owner = planned.review, planned.owner
    steps: list[Callable[[], object]] = []
    for number in range(PEOPLE):
        rule = read.rules[number % 10]
        match number % 5:
            case 0:
                steps.append(lambda: review.approve(version_id, owner, revision=read.revision))
            case 1:
                steps.append(lambda: review.reject(version_id, owner, "no", revision=read.revision))
            case _:
                steps.append(
                    lambda rule=rule: review.decide(
                        rule.rule_id, owner, Decision.REJECT, "no use", revision=rule.revision
                    )
                )
    outcomes = all_at_once(steps)
    assert set(outcomes) == {"done", "ConflictError"}
    check_counters(planned, version_id)
    version, rules = planned.version(version_id), planned.rules(version_id).values()
    decided = sum(rule.report_owner_decision == "reject" for rule in rules)
    actions = Counter(row.action for row in planned.audit())
    assert actions["report_owner_decision"] == decided
    settled = actions["approve_rule_version"] + actions["reject_rule_version"]
    # A decision changes the version, so whoever decides on the version as it was read comes first or not at all.
    assert (settled, decided) in {(1, 0)} | {(0, n) for n in range(1, 11)}
    assert outcomes["done"] == settled + decided
    assert (version.version_status == VersionStatus.PENDING_APPROVAL) == (settled == 0)


def test_decisions_on_different_rules_do_not_disturb_each_other(planned: Planned) -> None:
    version_id = planned.pending(TEN_RULES)
    steps = [
        lambda rule=rule: planned.review.decide(
            rule.rule_id, planned.owner, Decision.REJECT, "no use", revision=rule.revision
        )
        for rule in get_version(planned.database, version_id).rules
    ]
    assert all_at_once(steps) == {"done": 10}
    assert {rule.report_owner_decision for rule in planned.rules(version_id).values()} == {"reject"}


def test_no_decision_is_lost_among_many_on_one_rule(planned: Planned) -> None:
    rule = get_version(planned.database, planned.pending()).rules[0]
    steps = [
        lambda n=n: planned.review.decide(
            rule.rule_id, planned.owner, Decision.REJECT, f"reason {n}", revision=rule.revision
        )
        for n in range(20)
    ]
    assert all_at_once(steps) == {"done": 1, "ConflictError": 19}
    decisions = [row for row in planned.audit(rule.rule_id) if row.action == "report_owner_decision"]
    assert len(decisions) == 1


def test_rules_added_at_once_are_all_there(planned: Planned) -> None:
    version_id = planned.draft()
    steps = [lambda rule=rule: planned.draft_rules.add_rule(version_id, planned.tester, rule) for rule in TEN_RULES]
    assert all_at_once(steps) == {"done": 10}
    assert planned.version(version_id).total_rules == 13


def test_versions_approved_at_once_leave_one_approved(planned: Planned) -> None:
    versions = [planned.pending(RULES[:1]) for _ in range(6)]
    steps = [lambda version_id=v: planned.review.approve(version_id, planned.owner) for v in versions]
    assert all_at_once(steps) == {"done": 6}
    statuses = Counter(planned.version(version_id).version_status for version_id in versions)
    assert statuses == {"approved": 1, "superseded": 5}
    for version_id in versions:
        check_counters(planned, version_id)


def test_approving_and_revising_at_once_never_block_each_other(planned: Planned) -> None:
    approved, pending = planned.approved(), [planned.pending(RULES[:1]) for _ in range(5)]
    steps: list[Callable[[], object]] = [lambda: planned.review.revise(approved, planned.tester) for _ in range(5)]
    steps += [lambda version_id=v: planned.review.approve(version_id, planned.owner) for v in pending]
    outcomes = all_at_once(steps)
    assert outcomes["done"] >= 5
    check_counters(planned, approved)


def test_a_version_taken_up_by_two_at_once_is_revised_once(planned: Planned) -> None:
    version_id = planned.approved()
    revision = get_version(planned.database, version_id).revision
    steps = [lambda: planned.review.revise(version_id, planned.tester, revision=revision)] * 2
    assert all_at_once(steps) == {"done": 1, "ConflictError": 1}
    assert len(list_versions(planned.database)) == 2


def test_drafts_made_at_once_have_numbers_of_their_own(planned: Planned) -> None:
    steps = [planned.draft] * 12
    assert all_at_once(steps) == {"done": 12}
    assert [v.version_number for v in list_versions(planned.database)] == list(range(12, 0, -1))


def test_a_run_repeated_at_once_makes_one_draft(planned: Planned) -> None:
    def draft() -> None:
        create_draft_from_rules(
            planned.database, planned.phase_id, RULES, created_by_id=planned.tester, workflow_run_id="run 1"
        )

    assert all_at_once([draft] * 8) == {"done": 8}
    assert len(list_versions(planned.database)) == 1
