from decimal import Decimal

import pytest

from profiling_pipeline.errors import InvalidInputError, NotFoundError, PermissionRefusedError, RuleError, SourceError
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.drafts import create_draft_from_rules, generate_draft
from profiling_pipeline.services.users import system_user_id
from profiling_pipeline.services.versions import get_version, list_versions
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.services.loans import a_file_phase, write_loans
from profiling_pipeline_tests.services.planned import RULES, Planned


@pytest.fixture
def settings(home) -> Settings:
    settings = Settings()
    write_loans(settings.allowed_folders[0])
    return settings


def generate(planned: Planned, settings: Settings, run_id: str | None = None):
    return generate_draft(
        planned.database, settings, planned.phase_id, created_by_id=planned.tester, workflow_run_id=run_id
    )


def test_a_generated_draft_says_what_it_rests_on(database: Database, settings: Settings) -> None:
    planned = a_file_phase(database)
    seen: list[tuple[int, int]] = []
    draft = generate_draft(
        database, settings, planned.phase_id, created_by_id=planned.tester, progress=lambda *done: seen.append(done)
    )
    view = get_version(database, draft.version_id)
    assert (view.version_status, view.version_number, view.total_rules) == ("draft", 1, draft.rules)
    assert draft.rules == len(view.rules) > 3
    assert {rule.attribute_name for rule in view.rules} == {"Loan", "Balance", "State"}
    assert all(rule.llm_rationale and rule.llm_confidence_score is not None for rule in view.rules)
    assert draft.hidden_columns == {"STATE"}
    assert seen[-1] == (3, 3)
    assert [row.action for row in planned.audit(draft.version_id)] == ["generate_rule_version"]


def test_a_repeated_run_finds_the_draft_it_made(database: Database, settings: Settings) -> None:
    planned = a_file_phase(database)
    first, again, other = (generate(planned, settings, run) for run in ("run 1", "run 1", "run 2"))
    assert (again.version_id, again.rules) == (first.version_id, first.rules)
    assert other.version_number == 2
    assert len(list_versions(database)) == 2


def test_data_that_cannot_be_read_makes_no_draft(database: Database, settings: Settings) -> None:
    planned = a_file_phase(database)
    (settings.allowed_folders[0] / "loans.csv").unlink()
    with pytest.raises(SourceError):
        generate(planned, settings)
    assert list_versions(database) == []
    assert planned.audit() == []


def test_rules_that_somebody_brings_keep_what_they_say(planned: Planned) -> None:
    rule = Rule(
        "Balance is bounded",
        "BALANCE",
        "in_range",
        {"min_value": Decimal("0.5"), "max_value": Decimal(10)},
        confidence=Decimal("87.5"),
        provider="offline",
        regulatory_reference="FR Y-14M",
    )
    draft = create_draft_from_rules(planned.database, planned.phase_id, [rule], created_by_id=planned.tester)
    stored = get_version(planned.database, draft.version_id).rules[0]
    assert stored.rule_parameters == {"min_value": 0.5, "max_value": 10}
    assert stored.llm_confidence_score == Decimal("87.5")
    assert (stored.llm_provider, stored.regulatory_reference) == ("offline", "FR Y-14M")
    assert (stored.rule_type, stored.attribute_name) == ("validity", "Balance")


@pytest.mark.parametrize(
    ("rules", "error", "message"),
    [
        ([Rule("A", "Balance", "not_nul")], RuleError, "not_null"),
        ([Rule("A", "Balance", "in_range", {"low": 1})], RuleError, "low"),
        ([Rule("A", "Rating", "not_null")], InvalidInputError, "no planned attribute 'Rating'"),
        ([Rule("A", "Rating", "not_null", attribute_id=12345)], InvalidInputError, "no planned attribute"),
        ([Rule("A", "Balance", "not_null")] * 2, InvalidInputError, "already"),
        ([Rule("", "Balance", "not_null")], InvalidInputError, "needs a name"),
        ([Rule("x" * 256, "Balance", "not_null")], InvalidInputError, "256 characters"),
        ([Rule("A\x00", "Balance", "not_null")], InvalidInputError, "cannot be stored"),
    ],
)
def test_rules_that_cannot_be_stored_make_no_draft(planned: Planned, rules, error, message: str) -> None:
    with pytest.raises(error, match=message):
        create_draft_from_rules(planned.database, planned.phase_id, [*RULES, *rules], created_by_id=planned.tester)
    assert list_versions(planned.database) == []


def test_drafts_are_made_by_testers_or_by_the_system(planned: Planned) -> None:
    with pytest.raises(PermissionRefusedError, match="Only an active Tester"):
        create_draft_from_rules(planned.database, planned.phase_id, RULES, created_by_id=planned.owner)
    system = system_user_id(planned.database)
    assert create_draft_from_rules(planned.database, planned.phase_id, RULES, created_by_id=system).rules == 3
    with pytest.raises(NotFoundError, match="no user"):
        create_draft_from_rules(planned.database, planned.phase_id, RULES, created_by_id=2**31 - 1)
    with pytest.raises(NotFoundError, match="no phase"):
        create_draft_from_rules(planned.database, 2**31 - 1, RULES, created_by_id=planned.tester)
