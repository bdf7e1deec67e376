from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from profiling_pipeline.approval.lifecycle import Decision, VersionStatus
from profiling_pipeline.errors import InvalidInputError, NotFoundError
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline.services.versions import get_version, list_versions, resolve_version
from profiling_pipeline.storage.models import PhaseRow, RuleRow, UserRow
from profiling_pipeline_tests.builders import a_version, an_execution
from profiling_pipeline_tests.services.planned import RULES, STATE_IS_KNOWN, Planned


def test_a_version_is_shown_with_its_rules_in_order(planned: Planned) -> None:
    rule = Rule(
        "Balance is bounded",
        "balance",
        "in_range",
        {"min_value": 0, "max_value": 10, "where": "STATE = 'CA'"},
        severity=Severity.HIGH,
        description="A limit",
        rationale="seen",
        execution_order=1,
    )
    version_id = planned.draft([STATE_IS_KNOWN, rule])
    view = get_version(planned.database, version_id)
    assert (view.version_number, view.version_status, view.total_rules) == (1, "draft", 2)
    assert view.parent_version_number is None
    assert view.data_source_type == "file_upload"
    assert [r.rule_name for r in view.rules] == ["State is known", "Balance is bounded"]
    bounded = view.rules[1]
    assert (bounded.attribute_name, bounded.rule_type, bounded.severity) == ("Balance", "validity", "high")
    assert "Balance" in bounded.sentence
    assert "STATE = 'CA'" in bounded.sentence
    assert (bounded.tester_decision, bounded.latest_outcome) == (None, None)
    again = bounded.rule
    assert (again.check, again.parameters, again.rule_id) == ("in_range", rule.parameters, bounded.rule_id)


def test_a_rule_shows_its_latest_outcome(planned: Planned) -> None:
    version_id = planned.draft(RULES[:1])
    row = planned.rules(version_id)["Balance is there"]
    now = datetime.now(UTC)
    with planned.database.session() as session:
        for age, failed in [(2, 7), (1, 3), (3, 5)]:
            an_execution(session, row, failed_records=failed, executed_at=now - timedelta(days=age))
    shown = get_version(planned.database, version_id).rules[0]
    assert shown.latest_outcome is not None
    assert shown.latest_outcome.failed == 3
    assert shown.latest_executed_at == now - timedelta(days=1)


def test_a_rule_that_cannot_run_is_shown_by_its_description(planned: Planned) -> None:
    version_id = planned.draft(RULES[:1])
    with planned.database.session() as session:
        row = session.get_one(RuleRow, planned.rules(version_id)["Balance is there"].rule_id)
        row.rule_code, row.is_executable, row.rule_description = "def check(df): ...", False, "Legacy balance rule"
        row.rule_parameters = None
    shown = get_version(planned.database, version_id).rules[0]
    assert (shown.sentence, shown.rule_parameters) == ("Legacy balance rule", {})


def test_every_change_gives_a_new_revision(planned: Planned) -> None:
    version_id = planned.draft()
    revisions = [get_version(planned.database, version_id).revision]
    rule_id = planned.rules(version_id)["State is known"].rule_id
    for step in [
        lambda: planned.review.decide(rule_id, planned.tester, Decision.APPROVE),
        lambda: planned.review.decide(rule_id, planned.tester, Decision.APPROVE),
        lambda: planned.draft_rules.edit_rule(rule_id, planned.tester, {"severity": "low"}),
        lambda: planned.review.decide_all(version_id, planned.tester, Decision.APPROVE),
        lambda: planned.review.submit(version_id, planned.tester),
        lambda: planned.review.approve(version_id, planned.owner),
    ]:
        step()
        revisions.append(get_version(planned.database, version_id).revision)
    assert revisions == sorted(set(revisions))


def test_versions_are_listed_newest_first_by_phase_and_state(planned: Planned) -> None:
    first, second = planned.approved(), planned.review.revise(planned.approved(), planned.tester)
    assert [view.version_number for view in list_versions(planned.database)] == [3, 2, 1]
    assert [view.version_id for view in list_versions(planned.database, status=VersionStatus.SUPERSEDED)] == [first]
    newest = list_versions(planned.database, phase_id=planned.phase_id)[0]
    assert (newest.version_id, newest.parent_version_number, newest.rules) == (second, 2, ())
    assert list_versions(planned.database, phase_id=planned.phase_id + 100) == []


def test_a_version_is_meant_by_its_id_its_beginning_or_its_number(planned: Planned) -> None:
    version_id = planned.draft()
    for ref in (str(version_id), str(version_id).upper(), str(version_id)[:6], f" {planned.phase_id}:1 "):
        assert resolve_version(planned.database, ref) == version_id
    with planned.database.session() as session:
        profiling, author = session.get_one(PhaseRow, planned.phase_id), session.get_one(UserRow, planned.tester)
        for _ in range(2):
            a_version(session, profiling, author, version_id=f"abcdef12-{uuid4().hex[:4]}-4000-8000-000000000000")
    with pytest.raises(InvalidInputError, match="Several versions"):
        resolve_version(planned.database, "abcdef12")


@pytest.mark.parametrize("ref", ["", "abc", "%%%%", "12:", ":1", "12:x", "١٢:١", "zzzz"])
def test_what_names_no_version(planned: Planned, ref: str) -> None:
    with pytest.raises(InvalidInputError, match="names no version"):
        resolve_version(planned.database, ref)


@pytest.mark.parametrize("ref", ["999999999:1", "00000000-0000-0000-0000-000000000000", "0000"])
def test_a_version_that_is_not_there(planned: Planned, ref: str) -> None:
    with pytest.raises(NotFoundError, match="There is no version"):
        resolve_version(planned.database, ref)
    with pytest.raises(NotFoundError, match="There is no version"):
        get_version(planned.database, uuid4())
