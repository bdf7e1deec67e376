from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text

from profiling_pipeline.errors import ConflictError, InvalidInputError, NotFoundError, PermissionRefusedError
from profiling_pipeline.results.change_report import MarkVerdict
from profiling_pipeline.results.observation import FigureKey, FigureKind
from profiling_pipeline.results.unusual_change import Sensitivity
from profiling_pipeline.services.change_marks import mark_changes
from profiling_pipeline.services.observations import recent_changes
from profiling_pipeline.services.results import latest_results
from profiling_pipeline.services.runs import execute_version
from profiling_pipeline.services.versions import get_version
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import RuleExecutionRow
from profiling_pipeline_tests.builders import a_user
from profiling_pipeline_tests.services.loans import LOAN_RULES, a_file_phase, write_loans
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.services.test_observations import empty_states, seen_daily

NULLS = FigureKey(FigureKind.NULL_RATE, "STATE")
ROWS = FigureKey(FigureKind.ROW_COUNT)


@pytest.fixture
def settings(home: Path) -> Settings:
    settings = Settings()
    write_loans(settings.allowed_folders[0])
    return settings


def execute(planned: Planned, settings: Settings, version_id: UUID, *run_ids: str) -> None:
    for run_id in run_ids:
        execute_version(
            planned.database, settings, version_id, run_id=run_id, executed_by_id=planned.owner, reason="look"
        )


@pytest.fixture
def changed(database: Database, settings: Settings) -> tuple[Planned, UUID]:
    """A version with five steady runs, and a sixth in which a state is missing and a rule fails much more often."""
    planned = a_file_phase(database)
    version_id = planned.approved(LOAN_RULES)
    execute(planned, settings, version_id, "0")
    seen_daily(planned, 4)
    empty_states(settings)
    file = settings.allowed_folders[0] / "loans.csv"
    file.write_text(file.read_text().replace(",CA", ",XX"))
    execute(planned, settings, version_id, "5")
    return planned, version_id


def rate_of(planned: Planned, version_id: UUID) -> FigureKey:
    """Return the key of the one pass rate that was unusual."""
    changes = latest_results(planned.database, version_id).changes
    assert changes is not None
    (key,) = (change.key for change in changes.unusual if change.key.kind is FigureKind.PASS_RATE)
    return key


def test_a_mark_says_who_when_and_why_and_is_audited(changed: tuple[Planned, UUID]) -> None:
    planned, version_id = changed
    before = len(planned.audit())
    marked = mark_changes(
        planned.database, planned.phase_id, "5", planned.tester, MarkVerdict.EXPECTED, " month end ", [NULLS]
    )
    assert marked == [NULLS]
    changes = latest_results(planned.database, version_id).changes
    assert changes is not None
    mark = changes.marks[NULLS]
    assert (mark.verdict, mark.marked_by_id, mark.note) == (MarkVerdict.EXPECTED, planned.tester, "month end")
    assert NULLS not in {change.key for change in changes.unmarked}
    (audit,) = planned.audit()[before:]
    assert (audit.action, audit.user_id) == ("mark_unusual_change", planned.tester)
    assert (audit.new_values or {})["figure"] == "null_rate:STATE"
    with pytest.raises(ConflictError, match="marked as expected already"):
        mark_changes(planned.database, planned.phase_id, "5", planned.owner, MarkVerdict.CONFIRMED, "no", [NULLS])


def test_the_mark_of_a_pass_rate_is_kept_with_its_execution(changed: tuple[Planned, UUID]) -> None:
    planned, version_id = changed
    before = {
        o.rule.name: (o.failed_rows, o.unusual_changes) for o in latest_results(planned.database, version_id).outcomes
    }
    key = rate_of(planned, version_id)
    mark_changes(planned.database, planned.phase_id, None, planned.owner, MarkVerdict.CONFIRMED, "a fault", [key])
    outcomes = {outcome.rule.name: outcome for outcome in latest_results(planned.database, version_id).outcomes}
    marks = {name: outcome.mark for name, outcome in outcomes.items() if outcome.mark}
    assert marks.keys() == {"State is known"}
    assert {"verdict": "confirmed", "marked_by_id": planned.owner, "note": "a fault"}.items() <= dict(
        marks["State is known"] or {}
    ).items()
    assert {name: (o.failed_rows, o.unusual_changes) for name, o in outcomes.items()} == before
    with planned.database.session() as session:
        details = session.scalars(
            select(RuleExecutionRow.anomaly_details).where(RuleExecutionRow.background_job_id != "5")
        )
        assert not any("mark" in (each or {}) for each in details)


def test_all_that_is_left_can_be_marked_at_once(changed: tuple[Planned, UUID]) -> None:
    planned, version_id = changed
    say = (planned.database, planned.phase_id, "5", planned.owner, MarkVerdict.EXPECTED)
    mark_changes(*say, "known", [NULLS])
    assert mark_changes(*say, "known, too") == [rate_of(planned, version_id)]
    with pytest.raises(ConflictError, match="left to be marked"):
        mark_changes(*say, "once more")
    where = (planned.database, planned.phase_id)
    with pytest.raises(ConflictError, match="Nothing was unusual in run 0"):
        mark_changes(*where, "0", planned.owner, MarkVerdict.EXPECTED, "as ever")
    with pytest.raises(NotFoundError, match="has no run 'none' with figures to mark"):
        mark_changes(*where, "none", planned.owner, MarkVerdict.EXPECTED, "as ever")


