"""A version that was sent back, taken up by a language model: only what the owner wants changed is proposed anew."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.errors import ModelError
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.drafts import generate_draft
from profiling_pipeline.services.regeneration import regenerate_rules
from profiling_pipeline.services.versions import VersionView, get_version, list_versions
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.model_server import Asked, ModelServer, Reply, a_model, a_proposal, proposes, refuses
from profiling_pipeline_tests.services.loans import a_file_phase, write_loans
from profiling_pipeline_tests.services.planned import Planned

RULES = (
    Rule("Loan is there", "Loan", "not_null"),
    Rule("Balance is covered", "Balance", "in_range", {"min_value": 0, "max_value": 250}),
    Rule("Balance is there", "Balance", "not_null"),
    Rule("State is known", "State", "isin", {"allowed_values": ["CA", "NY"], "where": "LOAN > 7"}),
)
NOTES = "Balances up to 280 are fine"


@pytest.fixture
def phase(database: Database, home: Path) -> Planned:
    write_loans(home / "uploads")
    return a_file_phase(database)


@pytest.fixture
def rejected(phase: Planned) -> UUID:
    """A version sent back: changes requested of a balance and a state rule, two rules approved by both."""
    version_id = phase.pending(RULES)
    for name, rule in phase.rules(version_id).items():
        if name in {"Balance is covered", "State is known"}:
            notes = NOTES if name.startswith("Balance") else "Look at the list again"
            phase.review.decide(rule.rule_id, phase.owner, Decision.REQUEST_CHANGES, notes)
        else:
            phase.review.decide(rule.rule_id, phase.owner, Decision.APPROVE)
    phase.review.reject(version_id, phase.owner, "Not yet")
    return version_id


def changes(asked: Asked) -> Reply:
    """A model that follows the notes."""
    rules = asked.data["rules_to_change"]
    [(key, rule)] = rules.items()
    if rule["check"] == "in_range":
        parameters = {"min_value": 0, "max_value": 280}
        return proposes(a_proposal("a1", "in_range", parameters, name="Balance up to 280", replaces=key))
    return proposes(a_proposal("a1", "isin", {"allowed_values": ["CA", "NY", "TX"]}, name="New states", replaces=key))


def regenerated(phase: Planned, version_id: UUID, server: ModelServer, run_id: str | None = None) -> VersionView:
    settings = Settings(llm_base_url=server.url, llm_api_key="k", llm_retry_seconds=0.001)
    made = regenerate_rules(phase.database, settings, version_id, created_by_id=phase.tester, workflow_run_id=run_id)
    return get_version(phase.database, made.version_id)


def test_only_the_rules_with_requested_changes_are_proposed_anew(phase: Planned, rejected: UUID) -> None:
    with a_model(changes) as server:
        draft = regenerated(phase, rejected, server)
    assert len(server.asked) == 2
    asked = {asked.attributes["a1"]["name"]: asked for asked in server.asked}
    assert asked["Balance"].data["rules_to_change"]["r1"] == {
        "check": "in_range",
        "parameters": {"min_value": 0, "max_value": 250},
        "name": "Balance is covered",
        "notes": NOTES,
    }
    assert "Balance is there" not in json.dumps(asked["Balance"].body)
    assert "CA" not in json.dumps(asked["State"].data)
    rules = {rule.rule_name: rule for rule in draft.rules}
    assert set(rules) == {"Loan is there", "Balance up to 280", "Balance is there", "New states"}
    changed = rules["Balance up to 280"]
    assert (changed.llm_provider, changed.tester_decision) == ("llm gpt-4.1-mini", None)
    assert changed.report_owner_notes == NOTES
    assert changed.dry_run.outcome.failed == 18
    assert changed.rule_parameters["origin"]["parent_rule_id"] == str(
        phase.rules(rejected)["Balance is covered"].rule_id
    )
    assert rules["New states"].rule_parameters["where"] == "LOAN > 7"  # of a hidden column it was not told
    for name in ("Loan is there", "Balance is there"):
        assert (rules[name].tester_decision, rules[name].rule_parameters.get("max_value")) == ("approve", None)
        assert rules[name].dry_run is not None
    assert draft.generation.generation.requests == 2


@pytest.mark.parametrize(
    "reply",
    [
        proposes(),
        proposes(a_proposal("a1", "in_range", {"min_value": 0, "max_value": 250}, replaces="r1")),
        proposes(a_proposal("a1", "in_range", {"min_value": 0, "max_value": 280}, replaces="r7")),
        proposes(a_proposal("a1", "in_range", {"min_value": "none"}, replaces="r1")),
    ],
    ids=["nothing", "the same", "another rule", "broken"],
)
def test_a_rule_that_the_model_cannot_change_comes_back_undecided(phase: Planned, rejected: UUID, reply: Reply) -> None:
    with a_model([reply]) as server:
        draft = regenerated(phase, rejected, server)
    rules = {rule.rule_name: rule for rule in draft.rules}
    assert set(rules) == {rule.name for rule in RULES}
    assert rules["Balance is covered"].tester_decision is None
    assert rules["Balance is covered"].report_owner_notes == NOTES
    assert rules["State is known"].rule_parameters["where"] == "LOAN > 7"


def test_a_repeated_run_finds_its_draft_and_asks_nothing(phase: Planned, rejected: UUID) -> None:
    with a_model(changes) as server:
        first = regenerated(phase, rejected, server, "run-1")
        again = regenerated(phase, rejected, server, "run-1")
    assert (again.version_id, len(server.asked)) == (first.version_id, 2)


def test_an_endpoint_that_refuses_leaves_the_version_as_it_was(phase: Planned, rejected: UUID) -> None:
    with a_model([refuses(401)]) as server, pytest.raises(ModelError):
        regenerated(phase, rejected, server)
    assert [version.version_id for version in list_versions(phase.database, phase_id=phase.phase_id)] == [rejected]


def test_what_a_person_dealt_with_survives_later_generations_too(phase: Planned, rejected: UUID) -> None:
    with a_model(changes) as server:
        regenerated(phase, rejected, server)
    made = generate_draft(phase.database, Settings(), phase.phase_id, created_by_id=phase.tester)
    rules = {rule.rule_name: rule for rule in get_version(phase.database, made.version_id).rules}
    assert {"Loan is there", "Balance is there"} < set(rules)
    assert rules["Loan is there"].tester_decision == "approve"
