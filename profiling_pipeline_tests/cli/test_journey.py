"""The whole journey by commands, on an embedded server of the test's own."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from profiling_pipeline.settings import get_settings
from profiling_pipeline_tests.cli.conftest import Command

DATA = (
    "account,score,balance\n" + "".join(f"A{n:03},{650 + n % 50},{n * 10}\n" for n in range(1, 200)) + "A200,9999,5\n"
)
TESTER, OWNER = "ann@bank.example", "bob@bank.example"


@pytest.fixture
def command(home_with_server: Path, profiling: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """The command with an embedded server; Dagster's home is within the home folder."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    get_settings.cache_clear()
    yield profiling
    for name in ("PROFILING_DATABASE_URL", "PROFILING_DAGSTER_DATABASE_URL", "DAGSTER_HOME"):
        os.environ.pop(name, None)  # set for Dagster's processes, which find the server by them
    get_settings.cache_clear()
    profiling("db", "stop")


def test_from_a_file_to_repeated_results(command: Command, tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text(DATA)
    assert "not running" in command("db", "status").out
    assert command("phase", "list").status == 2, "without tables it says what to run"
    assert command("db", "upgrade").status == 0
    assert "no Data Profiling phase" in command("phase", "list").out
    for email, role in ((TESTER, "Tester"), (OWNER, "Report Owner")):
        added = command("user", "add", email, "--name", "Ann Lee", "--role", role, "--password", "long enough")
        assert added.status == 0, added.err

    outside = command("phase", "plan", "accounts.csv")
    assert outside.status == 2
    assert "--copy" in outside.err
    planned = command("phase", "plan", "accounts.csv", "--copy")
    assert planned.status == 0, planned.err
    phase = json.loads(command("phase", "list", "--format", "json").out)[0]["phase_id"]

    with duckdb.connect(tmp_path / "bank.duckdb") as connection:
        connection.execute("CREATE TABLE branches AS SELECT 'N1' AS code")
    assert command("phase", "reference", phase, "duckdb:///bank.duckdb::branches", "--copy").status == 0
    assert "look values up in branches" in command("phase", "show", phase).out

    drafted = command("phase", "draft", phase, "--as", TESTER, "--format", "json")
    assert json.loads(drafted.out)["rules"] > 0
    version = f"{phase}:1"
    rules = json.loads(command("version", "show", version, "--format", "json").out)["rules"]
    assert "not_null" in {rule["rule_code"] for rule in rules}, "presence, as nobody said that it is optional"
    rejected = rules[0]["rule_id"]
    assert command("rule", "decide", rejected, "reject", "--as", TESTER).status == 2, "a rejection needs notes"
    assert command("rule", "decide", rejected, "reject", "--notes", "not needed", "--as", TESTER).status == 0
    assert command("version", "submit", version, "--as", TESTER).status == 2, "undecided rules are left"
    assert command("version", "decide", version, "approve", "--as", TESTER).status == 0
    assert command("version", "submit", version, "--as", TESTER).status == 0
    assert command("version", "approve", version, "--as", TESTER).status == 2, "a tester may not approve"
    assert command("version", "approve", version, "--as", OWNER).status == 0

    first = command("run", phase, "--format", "json")
    assert first.status in (0, 1), first.err
    results = json.loads(first.out)
    assert results["rows"] == 200
    assert len(results["outcomes"]) == len(rules) - 1
    again = json.loads(command("run", phase, "--format", "json").out)
    assert again["run_id"] != results["run_id"]
    assert json.loads(command("results", phase, "--format", "json").out)["run_id"] == again["run_id"]
    assert command("version", "revise", version, "--as", TESTER).status == 0
    _import_and_export(command, f"{phase}:2", tmp_path)
    exported = command("version", "export", version)
    (tmp_path / "exported.yaml").write_text(exported.out)
    assert command("phase", "draft", phase, "--rules", "exported.yaml", "--as", TESTER).status == 0


def _import_and_export(command: Command, draft: str, folder: Path) -> None:
    expectations = [
        {"type": "expect_column_value_lengths_to_equal", "kwargs": {"column": "account", "value": 4}},
        {"type": "expect_column_to_exist", "kwargs": {"column": "account"}},
    ]
    (folder / "suite.json").write_text(json.dumps({"name": "accounts", "expectations": expectations}))
    strictly = command("version", "import", draft, "suite.json", "--as", TESTER, "--strict")
    assert strictly.status == 1
    assert "Imported nothing" in strictly.out + strictly.err
    assert "expect_column_to_exist" in strictly.out + strictly.err
    imported = command("version", "import", draft, "suite.json", "--as", TESTER, "--format", "json")
    assert imported.status == 0, imported.err
    assert len(json.loads(imported.out)["rule_ids"]) == 1
    assert (
        "Imported nothing: nothing can be carried over"
        in command("version", "import", draft, "suite.json", "--as", TESTER).out
    )
    again = command("version", "import", draft, "suite.json", "--as", TESTER, "--format", "json")
    assert json.loads(again.out)["rule_ids"] == [], "it has the rule already"

    assert command("version", "export", draft, "--to", "gx", "-o", "back.json").status == 0
    exported = json.loads((folder / "back.json").read_text())["expectations"]
    assert any(each["kwargs"] == {"column": "account", "min_value": 4, "max_value": 4} for each in exported)
    assert command("version", "export", draft, "-o", "back.json").status == 2, "it does not overwrite unasked"


def test_what_is_not_there_is_said(command: Command) -> None:
    command("db", "upgrade")
    assert "There are no legacy tables here" in command("legacy", "inventory").out, "the access log is this project's"
    for arguments in (["phase", "show", 99], ["results", 99], ["run", 99], ["version", "show", "99:1"]):
        answer = command(*arguments)
        assert answer.status == 2
        assert "There is no phase 99" in answer.err or "There is no version 99:1" in answer.err
        assert "Traceback" not in answer.err


def test_an_unreachable_database_is_a_message(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROFILING_DATABASE_URL", f"postgresql://nobody:secret@/nowhere?host={tmp_path}")
    get_settings.cache_clear()
    answer = command("phase", "list")
    assert answer.status == 2
    assert "does not answer" in answer.err
    assert "secret" not in answer.err + answer.out
    monkeypatch.delenv("PROFILING_DATABASE_URL")
    get_settings.cache_clear()
