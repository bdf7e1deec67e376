import pytest
from sqlalchemy import delete, select, text

from profiling_pipeline.errors import (
    ConfigurationError,
    DatabaseSchemaError,
    InvalidInputError,
    NotFoundError,
    ProfilingError,
    SourceError,
)
from profiling_pipeline.services.phases import list_phases, load_plan, open_planned_source
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.location import FileLocation, TableLocation
from profiling_pipeline.sources.model import ColumnKind, kind_of
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import AccessLogRow, AttributeRow, DataSourceRow, PhaseRow
from profiling_pipeline_tests.builders import (
    a_data_source,
    a_mapping,
    a_phase,
    a_phase_pair,
    a_tester,
    an_attribute,
)
from profiling_pipeline_tests.services.planned import Planned


@pytest.fixture
def settings(home) -> Settings:
    (home / "uploads").mkdir(parents=True)
    return Settings()


def test_a_plan_says_source_and_attributes(database: Database) -> None:
    with database.session() as session:
        phases = a_phase_pair(session)
        source = a_data_source(
            session, phases.planning, connection_config={"file_path": "l.csv", "columns": {"A": "B"}}
        )
        a_data_source(session, phases.planning, is_active=False)
        an_attribute(
            session,
            phases.planning,
            "Account",
            technical_line_item_name="ACCT",
            validation_rules="C18",
            is_mandatory="Mandatory",
            is_primary_key=True,
            primary_key_order=1,
        )
        mapped = an_attribute(session, phases.planning, "Score", information_security_classification=None)
        a_mapping(session, mapped, "risk.scores.OLD_SCORE", information_security_classification="Public")
        a_mapping(
            session, mapped, "risk.scores.FICO", information_security_classification="HRCI", data_source_id=source.id
        )
        an_attribute(session, phases.planning, "Old", is_active=False)
        an_attribute(session, phases.planning, "Older", is_latest_version=False)
        phase_id, planning_id = phases.profiling.phase_id, phases.planning.phase_id
    plan = load_plan(database, phase_id)
    assert (plan.phase_id, plan.planning_phase_id, plan.data_source_id) == (phase_id, planning_id, source.id)
    assert plan.column_map == {"A": "B"}
    assert isinstance(plan.location, FileLocation)
    account, score = plan.attributes
    assert (account.technical_name, account.format_code, account.mandatory) == ("ACCT", "C18", "Mandatory")
    assert (account.is_primary_key, account.primary_key_order, account.classification) == (True, 1, "Public")
    assert (score.mapped_column, score.classification, score.source_column) == ("FICO", "HRCI", None)


def test_the_attributes_own_classification_wins(database: Database) -> None:
    with database.session() as session:
        phases = a_phase_pair(session)
        a_data_source(session, phases.planning)
        own = an_attribute(session, phases.planning, "Score", information_security_classification="Restricted")
        a_mapping(session, own, "risk.scores.FICO", information_security_classification="Public")
        phase_id = phases.profiling.phase_id
    assert load_plan(database, phase_id).attributes[0].classification == "Restricted"


