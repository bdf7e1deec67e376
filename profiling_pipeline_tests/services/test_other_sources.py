"""Rules of a phase that look values up in another of its planned data sources."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.results.outcome import RuleOutcome
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.phases import load_plan, open_planned_source
from profiling_pipeline.services.planning import plan_other_source, plan_phase
from profiling_pipeline.services.runs import execute_version
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AccessLogRow, DataSourceRow
from profiling_pipeline_tests.builders import a_report_owner, a_tester
from profiling_pipeline_tests.services.loans import store_loans, write_loans
from profiling_pipeline_tests.services.planned import Planned

STATE_EXISTS = Rule("State exists", "State", "references", {"source": "states", "column": "STATE"})
ATTRIBUTES = [
    Attribute(1, "Loan", data_type="Integer", classification="Public"),
    Attribute(2, "State", data_type="String", classification="Restricted"),
]


@pytest.fixture
def settings(home: Path) -> Settings:
    settings = Settings()
    folder = settings.allowed_folders[0]
    write_loans(folder)
    (folder / "states.csv").write_text("STATE,NAME\nCA,California\nNY,New York\n")
    return settings


def a_phase_of(database: Database, **source: Any) -> Planned:
    file = {"source_type": "FILE", "connection_config": {"file_path": "loans.csv"}}
    planned = plan_phase(database, source_name="Loans", attributes=ATTRIBUTES, **(file | source))
    with database.session() as session:
        tester, owner = a_tester(session).user_id, a_report_owner(session).user_id
    return Planned(database, planned.phase_id, tester, owner)


def add_states(planned: Planned, **source: Any) -> int:
    planning = load_plan(planned.database, planned.phase_id).planning_phase_id
    file = {"source_type": "FILE", "connection_config": {"file_path": "states.csv"}, "source_name": "states"}
    return plan_other_source(planned.database, planning, **(file | source))


def table(database: Database, name: str) -> dict[str, Any]:
    config = {"host": database.url.query["host"], "port": 5432, "database": database.url.database, "table": name}
    auth = {"username": database.url.username}
    return {"source_type": "POSTGRESQL", "connection_config": config, "auth_config": auth}


def executed(planned: Planned, settings: Settings, *rules: Rule) -> list[RuleOutcome]:
    version_id = planned.approved(rules)
    execution = execute_version(
        planned.database, settings, version_id, run_id="run 1", executed_by_id=planned.owner, reason="look"
    )
    return list(execution.report.outcomes)


def accesses(planned: Planned) -> list[tuple[str, str, str | None]]:
    with planned.database.session() as session:
        rows = session.scalars(select(AccessLogRow)).all()
        return sorted((row.table_name, row.column_name, row.security_classification) for row in rows)


def test_a_file_is_looked_up_on_record(database: Database, settings: Settings) -> None:
    planned = a_phase_of(database)
    add_states(planned)

    outcome = executed(planned, settings, STATE_EXISTS)[0]

    assert (outcome.tested, outcome.failed, outcome.error) == (300, 100, None)
    assert ("states.csv", "STATE", "Restricted") in accesses(planned)
    assert ("loans.csv", "STATE", "Restricted") in accesses(planned)


def test_nothing_is_read_before_a_rule_asks(database: Database, settings: Settings) -> None:
    planned = a_phase_of(database)
    add_states(planned, connection_config={"file_path": "missing.csv"})

    assert executed(planned, settings, Rule("Loan is there", "Loan", "not_null"))[0].failed == 0
    assert {name for name, _, _ in accesses(planned)} == {"loans.csv"}


def test_tables_of_one_database_are_joined_there(database: Database, settings: Settings) -> None:
    store_loans(database)
    with database.session() as session:
        session.execute(text("CREATE TABLE states AS SELECT * FROM (VALUES ('CA'), ('NY')) AS s(\"STATE\")"))
    planned = a_phase_of(database, **table(database, "loans"))
    add_states(planned, **table(database, "states"))

    with open_planned_source(database, settings, planned.phase_id, user_id=planned.owner, reason="look") as opened:
        beside = opened.others["states"](opened.source)
        assert beside.connection is opened.source.connection
    outcome = executed(planned, settings, STATE_EXISTS)[0]

    assert (outcome.tested, outcome.failed, outcome.error) == (300, 100, None)


def test_a_file_is_looked_up_from_a_table(database: Database, settings: Settings) -> None:
    store_loans(database)
    planned = a_phase_of(database, **table(database, "loans"))
    add_states(planned)

    outcome = executed(planned, settings, STATE_EXISTS)[0]

    assert (outcome.tested, outcome.failed, outcome.error) == (300, 100, None)


def test_what_is_missing_is_an_error_of_the_rule(database: Database, settings: Settings) -> None:
    planned = a_phase_of(database)
    add_states(planned)
    planning = load_plan(database, planned.phase_id).planning_phase_id
    with database.session() as session:
        states = {"source_type": "FILE", "connection_config": {"file_path": "states.csv"}}
        session.add_all(DataSourceRow(phase_id=planning, name="twice", **states) for _ in range(2))
    unknown, twice, good = executed(
        planned,
        settings,
        Rule("a", "State", "references", {"source": "stats", "column": "STATE"}),
        Rule("b", "State", "references", {"source": "twice", "column": "STATE"}),
        Rule("c", "Loan", "not_null"),
    )

    assert "Did you mean states" in str(unknown.error)
    assert "Several data sources of the phase are called twice" in str(twice.error)
    assert good.tested == 300


def test_the_plan_names_the_other_sources(database: Database, settings: Settings) -> None:
    planned = a_phase_of(database)
    add_states(planned)

    plan = load_plan(database, planned.phase_id)

    assert (plan.data_source_name, plan.other_sources) == ("Loans", ("states",))
    for name in ("Loans", "states"):
        with pytest.raises(InvalidInputError, match=f"'{name}' already"):
            add_states(planned, source_name=name)
