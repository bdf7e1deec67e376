"""What the plan of a source says, and what it leaves open."""

from pathlib import Path

import pytest
from sqlalchemy import text

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.phases import load_plan, open_planned_source
from profiling_pipeline.services.planning import PlannedPhase, attributes_of_source, plan_phase
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.builders import a_tester


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


def test_a_column_without_values_has_no_type_until_it_has_some(database: Database, home: Path, tmp_path: Path) -> None:
    settings = Settings()
    path = settings.allowed_folders[0] / "loans.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("id,amount,name\n1,,ann\n2,,bob\n")
    with open_source(FileLocation(path), allowed_folders=None, memory_limit="500MB", spill_folder=tmp_path) as source:
        attributes = attributes_of_source(source, [Attribute(0, name) for name in ("id", "amount", "name", "later")])
    assert [attribute.data_type for attribute in attributes] == ["Integer", None, "String", None]
    phase = plan_phase(
        database,
        source_name="loans",
        source_type="FILE",
        connection_config={"file_path": str(path)},
        attributes=attributes,
    )
    path.write_text("id,amount,name\n1,12.50,ann\n2,-3,bob\n")
    with database.session() as session:
        tester = a_tester(session).user_id
    with open_planned_source(database, settings, phase.phase_id, user_id=tester, reason="test") as planned_source:
        rules = [Rule("Amount", "amount", "greater_than_or_equal_to", {"min_value": 0})]
        [outcome] = execute_rules(rules, planned_source.source).outcomes
    assert (outcome.error, outcome.failed) == (None, 1)


def test_a_host_whose_tables_ask_for_more_plans_phases_itself(database: Database) -> None:
    with database.session() as session:
        column = "cycle_report_planning_attributes ALTER is_mandatory"
        session.execute(text("CREATE TYPE flag AS ENUM ('Mandatory', 'Conditional', 'Optional')"))
        session.execute(text(f"ALTER TABLE {column} DROP DEFAULT, ALTER is_mandatory TYPE flag USING NULL"))
    with pytest.raises(InvalidInputError, match=r"cannot be planned here: .*Where a host application owns"):
        planned(database)
