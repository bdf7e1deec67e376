"""Reading and writing the host's tables, whether text and json or enums and text."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text, update

from profiling_pipeline.storage.access_log import record_access
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.migrations import upgrade
from profiling_pipeline.storage.models import AccessLogRow, AttributeRow, DataSourceRow, PhaseRow, UserRow
from profiling_pipeline_tests.builders import a_data_source, a_phase_pair, a_report_owner, a_tester, an_attribute
from profiling_pipeline_tests.storage.enum_host import install_host


@pytest.fixture(params=["own tables", "json", "jsonb", "text"])
def any_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with own tables, and hosts with enums and each way of keeping JSON."""
    if request.param == "own tables":
        return request.getfixturevalue("database")
    database = request.getfixturevalue("empty_database")
    install_host(database, request.param)
    upgrade(database)
    return database


def test_enum_columns_are_written_and_found_as_text(any_database: Database) -> None:
    with any_database.session() as session:
        tester, owner = a_tester(session), a_report_owner(session)
        phases = a_phase_pair(session)
        an_attribute(session, phases.planning, "Limit", data_type="Decimal", is_mandatory="Mandatory")
    with any_database.session() as session:
        assert session.get_one(UserRow, tester.user_id).role == "Tester"
        assert session.scalars(select(UserRow.user_id).where(UserRow.role == "Report Owner")).all() == [owner.user_id]
        assert session.scalars(select(PhaseRow.phase_id).where(PhaseRow.phase_name.in_(["Planning", "x"]))).all() == [
            phases.planning.phase_id
        ]
        assert session.scalars(select(PhaseRow).where(PhaseRow.phase_name == "no such phase")).all() == []
        attribute = session.scalars(select(AttributeRow)).one()
        assert (attribute.data_type, attribute.is_mandatory) == ("Decimal", "Mandatory")
        assert attribute.information_security_classification == "Public"


def test_enum_columns_are_changed(any_database: Database) -> None:
    with any_database.session() as session:
        phases = a_phase_pair(session)
        attribute = an_attribute(session, phases.planning, "Limit")
        attribute.information_security_classification = None
        session.execute(update(PhaseRow).where(PhaseRow.status == "Complete").values(status="In Progress"))
    with any_database.session() as session:
        assert set(session.scalars(select(PhaseRow.status))) == {"In Progress"}
        unknown = AttributeRow.information_security_classification.is_(None)
        assert session.scalars(select(AttributeRow.attribute_name).where(unknown)).all() == ["Limit"]


def test_json_is_an_object_however_the_host_keeps_it(any_database: Database) -> None:
    config = {"schema": "public", "port": "5432", "columns": {"Größe": "size"}}
    with any_database.session() as session:
        phases = a_phase_pair(session)
        a_data_source(session, phases.planning, source_type="POSTGRESQL", connection_config=config)
    with any_database.session() as session:
        source = session.scalars(select(DataSourceRow)).one()
        assert (source.source_type, source.connection_config, source.auth_config) == ("POSTGRESQL", config, None)


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ('{"file": "a.csv"}', {"file": "a.csv"}),
        ('"{\\"file\\": \\"a.csv\\"}"', {"file": "a.csv"}),
        ('"{}"', {}),
        ("null", None),
        ('"null"', None),
        ('"plain words"', "plain words"),
    ],
)
def test_json_text_inside_a_string_is_unpacked(any_database: Database, stored: str, read: object) -> None:
    with any_database.session() as session:
        a_data_source(session, a_phase_pair(session).planning)
        session.execute(text(f"UPDATE cycle_report_planning_data_sources SET connection_config = '{stored}'"))
    with any_database.session() as session:
        assert session.scalars(select(DataSourceRow.connection_config)).all() == [read]


def test_access_is_recorded_for_classified_columns_only(any_database: Database) -> None:
    with any_database.session() as session:
        reader = a_tester(session)
        columns = [("name", "HRCI"), ("limit", "Public"), ("unknown", None)]
        assert record_access(session, reader.user_id, "loans", columns, "profiling", record_identifier="run 1") == 2
    with any_database.session() as session:
        rows = session.scalars(select(AccessLogRow).order_by(AccessLogRow.column_name)).all()
        assert [(row.column_name, row.security_classification, row.access_reason) for row in rows] == [
            ("limit", "Public", "profiling"),
            ("name", "HRCI", "profiling"),
        ]
        assert {(row.user_id, row.table_name, row.record_identifier) for row in rows} == {
            (reader.user_id, "loans", "run 1")
        }
        assert all(row.accessed_at for row in rows)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("HRCI", "Confidential", "Proprietary", "Public"), ["Proprietary", "Confidential", "HRCI"]),
        (("HRCI", "CONFIDENTIAL", "PROPRIETARY", "PUBLIC"), ["PROPRIETARY", "CONFIDENTIAL", "HRCI"]),
        (("Secret", "Open"), ["Secret", "Secret", "Secret"]),
    ],
)
def test_a_classification_that_the_host_lacks_becomes_the_nearest_one(
    empty_database: Database, labels: tuple[str, ...], expected: list[str]
) -> None:
    install_host(empty_database)
    upgrade(empty_database)
    listed = ", ".join(f"'{label}'" for label in labels)
    with empty_database.session() as session:
        session.execute(text("ALTER TABLE secure_data_access_logs DROP COLUMN security_classification"))
        session.execute(text(f"CREATE TYPE labels AS ENUM ({listed})"))
        session.execute(text("ALTER TABLE secure_data_access_logs ADD security_classification labels NOT NULL"))
        columns = [("a", "Internal"), ("b", "Restricted"), ("c", "Top secret")]
        record_access(session, a_tester(session).user_id, "loans", columns, "profiling")
    with empty_database.session() as session:
        rows = session.scalars(select(AccessLogRow).order_by(AccessLogRow.column_name)).all()
        assert [row.security_classification for row in rows] == expected
        assert rows[1].access_reason == "profiling (classified Restricted)"
