"""A small bank in each age: a report in a cycle, its people, attributes, versions, rules and results."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from profiling_pipeline_tests.legacy_migration.legacy_tables import RESULTS, RULES, VERSIONS, LegacyDatabase, an_id

CYCLE, REPORT = 7, 12
NOT_NULL = (
    "def check_rule(df, column_name):\n    failed = df[column_name].isnull().sum()\n    return {'failed': failed}"
)
IN_RANGE = "def check_rule(df, column_name):\n    return {'failed': (df[column_name] < 0).sum()}"
START = datetime(2025, 7, 22, 17, 0)


@dataclass(frozen=True)
class Bank:
    """Ids of what every test needs: two people, two phases, three attributes and a file to read."""

    legacy: LegacyDatabase
    tester: int
    owner: int
    planning: int
    profiling: int
    balance: int
    secret: int
    source: int


def a_bank(legacy: LegacyDatabase) -> Bank:
    """Return the host's rows: a balance that anybody may see, and an attribute that nobody may."""
    people = [
        legacy.add(
            "users", first_name=name, last_name="Miller", email=f"{name}@example.invalid", role=role, is_active=True,
            hashed_password="none",
        )
        for name, role in (("Tess", "Tester"), ("Otto", "Report Owner"))
    ]  # fmt: skip
    phases = [
        legacy.add("workflow_phases", cycle_id=CYCLE, report_id=REPORT, phase_name=name, status="In Progress")
        for name in ("Planning", "Data Profiling")
    ]
    attributes = [
        legacy.add(
            "cycle_report_planning_attributes", attribute_name=name, data_type="Decimal", phase_id=phases[0],
            information_security_classification=classification, source_column=name.upper(),
        )
        for name, classification in (("Balance", "Public"), ("Secret", "HRCI"))
    ]  # fmt: skip
    source = legacy.add(
        "cycle_report_planning_data_sources", name="Loans", source_type="FILE", phase_id=phases[0],
        connection_config={"file_path": "uploads/loans.csv"},
    )  # fmt: skip
    return Bank(legacy, *people, *phases, *attributes, source)


def a_legacy_version(bank: Bank, number: int, **columns: Any) -> str:
    """Add a version of the uuid age and return its id."""
    defaults = {
        "version_id": an_id(f"version {number}"), "phase_id": bank.profiling, "version_number": number,
        "created_by_id": bank.tester, "updated_by_id": bank.tester,
    }  # fmt: skip
    return str(bank.legacy.add(VERSIONS, **(defaults | columns)))


def a_legacy_rule(bank: Bank, name: str, version_id: str, **columns: Any) -> str:
    """Add a rule of the uuid age and return its id."""
    defaults = {
        "rule_id": an_id(f"rule {name} {version_id}"), "version_id": version_id, "phase_id": bank.profiling,
        "attribute_id": bank.balance, "attribute_name": "Balance", "rule_name": name, "rule_type": "validity",
        "rule_code": NOT_NULL, "created_by_id": bank.tester, "updated_by_id": bank.tester,
    }  # fmt: skip
    return str(bank.legacy.add(RULES, **(defaults | columns)))


def a_legacy_result(bank: Bank, rule_id: str, seconds: float = 0, text: str | None = None, **columns: Any) -> int:
    """Add a result of the uuid age, some seconds after the others, and return its number; `text` is what it ran."""
    executed_at = START + timedelta(seconds=seconds)
    details = None if text is None else json.dumps(
        {"metadata": {"rule_code_executed": text}, "execution_engine": "pandas", "data_source": "Loans",
         "dataframe_shape": "1000 rows x 4 columns", "statistical_summary": {"mean": 1.5}, "anomaly_details": []}
    )  # fmt: skip
    defaults = {
        "phase_id": bank.profiling, "rule_id": rule_id, "attribute_id": bank.balance, "execution_status": "success",
        "execution_time_ms": 5, "executed_at": executed_at, "created_at": executed_at - timedelta(hours=4),
        "updated_at": executed_at - timedelta(hours=4), "passed_count": 990, "failed_count": 10, "total_count": 1000,
        "pass_rate": 99.0, "severity": "medium", "result_details": details, "created_by_id": bank.tester,
        "updated_by_id": bank.tester,
    }  # fmt: skip
    return int(bank.legacy.add(RESULTS, **(defaults | columns)))


def an_integer_rule(bank: Bank, name: str, phase_id: int, **columns: Any) -> int:
    """Add a rule of the integer age and return its number."""
    defaults = {
        "phase_id": phase_id, "attribute_id": bank.balance, "rule_name": name, "rule_type": "VALIDITY",
        "rule_code": IN_RANGE, "status": "PENDING", "business_key": f"key {name}", "created_by": bank.tester,
    }  # fmt: skip
    return int(bank.legacy.add(RULES, **(defaults | columns)))
