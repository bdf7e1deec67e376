"""Looking at unusual change and marking it by commands, on a database of the test's own."""

import json
from pathlib import Path

import pytest

from profiling_pipeline.services.runs import execute_version
from profiling_pipeline.settings import Settings, get_settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.cli.conftest import Command
from profiling_pipeline_tests.services.loans import LOAN_RULES, a_file_phase, write_loans
from profiling_pipeline_tests.services.test_observations import empty_states, seen_daily


def test_from_looking_to_marking(
    home: Path, database: Database, profiling: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROFILING_DATABASE_URL", database.url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    settings = Settings()
    write_loans(settings.allowed_folders[0])
    planned = a_file_phase(database)
    version_id, phase, tester = planned.approved(LOAN_RULES), planned.phase_id, ("--as", planned.tester)
    assert "No run of phase" in profiling("change", "list", phase).out
    for run_id in ("run 1", "run 2"):
        execute_version(database, settings, version_id, run_id=run_id, executed_by_id=planned.owner, reason="look")
        if run_id == "run 1":
            seen_daily(planned, 4)
            empty_states(settings)
    shown = profiling("results", phase)
    assert "Unusual change beside 5 earlier runs" in shown.out
    assert "null rate of STATE is 50.0 %, usually 0.0–1.0 % (median of 5 runs)" in shown.out
    changes = json.loads(profiling("results", phase, "--format", "json").out)["changes"]
    assert (changes["sensitivity"], changes["earlier_runs"]) == ("medium", 5)
    assert [(each["figure"], each["mark"]) for each in changes["unusual"]] == [("null_rate:STATE", None)]

    mark = ("change", "mark", phase, "expected", "--note", "new branch", *tester)
    assert "names no figure" in profiling(*mark, "--figure", "nulls").err
    assert "was not unusual" in profiling(*mark, "--figure", "row_count").err
    assert "marked as expected: null_rate:STATE" in profiling(*mark).out
    assert "left to be marked" in profiling(*mark).err
    assert "expected: new branch" in profiling("results", phase).out
    listed = json.loads(profiling("change", "list", phase, "--format", "json").out)
    assert [run["run"] for run in listed] == ["run 2", "run 1", *(f"day -{n}" for n in range(1, 5))]
    assert listed[0]["unusual"][0]["mark"]["note"] == "new branch"
    assert listed[-1]["summary"] == "No verdict before 5 executions to compare with: there are 0."

    said = profiling("version", "sensitivity", f"{phase}:1", "high", *tester)
    assert "is of high sensitivity" in said.out, said.err
    assert "Sensitivity to unusual change: high" in profiling("version", "show", f"{phase}:1").out
    get_settings.cache_clear()
