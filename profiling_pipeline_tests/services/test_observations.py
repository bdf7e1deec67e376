from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, text

from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.observations import history_query, runs_until
from profiling_pipeline.services.results import latest_results
from profiling_pipeline.services.runs import VersionExecution, execute_version
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import ObservationRow, RuleExecutionRow
from profiling_pipeline_tests.services.loans import LOAN_RULES, a_file_phase, a_table_phase, store_loans, write_loans
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.services.test_results import explain, nodes

STATE_IS_KNOWN = LOAN_RULES[-1]


@pytest.fixture
def settings(home) -> Settings:
    settings = Settings()
    write_loans(settings.allowed_folders[0])
    return settings


@pytest.fixture
def planned(database: Database, settings: Settings) -> Planned:
    return a_file_phase(database)


def execute(planned: Planned, settings: Settings, version_id: UUID, run_id: str) -> VersionExecution:
    return execute_version(
        planned.database, settings, version_id, run_id=run_id, executed_by_id=planned.owner, reason="look"
    )


def empty_states(settings: Settings) -> None:
    """Take the state away from every second loan."""
    file = settings.allowed_folders[0] / "loans.csv"
    head, *lines = file.read_text().splitlines()
    spoiled = [line.rpartition(",")[0] + "," if number % 2 else line for number, line in enumerate(lines)]
    file.write_text("\n".join([head, *spoiled]) + "\n")


def seen_daily(planned: Planned, days: int) -> None:
    """Have the phase's only run so far be preceded by runs on as many days before, which saw the same."""
    with planned.database.session() as session:
        session.execute(
            text(
                "INSERT INTO cycle_report_data_profiling_observations (phase_id, version_id, planning_data_source_id, "
                "source_name, background_job_id, observed_at, figures, sensitivity, earlier_runs, changes, unusual, "
                "created_by_id) SELECT phase_id, version_id, planning_data_source_id, source_name, 'day -' || n, "
                "observed_at - n * interval '1 day', figures, sensitivity, 0, '{}', '{}', created_by_id "
                "FROM cycle_report_data_profiling_observations, generate_series(1, :days) AS n"
            ),
            {"days": days},
        )


def observations(planned: Planned) -> list[ObservationRow]:
    with planned.database.session() as session:
        return list(session.scalars(select(ObservationRow).order_by(ObservationRow.observed_at)))


@pytest.mark.parametrize("plan", [a_file_phase, a_table_phase])
def test_file_and_table_are_seen_alike(database: Database, settings: Settings, plan) -> None:
    store_loans(database)
    planned = plan(database)
    execute(planned, settings, planned.approved(LOAN_RULES), "run 1")
    (row,) = observations(planned)
    columns = {name.upper(): column for name, column in row.figures["columns"].items()}
    assert row.figures["row_count"] == 300
    assert columns["STATE"] == {"null_rate": 0.0, "distinct_ratio": 0.01, "mean": None, "deviation": None}
    assert columns["BALANCE"]["null_rate"] == pytest.approx(100 / 30)
    assert columns["BALANCE"]["mean"] == pytest.approx(149, abs=1)
    assert columns["BALANCE"]["distinct_ratio"] == pytest.approx(1, abs=0.1)
    assert sorted(rule["pass_rate"] for rule in row.figures["rules"].values()) == [66.67, 83.79, 93.79, 99.33, 100]
    assert (row.background_job_id, row.earlier_runs, row.changes, row.unusual, row.marks) == ("run 1", 0, {}, [], {})
    assert (row.sensitivity, row.created_by_id) == ("medium", planned.owner)


def test_a_repeated_run_is_seen_once(planned: Planned, settings: Settings) -> None:
    version_id = planned.approved(LOAN_RULES)
    first = execute(planned, settings, version_id, "run 1")
    again = execute(planned, settings, version_id, "run 1")
    assert again.changes == first.changes
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: execute(planned, settings, version_id, "run 2"), range(2))
    assert one.changes == other.changes
    assert [row.background_job_id for row in observations(planned)] == ["run 1", "run 2"]


