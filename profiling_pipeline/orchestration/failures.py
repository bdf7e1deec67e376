"""How failures reach the person who looks at a run, and which of them are tried again."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from profiling_pipeline.errors import ProfilingError

MOST_RETRIES = 3
SECONDS_BEFORE_RETRY = 5.0  # twice as long before each further one


@contextmanager
def failures_for_people(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> Iterator[None]:
    """Turn an error meant for people into a failed step with its message.

    Where waiting may cure it, the step is tried again first. Any other exception is a bug, and shows as one at once; a
    worker that died is a matter of `run_retries` in dagster.yaml.
    """
    try:
        yield
    except ProfilingError as error:
        earlier = _op_context(context).retry_number
        if error.retryable and earlier < MOST_RETRIES:
            context.log.warning(str(error))
            raise dg.RetryRequested(MOST_RETRIES, SECONDS_BEFORE_RETRY * 2**earlier) from error
        raise dg.Failure(str(error), allow_retries=False) from error


def _op_context(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> dg.OpExecutionContext:
    return context.op_execution_context if isinstance(context, dg.AssetExecutionContext) else context
