import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml

from profiling_pipeline.orchestration.build import build_definitions
from profiling_pipeline.orchestration.home import INSTANCE_FILE, WORKSPACE_FILE

ASSETS = {
    "planning_data_source",
    "data_source_profile",
    "generated_rule_version",
    "rule_execution_results",
    "quality_report",
}


def test_everything_loads_without_a_database() -> None:
    definitions = build_definitions()
    dg.Definitions.validate_loadable(definitions)
    assert {key.to_user_string() for key in definitions.resolve_asset_graph().get_all_asset_keys()} == ASSETS


def test_assets_follow_the_data() -> None:
    graph = build_definitions().resolve_asset_graph()
    for upstream, downstream in [
        ("planning_data_source", "data_source_profile"),
        ("data_source_profile", "generated_rule_version"),
        ("generated_rule_version", "rule_execution_results"),
        ("rule_execution_results", "quality_report"),
    ]:
        assert graph.get(dg.AssetKey(downstream)).parent_keys == {dg.AssetKey(upstream)}


def test_sensors_and_schedules_run_from_the_start() -> None:
    definitions = build_definitions()
    repository = definitions.get_repository_def()
    assert {s.name for s in repository.sensor_defs} == {
        "new_profiling_phases",
        "approved_rule_versions",
        "rejected_rule_versions",
    }
    assert all(s.default_status is dg.DefaultSensorStatus.RUNNING for s in repository.sensor_defs)
    assert {s.name for s in repository.schedule_defs} == {"reexecute_approved_versions", "delete_expired_results"}
    assert all(s.default_status is dg.DefaultScheduleStatus.RUNNING for s in repository.schedule_defs)


def test_the_workspace_names_a_module_that_loads_where_nothing_is_set(tmp_path: Path) -> None:
    (entry,) = yaml.safe_load(WORKSPACE_FILE.read_text())["load_from"]
    module = entry["python_module"]["module_name"]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import {module}; print(len({module}.defs.jobs))"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "7"), done.stderr


def test_the_instance_asks_for_its_address_and_sends_nothing_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROFILING_DAGSTER_DATABASE_URL", raising=False)
    (tmp_path / "dagster.yaml").write_text(INSTANCE_FILE.read_text())
    with pytest.raises(dg.DagsterInvalidConfigError, match="PROFILING_DAGSTER_DATABASE_URL"):
        dg.DagsterInstance.from_config(str(tmp_path))
    assert yaml.safe_load(INSTANCE_FILE.read_text())["telemetry"] == {"enabled": False}