def test_what_is_unusual_is_stored_with_the_run_and_with_each_rule_that_it_is_about(
    planned: Planned, settings: Settings
) -> None:
    version_id = planned.approved(LOAN_RULES)
    execute(planned, settings, version_id, "run 1")
    seen_daily(planned, 4)
    empty_states(settings)
    changes = execute(planned, settings, version_id, "run 5").changes
    assert changes is not None
    assert [str(change.key) for change in changes.unusual] == ["null_rate:STATE"]
    assert observations(planned)[-1].unusual == ["null_rate:STATE"]
    results = latest_results(planned.database, version_id)
    assert results.changes == changes
    unusual = {outcome.rule.name: outcome.unusual_changes for outcome in results.outcomes if outcome.unusual_changes}
    assert unusual.keys() == {"State is known"}
    (flag,) = unusual["State is known"]
    assert flag["sentence"] == "null rate of STATE is 50.0 %, usually 0.0–1.0 % (median of 5 runs)"
    assert (flag["observed"], flag["usual_from"], flag["direction"], flag["points"]) == (50.0, 0.0, "up", 5)
    assert (flag["distance"] > 100, flag["seasonal"]) == (True, False)
    with planned.database.session() as session:
        stored = session.scalars(
            select(RuleExecutionRow.anomaly_details).where(
                RuleExecutionRow.background_job_id == "run 5",
                RuleExecutionRow.rule_id == planned.rules(version_id)["State is known"].rule_id,
            )
        ).one()
    assert (stored or {})["unusual_changes"] == [flag]


def test_earlier_versions_of_the_phase_are_history_and_so_are_rules_that_only_changed_their_name(
    planned: Planned, settings: Settings
) -> None:
    first = planned.approved([STATE_IS_KNOWN])
    execute(planned, settings, first, "run 1")
    seen_daily(planned, 4)
    renamed = replace(
        STATE_IS_KNOWN, name="State is CA or NY", parameters={**STATE_IS_KNOWN.parameters, "min_pass_rate": 50}
    )
    other = Rule("State is CA", "State", "isin", {"allowed_values": ["CA"]})
    changes = execute(planned, settings, planned.approved([renamed, other]), "run 5").changes
    assert changes is not None
    assert changes.earlier_runs == 5
    rates = [change.label for change in changes.changes if change.key.kind == "pass_rate"]
    assert rates == ["pass rate of rule 'State is CA or NY'"]


def test_a_run_that_dies_before_its_end_leaves_no_observation(
    planned: Planned, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: object) -> int:
        raise KeyboardInterrupt

    version_id = planned.approved(LOAN_RULES)
    with monkeypatch.context() as patch:
        patch.setattr("profiling_pipeline.services.runs._store", die)
        with pytest.raises(KeyboardInterrupt):
            execute(planned, settings, version_id, "run 1")
    assert observations(planned) == []


def test_the_history_is_the_newest_ninety_runs_from_an_index(planned: Planned, settings: Settings) -> None:
    version_id = planned.approved(LOAN_RULES)
    execute(planned, settings, version_id, "run")
    (row,) = observations(planned)
    seen_daily(planned, 1000)
    with planned.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    plan = explain(planned.database, history_query(planned.phase_id, row.planning_data_source_id, row.observed_at))
    assert [node["Index Name"] for node in nodes(plan) if "Index Name" in node] == [
        "ix_data_profiling_observations_history"
    ]
    assert not any(node["Node Type"] in {"Sort", "Seq Scan"} for node in nodes(plan))
    assert max(node["Actual Rows"] for node in nodes(plan)) == 90
    assert len(runs_until(planned.database, planned.phase_id, "run")) == 90
    assert len(runs_until(planned.database, planned.phase_id, "day -900")) == 90
    assert len(runs_until(planned.database, planned.phase_id, "day -997")) == 4
    assert runs_until(planned.database, planned.phase_id, "day -2000") == []
