"""Progress of long work, in the run's log."""

from collections.abc import Callable
from time import monotonic

import dagster as dg

SECONDS_BETWEEN_LINES = 5.0


def progress_logger(context: dg.AssetExecutionContext, what: str) -> Callable[[int, int], None]:
    """Return `report(done, total)` that logs every few seconds, and at the end."""
    report = step_logger(context)
    return lambda done, total: report(what, done, total)


def step_logger(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> Callable[[str, int, int], None]:
    """Return `report(step, done, total)` that logs every few seconds, and at the end of each step."""
    last_line = monotonic()

    def report(step: str, done: int, total: int) -> None:
        nonlocal last_line
        if done == total or monotonic() - last_line >= SECONDS_BETWEEN_LINES:
            last_line = monotonic()
            context.log.info(f"{step}: {done:,} of {total:,}")  # noqa: G004 - Dagster's log takes no arguments

    return report
