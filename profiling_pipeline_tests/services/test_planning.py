"""What the plan of a source says, and what it leaves open."""

import pytest
from sqlalchemy import text

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.services.phases import load_plan
from profiling_pipeline.services.planning import PlannedPhase, plan_phase
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline.storage.database import Database


def planned(database: Database) -> PlannedPhase:
    return plan_phase(
        database,
        source_name="loans",
        source_type="FILE",
        connection_config={"file_path": "loans.csv"},
        attributes=[Attribute(0, "A"), Attribute(1, "B", mandatory="Conditional")],
    )


def test_what_nobody_said_of_presence_stays_unsaid(database: Database) -> None:
    attributes = load_plan(database, planned(database).phase_id).attributes
    assert [attribute.mandatory for attribute in attributes] == [None, "Conditional"]


def test_a_host_whose_tables_ask_for_more_plans_phases_itself(database: Database) -> None:
    with database.session() as session:
        column = "cycle_report_planning_attributes ALTER is_mandatory"
        session.execute(text("CREATE TYPE flag AS ENUM ('Mandatory', 'Conditional', 'Optional')"))
        session.execute(text(f"ALTER TABLE {column} DROP DEFAULT, ALTER is_mandatory TYPE flag USING NULL"))
    with pytest.raises(InvalidInputError, match=r"cannot be planned here: .*Where a host application owns"):
        planned(database)
