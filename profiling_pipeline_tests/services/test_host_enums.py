"""The same use cases where the host application keeps its words as PostgreSQL enums."""

import pytest
from sqlalchemy import text

from profiling_pipeline.approval.lifecycle import VersionStatus
from profiling_pipeline.errors import PermissionRefusedError
from profiling_pipeline.services.phases import list_phases, load_plan, open_planned_source
from profiling_pipeline.services.users import find_user, list_users, system_user_id
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.services.loans import a_file_phase, write_loans

ENUMS = [
    ("users", "role", ("Tester", "Report Owner", "Data Owner", "Admin")),
    ("workflow_phases", "phase_name", ("Planning", "Data Profiling", "Scoping")),
    ("workflow_phases", "status", ("Not Started", "In Progress", "Complete")),
    ("cycle_report_planning_attributes", "data_type", ("String", "Integer", "Decimal")),
    ("cycle_report_planning_attributes", "information_security_classification", ("Public", "Restricted")),
    ("cycle_report_planning_data_sources", "source_type", ("FILE", "POSTGRESQL")),
    ("secure_data_access_logs", "security_classification", ("PUBLIC", "RESTRICTED")),
]


@pytest.fixture
def database(database: Database) -> Database:
    with database.session() as session:
        for table, column, labels in ENUMS:
            name, listed = f"{table}_{column}_enum"[-60:], ", ".join(f"'{label}'" for label in labels)
            session.execute(text(f"CREATE TYPE {name} AS ENUM ({listed})"))
            session.execute(text(f"ALTER TABLE {table} ALTER {column} TYPE {name} USING {column}::{name}"))
    return database


def test_a_version_goes_from_draft_to_approval(database: Database) -> None:
    planned = a_file_phase(database)
    version_id = planned.approved()
    assert planned.version(version_id).version_status == VersionStatus.APPROVED
    assert list_phases(database)[0].approved_version_id == version_id
    with pytest.raises(PermissionRefusedError, match="is Report Owner"):
        planned.review.revise(version_id, planned.owner)


def test_people_and_plans_read_the_same(database: Database, home) -> None:
    planned = a_file_phase(database)
    system = system_user_id(database)
    assert {user.role for user in list_users(database)} == {"Tester", "Report Owner", "Admin"}
    assert find_user(database, str(system)).role == "Admin"
    plan = load_plan(database, planned.phase_id)
    assert (plan.source_type, plan.attributes[2].classification) == ("FILE", "Restricted")
    settings = Settings()
    write_loans(settings.allowed_folders[0])
    with open_planned_source(database, settings, planned.phase_id, user_id=system, reason="look") as opened:
        assert opened.hidden_columns == {"STATE"}
    with database.session() as session:
        recorded = session.scalars(text("SELECT security_classification::text FROM secure_data_access_logs")).all()
    assert sorted(recorded) == ["PUBLIC", "PUBLIC", "RESTRICTED"]
