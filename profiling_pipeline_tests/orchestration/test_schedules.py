from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import pytest
from sqlalchemy import func, select

from profiling_pipeline.orchestration.partitions import PARTITIONS, REASON_TAG
from profiling_pipeline.storage.models import RuleExecutionRow
from profiling_pipeline_tests.orchestration.conftest import Review, execute, plan_loans

SIX = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:  # the context of a schedule takes no ephemeral one
        yield instance


def requests_at(when: datetime, definitions: dg.Definitions, instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    schedule = definitions.resolve_schedule_def("reexecute_approved_versions")
    with dg.build_schedule_context(instance, resources=definitions.resources, scheduled_execution_time=when) as context:
        return [request for request in schedule(context) if isinstance(request, dg.RunRequest)]


@pytest.mark.usefixtures("partitions")
def test_every_approved_version_is_executed_again(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    review.approved()
    _, other = plan_loans(review.database, review.settings, "other.csv")
    second = Review(review.database, review.settings, review.tester, review.owner, review.file, other)
    second.submitted()
    instance.add_dynamic_partitions(PARTITIONS, [second.key])

    assert [request.partition_key for request in requests_at(SIX, definitions, instance)] == [review.key]
    second.approved()
    requests = requests_at(SIX, definitions, instance)
    assert [request.partition_key for request in requests] == [review.key, second.key]
    assert {request.tags[REASON_TAG] for request in requests} == {"schedule"}

    for _ in range(2):
        for request in requests:
            execute(definitions, instance, "execute_rules", request.partition_key or "", tags=dict(request.tags))
    with review.database.session() as session:
        runs = session.scalar(select(func.count(func.distinct(RuleExecutionRow.background_job_id))))
    assert runs == 4


@pytest.mark.usefixtures("partitions")
def test_a_tick_asks_once_and_the_next_tick_again(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    review.approved()
    ticks = [SIX, SIX, SIX.replace(hour=12)]
    keys = [request.run_key for tick in ticks for request in requests_at(tick, definitions, instance)]
    assert keys[0] == keys[1] != keys[2]


def test_with_nothing_approved_it_says_so(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    review.draft()
    assert requests_at(SIX, definitions, instance) == []


def test_retention_reports_what_it_deleted(
    review: Review, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    result = definitions.resolve_job_def("delete_expired").execute_in_process(instance=instance)
    assert result.success
    (output,) = (event for event in result.all_events if event.event_type_value == "STEP_OUTPUT")
    assert output.step_output_data.metadata["executions"].value == 0
