"""Runs in the caller's process, on a real Dagster instance in PostgreSQL."""

import dagster as dg
import pytest

from profiling_pipeline.errors import NotFoundError
from profiling_pipeline.orchestration.in_process import execute_approvals, materialize_phase
from profiling_pipeline.orchestration.launcher import PROCESS_TAG, this_process
from profiling_pipeline.services.results import phase_results
from profiling_pipeline.services.versions import list_versions
from profiling_pipeline_tests.orchestration.conftest import Review

GENERATION = ["planning_data_source", "data_source_profile", "generated_rule_version"]


@pytest.mark.usefixtures("dagster_home")
def test_a_phase_goes_from_its_source_to_results(review: Review) -> None:
    run_id = materialize_phase(review.database, review.settings, review.phase_id, GENERATION)
    (version,) = list_versions(review.database, phase_id=review.phase_id)
    assert version.workflow_run_id == run_id

    review.submit(version.version_id)
    assert execute_approvals(review.database, review.settings) == []
    review.service.approve(version.version_id, review.owner)
    (executed,) = execute_approvals(review.database, review.settings)
    assert phase_results(review.database, review.phase_id).run_id == executed
    assert execute_approvals(review.database, review.settings) == []

    again = materialize_phase(review.database, review.settings, review.phase_id, ["rule_execution_results"])
    assert phase_results(review.database, review.phase_id).run_id == again

    with dg.DagsterInstance.get() as instance:
        run = instance.get_run_by_id(executed)
        assert run is not None
        assert run.tags[PROCESS_TAG] == this_process()
        assert run.job_name == "execute_rules"


@pytest.mark.usefixtures("dagster_home")
def test_a_failed_run_raises_the_error_that_people_understand(review: Review) -> None:
    with pytest.raises(NotFoundError, match="no approved version"):
        materialize_phase(review.database, review.settings, review.phase_id, ["rule_execution_results"])
