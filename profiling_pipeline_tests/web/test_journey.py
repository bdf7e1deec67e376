from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.runs import execute_version
from profiling_pipeline.services.versions import resolve_version
from profiling_pipeline.settings import Settings
from profiling_pipeline_tests.services.loans import LOAN_RULES
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.web.conftest import SignedIn


def test_two_people_review_a_version_which_is_executed_seen_and_revised(
    planned: Planned, settings: Settings, signed_in: SignedIn
) -> None:
    version_id = planned.draft(LOAN_RULES)
    rules = {name: f"{row.rule_id}/decision" for name, row in planned.rules(version_id).items()}
    tester, owner, auditor = signed_in("Tester"), signed_in("Report Owner"), signed_in("Data Executive")
    version_path = f"/versions/{version_id}"

    assert "Your turn." in tester.open("/")
    assert "Your turn." not in owner.open("/")
    page = tester.open(version_path)
    assert "5 of 5 rules of Version" in page, "why the draft cannot be submitted"
    assert "Submit" not in tester.labels()
    tester.press("Approve", on=rules["Loan is there"])
    tester.press("Reject", on=rules["Balance is nearly always covered"], notes="Fifty per cent is nothing.")
    assert "Fifty per cent is nothing." in tester.page.text
    tester.press("Approve", on=f"{version_id}/decisions")
    assert "Decided on 3 rules" in tester.page.text
    assert "Submitted. A report owner" in tester.press("Submit")

    assert "Your turn." in owner.open("/")
    owner.open(version_path)
    owner.press("Reject", on=rules["State is known"], notes="Overseas branches are missing.")
    assert "The 3 rules that you have not decided on" in owner.page.text
    assert "Approved. The approval sensor" in owner.press("Approve version")
    assert "was not executed yet" in auditor.open(f"{version_path}/results")

    execute_version(planned.database, settings, version_id, run_id="run 1", executed_by_id=planned.owner, reason="test")
    page = auditor.open(f"{version_path}/results")
    assert page.index("Loan is one loan") < page.index("Balance is covered") < page.index("Loan is there")
    assert "State is known" not in page, "rejected, so never executed"
    page = auditor.open(f"/phases/{planned.phase_id}")
    assert "<polyline" in page
    assert f"{version_path}/results" in page
    loan_is_one = rules["Loan is one loan"].removesuffix("/decision")
    page = auditor.open(f"{version_path}/rules/{loan_is_one}")
    assert "a sample of 2 of 2" in page
    assert "99.33 %" in page

    page = tester.open(version_path) and tester.press("Revise")
    assert "This is the new draft." in page
    draft_id = resolve_version(planned.database, f"{planned.phase_id}:{planned.version(version_id).version_number + 1}")
    assert str(tester.page.url).endswith(str(draft_id))
    assert "2 undecided" in page, "the two that were rejected"
    assert "Overseas branches are missing." in page, "the owner's notes on the earlier version"


def test_a_warning_is_seen_in_the_results_and_on_the_rule_s_page(
    planned: Planned, settings: Settings, signed_in: SignedIn
) -> None:
    warns = {"min_value": 0, "max_value": 280, "min_pass_rate": 50, "warn_pass_rate": 99}
    version_id = planned.approved((Rule("Balance is nearly always covered", "Balance", "in_range", warns),))
    execute_version(planned.database, settings, version_id, run_id="run 1", executed_by_id=planned.owner, reason="test")
    tester, rule = signed_in("Tester"), planned.rules(version_id)["Balance is nearly always covered"]

    for page in (f"/versions/{version_id}/results", f"/versions/{version_id}/rules/{rule.rule_id}"):
        assert "passed with a warning: below 99 %" in tester.open(page)
        assert "badge warning" in tester.open(page)


def test_a_version_is_sent_back_with_a_reason(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.pending()
    owner = signed_in("Report Owner")
    owner.open(f"/versions/{version_id}")
    assert "Sent back." in owner.press("Send back", reason="Bounds of one quarter only.")
    assert planned.version(version_id).version_status == "rejected"
    page = signed_in("Tester").open(f"/versions/{version_id}")
    assert "Bounds of one quarter only." in page


def test_a_version_is_found_by_phase_and_number(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.draft()
    browser = signed_in("Tester")
    browser.open(f"/versions/{planned.phase_id}:{planned.version(version_id).version_number}?text=State")
    assert str(browser.page.url).endswith(f"/versions/{version_id}?text=State")
