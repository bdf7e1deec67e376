from datetime import UTC, datetime

from profiling_pipeline.legacy_migration.ledger import TableFigures
from profiling_pipeline.legacy_migration.migrate import VERIFIED, MigrationReport
from profiling_pipeline.legacy_migration.session import legacy_session
from profiling_pipeline.legacy_migration.verify.checks import Check, Verification
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.web.conftest import SignedIn

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_the_latest_verification_is_a_page_of_its_own(planned: Planned, signed_in: SignedIn) -> None:
    browser = signed_in("Tester")
    browser.open("/legacy-migration")
    assert browser.page.status_code == 404
    assert "No legacy migration was verified here" in browser.page.text
    figures = TableFigures("profiling_rules", "profiling_rules", 3, 3, 0, 0, 0)
    checks = (Check("rows", "<b>rules</b>", "3", "3"),)
    with legacy_session(planned.database) as session, session.transaction():
        found = Verification(NOON, MigrationReport(NOON, "UTC", (figures,), ()), checks)
        session.record(VERIFIED, found.as_json())
    browser.open("/legacy-migration")
    assert "verified 2026-11-24 12:00 UTC" in " ".join(browser.page.text.split())
    assert "&lt;b&gt;rules&lt;/b&gt;" in browser.page.text
    assert "script" not in browser.page.headers["content-security-policy"]
    assert browser.page.headers["x-frame-options"] == "DENY"
