"""The same loans as a file and as a PostgreSQL table, planned alike."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text

from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.builders import a_data_source, a_phase_pair, a_report_owner, a_tester, an_attribute
from profiling_pipeline_tests.services.planned import Planned

ROWS = 300
LOAN_RULES = (
    Rule("Loan is there", "Loan", "not_null"),
    Rule("Loan is one loan", "Loan", "unique", severity=Severity.HIGH),
    Rule("Balance is covered", "Balance", "in_range", {"min_value": 0, "max_value": 250}, severity=Severity.LOW),
    Rule(
        "Balance is nearly always covered",
        "Balance",
        "in_range",
        {"min_value": 0, "max_value": 280, "min_pass_rate": 50},
    ),
    Rule("State is known", "State", "isin", {"allowed_values": ["CA", "NY"]}),
)
# Of each rule: tested, passed, failed, skipped.
COUNTS = {
    "Loan is there": (300, 300, 0, 0),
    "Loan is one loan": (300, 298, 2, 0),
    "Balance is covered": (290, 243, 47, 10),
    "Balance is nearly always covered": (290, 272, 18, 10),
    "State is known": (300, 200, 100, 0),
}


def loans() -> list[tuple[int, int | None, str]]:
    """Return loan number, balance and state of each loan: one number twice, ten balances missing."""
    numbers = [*range(1, ROWS), 1]
    return [
        (number, None if row % 30 == 29 else row, ("CA", "NY", "ZZ")[row % 3]) for row, number in enumerate(numbers)
    ]


def write_loans(folder: Path) -> None:
    """Write the loans as `loans.csv`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{number},{'' if balance is None else balance},{state}\n" for number, balance, state in loans()]
    (folder / "loans.csv").write_text("".join(["LOAN,BALANCE,STATE\n", *lines]))


def store_loans(database: Database) -> None:
    """Store the loans as table `loans` beside the project's own tables."""
    with database.session() as session:
        session.execute(text("CREATE TABLE loans (loan integer, balance numeric, state text)"))
        rows = [{"loan": loan, "balance": balance, "state": state} for loan, balance, state in loans()]
        session.execute(text("INSERT INTO loans VALUES (:loan, :balance, :state)"), rows)


def a_file_phase(database: Database) -> Planned:
    """Return a phase planned for the file."""
    return _a_phase(database, {})


def a_table_phase(database: Database) -> Planned:
    """Return a phase planned for the table."""
    url = database.url
    config = {"host": url.query["host"], "port": "5432", "database": url.database, "schema": "public", "table": "loans"}
    source = {"source_type": "POSTGRESQL", "connection_config": config, "auth_config": {"username": url.username}}
    return _a_phase(database, source)


def _a_phase(database: Database, source: Mapping[str, Any]) -> Planned:
    with database.session() as session:
        phases = a_phase_pair(session)
        a_data_source(session, phases.planning, **source)
        an_attribute(session, phases.planning, "Loan", data_type="Integer", is_primary_key=True, primary_key_order=1)
        an_attribute(session, phases.planning, "Balance", data_type="Decimal")
        an_attribute(session, phases.planning, "State", information_security_classification="Restricted")
        tester, owner = a_tester(session), a_report_owner(session)
        return Planned(database, phases.profiling.phase_id, tester.user_id, owner.user_id)
