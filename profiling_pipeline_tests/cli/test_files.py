"""profile, suggest and check: on a file, without a database."""

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from profiling_pipeline.demo.loan_file import make_loans, write_loans
from profiling_pipeline_tests.cli.conftest import Command

SCORES = "id,score,limit\n1,700,100.50\n2,900,-3\n3,650,7\n4,,8\n"


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text(SCORES)
    return path


def a_rule_file(folder: Path, *rules: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text("rules:\n" + "".join(f"  - {rule}\n" for rule in rules))
    return path


IN_RANGE = "{name: Score is in range, attribute: score, check: in_range, parameters: {min_value: 300, max_value: 850}}"
PRESENT = "{name: Id is present, attribute: id, check: not_null}"
EUROS = "{name: Small, attribute: 'amount [eur]', check: less_than, parameters: {max_value: 5}}"


def test_profile_prints_a_table_and_json(profiling: Command, scores: Path) -> None:
    assert "score" in profiling("profile", scores).out
    described = json.loads(profiling("profile", scores, "--format", "json").out)
    assert described["rows"] == 4
    assert [column["name"] for column in described["columns"]] == ["id", "score", "limit"]


def test_check_counts_and_exits_by_status(profiling: Command, scores: Path, tmp_path: Path) -> None:
    failing = profiling("check", scores, "--rules", a_rule_file(tmp_path, IN_RANGE, PRESENT), "--format", "json")
    report = json.loads(failing.out)
    assert failing.status == 1
    assert report["status"] == "failed"
    assert report["rows"] == 4
    by_name = {rule["name"]: rule for rule in report["rules"]}
    assert by_name["Id is present"]["status"] == "passed"
    assert by_name["Score is in range"]["skipped"] == 1
    assert set(report["scores"]) >= {"overall", "validity", "completeness"}
    assert profiling("check", scores, "--rules", a_rule_file(tmp_path, PRESENT)).status == 0


def test_a_rule_in_error_exits_2_and_the_others_still_run(profiling: Command, scores: Path, tmp_path: Path) -> None:
    rules = a_rule_file(tmp_path, "{name: Gone, attribute: scoer, check: not_null}", PRESENT)
    answer = profiling("check", scores, "--rules", rules, "--format", "json")
    report = json.loads(answer.out)
    assert answer.status == 2
    assert report["rules"][0]["status"] == "error"
    assert "Did you mean score" in report["rules"][0]["error"]
    assert report["rules"][1]["status"] == "passed"


def test_five_hand_written_rules_count_as_pandas_does(profiling: Command, tmp_path: Path) -> None:
    loans, _ = make_loans(2_000)
    path = tmp_path / "loans.csv"
    write_loans(loans, path)
    rules = a_rule_file(
        tmp_path,
        "{name: score, attribute: CURRENT_SCORE, check: in_range, parameters: {min_value: 300, max_value: 850}}",
        "{name: limit, attribute: CREDIT_LIMIT, check: greater_than_or_equal_to, parameters: {min_value: 0}}",
        "{name: payment, attribute: MINIMUM_PAYMENT, check: expression,"
        " parameters: {predicate: MINIMUM_PAYMENT <= CYCLE_BALANCE}}",
        "{name: apr, attribute: PURCHASE_APR, check: less_than_or_equal_to, parameters: {max_value: 36}}",
        "{name: key, attribute: ACCOUNT_REFERENCE, check: unique}",
        "{name: key is there, attribute: ACCOUNT_REFERENCE, check: not_null}",
    )
    report = json.loads(profiling("check", path, "--rules", rules, "--format", "json").out)
    failed = {rule["name"]: rule["failed"] for rule in report["rules"]}
    frame = pd.read_csv(path, dtype={"ACCOUNT_REFERENCE": "str"})
    assert failed == {
        "score": int(((frame.CURRENT_SCORE < 300) | (frame.CURRENT_SCORE > 850)).sum()),
        "limit": int((frame.CREDIT_LIMIT < 0).sum()),
        "payment": int((frame.MINIMUM_PAYMENT > frame.CYCLE_BALANCE).sum()),
        "apr": int((frame.PURCHASE_APR > 36).sum()),
        "key": int((frame.ACCOUNT_REFERENCE.notna() & frame.ACCOUNT_REFERENCE.duplicated(keep=False)).sum()),
        "key is there": int(frame.ACCOUNT_REFERENCE.isna().sum()),
    }
    assert sum(failed.values()) > 0


def test_suggest_writes_a_rule_file_that_check_reads(profiling: Command, tmp_path: Path) -> None:
    loans, _ = make_loans(2_000)
    path, rules = tmp_path / "loans.csv", tmp_path / "suggested.yaml"
    write_loans(loans, path)
    assert profiling("suggest", path, "-o", rules).status == 0
    assert profiling("check", path, "--rules", rules).status == 1
    refused = profiling("suggest", path, "-o", rules)
    assert refused.status == 2
    assert "--overwrite" in refused.err


def test_one_of_a_thing_is_said_in_the_singular(profiling: Command, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("score\n900\n")
    rules = a_rule_file(
        tmp_path, "{name: score, attribute: score, check: in_range, parameters: {min_value: 300, max_value: 850}}"
    )
    assert "1 row, 1 column" in profiling("profile", "one.csv").out
    checked = profiling("check", "one.csv", "--rules", rules, "--failed-rows", "failed").out
    assert "score: 1 row fails" in checked
    assert "1 row, 1 failed" in checked
    assert "(1 rule)" in checked
    assert "Wrote 1 failed row to" in checked


@pytest.mark.parametrize(
    ("text", "why"), [("a,b\n", "no rows to learn from"), ("a,b\n1,x\n2,y\n", "in 2 rows nothing is regular enough")]
)
def test_suggesting_nothing_says_why(profiling: Command, tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "few.csv").write_text(text)
    to_file = profiling("suggest", "few.csv", "-o", "few.yaml")
    assert "Wrote 0 rules" in to_file.out
    assert why in to_file.err
    printed = profiling("suggest", "few.csv")
    assert (printed.out, why in printed.err) == ("rules: []\n", True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["profile", "nowhere.csv"], "no file nowhere.csv"),
        (["check", "scores.csv", "--rules", "nowhere.yaml"], "nowhere.yaml"),
        (["checks", "in_rang"], "Did you mean in_range"),
    ],
)
def test_mistakes_end_in_a_message_and_status_2(
    profiling: Command, scores: Path, arguments: list[str], message: str
) -> None:
    answer = profiling(*arguments)
    assert answer.status == 2
    assert message in answer.err
    assert "Traceback" not in answer.err


