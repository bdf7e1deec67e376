"""Drafts by a language model, through the real client, over real HTTP, into a real database."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select, text

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.errors import ModelError, ModelUnavailableError, SourceError
from profiling_pipeline.services.drafts import Draft, create_draft_from_rules, generate_draft
from profiling_pipeline.services.provider import Provider
from profiling_pipeline.services.versions import VersionView, get_version, list_versions
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import ModelAnswerRow
from profiling_pipeline_tests.model_server import (
    Asked,
    ModelServer,
    Reply,
    a_model,
    a_proposal,
    presence_of_all,
    proposes,
    refuses,
    says,
)
from profiling_pipeline_tests.services.loans import LOAN_RULES, a_file_phase, write_loans
from profiling_pipeline_tests.services.planned import Planned

KEY = "sk-secret-key-1234"


@pytest.fixture
def phase(database: Database, home: Path) -> Planned:
    write_loans(home / "uploads")
    return a_file_phase(database)


def draft(phase: Planned, server: ModelServer, run_id: str | None = None, **settings: Any) -> Draft:
    given = Settings(**{"llm_base_url": server.url, "llm_api_key": KEY, "llm_retry_seconds": 0.001} | settings)
    return generate_draft(phase.database, given, phase.phase_id, created_by_id=phase.tester, workflow_run_id=run_id)


def view(phase: Planned, made: Draft) -> VersionView:
    return get_version(phase.database, made.version_id)


def one_request_each(asked: Asked) -> str:
    """The name of the request's only attribute."""
    [facts] = asked.attributes.values()
    return str(facts["name"])


ALONE = {"llm_batch_tokens": 200}  # one attribute a request


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


# failures


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (refuses(500), "500"),
        (refuses(429, retry_after="0"), "429"),
        (replace(says("x" * 100), is_cut=True), "broke off"),
        (says("", refusal="Not about banks."), "refuses to answer: Not about banks"),
        (says('{"rules": [{"attribute": "a1", "te'), "no JSON"),
        (says('{"rules": [{"attri', finish_reason="length"), "cut off"),
        (says('{"answer": 42}'), "no JSON object with a list 'rules'"),
        (says('{"rules": [{"column": "BALANCE", "rule": "positive"}]}'), "1 entry but no rule"),
        (says(""), "empty"),
        (says("z" * 2_000_000), "more than 1,000,000 characters"),
        (proposes(), None),
        (proposes(a_proposal("a7"), a_proposal("BALANCE")), None),
        (proposes(a_proposal("a1", "make_it_right"), a_proposal("a1", "isin", {"values": 3})), None),
    ],
    ids=lambda value: None if isinstance(value, Reply) else value,
)
def test_what_the_model_gives_nothing_usable_for_gets_offline_rules(
    phase: Planned, reply: Reply, reason: str | None
) -> None:
    def answer(asked: Asked) -> Reply:
        return reply if one_request_each(asked) == "Balance" else presence_of_all(asked)

    with a_model(answer) as server:
        version = view(phase, draft(phase, server, **ALONE))
    by = {(rule.attribute_name, rule.llm_provider) for rule in version.rules}
    assert {("Loan", "llm gpt-4.1-mini"), ("State", "llm gpt-4.1-mini")} < by
    assert ("Balance", "llm gpt-4.1-mini") not in by
    assert all(rule.dry_run for rule in version.rules)
    made = version.generation.generation
    assert made.offline_attributes == ("Balance",)
    assert [each.attributes for each in made.failures] == ([("Balance",)] if reason else [])
    assert not reason or reason in made.failures[0].reason
    assert (
        reason or version.generation.dropped or not json.loads(reply.body["choices"][0]["message"]["content"])["rules"]
    )


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refuses(500, "out of order"), ModelUnavailableError),
        (Reply(200, b"<html>", {"Content-Type": "text/html"}), ModelUnavailableError),
        (refuses(401, "who are you"), ModelError),
        (refuses(404, "no such model"), ModelError),
    ],
    ids=["down", "no API", "wrong key", "wrong model"],
)
def test_an_endpoint_that_gives_nothing_at_all_leaves_no_version(
    phase: Planned, reply: Reply, error: type[ModelError]
) -> None:
    with a_model([reply]) as server, pytest.raises(error):
        draft(phase, server, **ALONE)
    assert list_versions(phase.database, phase_id=phase.phase_id) == []


