import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Barrier, Lock

import pytest

from profiling_pipeline.errors import ModelAnswerError, ModelError, ModelUnavailableError, ProfilingError
from profiling_pipeline.generation.language_model.account import BudgetError, Prices, Usage
from profiling_pipeline.generation.language_model.answer import read_answer
from profiling_pipeline_tests.generation.language_model.asking import KEY, AnswersInMemory, a_request, an_asker
from profiling_pipeline_tests.model_server import Asked, ModelServer, Reply, a_model, refuses, says

FINE = says("fine")


def ask(server: ModelServer, text: str = "Propose.", **options: object) -> str:
    with an_asker(server, **options) as asker:
        return asker.ask(a_request(text), str)


# one request


def test_an_answer_comes_with_what_it_used() -> None:
    with a_model([FINE]) as server, an_asker(server) as asker:
        assert asker.ask(a_request(), str) == "fine"
    assert asker.account.paid == Usage(100, 20)
    [asked] = server.asked
    assert asked.body["model"] == "m"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.form == "json_schema"


def test_what_an_endpoint_does_not_count_is_estimated() -> None:
    with a_model([says("fine", tokens=None)]) as server, an_asker(server) as asker:
        asker.ask(a_request("x" * 1000), str)
    assert asker.account.paid.is_estimate
    assert 300 < asker.account.paid.input_tokens < 600


# failures that pass


@pytest.mark.parametrize(
    "reply",
    [
        refuses(429, "slow down", retry_after="0"),
        refuses(429, "slow down", retry_after_ms="1"),
        refuses(429, "slow down", retry_after="Wed, 21 Oct 2015 07:28:00 GMT"),
        refuses(429, "slow down", retry_after="soon"),
        refuses(500),
        refuses(503),
        Reply(502, b"<html>bad gateway</html>", {"Content-Type": "text/html"}),
        replace(FINE, is_cut=True),
        Reply(200, b'{"id": "chatcmpl-1", "choi'),
        Reply(200, b"<html>sign in</html>", {"Content-Type": "text/html"}),
        Reply(200, {"error": "none of your business"}),
        Reply(200, {"choices": []}),
        Reply(200, b""),
    ],
)
def test_what_fails_for_now_is_asked_again(reply: Reply) -> None:
    with a_model([reply, FINE]) as server:
        assert ask(server) == "fine"
    assert len(server.asked) == 2


def test_silence_is_asked_again_and_counted_as_paid_in_full() -> None:
    with a_model([Reply(waits=True), FINE]) as server, an_asker(server, timeout_seconds=0.2) as asker:
        assert asker.ask(a_request(), str) == "fine"
    assert asker.account.requests == 2
    assert asker.account.paid.output_tokens == 20 + asker.endpoint.answer_tokens


def test_retries_end() -> None:
    with a_model([refuses(500, "out of order")]) as server, pytest.raises(ModelUnavailableError, match="out of order"):
        ask(server)
    assert len(server.asked) == 4


def test_an_endpoint_that_nobody_serves_is_named() -> None:
    with a_model() as server:
        pass
    with pytest.raises(ModelUnavailableError, match=r"127\.0\.0\.1:\d+ cannot be reached"):
        ask(server)


def test_a_wait_of_hours_is_not_waited_for() -> None:
    busy = refuses(429, "daily limit", retry_after="86400")
    with a_model([busy]) as server, pytest.raises(ModelUnavailableError, match="daily limit"):
        ask(server)
    assert len(server.asked) == 1


