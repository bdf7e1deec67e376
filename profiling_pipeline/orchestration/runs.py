"""A run as the rest of the project knows it."""

import dagster as dg

from profiling_pipeline.settings import Settings


def root_run_id(run: dg.DagsterRun) -> str:
    """Return the id under which the run's effects are stored: that of the first run of its chain of retries.

    So a run that takes the place of a killed one finds what that one had stored, and repeats nothing.
    """
    return run.root_run_id or run.run_id


def run_url(settings: Settings, run_id: str) -> str:
    """Return where people see the run."""
    return f"{settings.dagster_url.rstrip('/')}/runs/{run_id}"


def review_url(settings: Settings, version_id: object) -> str:
    """Return where people see the version with its rules, decisions and results."""
    return f"{settings.review_url.rstrip('/')}/versions/{version_id}"
