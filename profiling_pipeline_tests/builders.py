"""Rows that tests start from; a test names only what it is about."""

from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from profiling_pipeline.storage.models import (
    AttributeRow,
    Base,
    DataSourceRow,
    ObservationRow,
    PdeMappingRow,
    PhaseRow,
    RuleExecutionRow,
    RuleRow,
    RuleVersionRow,
    UserRow,
)

_numbers = count(1)
_RowT = TypeVar("_RowT", bound=Base)


@dataclass(frozen=True)
class Phases:
    """The two phases of one report in one cycle that profiling is about."""

    planning: PhaseRow
    profiling: PhaseRow


def a_user(session: Session, role: str, **columns: Any) -> UserRow:
    """Return a stored, active user."""
    number = next(_numbers)
    defaults = {
        "first_name": role.split()[0],
        "last_name": f"Number {number}",
        "email": f"user{number}@example.invalid",
        "hashed_password": "not a hash",
    }
    return _stored(session, UserRow(role=role, **(defaults | columns)))


def a_tester(session: Session, **columns: Any) -> UserRow:
    """Return a stored tester."""
    return a_user(session, "Tester", **columns)


def a_report_owner(session: Session, **columns: Any) -> UserRow:
    """Return a stored report owner."""
    return a_user(session, "Report Owner", **columns)


def a_phase(session: Session, phase_name: str, **columns: Any) -> PhaseRow:
    """Return a stored phase, of a cycle and report of its own unless they are named."""
    defaults = {"cycle_id": next(_numbers), "report_id": next(_numbers), "status": "In Progress"}
    return _stored(session, PhaseRow(phase_name=phase_name, **(defaults | columns)))


def a_phase_pair(session: Session, **columns: Any) -> Phases:
    """Return the Planning and the Data Profiling phase of one cycle and report."""
    shared = {"cycle_id": next(_numbers), "report_id": next(_numbers)} | columns
    planning = a_phase(session, "Planning", **(shared | {"status": "Complete"}))
    return Phases(planning=planning, profiling=a_phase(session, "Data Profiling", **shared))


def an_attribute(session: Session, planning: PhaseRow, name: str, **columns: Any) -> AttributeRow:
    """Return a stored attribute of a Planning phase; public unless it says otherwise."""
    defaults = {"data_type": "String", "information_security_classification": "Public"}
    row = AttributeRow(phase_id=planning.phase_id, attribute_name=name, **(defaults | columns))
    return _stored(session, row)


def a_data_source(session: Session, planning: PhaseRow, **columns: Any) -> DataSourceRow:
    """Return a stored data source of a Planning phase, a file unless it says otherwise."""
    defaults = {"name": "Loans", "source_type": "FILE", "connection_config": {"file_path": "loans.csv"}}
    return _stored(session, DataSourceRow(phase_id=planning.phase_id, **(defaults | columns)))


def a_mapping(session: Session, attribute: AttributeRow, source_field: str | None, **columns: Any) -> PdeMappingRow:
    """Return a stored mapping of an attribute to its physical column."""
    defaults = {"pde_code": (source_field or "none").rpartition(".")[2], "phase_id": attribute.phase_id}
    row = PdeMappingRow(attribute_id=attribute.id, source_field=source_field, **(defaults | columns))
    return _stored(session, row)


def a_version(session: Session, profiling: PhaseRow, author: UserRow, **columns: Any) -> RuleVersionRow:
    """Return a stored draft version without rules."""
    defaults = {"version_number": next(_numbers), "created_by_id": author.user_id, "updated_by_id": author.user_id}
    return _stored(session, RuleVersionRow(phase_id=profiling.phase_id, **(defaults | columns)))


def a_rule(session: Session, version: RuleVersionRow, attribute: AttributeRow, **columns: Any) -> RuleRow:
    """Return a stored, undecided rule of a version; the version's counters are left alone."""
    defaults = {
        "rule_name": f"Rule {next(_numbers)}",
        "rule_type": "completeness",
        "rule_code": "not_null",
        "rule_parameters": {},
        "created_by_id": version.created_by_id,
        "updated_by_id": version.created_by_id,
    }
    row = RuleRow(
        version_id=version.version_id,
        phase_id=version.phase_id,
        attribute_id=attribute.id,
        **(defaults | columns),
    )
    return _stored(session, row)


def an_observation(session: Session, version: RuleVersionRow, **columns: Any) -> ObservationRow:
    """Return a stored observation of a run of a version, in which nothing could be judged unless it says otherwise."""
    defaults = {
        "planning_data_source_id": 1,
        "source_name": "loans.csv",
        "background_job_id": f"run {next(_numbers)}",
        "figures": {"row_count": 10, "columns": {}, "rules": {}},
        "sensitivity": "medium",
        "earlier_runs": 0,
        "changes": {},
        "unusual": [],
        "created_by_id": version.created_by_id,
    }
    row = ObservationRow(phase_id=version.phase_id, version_id=version.version_id, **(defaults | columns))
    return _stored(session, row)


def an_execution(session: Session, rule: RuleRow, **columns: Any) -> RuleExecutionRow:
    """Return a stored execution of a rule, passed on ten records unless it says otherwise."""
    defaults = {
        "background_job_id": f"run {next(_numbers)}",
        "execution_status": "passed",
        "total_records_tested": 10,
        "passed_records": 10,
        "failed_records": 0,
        "pass_rate": 100,
        "created_by_id": rule.created_by_id,
    }
    return _stored(session, RuleExecutionRow(rule_id=rule.rule_id, **(defaults | columns)))


def _stored(session: Session, row: _RowT) -> _RowT:
    session.add(row)
    session.flush()
    return row
