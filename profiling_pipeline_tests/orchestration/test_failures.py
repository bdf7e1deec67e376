import dagster as dg
import pytest

from profiling_pipeline.errors import DatabaseUnavailableError, SourceError
from profiling_pipeline.orchestration import failures
from profiling_pipeline.orchestration.failures import MOST_RETRIES, failures_for_people


def outcome_of(*errors: Exception) -> tuple[bool, list[str], str | None]:
    """Run an asset that raises one error after the other; return success, its retries' and its failure's text."""
    left = list(errors)

    @dg.asset
    def fragile(context: dg.AssetExecutionContext) -> None:
        with failures_for_people(context):
            if left:
                raise left.pop(0)

    result = dg.materialize([fragile], raise_on_error=False)
    retries = [event for event in result.all_events if event.event_type_value == "STEP_UP_FOR_RETRY"]
    failed = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    data = failed[0].step_failure_data.user_failure_data if failed else None
    return result.success, [str(event.step_retry_data.error) for event in retries], data.description if data else None


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "SECONDS_BEFORE_RETRY", 0.0)


def test_what_waiting_may_cure_is_tried_again() -> None:
    success, retries, _ = outcome_of(DatabaseUnavailableError("The server does not answer."))
    assert success
    assert len(retries) == 1


def test_what_waiting_does_not_cure_fails_with_its_message() -> None:
    success, _, message = outcome_of(*[DatabaseUnavailableError("The server does not answer.")] * (MOST_RETRIES + 1))
    assert not success
    assert message == "The server does not answer."


def test_a_permanent_error_fails_at_once_with_its_message() -> None:
    assert outcome_of(SourceError("loans.csv is empty.")) == (False, [], "loans.csv is empty.")


def test_a_bug_is_not_tried_again() -> None:
    assert outcome_of(ZeroDivisionError()) == (False, [], None)