def test_a_spent_budget_leaves_a_draft_that_says_so(phase: Planned) -> None:
    def answer(asked: Asked) -> Reply:
        return proposes(a_proposal("a1"), tokens=(14_000, 500))

    with a_model(answer) as server:
        made = draft(phase, server, **ALONE, llm_parallel_requests=1, llm_answer_tokens=500, llm_token_budget=22_000)
    generation = view(phase, made).generation.generation
    assert (len(server.asked), generation.input_tokens, generation.output_tokens) == (1, 14_000, 500)
    assert [each.attributes for each in generation.failures] == [("Balance",), ("State",)]
    assert "Raise PROFILING_LLM_TOKEN_BUDGET" in generation.failures[0].reason
    assert generation.offline_attributes == ("Balance", "State")


def test_what_cannot_run_goes_back_once_with_the_reason(phase: Planned) -> None:
    def answer(asked: Asked) -> Reply:
        if "problem" in asked.prompt:
            mended = a_proposal("a1", "in_range", {"min_value": 0, "max_value": 400}, name="Mended")
            return proposes(
                mended, a_proposal("a1", "expression", {"predicate": "BALANCE > NOWHERE"}, name="Still broken")
            )
        broken = a_proposal("a1", "in_range", {"min_value": "much", "max_value": 400}, name="Broken")
        also = a_proposal("a1", "expression", {"predicate": "BALANCE > NOWHERE"}, name="Also broken")
        return (
            proposes(a_proposal("a1"), broken, also) if one_request_each(asked) == "Balance" else presence_of_all(asked)
        )

    with a_model(answer) as server:
        version = view(phase, draft(phase, server, **ALONE))
    assert {rule.rule_name for rule in version.rules if rule.attribute_name == "Balance"} == {"a1 not_null", "Mended"}
    assert version.generation.generation.mended_rules == 1
    repair = [asked for asked in server.asked if "problem" in asked.prompt]
    assert len(repair) == 1
    assert "there is no column NOWHERE" in repair[0].prompt or "NOWHERE" in repair[0].data["rules"][1]["problem"]
    assert {each.rule for each in version.generation.dropped} == {"Broken", "Also broken", "Still broken"}


# what was paid for


def test_an_unchanged_phase_costs_nothing_the_second_time(phase: Planned) -> None:
    with a_model(presence_of_all) as server:
        first = draft(phase, server, **ALONE)
        asked = len(server.asked)
        second = draft(phase, server, **ALONE)
        assert len(server.asked) == asked
    made = view(phase, second).generation.generation
    assert (made.input_tokens, made.output_tokens, made.answers_reused) == (0, 0, 3)
    assert [rule.rule_name for rule in view(phase, first).rules] == [
        rule.rule_name for rule in view(phase, second).rules
    ]


def test_two_who_generate_at_once_pay_once(phase: Planned) -> None:
    with a_model(presence_of_all) as server, ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(draft, phase, server, **ALONE) for _ in range(2)]
        for run in runs:
            run.exception()
    assert len(server.asked) == 3


def test_more_requests_at_once_than_pooled_connections(phase: Planned) -> None:
    with a_model(presence_of_all) as server:
        made = draft(phase, server, **ALONE, llm_parallel_requests=64)
    assert len(view(phase, made).rules) == 3


def test_a_killed_generation_resumes_and_pays_nothing_twice(phase: Planned, home: Path) -> None:
    """Kill the process while its last request is under way; the run that Dagster starts again asks that one only."""
    is_waiting = Event()

    def answer(asked: Asked) -> Reply:
        if one_request_each(asked) == "State" and not is_waiting.is_set():
            is_waiting.set()
            return Reply(waits=True)
        return presence_of_all(asked)

    script = """
        import sys
        from profiling_pipeline.services.drafts import generate_draft
        from profiling_pipeline.settings import get_settings
        from profiling_pipeline.storage.database import Database

        database, phase, user = Database(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
        generate_draft(database, get_settings(), phase, created_by_id=user, workflow_run_id="run-1")
    """
    url = phase.database.url.render_as_string(hide_password=False)
    with a_model(answer) as server:
        environment = {
            **os.environ,
            "PROFILING_LLM_BASE_URL": server.url,
            "PROFILING_LLM_API_KEY": KEY,
            "PROFILING_LLM_BATCH_TOKENS": "200",
            "PROFILING_LLM_PARALLEL_REQUESTS": "1",
        }
        arguments = [sys.executable, "-c", dedent(script), url, str(phase.phase_id), str(phase.tester)]
        process = subprocess.Popen(arguments, env=environment)
        assert is_waiting.wait(60)
        process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL
        assert list_versions(phase.database, phase_id=phase.phase_id) == []
        made = draft(phase, server, "run-1", **ALONE, llm_parallel_requests=1)
        assert [one_request_each(asked) for asked in server.asked] == ["Loan", "Balance", "State", "State"]
        assert draft(phase, server, "run-1", **ALONE).version_id == made.version_id
        assert len(server.asked) == 4
    generation = view(phase, made).generation.generation
    assert (generation.requests, generation.answers_reused) == (1, 2)
    assert (generation.input_tokens, generation.output_tokens) == (300, 60)


