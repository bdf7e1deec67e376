"""What reviewers see of rules that were tried on the data."""

from decimal import Decimal
from html import unescape

from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.drafts import generate_draft
from profiling_pipeline.settings import Settings
from profiling_pipeline_tests.model_server import Asked, Reply, a_model, a_proposal, proposes
from profiling_pipeline_tests.services.loans import LOAN_RULES
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.web.conftest import SignedIn

WIDE = Rule("Balance is low", "Balance", "less_than", {"max_value": 400})
TIGHT = Rule("Balance is high", "Balance", "greater_than", {"min_value": 500})


def test_a_draft_by_a_model_says_how_it_came_about(planned: Planned, signed_in: SignedIn) -> None:
    def answer(asked: Asked) -> Reply:
        return proposes(
            a_proposal("a1", "unique", name="Loan once"),
            a_proposal("a3", "isin", {"allowed_values": ["CA", "NY"]}, name="State <b>known</b>"),
            a_proposal("a9", name="Nobody's"),
        )

    with a_model(answer) as server:
        given = Settings(
            llm_base_url=server.url, llm_api_key="k", llm_input_price=Decimal(1), llm_output_price=Decimal(1)
        )
        made = generate_draft(planned.database, given, planned.phase_id, created_by_id=planned.tester)
    browser = signed_in("Tester")
    browser.open(f"/versions/{made.version_id}")
    page = unescape(browser.page.text)
    assert "gpt-4.1-mini at 127.0.0.1" in page
    assert "100 tokens of requests and 20 of answers in 1 request, cost 0.0001" in page
    assert "prompts v1" in page
    assert "Dropped proposals: 1" in page
    assert "State &lt;b&gt;known&lt;/b&gt;" in browser.page.text
    assert "of 300 fail" in page
    rules = planned.rules(made.version_id)
    browser.open(f"/versions/{made.version_id}/rules/{rules['State <b>known</b>'].rule_id}")
    page = browser.page.text
    assert "a sample of 5 of 100" in page
    assert "•••" in page
    assert "ZZ" not in page


def test_an_edit_is_tried_before_it_is_stored(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft([LOAN_RULES[2]])
    rule_id = planned.rules(version_id)["Balance is covered"].rule_id
    browser = signed_in("Tester")
    browser.open(f"/versions/{version_id}")
    assert "not tried" in browser.page.text
    browser.press("Try on the data")
    assert "Tried 1 rule on the data." in browser.page.text
    assert "of 290 fail" in browser.page.text
    browser.open(f"/versions/{version_id}/rules/{rule_id}/edit")
    browser.press("Save", parameters="min_value: 0\nmax_value: 299")
    assert "none of 290 fails" in browser.page.text
    browser.open(f"/versions/{version_id}/rules/{rule_id}/edit")
    browser.press("Save", where="BRANCH = 'X'")
    assert "BRANCH" in browser.page.text
    assert "where" not in planned.rules(version_id)["Balance is covered"].rule_parameters


def test_rules_at_odds_are_marked_and_can_be_listed(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft([*LOAN_RULES, WIDE, TIGHT])
    browser = signed_in("Tester")
    browser.open(f"/versions/{version_id}?state=noted")
    page = unescape(browser.page.text)
    assert "Contradicts 'Balance is low': no value can satisfy both." in page
    assert "'Balance is covered' demands this already." in page
    assert "State is known" not in page
    browser.press("Try on the data")
    browser.open(f"/versions/{version_id}?state=would-fail")
    assert "Loan is one loan" in browser.page.text
    assert "Loan is there" not in browser.page.text