def test_two_people_at_once_leave_one_mark(changed: tuple[Planned, UUID]) -> None:
    planned, _ = changed

    def say(user_id: int) -> bool:
        try:
            mark_changes(planned.database, planned.phase_id, "5", user_id, MarkVerdict.EXPECTED, "known", [NULLS])
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(say, [planned.tester, planned.owner])) == [False, True]


def test_expected_figures_are_compared_with_and_others_are_left_out(
    changed: tuple[Planned, UUID], settings: Settings
) -> None:
    planned, version_id = changed
    execute(planned, settings, version_id, "6")
    say = (planned.database, planned.phase_id)
    for run_id in ("5", "6"):
        mark_changes(*say, run_id, planned.owner, MarkVerdict.EXPECTED, "from now on", [NULLS])
    execute(planned, settings, version_id, "7")
    reports = recent_changes(planned.database, planned.phase_id, 3)
    points = {report.run_id: {c.key: c.usual.points for c in report.changes} for report in reports}
    assert (points["6"][NULLS], points["7"][NULLS]) == (5, 7)
    assert points["7"][rate_of(planned, version_id)] == 5


def test_what_cannot_be_marked(changed: tuple[Planned, UUID]) -> None:
    planned, _ = changed
    with planned.database.session() as session:
        auditor = a_user(session, "Data Executive").user_id
    tries = {
        PermissionRefusedError: (planned.phase_id, "5", auditor, "note", [NULLS]),
        InvalidInputError: (planned.phase_id, "5", planned.tester, "  ", [NULLS]),
        NotFoundError: (planned.phase_id, "50", planned.tester, "note", [NULLS]),
    }
    for error, (phase_id, run_id, user_id, note, figures) in tries.items():
        with pytest.raises(error):
            mark_changes(planned.database, phase_id, run_id, user_id, MarkVerdict.EXPECTED, note, figures)
    with pytest.raises(
        InvalidInputError, match=r"'row_count' was not unusual in run 5\. Choose from what was: 'null_rate"
    ):
        mark_changes(planned.database, planned.phase_id, "5", planned.tester, MarkVerdict.EXPECTED, "note", [ROWS])
    with planned.database.session() as session:
        marks = session.scalars(text("SELECT marks FROM cycle_report_data_profiling_observations")).all()
    assert marks == [{}] * 6


def test_sensitivity_is_set_in_any_state_audited_and_taken_over_by_revisions(planned: Planned) -> None:
    version_id = planned.approved()
    assert get_version(planned.database, version_id).sensitivity is Sensitivity.MEDIUM
    before = len(planned.audit())
    planned.review.set_sensitivity(version_id, planned.owner, Sensitivity.HIGH)
    assert get_version(planned.database, version_id).sensitivity is Sensitivity.HIGH
    (audit,) = planned.audit()[before:]
    assert (audit.action, audit.user_id) == ("set_change_sensitivity", planned.owner)
    assert (audit.old_values or {})["change_sensitivity"] is None
    assert (audit.new_values or {})["change_sensitivity"] == "high"
    draft_id = planned.review.revise(version_id, planned.tester)
    assert get_version(planned.database, draft_id).sensitivity is Sensitivity.HIGH
    planned.review.set_sensitivity(draft_id, planned.tester, Sensitivity.OFF)
    with planned.database.session() as session:
        auditor = a_user(session, "Data Executive").user_id
    with pytest.raises(PermissionRefusedError, match="Only a Tester or Report Owner may set how sensitive"):
        planned.review.set_sensitivity(version_id, auditor, Sensitivity.LOW)
    revision = get_version(planned.database, draft_id).revision
    planned.review.set_sensitivity(draft_id, planned.tester, Sensitivity.LOW, revision=revision)
    with pytest.raises(ConflictError):
        planned.review.set_sensitivity(draft_id, planned.tester, Sensitivity.HIGH, revision=revision)


def test_a_version_that_is_not_watched_finds_nothing_and_makes_history_all_the_same(
    changed: tuple[Planned, UUID], settings: Settings
) -> None:
    planned, version_id = changed
    planned.review.set_sensitivity(version_id, planned.tester, Sensitivity.OFF)
    execute(planned, settings, version_id, "6")
    planned.review.set_sensitivity(version_id, planned.tester, Sensitivity.LOW)
    execute(planned, settings, version_id, "7")
    newest, unwatched, *_ = recent_changes(planned.database, planned.phase_id, 5)
    assert (unwatched.sensitivity, unwatched.changes) == (Sensitivity.OFF, ())
    assert (newest.sensitivity, newest.earlier_runs) == (Sensitivity.LOW, 7)
    assert newest.changes