def test_commands_on_files_leave_nothing_behind(profiling: Command, scores: Path, tmp_path: Path) -> None:
    profiling("profile", scores)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scores.csv"]


def test_checks_are_listed(profiling: Command) -> None:
    listed = profiling("checks").out

    assert "functional_dependency" in listed
    assert "majority?" in listed


def test_a_check_is_explained(profiling: Command) -> None:
    explained = profiling("checks", "in_range").out

    assert "Every value lies between two bounds." in explained
    assert "Skips rows without a value." in explained
    assert "Whether the lower bound itself passes." in explained
    assert "  check: in_range\n  parameters:\n    min_value: 300\n" in explained


def test_checks_are_described_for_programs(profiling: Command) -> None:
    schema = json.loads(profiling("checks", "--format", "json").out)

    assert {"name", "dimension", "parameters", "example"} <= set(schema["checks"][0])
    assert json.loads(profiling("checks", "in_range", "--format", "json").out)["name"] == "in_range"


def test_values_are_looked_up_in_a_file_named_as_reference(profiling: Command, tmp_path: Path) -> None:
    (tmp_path / "loans.csv").write_text("id,branch\n1,N1\n2,XX\n")
    (tmp_path / "branches.csv").write_text("code\nN1\n")
    rules = tmp_path / "lookup.yaml"
    rules.write_text(
        "rules: [{name: Branch is known, attribute: branch, check: references, "
        "parameters: {source: branches, column: code}}]\n"
    )
    command = ("check", tmp_path / "loans.csv", "--rules", rules, "--format", "json")

    done = profiling(*command, "--reference", f"branches={tmp_path / 'branches.csv'}")

    assert done.status == 1
    assert json.loads(done.out)["rules"][0]["failed_rows"] == [{"row": 2, "branch": "XX"}]
    missing = json.loads(profiling(*command).out)
    assert "Name it with --reference NAME=DATA" in missing["rules"][0]["error"]
    for wrong, said in (("branches", "Write NAME=DATA"), ("=x", "Write NAME=DATA")):
        assert said in profiling(*command, "--reference", wrong).err
    twice = ("--reference", "a=x.csv", "--reference", "a=y.csv")
    assert "there twice" in profiling(*command, *twice).err


