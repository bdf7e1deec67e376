"""Drafts by a language model, through the real client, over real HTTP, into a real database."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from profiling_pipeline.services.drafts import Draft, generate_draft
from profiling_pipeline.services.versions import VersionView, get_version
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.model_server import ModelServer, a_model, a_proposal, proposes
from profiling_pipeline_tests.services.loans import a_file_phase, write_loans
from profiling_pipeline_tests.services.planned import Planned


@pytest.fixture
def phase(database: Database, home: Path) -> Planned:
    write_loans(home / "uploads")
    return a_file_phase(database)


def draft(phase: Planned, server: ModelServer, run_id: str | None = None, **settings: Any) -> Draft:
    given = Settings(llm_base_url=server.url, llm_api_key="sk-secret-key-1234", llm_retry_seconds=0.001, **settings)
    return generate_draft(phase.database, given, phase.phase_id, created_by_id=phase.tester, workflow_run_id=run_id)


def view(phase: Planned, made: Draft) -> VersionView:
    return get_version(phase.database, made.version_id)


def test_a_draft_holds_what_the_model_proposed_and_what_it_comes_to(phase: Planned) -> None:
    def answer(asked):
        by_name = {facts["name"]: key for key, facts in asked.attributes.items()}
        return proposes(
            a_proposal(by_name["Loan"], "unique", name="One row a loan", severity="high"),
            a_proposal(by_name["Balance"], "in_range", {"min_value": 0, "max_value": 250}, confidence=87.5),
            a_proposal(by_name["State"], "isin", {"allowed_values": ["CA", "NY"]}, regulatory_reference="Line 7"),
        )

    with a_model(answer) as server:
        version = view(phase, draft(phase, server, llm_input_price=Decimal(1), llm_output_price=Decimal(2)))
    rules = {rule.attribute_name: rule for rule in version.rules}
    assert set(rules) == {"Loan", "Balance", "State"}
    assert rules["Loan"].rule_name == "One row a loan"
    assert rules["Balance"].llm_confidence_score == Decimal("87.5")
    assert rules["Balance"].llm_provider == "llm gpt-4.1-mini"
    assert rules["State"].regulatory_reference == "Line 7"
    assert set(rules["State"].rule_parameters["origin"]) == {"batch", "prompt_version"}
    tried = {name: (rule.dry_run.outcome.failed, rule.dry_run.outcome.tested) for name, rule in rules.items()}
    assert tried == {"Loan": (2, 300), "Balance": (47, 290), "State": (100, 300)}
    assert rules["State"].dry_run.outcome.failed_rows[0]["STATE"] == "•••"
    made = version.generation.generation
    assert (made.provider, made.model, made.prompt_version, made.temperature) == ("llm", "gpt-4.1-mini", "v1", 0)
    assert (made.input_tokens, made.output_tokens, made.cost) == (100, 20, Decimal("0.00014"))
    assert made.output_form == "json_schema"
