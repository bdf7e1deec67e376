import csv
from pathlib import Path

import pytest

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.errors import TransitionRefusedError
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.drafts import create_draft_from_rules
from profiling_pipeline.services.planning import plan_phase
from profiling_pipeline.services.regeneration import regenerate_rules, versions_to_regenerate
from profiling_pipeline.services.review import ReviewService
from profiling_pipeline.services.users import system_user_id
from profiling_pipeline.services.versions import VersionView, get_version, list_versions
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.builders import a_report_owner, a_tester

NARROW = Rule("Score is plausible", "SCORE", "in_range", {"min_value": 0, "max_value": 10, "where": "BRANCH = 'B1'"})
BRANCH = Rule("Branch starts with B", "BRANCH", "str_startswith", {"string": "B"})
PRESENT = Rule("Branch is present", "BRANCH", "not_null")


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home, upload_folders=(home,))


@pytest.fixture
def rejected(database: Database, home: Path) -> VersionView:
    """A rejected version: changes requested of the first two rules, the third approved by both."""
    home.mkdir()
    with (home / "loans.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["SCORE", "BRANCH"], *((300 + n * n % 397, f"B{n % 3}") for n in range(1_000))])
    attributes = [
        Attribute(0, "SCORE", data_type="Integer", format_code="N3", classification="Public"),
        Attribute(0, "BRANCH", classification="Public"),
    ]
    planned = plan_phase(
        database,
        source_name="loans",
        source_type="FILE",
        connection_config={"file_path": str(home / "loans.csv")},
        attributes=attributes,
    )
    with database.session() as session:
        tester, owner = a_tester(session).user_id, a_report_owner(session).user_id
    review = ReviewService(database)
    version_id = create_draft_from_rules(
        database, planned.phase_id, [NARROW, BRANCH, PRESENT], created_by_id=tester
    ).version_id
    review.decide_all(version_id, tester, Decision.APPROVE)
    review.submit(version_id, tester)
    for rule in get_version(database, version_id).rules:
        if rule.rule_name == PRESENT.name:
            review.decide(rule.rule_id, owner, Decision.APPROVE)
        else:
            review.decide(rule.rule_id, owner, Decision.REQUEST_CHANGES, "Look at the data")
    review.reject(version_id, owner, "Not yet")
    return get_version(database, version_id)


def test_a_requested_change_takes_the_parameters_that_the_data_suggest(
    database: Database, settings: Settings, rejected: VersionView
) -> None:
    assert versions_to_regenerate(database, 10) == [(rejected.version_id, rejected.phase_id)]
    made = regenerate_rules(database, settings, rejected.version_id, created_by_id=system_user_id(database))
    assert versions_to_regenerate(database, 10) == []

    draft = get_version(database, made.version_id)
    assert (draft.version_number, draft.parent_version_id, draft.total_rules) == (2, rejected.version_id, 3)
    rules = {rule.rule_name: rule for rule in draft.rules}
    score = rules[NARROW.name]
    assert (score.rule_parameters["where"], score.rule_code) == (NARROW.parameters["where"], "in_range")
    assert score.rule_parameters["max_value"] > 400
    assert score.llm_rationale
    assert (score.tester_decision, score.report_owner_notes) == (None, "Look at the data")


def test_without_a_suggestion_the_rule_comes_back_as_it_was(
    database: Database, settings: Settings, rejected: VersionView
) -> None:
    made = regenerate_rules(database, settings, rejected.version_id, created_by_id=system_user_id(database))
    rules = {rule.rule_name: rule for rule in get_version(database, made.version_id).rules}
    assert rules[BRANCH.name].rule_parameters["string"] == "B"
    assert rules[BRANCH.name].tester_decision is None
    assert rules[PRESENT.name].tester_decision == "approve"


def test_a_repeated_run_finds_its_draft_and_another_is_refused(
    database: Database, settings: Settings, rejected: VersionView
) -> None:
    by = system_user_id(database)
    first = regenerate_rules(database, settings, rejected.version_id, created_by_id=by, workflow_run_id="run")
    again = regenerate_rules(database, settings, rejected.version_id, created_by_id=by, workflow_run_id="run")
    assert again.version_id == first.version_id
    with pytest.raises(TransitionRefusedError, match="has been taken up"):
        regenerate_rules(database, settings, rejected.version_id, created_by_id=by, workflow_run_id="other")
    assert len(list_versions(database, phase_id=rejected.phase_id)) == 2


def test_only_a_rejected_version_is_regenerated(database: Database, settings: Settings, rejected: VersionView) -> None:
    by = system_user_id(database)
    draft = regenerate_rules(database, settings, rejected.version_id, created_by_id=by)
    with pytest.raises(TransitionRefusedError, match="is draft"):
        regenerate_rules(database, settings, draft.version_id, created_by_id=by)
