"""The whole journey on a generated loan file, through the services and Dagster assets that production uses."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from uuid import UUID

from profiling_pipeline.approval.lifecycle import Decision, Role
from profiling_pipeline.demo.hand_rules import HAND_RULES
from profiling_pipeline.demo.loan_file import LOAN_COLUMNS, PlantedError, make_loans, write_loans
from profiling_pipeline.demo.planted_errors import KindFound, found_by_kind
from profiling_pipeline.errors import NotFoundError
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.orchestration.in_process import execute_approvals, materialize_phase
from profiling_pipeline.plurals import counted
from profiling_pipeline.services.draft_rules import DraftRules
from profiling_pipeline.services.phases import list_phases, open_planned_source
from profiling_pipeline.services.planning import plan_phase
from profiling_pipeline.services.results import VersionResults, phase_results
from profiling_pipeline.services.review import ReviewService
from profiling_pipeline.services.users import User, add_user, find_user
from profiling_pipeline.services.versions import get_version, list_versions
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.connect import ensure_environment
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.migrations import upgrade

SOURCE_NAME = "Demo credit-card loans"
FILE_NAME = "demo_credit_card_loans.csv"
PASSWORD = "demo"  # noqa: S105 - known on purpose: these two people exist in the demo's database only
TESTER = ("tester@demo.example", "Tessa Tester", Role.TESTER)
OWNER = ("owner@demo.example", "Owen Owner", Role.REPORT_OWNER)
GENERATION = ("planning_data_source", "data_source_profile", "generated_rule_version")

MOST_FAILED_ROWS = 1_000_000

Step = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class DemoResult:
    """What the demo came to: the results as stored, and which rows the approved rules found.

    `false_alarms` counts the rows that failed some rule although no error was planted in them.
    """

    results: VersionResults
    found: list[KindFound]
    false_alarms: int


def run_demo(settings: Settings, *, rows: int, step: Step) -> DemoResult:
    """Plan a generated loan file, draft rules, review them as two people, and execute them.

    A second demo drafts a second version for the same phase.

    Args:
        settings: Where the home folder is.
        rows: Rows of the loan file.
        step: Called with what is about to be done, for a context in which it is done.
    """
    with step("Starting PostgreSQL and building the tables"):
        database = ensure_environment(settings)
        upgrade(database)
    with closing(database):
        return _journey(database, settings, rows, step)


def _journey(database: Database, settings: Settings, rows: int, step: Step) -> DemoResult:
    with step(f"Writing {counted(rows, 'loan')} with planted errors"):
        planted = _write_file(settings, rows)
        tester, owner = _person(database, *TESTER), _person(database, *OWNER)
        phase_id = _phase(database)
    with step(f"Materialising {', '.join(GENERATION)}"):
        materialize_phase(database, settings, phase_id, GENERATION)
        version_id = list_versions(database, phase_id=phase_id)[0].version_id
    with step("Reviewing as tester and as report owner"):
        _review(database, version_id, tester, owner)
    with step("Letting the approval sensor have the version executed"):
        execute_approvals(database, settings)
    with step("Comparing the failed rows with the planted errors"):
        failing = _failing_rows(database, settings, phase_id, version_id)
    spoiled = {row for error in planted for row in error.rows}
    return DemoResult(
        results=phase_results(database, phase_id),
        found=found_by_kind(planted, failing),
        false_alarms=len(set().union(*failing.values()) - spoiled),
    )


def _write_file(settings: Settings, rows: int) -> list[PlantedError]:
    loans, planted = make_loans(rows)
    folder = settings.allowed_folders[0]
    folder.mkdir(parents=True, exist_ok=True)
    write_loans(loans, folder / FILE_NAME)
    return planted


def _person(database: Database, email: str, name: str, role: Role) -> User:
    try:
        return find_user(database, email)
    except NotFoundError:
        return add_user(database, email=email, name=name, role=role, password=PASSWORD)


def _phase(database: Database) -> int:
    """Return the demo's phase, planned at the first demo."""
    for phase in list_phases(database):
        if phase.data_source == SOURCE_NAME:
            return phase.phase_id
    planned = plan_phase(
        database,
        source_name=SOURCE_NAME,
        source_type="FILE",
        connection_config={"file_path": FILE_NAME},
        attributes=[column.attribute() for column in LOAN_COLUMNS],
    )
    return planned.phase_id


def _review(database: Database, version_id: UUID, tester: User, owner: User) -> None:
    draft_rules, review = DraftRules(database), ReviewService(database)
    for rule in HAND_RULES:
        draft_rules.add_rule(version_id, tester.user_id, rule)
    review.decide_all(version_id, tester.user_id, Decision.APPROVE)
    review.submit(version_id, tester.user_id)
    review.approve(version_id, owner.user_id)


def _failing_rows(database: Database, settings: Settings, phase_id: int, version_id: UUID) -> dict[str, set[int]]:
    """Run the approved rules again without a limit on samples; return the numbers of failing rows by rule."""
    stored = [each.rule for each in get_version(database, version_id).rules]
    user_id = find_user(database, TESTER[0]).user_id
    reason = "demo: compare failed rows with planted errors"
    with open_planned_source(database, settings, phase_id, user_id=user_id, reason=reason) as planned:
        rules = planned.matched(stored)
        report = execute_rules(
            rules, planned.source, hidden_columns=planned.hidden_columns, sample_rows=MOST_FAILED_ROWS
        )
    return {outcome.rule.name: {row["row"] for row in outcome.failed_rows} for outcome in report.outcomes}
