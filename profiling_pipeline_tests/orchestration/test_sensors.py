from datetime import timedelta

import dagster as dg
import pytest
from sqlalchemy import update

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.orchestration import sensors
from profiling_pipeline.orchestration.partitions import PARTITIONS, REASON_TAG, VERSION_TAG
from profiling_pipeline.orchestration.sensors import (
    approved_rule_versions,
    new_profiling_phases,
    rejected_rule_versions,
)
from profiling_pipeline.services.versions import get_version, list_versions
from profiling_pipeline.storage.models import DataSourceRow
from profiling_pipeline_tests.orchestration.conftest import Review, plan_loans, run_as_asked, tick


class TestNewPhases:
    def test_a_phase_becomes_a_partition_and_gets_a_draft_at_the_next_tick(
        self, review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
    ) -> None:
        first = tick(new_profiling_phases, definitions, instance)
        assert not first.run_requests
        assert instance.get_dynamic_partitions(PARTITIONS) == [review.key]

        second = tick(new_profiling_phases, definitions, instance)
        (request,) = second.run_requests or []
        assert request.partition_key == review.key
        assert all(run.success for run in run_as_asked(second, "generate_rules", definitions, instance))
        assert len(list_versions(review.database, phase_id=review.phase_id)) == 1

        third = tick(new_profiling_phases, definitions, instance)
        assert not third.run_requests
        assert "Nothing new" in str(third.skip_reason)

    def test_a_phase_that_comes_later_is_noticed_beside_the_others(
        self, review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
    ) -> None:
        tick(new_profiling_phases, definitions, instance)
        _, later = plan_loans(review.database, review.settings, "later.csv")
        result = tick(new_profiling_phases, definitions, instance)
        assert [request.partition_key for request in result.run_requests or []] == [review.key]
        assert set(instance.get_dynamic_partitions(PARTITIONS)) == {review.key, str(later)}

    def test_a_phase_without_a_data_source_is_left_alone(
        self, review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
    ) -> None:
        with review.database.session() as session:
            session.execute(update(DataSourceRow).values(is_active=False))
        tick(new_profiling_phases, definitions, instance)
        assert instance.get_dynamic_partitions(PARTITIONS) == []

    def test_a_file_that_cannot_be_read_is_no_endless_loop(
        self, review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("profiling_pipeline.orchestration.attempts.PAUSE", timedelta(0))
        review.file.write_text("")
        tick(new_profiling_phases, definitions, instance)
        keys = []
        for _ in range(5):
            result = tick(new_profiling_phases, definitions, instance)
            keys += [request.run_key for request in result.run_requests or []]
            run_as_asked(result, "generate_rules", definitions, instance)
        assert keys == [f"{review.key}:new phase:{number}" for number in (1, 2, 3)]
        assert f"Given up after 3 failed runs: {review.key}" in str(result.skip_reason)


@pytest.mark.usefixtures("partitions")
class TestApproval:
    def test_nothing_is_asked_for_before_the_approval(
        self, review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
    ) -> None:
        review.submitted()
        result = tick(approved_rule_versions, definitions, instance)
        assert not result.run_requests
        assert "Nothing new" in str(result.skip_reason)

    def test_an_approved_version_is_executed_once(
        self, review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
    ) -> None:
        version_id = review.approved()
        result = tick(approved_rule_versions, definitions, instance)
        (request,) = result.run_requests or []
        assert request.run_key == f"{version_id}:approval:1"
        assert request.partition_key == review.key
        assert (request.tags[VERSION_TAG], request.tags[REASON_TAG]) == (str(version_id), "approval")

        (run,) = run_as_asked(result, "execute_rules", definitions, instance)
        assert run.success
        assert not tick(approved_rule_versions, definitions, instance).run_requests

    def test_a_missed_tick_and_a_second_daemon_ask_for_the_same_run(
        self, review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
    ) -> None:
        review.approved()
        keys = {
            request.run_key
            for _ in range(3)
            for request in tick(approved_rule_versions, definitions, instance).run_requests or []
        }
        assert len(keys) == 1

    def test_a_phase_that_is_no_partition_yet_waits(
        self, review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
    ) -> None:
        review.approved()
        instance.delete_dynamic_partition(PARTITIONS, review.key)
        assert not tick(approved_rule_versions, definitions, instance).run_requests
        tick(new_profiling_phases, definitions, instance)
        assert tick(approved_rule_versions, definitions, instance).run_requests

    def test_a_tick_asks_for_a_few_and_the_next_for_more(
        self,
        review: Review,
        definitions: dg.Definitions,
        instance: dg.DagsterInstance,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(sensors, "MOST_REQUESTS", 1)
        review.approved()
        _, other = plan_loans(review.database, review.settings, "other.csv")
        Review(review.database, review.settings, review.tester, review.owner, review.file, other).approved()
        tick(new_profiling_phases, definitions, instance)
        asked = []
        for _ in range(3):
            result = tick(approved_rule_versions, definitions, instance)
            asked += [request.partition_key for request in result.run_requests or []]
            run_as_asked(result, "execute_rules", definitions, instance)
        assert asked == [review.key, str(other)]


@pytest.mark.usefixtures("partitions")
class TestRejection:
    def reject(self, review: Review, *requested: str) -> None:
        version_id = review.submitted()
        for rule in get_version(review.database, version_id).rules:
            decision = Decision.REQUEST_CHANGES if rule.rule_name in requested else Decision.APPROVE
            notes = "Too narrow" if rule.rule_name in requested else None
            review.service.decide(rule.rule_id, review.owner, decision, notes)
        review.service.reject(version_id, review.owner, "Please look again")

    def test_rules_with_requested_changes_come_back_in_a_new_draft(
        self, review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
    ) -> None:
        self.reject(review, "Score is between 300 and 850", "Holder is present")
        result = tick(rejected_rule_versions, definitions, instance)
        (run,) = run_as_asked(result, "regenerate_rules", definitions, instance)
        assert run.success

        newest, rejected = list_versions(review.database, phase_id=review.phase_id)
        assert (newest.version_status, newest.parent_version_id) == ("draft", rejected.version_id)
        assert newest.workflow_run_id == run.run_id
        rules = {rule.rule_name: rule for rule in get_version(review.database, newest.version_id).rules}
        assert rules["Loan number is unique"].tester_decision == "approve"
        score, holder = rules["Score is between 300 and 850"], rules["Holder is present"]
        assert (score.tester_decision, score.report_owner_notes) == (None, "Too narrow")
        assert (holder.tester_decision, holder.report_owner_notes) == (None, "Too narrow")

        assert not tick(rejected_rule_versions, definitions, instance).run_requests

    def test_a_rejection_without_requested_changes_waits_for_the_tester(
        self, review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
    ) -> None:
        self.reject(review)
        assert not tick(rejected_rule_versions, definitions, instance).run_requests

    def test_a_version_that_a_tester_took_up_is_left_alone(
        self, review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
    ) -> None:
        self.reject(review, "Holder is present")
        result = tick(rejected_rule_versions, definitions, instance)
        (rejected,) = list_versions(review.database, phase_id=review.phase_id)
        review.service.revise(rejected.version_id, review.tester)
        assert not tick(rejected_rule_versions, definitions, instance).run_requests

        (late,) = run_as_asked(result, "regenerate_rules", definitions, instance)
        assert not late.success
        assert len(list_versions(review.database, phase_id=review.phase_id)) == 2