def test_a_table_source_takes_its_password_from_the_environment(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.session() as session:
        phases = a_phase_pair(session)
        a_data_source(
            session,
            phases.planning,
            source_type="POSTGRESQL",
            connection_config={"host": "db", "port": "5433", "database": "risk", "table_name": "loans"},
            auth_config={"username": "reader", "password_env": "LOANS_PASSWORD"},
        )
        phase_id = phases.profiling.phase_id
    monkeypatch.delenv("LOANS_PASSWORD", raising=False)
    with pytest.raises(ConfigurationError, match="LOANS_PASSWORD"):
        load_plan(database, phase_id)
    monkeypatch.setenv("LOANS_PASSWORD", "s3cret")
    plan = load_plan(database, phase_id)
    assert isinstance(plan.location, TableLocation)
    assert plan.location.password == "s3cret"
    assert "s3cret" not in repr(plan)


def test_phases_that_cannot_be_planned_say_what_is_missing(database: Database, settings: Settings) -> None:
    with database.session() as session:
        alone = a_phase(session, "Data Profiling").phase_id
        other_kind = a_phase(session, "Scoping").phase_id
        no_source = a_phase_pair(session).profiling.phase_id
        two = a_phase_pair(session)
        a_data_source(session, two.planning, name="Loans A")
        a_data_source(session, two.planning, name="Loans B")
        foreign = a_phase_pair(session)
        a_data_source(session, foreign.planning, source_type="ORACLE", connection_config={})
        broken = a_phase_pair(session)
        a_data_source(session, broken.planning, connection_config={"folder": "x"})
        user = a_tester(session).user_id
        cases: list[tuple[int, type[ProfilingError], str]] = [
            (2**31 - 1, NotFoundError, "There is no phase 2147483647"),
            (2**40, NotFoundError, "There is no phase"),
            (-1, NotFoundError, "There is no phase"),
            (other_kind, InvalidInputError, "is a Scoping phase"),
            (two.planning.phase_id, InvalidInputError, "is a Planning phase"),
            (alone, NotFoundError, "has no Planning phase"),
            (no_source, NotFoundError, "no active data source"),
            (two.profiling.phase_id, InvalidInputError, "several active data sources: Loans A .* Loans B"),
            (foreign.profiling.phase_id, SourceError, "ORACLE"),
            (broken.profiling.phase_id, SourceError, "file_path"),
        ]
    for phase_id, error, message in cases:
        with pytest.raises(error, match=message):
            load_plan(database, phase_id)
        with pytest.raises(error, match=message):
            open_planned_source(database, settings, phase_id, user_id=user, reason="test")
    with database.session() as session:
        assert session.scalars(select(AccessLogRow)).all() == []


def test_phases_are_listed_with_their_newest_version(planned: Planned) -> None:
    database = planned.database
    with database.session() as session:
        without_plan = a_phase(session, "Data Profiling").phase_id
        a_phase(session, "Scoping")
    approved = planned.approved()
    planned.draft()
    first, second = list_phases(database)
    assert (first.phase_id, first.data_source, first.status) == (planned.phase_id, "Loans", "In Progress")
    assert (first.latest_version_number, first.latest_version_status) == (2, "draft")
    assert first.approved_version_id == approved
    assert (second.phase_id, second.data_source, second.latest_version_number) == (without_plan, None, None)


def test_an_opened_source_is_typed_masked_and_recorded(planned: Planned, settings: Settings) -> None:
    loans = settings.allowed_folders[0] / "loans.csv"
    loans.write_text("STATE,BALANCE,REMARK\nCA,00012.50,a\nNY,x,b\n")
    with open_planned_source(
        planned.database, settings, planned.phase_id, user_id=planned.tester, reason="look at it"
    ) as opened:
        assert kind_of(opened.source.table["BALANCE"].type()) is ColumnKind.NUMBER
        assert opened.hidden_columns == {"STATE", "REMARK"}
        assert opened.key_columns == ()
        balance = opened.attribute_of("BALANCE")
        assert balance is not None
        assert balance.name == "Balance"
        assert opened.attribute_of("REMARK") is None
        assert opened.matches.columns_without_attribute == ("REMARK",)
    with planned.database.session() as session:
        records = session.scalars(select(AccessLogRow).order_by(AccessLogRow.column_name)).all()
    assert [(r.column_name, r.security_classification, r.access_reason) for r in records] == [
        ("BALANCE", "Public", "look at it"),
        ("STATE", "Confidential", "look at it"),
    ]
    assert {(r.user_id, r.table_name, r.record_identifier) for r in records} == {
        (planned.tester, "loans.csv", f"phase {planned.phase_id}")
    }


def test_key_columns_come_in_the_order_of_the_key(planned: Planned, settings: Settings) -> None:
    with planned.database.session() as session:
        orders = {"Balance": 2, "State": 1}
        for row in session.scalars(select(AttributeRow)):
            row.is_primary_key, row.primary_key_order = True, orders[row.attribute_name]
    (settings.allowed_folders[0] / "loans.csv").write_text("BALANCE,STATE\n1,CA\n")
    with open_planned_source(
        planned.database, settings, planned.phase_id, user_id=planned.tester, reason="x"
    ) as opened:
        assert opened.key_columns == ("STATE", "BALANCE")


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("missing.csv", None, "There is no file"),
        ("empty.csv", b"", "is empty"),
        ("ragged.csv", b"BALANCE,STATE\n1,CA\n2,NY,x\n", "values"),
        ("latin.csv", b"BALANCE,STATE\n1,\xe9\n", "UTF-8"),
        ("twice.csv", b"BALANCE,BALANCE\n1,2\n", "BALANCE"),
        ("../outside.csv", None, "outside the upload folders"),
        ("/etc/passwd", None, "outside the upload folders"),
    ],
)
def test_a_source_that_cannot_be_read_leaves_no_access_record(
    planned: Planned, settings: Settings, path: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (settings.allowed_folders[0] / path).write_bytes(content)
    with planned.database.session() as session:
        session.scalars(select(DataSourceRow)).one().connection_config = {"file_path": path}
    with pytest.raises(SourceError, match=message):
        open_planned_source(planned.database, settings, planned.phase_id, user_id=planned.tester, reason="x")
    with planned.database.session() as session:
        assert session.scalars(select(AccessLogRow)).all() == []


def test_nobody_unknown_reads_anything(planned: Planned, settings: Settings) -> None:
    (settings.allowed_folders[0] / "loans.csv").write_text("BALANCE,STATE\n1,CA\n")
    with pytest.raises(NotFoundError, match="no user"):
        open_planned_source(planned.database, settings, planned.phase_id, user_id=2**31 - 1, reason="x")


def test_an_access_that_cannot_be_recorded_is_refused(planned: Planned, settings: Settings) -> None:
    (settings.allowed_folders[0] / "loans.csv").write_text("BALANCE,STATE\n1,CA\n")
    with planned.database.session() as session:
        session.execute(text("DROP TABLE secure_data_access_logs"))
    with pytest.raises(DatabaseSchemaError, match="secure_data_access_logs"):
        open_planned_source(planned.database, settings, planned.phase_id, user_id=planned.tester, reason="x")
    assert list(settings.spill_folder.iterdir()) == []


def test_a_phase_deleted_meanwhile_is_no_longer_there(database: Database) -> None:
    with database.session() as session:
        phase_id = a_phase(session, "Data Profiling").phase_id
    with database.session() as session:
        session.execute(delete(PhaseRow))
    with pytest.raises(NotFoundError):
        load_plan(database, phase_id)
