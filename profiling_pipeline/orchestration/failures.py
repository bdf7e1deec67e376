"""How failures reach the person who looks at a run, and which of them are tried again."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from profiling_pipeline.errors import ProfilingError

# For what waiting may cure. A worker that died is a matter of run_retries in dagster.yaml.
WAIT_AND_RETRY = dg.RetryPolicy(max_retries=3, delay=5, backoff=dg.Backoff.EXPONENTIAL)


@contextmanager
def failures_for_people() -> Iterator[None]:
    """Turn an error meant for people into a failed step with its message, retried only where that can help."""
    try:
        yield
    except ProfilingError as error:
        raise dg.Failure(str(error), allow_retries=error.retryable) from error