# failures that stay


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (refuses(401, "bad key"), "Check PROFILING_LLM_API_KEY"),
        (refuses(403, "not yours"), "Check PROFILING_LLM_API_KEY"),
        (refuses(429, "pay first", code="insufficient_quota"), "pay first"),
        (refuses(404, "no such model"), "Check PROFILING_LLM_MODEL and PROFILING_LLM_BASE_URL"),
    ],
)
def test_what_no_request_can_change_ends_all(reply: Reply, said: str) -> None:
    with a_model([reply, FINE]) as server, an_asker(server) as asker:
        for text in ("one", "two"):
            with pytest.raises(ModelError, match=said):
                asker.ask(a_request(text), str)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (says("", refusal="I will not."), "refuses to answer: I will not"),
        (says("", finish_reason="content_filter"), "its filter stopped the answer"),
        (says('{"rules": [', finish_reason="length"), "cut off"),
        (says("x" * 2_000_000), "more than 1,000,000 characters"),
        (says(""), "The answer is empty"),
        (says('{"rules": [{"attr'), "no JSON"),
        (says('{"rows": []}'), "no JSON object with a list 'rules'"),
        (says('{"rules": [{"rule": 7}]}'), "The answer has 1 entry but no rule"),
        (says("[" * 100_000), "no JSON"),
        (refuses(400, "maximum context length is 10", code="context_length_exceeded"), "no room for the request"),
    ],
)
def test_an_answer_that_cannot_be_used_says_why(reply: Reply, said: str) -> None:
    with a_model([reply]) as server, an_asker(server) as asker, pytest.raises(ModelAnswerError, match=said):
        asker.ask(a_request(), read_answer)
    assert len(server.asked) == 1


# what an endpoint does not take


def _knows_only(*forms: str) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        return FINE if asked.form in forms else refuses(400, f"response_format {asked.form} is not supported")

    return answer


@pytest.mark.parametrize("form", ["json_object", "plain"])
def test_the_form_falls_back_once_for_all_requests(form: str) -> None:
    with a_model(_knows_only(form)) as server, an_asker(server) as asker:
        asker.ask(a_request("one"), str)
        asker.ask(a_request("two"), str)
    forms = ["json_schema", "json_object", "plain"]
    assert [each.form for each in server.asked] == [*forms[: forms.index(form) + 1], form]
    assert asker.output_form == form


def test_a_failure_of_the_grammar_is_one_of_the_form() -> None:
    with a_model([refuses(500, "failed to parse grammar"), FINE]) as server:
        assert ask(server) == "fine"
    assert [each.form for each in server.asked] == ["json_schema", "json_object"]


def test_temperature_and_the_name_of_the_limit_are_given_up() -> None:
    def answer(asked: Asked) -> Reply:
        if "temperature" in asked.body:
            return refuses(400, "Unsupported value: 'temperature' does not support 0 with this model.")
        if "max_tokens" in asked.body:
            return refuses(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        return FINE

    with a_model(answer) as server:
        assert ask(server) == "fine"
    assert server.asked[-1].form == "json_schema"


def test_a_request_that_is_taken_in_no_form_is_given_up() -> None:
    with a_model([refuses(400, "no")]) as server, pytest.raises(ModelAnswerError, match="does not take the request"):
        ask(server)
    assert [each.form for each in server.asked] == ["json_schema", "json_object", "plain"]


# the budget


def test_the_budget_stops_before_it_is_exceeded() -> None:
    with a_model([FINE]) as server, an_asker(server, answer_tokens=100, token_budget=400) as asker:
        texts = [f"{number}" for number in range(10)]
        for text in texts[:3]:
            asker.ask(a_request(text), str)
        with pytest.raises(BudgetError, match=r"Raise PROFILING_LLM_TOKEN_BUDGET"):
            asker.ask(a_request("last"), str)
    assert len(server.asked) == 3
    assert asker.account.paid.tokens <= 400


def test_a_budget_of_money_stops_too() -> None:
    prices = Prices(Decimal(10), Decimal(40))
    options = {"prices": prices, "cost_budget": Decimal("0.005"), "answer_tokens": 50}
    with a_model([FINE]) as server, an_asker(server, **options) as asker:
        asker.ask(a_request("one"), str)
        with pytest.raises(BudgetError, match=r"bring the cost to 0\.00\d+, and the budget is 0\.005"):
            asker.ask(a_request("two" * 200), str)
    assert asker.account.cost == Decimal("0.0018")
    assert len(server.asked) == 1


def test_requests_under_way_count_for_the_budget() -> None:
    together = Barrier(2)

    def answer(asked: Asked) -> Reply:
        together.wait(10)
        return FINE

    with a_model(answer) as server, an_asker(server, answer_tokens=100, token_budget=250) as asker:
        # Two have room, whatever they come to; a third does not while they are under way.
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(asker.ask, a_request(text), str) for text in ("one", "two")]
            assert [future.result() for future in futures] == ["fine", "fine"]
        with pytest.raises(BudgetError):
            asker.ask(a_request("three"), str)
    assert len(server.asked) == 2