def test_a_warning_is_in_the_table_and_in_json(profiling: Command, scores: Path, tmp_path: Path) -> None:
    rates = "min_pass_rate: 50, warn_pass_rate: 99.5"
    rules = a_rule_file(tmp_path, IN_RANGE.replace("max_value: 850", f"max_value: 850, {rates}"))

    shown = profiling("check", scores, "--rules", rules)
    assert shown.status == 0
    assert "passed with a warning: below 99.5 %" in shown.out
    assert "1 passed (warning)" in shown.out
    (rule,) = json.loads(profiling("check", scores, "--rules", rules, "--format", "json").out)["rules"]
    assert (rule["status"], rule["warning"]) == ("passed", True)


def test_the_table_shows_the_first_failed_rows_and_the_most_frequent_values(profiling: Command, tmp_path: Path) -> None:
    path = tmp_path / "states.csv"
    path.write_text("state\n" + "ZZ\n" * 6 + "[bold]\n" * 2 + "CA\n" * 30)
    rules = a_rule_file(tmp_path, "{name: State, attribute: state, check: isin, parameters: {allowed_values: [CA]}}")

    shown = profiling("check", path, "--rules", rules).out

    assert "State: 8 rows fail" in shown
    assert "3 more are in the output of --format json." in shown
    assert "Most frequent: ZZ (6), [bold] (2)" in shown


def test_check_parts_failed_from_passed_rows(profiling: Command, scores: Path, tmp_path: Path) -> None:
    rules = a_rule_file(tmp_path, IN_RANGE, PRESENT)
    both = ["--failed-rows", "quarantine", "--passed-rows", "clean.parquet"]

    answer = profiling("check", scores, "--rules", rules, *both)

    assert answer.status == 1
    assert "Wrote 1 failed row to quarantine/failed_rows.parquet." in answer.out
    assert "Wrote 3 passed rows to clean.parquet." in answer.out
    assert pd.read_parquet("clean.parquet").id.tolist() == ["1", "3", "4"]
    failed = pd.read_parquet("quarantine/failed_rows.parquet")
    assert [(row.id, list(row.failed_rules)) for row in failed.itertuples()] == [("2", ["Score is in range"])]

    refused = profiling("check", scores, "--rules", rules, *both)
    assert (refused.status, "--overwrite" in refused.err) == (2, True)

    again = profiling("check", scores, "--rules", rules, *both, "--overwrite", "--format", "json")
    assert json.loads(again.out)["row_files"] == {
        "failed_rows": 1, "passed_rows": 3,
        "failed_file": "quarantine/failed_rows.parquet", "passed_file": "clean.parquet",
    }  # fmt: skip


def test_check_writes_no_rows_when_a_rule_is_in_error(profiling: Command, scores: Path, tmp_path: Path) -> None:
    rules = a_rule_file(tmp_path, IN_RANGE, "{name: Gone, attribute: scoer, check: not_null}")

    answer = profiling("check", scores, "--rules", rules, "--passed-rows", "clean.parquet")

    assert answer.status == 2
    assert "No rows were written: a rule in error may have failed any row." in answer.err
    assert not Path("clean.parquet").exists()