def test_neither_the_key_nor_the_request_is_stored(phase: Planned) -> None:
    with a_model(presence_of_all) as server:
        draft(phase, server)
    with phase.database.session() as session:
        names = session.scalars(text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"))
        stored = "".join(
            str(row) for name in names.all() for row in session.execute(text(f'SELECT t::text FROM "{name}" t'))
        )
        assert session.scalar(select(ModelAnswerRow.answer))
    assert KEY not in stored
    assert "You propose data-quality rules" not in stored


def test_the_key_of_openai_goes_to_openai_alone(phase: Planned) -> None:
    with a_model(presence_of_all) as server:
        draft(phase, server, llm_api_key=None, openai_api_key="sk-for-openai-only")
    assert server.asked[0].headers["authorization"] == "Bearer none"


def test_without_key_and_endpoint_nothing_is_asked(phase: Planned) -> None:
    settings = Settings(openai_api_key="sk-for-other-programs")
    made = generate_draft(phase.database, settings, phase.phase_id, created_by_id=phase.tester)
    assert made.generation.provider is Provider.OFFLINE
    with pytest.raises(ModelError, match="No language model is configured"):
        generate_draft(phase.database, Settings(), phase.phase_id, created_by_id=phase.tester, provider=Provider.LLM)


# what people did


def test_rules_that_a_person_dealt_with_stay_as_they_are(phase: Planned) -> None:
    with a_model(presence_of_all) as server:
        first = view(phase, draft(phase, server))
        rules = {rule.attribute_name: rule for rule in first.rules}
        phase.review.decide(rules["Loan"].rule_id, phase.tester, Decision.REJECT, "Known")
        phase.draft_rules.edit_rule(rules["State"].rule_id, phase.tester, {"rule_name": "Mine"})

        def other(asked: Asked) -> Reply:
            return proposes(*(a_proposal(key, name=f"New {key}", severity="low") for key in asked.attributes))

        server.answering = other
        second = view(phase, draft(phase, server, llm_temperature=1))
    assert second.parent_version_id == first.version_id
    found = {rule.attribute_name: rule for rule in second.rules}
    assert {name: rule.rule_name for name, rule in found.items()} == {
        "Loan": rules["Loan"].rule_name,
        "State": "Mine",
        "Balance": "New a2",
    }
    assert (found["Loan"].tester_decision, found["Loan"].tester_notes) == ("reject", "Known")
    assert len([each for each in second.generation.dropped if "says the same" in each.reason]) == 2
    assert all(rule.dry_run for rule in second.rules)


def test_nothing_is_stored_where_somebody_changed_the_version_meanwhile(phase: Planned) -> None:
    with a_model(presence_of_all) as server:
        first = view(phase, draft(phase, server))

        def answer(asked: Asked) -> Reply:
            phase.draft_rules.delete_rule(first.rules[0].rule_id, phase.tester)
            return presence_of_all(asked)

        server.answering = answer
        with pytest.raises(Exception, match="Somebody changed the latest version"):
            draft(phase, server, llm_temperature=1)
    assert len(list_versions(phase.database, phase_id=phase.phase_id)) == 1


def test_rules_of_a_file_are_tried_too(phase: Planned, home: Path) -> None:
    make: Callable[..., Any] = create_draft_from_rules
    made = make(phase.database, phase.phase_id, LOAN_RULES, created_by_id=phase.tester, settings=Settings())
    tried = {rule.rule_name: rule.dry_run.outcome.failed for rule in get_version(phase.database, made.version_id).rules}
    assert tried["State is known"] == 100
    (home / "uploads" / "loans.csv").unlink()
    with pytest.raises(SourceError):
        generate_draft(phase.database, Settings(), phase.phase_id, created_by_id=phase.tester)
    untried = make(phase.database, phase.phase_id, LOAN_RULES, created_by_id=phase.tester, settings=Settings())
    assert {rule.dry_run for rule in get_version(phase.database, untried.version_id).rules} == {None}