# an endpoint that is down, or asked too much


def test_an_endpoint_that_is_down_rests_and_is_tried_by_one_request_before_the_others() -> None:
    lock, under_way, most_at_once = Lock(), [], []

    def answer(asked: Asked) -> Reply:
        with lock:
            number = len(server.asked)
            under_way.append(1)
            most_at_once.append(len(under_way))
        try:
            return refuses(503) if number <= 8 else FINE
        finally:
            under_way.pop()

    with (
        a_model(answer) as server,
        an_asker(server, parallel_requests=4, attempts=20) as asker,
        ThreadPoolExecutor(4) as pool,
    ):
        futures = [pool.submit(asker.ask, a_request(f"{number}"), str) for number in range(12)]
        assert {future.result() for future in futures} == {"fine"}
    assert len(server.asked) <= 8 + 4 + 12


def test_an_endpoint_that_stays_down_is_left_alone() -> None:
    with a_model([refuses(503, "closed")]) as server, an_asker(server, attempts=3) as asker:
        for number in range(20):
            with pytest.raises(ModelUnavailableError, match="closed"):
                asker.ask(a_request(f"{number}"), str)
    assert len(server.asked) == 8 + 2


def test_who_is_asked_too_much_is_asked_less_at_once() -> None:
    lock, under_way, seen = Lock(), set(), []

    def answer(asked: Asked) -> Reply:
        me = object()
        with lock:
            under_way.add(me)
            seen.append(len(under_way))
            is_too_much = len(under_way) > 2
        with lock:
            under_way.discard(me)
        return refuses(429, retry_after="0.01") if is_too_much else FINE

    with (
        a_model(answer) as server,
        an_asker(server, parallel_requests=16, attempts=20) as asker,
        ThreadPoolExecutor(16) as pool,
    ):
        futures = [pool.submit(asker.ask, a_request(f"{number}"), str) for number in range(60)]
        assert {future.result() for future in futures} == {"fine"}


# kept answers


def test_an_unchanged_request_costs_nothing_again() -> None:
    answers = AnswersInMemory()
    with a_model([FINE]) as server:
        for _ in range(2):
            with an_asker(server, answers) as asker:
                assert asker.ask(a_request(), str) == "fine"
        assert (asker.account.paid.tokens, asker.account.reused.tokens) == (0, 120)
        with an_asker(server, answers, temperature=Decimal(1)) as asker:
            asker.ask(a_request(), str)
    assert len(server.asked) == 2


def test_what_an_earlier_attempt_of_the_run_paid_is_part_of_its_account() -> None:
    answers = AnswersInMemory("run-1")
    with a_model([FINE]) as server:
        for _ in range(2):
            with an_asker(server, answers) as asker:
                asker.ask(a_request(), str)
    assert asker.account.paid == Usage(100, 20)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        says("no JSON at all"),
        says("", refusal="never"),
        says('{"rules": [', finish_reason="length"),
        says("y" * 1_500_000),
    ],
)
def test_an_answer_that_cannot_be_used_is_not_paid_again_either(reply: Reply) -> None:
    answers, said = AnswersInMemory(), set()
    with a_model([reply]) as server:
        for _ in range(3):
            with an_asker(server, answers) as asker, pytest.raises(ModelAnswerError) as caught:
                asker.ask(a_request(), read_answer)
            said.add(str(caught.value))
    assert len(server.asked) == len(said) == 1


# the key


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_the_key_is_in_no_message_and_no_log(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = refuses(status, f"Incorrect API key provided: {KEY} (Bearer {KEY}, sk-very-se****6789)")
    with a_model([echo]) as server, an_asker(server) as asker:
        assert KEY not in repr(asker.endpoint)
        with pytest.raises(ProfilingError) as caught:
            asker.ask(a_request(), str)
    shown = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert "very-se" not in str(caught.value)
    assert KEY not in shown + caplog.text
