from typing import Any

import dagster as dg
import pytest
from sqlalchemy import func, select

from profiling_pipeline.orchestration.metadata import ROW_COUNT
from profiling_pipeline.orchestration.partitions import PARTITIONS
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.versions import list_versions
from profiling_pipeline.storage.models import AccessLogRow, RuleExecutionRow, RuleVersionRow
from profiling_pipeline_tests.orchestration.conftest import (
    BAD_SCORES,
    ROWS,
    Review,
    checks_of,
    execute,
    metadata_of,
    rows_of,
    write_loans,
)

pytestmark = pytest.mark.usefixtures("partitions")


def count(review: Review, row: Any) -> int:
    with review.database.session() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


def test_generation_goes_from_the_planned_source_to_a_draft(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    result = execute(definitions, instance, "generate_rules", review.key)

    source = metadata_of(result, "planning_data_source")
    assert source[ROW_COUNT] == ROWS
    assert source["location"] == str(review.file)
    assert (source["columns"], source["attributes"], source["attributes_matched"]) == (4, 4, 3)
    assert (source["attributes_not_matched"], source["columns_not_matched"]) == (1, 1)
    assert [row["attribute"] for row in rows_of(source["attributes_without_column"].records)] == ["Branch"]
    assert rows_of(source["columns_without_attribute"].records) == [{"column": "EXTRA"}]

    profile = metadata_of(result, "data_source_profile")
    columns = {row["column"]: row for row in rows_of(profile["column_profiles"].records)}
    assert columns["CREDIT_SCORE"]["maximum"] == "999"
    assert columns["HOLDER"]["nulls"] == 1
    assert columns["HOLDER"]["most_frequent"] == "masked"

    (version,) = list_versions(review.database, phase_id=review.phase_id)
    draft = metadata_of(result, "generated_rule_version")
    assert draft["version"] == f"{review.phase_id}:1"
    assert draft["rules"] == version.total_rules > 0
    assert draft["review"].endswith(f"/versions/{version.version_id}")
    assert len(draft["suggested_rules"].records) == version.total_rules
    assert (version.workflow_execution_id, version.workflow_run_id) == ("generate_rules", result.run_id)


def test_the_data_are_read_twice_to_match_and_to_profile_and_not_more(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    execute(definitions, instance, "generate_rules", review.key)
    with review.database.session() as session:
        reasons = set(session.scalars(select(AccessLogRow.access_reason)))
    assert len(reasons) == 2


def test_the_profile_alone_drafts_nothing(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    result = execute(definitions, instance, "profile_sources", review.key)
    assert metadata_of(result, "data_source_profile")[ROW_COUNT] == ROWS
    assert count(review, RuleVersionRow) == 0


def test_execution_needs_nothing_upstream_and_shows_results(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    version_id = review.approved()
    result = execute(definitions, instance, "execute_rules", review.key)

    shown = metadata_of(result, "rule_execution_results")
    assert (shown[ROW_COUNT], shown["rules"], shown["failed_rules"], shown["passed_rules"]) == (ROWS, 4, 2, 2)
    assert 0 < shown["overall_score"] < 100
    assert shown["version"] == f"{review.phase_id}:1"
    assert shown["review"].endswith(f"/versions/{version_id}")
    first, second, *_ = rows_of(shown["rules_with_results"].records)
    assert {first["rule"], second["rule"]} == {"Score is between 300 and 850", "Holder is present"}
    assert first["failed"] == BAD_SCORES
    assert "999" in shown["failed_samples"]
    assert "Holder 2" not in shown["failed_samples"]
    assert count(review, RuleExecutionRow) == 4

    report = metadata_of(result, "quality_report")
    assert report["overall_score"] == shown["overall_score"]
    assert "Score is between 300 and 850" in report["report"]
    assert "Holder is present" in report["report"]


def test_each_dimension_has_a_check(review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    review.approved()
    checks = checks_of(execute(definitions, instance, "execute_rules", review.key))
    assert {name for name, check in checks.items() if not check.passed} == {"completeness", "validity"}
    assert set(checks) == {
        "completeness", "validity", "accuracy", "consistency", "uniqueness", "unusual_change",
    }  # fmt: skip
    assert checks["validity"].severity is dg.AssetCheckSeverity.WARN
    assert checks["accuracy"].description == "The version has no such rule."
    assert checks["unusual_change"].description == "No verdict before 5 executions to compare with: there are 0."


def test_a_warning_is_shown_and_fails_no_check(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    warns = {"min_value": 300, "max_value": 850, "min_pass_rate": 90, "warn_pass_rate": 99}
    review.approved(Rule("Score is nearly always in range", "CREDIT_SCORE", "in_range", warns))
    result = execute(definitions, instance, "execute_rules", review.key)

    shown = metadata_of(result, "rule_execution_results")
    assert (shown["passed_rules"], shown["warned_rules"]) == (1, 1)
    assert rows_of(shown["rules_with_results"].records)[0]["note"] == "passed with a warning: below 99 %"
    check = checks_of(result)["validity"]
    assert (check.passed, check.description) == (True, "0 of 1 rule do not pass. 1 passes with a warning.")
    report = metadata_of(result, "quality_report")["report"]
    assert "Every rule passes." in report
    assert "## Rules that pass with a warning" in report


def test_a_high_severity_failure_is_an_error(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    review.approved()
    review.file.write_text(review.file.read_text().replace("L00002", ""))
    checks = checks_of(execute(definitions, instance, "execute_rules", review.key))
    assert checks["completeness"].severity is dg.AssetCheckSeverity.ERROR


def test_a_sudden_change_is_unusual(review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    review.approved()
    for _ in range(5):
        execute(definitions, instance, "execute_rules", review.key)
    steady = checks_of(execute(definitions, instance, "execute_rules", review.key))["unusual_change"]
    assert steady.passed
    assert steady.metadata["earlier_executions"].value == 5
    write_loans(review.file, rows=2 * ROWS)
    changed = checks_of(execute(definitions, instance, "execute_rules", review.key))["unusual_change"]
    assert not changed.passed
    assert "row count is" in changed.description
    (row, *_) = (row for row in changed.metadata["compared"].records if row.data["what"] == "row count")
    assert (row.data["unusual"], row.data["now"], row.data["usual_to"] < 2 * ROWS) == (True, 2 * ROWS, True)
    assert row.data["in_words"].startswith(f"row count is {2 * ROWS}, usually")


def test_the_report_draws_the_trend_of_several_executions(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    review.approved()
    once = metadata_of(execute(definitions, instance, "execute_rules", review.key), "quality_report")["report"]
    twice = metadata_of(execute(definitions, instance, "execute_rules", review.key), "quality_report")["report"]
    assert "data:image/svg+xml" not in once
    assert "data:image/svg+xml" in twice
    assert count(review, RuleExecutionRow) == 8


def test_an_automatic_retry_repeats_nothing_and_a_person_s_does(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    review.approved()
    first = execute(definitions, instance, "execute_rules", review.key)
    chain = {"dagster/parent_run_id": first.run_id, "dagster/root_run_id": first.run_id}

    retry = execute(definitions, instance, "execute_rules", review.key, tags={**chain, "dagster/retry_number": "1"})
    shown = metadata_of(retry, "rule_execution_results")
    assert (shown["results_stored"], shown["results_stored_by_earlier_attempt"]) == (0, 4)
    assert shown["results_run_id"] == first.run_id
    assert count(review, RuleExecutionRow) == 4

    again = execute(definitions, instance, "execute_rules", review.key, tags=chain)
    assert metadata_of(again, "rule_execution_results")["results_run_id"] == again.run_id
    assert count(review, RuleExecutionRow) == 8


def test_a_repeated_generation_finds_its_draft(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    first = execute(definitions, instance, "generate_rules", review.key)
    chain = {"dagster/parent_run_id": first.run_id, "dagster/root_run_id": first.run_id, "dagster/retry_number": "1"}
    execute(definitions, instance, "generate_rules", review.key, tags=chain)
    assert count(review, RuleVersionRow) == 1


def test_a_failure_says_what_to_do_and_is_not_retried_for_nothing(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    result = execute(definitions, instance, "execute_rules", review.key, raise_on_error=False)
    assert not result.success
    (failure,) = (event for event in result.all_events if event.event_type_value == "STEP_FAILURE")
    message = failure.step_failure_data.user_failure_data.description
    assert "no approved version" in message
    assert not [event for event in result.all_events if event.event_type_value == "STEP_UP_FOR_RETRY"]


def test_a_partition_that_is_no_phase_fails_with_the_reason(
    definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    instance.add_dynamic_partitions(PARTITIONS, ["seven"])
    result = execute(definitions, instance, "execute_rules", "seven", raise_on_error=False)
    (failure,) = (event for event in result.all_events if event.event_type_value == "STEP_FAILURE")
    assert "'seven' is not the number of a phase" in failure.step_failure_data.user_failure_data.description
