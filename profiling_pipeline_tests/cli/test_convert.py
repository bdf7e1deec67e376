"""`profiling convert`: from any format to any other."""

import json
from pathlib import Path

import pytest

from profiling_pipeline.exchange.model import FormatName
from profiling_pipeline_tests.cli.conftest import Command

RULES = """\
rules:
- {name: Score is in range, attribute: score, check: in_range, parameters: {min_value: 300, max_value: 850}}
- {name: Card is a card, attribute: card, check: luhn, severity: high}
"""


@pytest.fixture
def rule_file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    return path


def test_there_and_back_again(profiling: Command, rule_file: Path) -> None:
    there = profiling("convert", rule_file, "contract.yaml", "--to", "odcs")
    assert there.status == 0, there.err
    assert "Read 2 rules (Rule file)." in there.out
    assert profiling("convert", "contract.yaml", "again.yaml").status == 0
    again = json.loads(profiling("convert", "again.yaml", "--to", "gx", "--format", "json").out)
    assert [each["what"] for each in again["left_out"]] == ["check luhn"]
    assert Path("again.yaml").read_text().count("severity: high") == 1


def test_what_is_left_out_is_told(profiling: Command, rule_file: Path) -> None:
    written = profiling("convert", rule_file, "suite.json")

    assert written.status == 0
    assert "Wrote suite.json (Great Expectations suite)." in written.out
    assert "Not carried over (1)" in written.out
    assert "luhn" in written.out
    assert len(json.loads(Path("suite.json").read_text())["expectations"]) == 1
    assert profiling("convert", rule_file, "suite.json", "--overwrite", "--strict").status == 1


def test_printed_rules_are_alone_on_standard_output(profiling: Command, rule_file: Path) -> None:
    printed = profiling("convert", rule_file, "--to", "pandera")

    compile(printed.out, "schema.py", "exec")
    assert "Not carried over (1)" in printed.err


def test_a_file_is_replaced_only_when_asked(profiling: Command, rule_file: Path) -> None:
    assert profiling("convert", rule_file, "suite.json").status == 0
    refused = profiling("convert", rule_file, "suite.json")
    assert refused.status == 2
    assert "--overwrite" in refused.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.json"], "missing.json cannot be read"),
        (["rules.yaml"], "already. Name another format with --to"),
        (["rules.yaml", "out.yaml"], "already. Name another format with --to"),
        (["rules.yaml", "--from", "gx"], "cannot be used as JSON"),
        (["other.yaml"], "cannot be told from its content"),
        (["rules.yaml", "--to", "excel"], "excel"),
    ],
)
def test_mistakes_end_in_a_message(profiling: Command, rule_file: Path, arguments: list[str], message: str) -> None:
    Path("other.yaml").write_text("a: 1")
    answer = profiling("convert", *arguments)
    assert answer.status == 2
    assert message in " ".join(answer.err.split())
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("name", FormatName)
def test_every_format_can_be_checked_with(profiling: Command, rule_file: Path, name: FormatName) -> None:
    Path("data.csv").write_text("score,card\n700,79927398713\n900,79927398713\n")
    assert profiling("convert", rule_file, "there", "--to", name, "--from", "yaml").status == 0
    assert profiling("convert", "there", "back.yaml", "--from", name, "--to", "yaml").status == 0

    report = json.loads(profiling("check", "data.csv", "--rules", "back.yaml", "--format", "json").out)

    assert {rule["name"]: rule["failed"] for rule in report["rules"]}["Score is in range"] == 1
