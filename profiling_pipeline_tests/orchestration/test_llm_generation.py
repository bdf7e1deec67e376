"""The language model as Dagster runs it."""

from decimal import Decimal

import dagster as dg
import pytest

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.orchestration.build import build_definitions
from profiling_pipeline.orchestration.resources import Pipeline
from profiling_pipeline.orchestration.sensors import rejected_rule_versions
from profiling_pipeline.services.versions import get_version, list_versions
from profiling_pipeline.settings import Settings
from profiling_pipeline_tests.model_server import (
    Asked,
    ModelServer,
    Reply,
    a_model,
    a_proposal,
    presence_of_all,
    proposes,
    refuses,
)
from profiling_pipeline_tests.orchestration.conftest import Review, execute, metadata_of, rows_of, run_as_asked, tick

pytestmark = pytest.mark.usefixtures("partitions")
KEY = "sk-not-for-everybody-1234"


def asking(review: Review, server: ModelServer) -> dg.Definitions:
    told = {"llm_base_url": server.url, "llm_retry_seconds": 0.001, "llm_input_price": 1, "llm_output_price": 2}
    settings = Settings(**review.settings.model_dump(include={"home", "upload_folders"}) | told, llm_api_key=KEY)
    return build_definitions({"pipeline": Pipeline(settings, review.database)})


def test_a_draft_shows_by_whom_it_was_proposed_and_at_which_cost(review: Review, instance: dg.DagsterInstance) -> None:
    with a_model(presence_of_all) as server:
        result = execute(asking(review, server), instance, "generate_rules", review.key)
    shown = metadata_of(result, "generated_rule_version")
    assert shown["proposed_by"].startswith("gpt-4.1-mini at 127.0.0.1")
    assert (shown["input_tokens"], shown["output_tokens"], shown["requests"]) == (200, 40, 2)
    assert shown["cost"] == pytest.approx(0.00028)
    assert {row["would_fail"] for row in rows_of(shown["suggested_rules"].records)} == {"0 of 40", "1 of 40"}
    logged = "".join(str(each) for each in instance.all_logs(result.run_id))
    assert KEY not in logged
    (version,) = list_versions(review.database, phase_id=review.phase_id)
    assert get_version(review.database, version.version_id).generation.generation.cost == Decimal("0.00028")


def test_a_run_whose_key_is_refused_fails_with_what_to_do(review: Review, instance: dg.DagsterInstance) -> None:
    with a_model([refuses(401, f"bad key {KEY}")]) as server:
        result = execute(asking(review, server), instance, "generate_rules", review.key, raise_on_error=False)
    assert not result.success
    logged = "".join(str(each) for each in instance.all_logs(result.run_id))
    assert "Check PROFILING_LLM_API_KEY" in logged
    assert KEY not in logged
    assert list_versions(review.database, phase_id=review.phase_id) == []


def test_requested_changes_reach_the_model_with_the_notes(review: Review, instance: dg.DagsterInstance) -> None:
    version_id = review.submitted()
    for rule in get_version(review.database, version_id).rules:
        if rule.rule_code == "in_range":
            review.service.decide(rule.rule_id, review.owner, Decision.REQUEST_CHANGES, "Up to 900, please")
        else:
            review.service.decide(rule.rule_id, review.owner, Decision.APPROVE)
    review.service.reject(version_id, review.owner, "Please look again")

    def answer(asked: Asked) -> Reply:
        assert asked.data["rules_to_change"]["r1"]["notes"] == "Up to 900, please"
        return proposes(a_proposal("a1", "in_range", {"min_value": 300, "max_value": 900}, name="Wider", replaces="r1"))

    with a_model(answer) as server:
        definitions = asking(review, server)
        asked = tick(rejected_rule_versions, definitions, instance)
        (run,) = run_as_asked(asked, "regenerate_rules", definitions, instance)
    assert run.success
    assert len(server.asked) == 1
    newest, _ = list_versions(review.database, phase_id=review.phase_id)
    rules = {rule.rule_name: rule for rule in get_version(review.database, newest.version_id).rules}
    assert rules["Wider"].rule_parameters["max_value"] == 900
    assert rules["Loan number is unique"].tester_decision == "approve"