def test_evaluate_scores_the_rules_made_from_a_dirty_file(profiling: Command, tmp_path: Path) -> None:
    clean, dirty = tmp_path / "clean.csv", tmp_path / "dirty.csv"
    rows = [f"{n},{'Bern' if n % 2 else 'Thun'}" for n in range(300)]
    clean.write_text("\n".join(["id,town", *rows]) + "\n")
    dirty.write_text("\n".join(["id,town", *rows[:-1], "299,Bxrn"]) + "\n")
    evaluation = json.loads(profiling("evaluate", dirty, clean, "--format", "json").out)
    assert evaluation["provider"] == "offline"
    assert evaluation["overall"] == {
        "wrong": 1,
        "flagged": 1,
        "found": 1,
        "precision": 100.0,
        "recall": 100.0,
        "f1": 100.0,
    }
    assert "F1 100.0 %" in profiling("evaluate", dirty, clean).out
    refused = profiling("evaluate", dirty, a_rule_file(tmp_path, PRESENT))
    assert refused.status == 2


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The scores as a table of a DuckDB file, which is named by its URL."""
    with duckdb.connect(tmp_path / "bank.duckdb") as connection:
        connection.execute("CREATE TABLE scores (id INTEGER, score INTEGER)")
        connection.execute("INSERT INTO scores VALUES (1, 700), (2, 900), (3, 650), (4, NULL)")
    return "duckdb:///bank.duckdb::scores"


def test_a_table_of_a_database_is_profiled_and_checked_like_a_file(
    profiling: Command, database: str, tmp_path: Path
) -> None:
    assert json.loads(profiling("profile", database, "--format", "json").out)["rows"] == 4
    assert profiling("suggest", database, "-o", "suggested.yaml").status == 0
    others = "{name: Known, attribute: id, check: references, parameters: {source: known, column: id}}"
    (tmp_path / "known.csv").write_text("id\n1\n2\n3\n")
    rules = a_rule_file(tmp_path, IN_RANGE, others)
    options = ("--reference", "known=known.csv", "--passed-rows", "passed.parquet", "--format", "json")
    report = json.loads(profiling("check", database, "--rules", rules, *options).out)
    assert [rule["failed"] for rule in report["rules"]] == [1, 1]
    assert pd.read_parquet("passed.parquet")["id"].tolist() == [1, 3]
    refused = profiling("check", database, "--rules", rules, "--passed-rows", "bank.duckdb", "--overwrite")
    assert (refused.status, "belongs to the data" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["duckdb:///bank.duckdb::score"], "no table score in bank.duckdb. Did you mean scores?"),
        (["duckdb:///bank.duckdb"], "names no table"),
        (["postgresql://me@db/bank::loans", "--password-env", "NOT_SET"], "NOT_SET, which is not set"),
        (["::loans"], "Add --engine spark"),
        (["scores.csv", "--engine", "flink"], "'flink' is no engine"),
    ],
)
def test_data_that_cannot_be_opened_is_named(
    profiling: Command, database: str, arguments: list[str], said: str
) -> None:
    answer = profiling("profile", *arguments)
    assert answer.status == 2
    assert said in " ".join(answer.err.split())


def test_names_in_brackets_are_shown_as_they_are(profiling: Command, tmp_path: Path) -> None:
    data, rules = tmp_path / "loans [new].csv", tmp_path / "rules [draft].yaml"
    data.write_text("id,amount [eur]\n" + "".join(f"{number},{number % 7}\n" for number in range(100)))

    suggested = profiling("suggest", data, "-o", rules).out
    assert f"to {rules}." in suggested
    assert f"Next: profiling check '{data}' --rules '{rules}'" in suggested, "the command can be copied"
    assert "amount [eur]" in profiling("check", data, "--rules", a_rule_file(tmp_path, EUROS)).out, "a heading, too"


def test_a_rule_file_may_begin_with_a_byte_order_mark(profiling: Command, scores: Path, tmp_path: Path) -> None:
    rules = a_rule_file(tmp_path, PRESENT)
    rules.write_text(rules.read_text(), encoding="utf-8-sig")
    assert profiling("check", scores, "--rules", rules).status == 0


@pytest.mark.parametrize("place", ["sources.answers.answer", "execution.queries.answers"])
def test_whoever_stops_a_query_stops_the_command(
    profiling: Command, scores: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def interrupted(*_: object) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(f"profiling_pipeline.{place}", interrupted)
    answer = profiling("check", scores, "--rules", a_rule_file(tmp_path, IN_RANGE, PRESENT))
    assert answer.status == 130, "neither rules in error nor an unexpected error"
    assert "rror" not in answer.out + answer.err


def test_what_nobody_foresaw_is_kept_in_a_file_wherever_one_can_be_written(
    profiling: Command, scores: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("profiling_pipeline.profiling.profiler.profile_source", fail)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    answer = profiling("profile", scores)
    assert answer.status == 2
    kept = answer.err.partition("The details are in ")[2].partition(";")[0]
    assert "a bug" in Path(kept).read_text()
    assert not (tmp_path / ".profiling").exists()
