"""A run as the rest of the project knows it."""

import dagster as dg
from dagster._core.storage.tags import PARENT_RUN_ID_TAG, RETRY_NUMBER_TAG

from profiling_pipeline.settings import Settings


def effect_id(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """Return the id under which the run's effects are stored: that of the run whose place it takes.

    A run that the daemon starts for one whose worker died finds what that one had stored, and repeats nothing. A run
    that a person executes again is a run of its own.
    """
    while RETRY_NUMBER_TAG in run.tags and (replaced := run.tags.get(PARENT_RUN_ID_TAG)):
        parent = instance.get_run_by_id(replaced)
        if parent is None:
            return replaced
        run = parent
    return run.run_id


def run_url(settings: Settings, run_id: str) -> str:
    """Return where people see the run."""
    return f"{settings.dagster_url.rstrip('/')}/runs/{run_id}"


def review_url(settings: Settings, version_id: object) -> str:
    """Return where people see the version with its rules, decisions and results."""
    return f"{settings.review_url.rstrip('/')}/versions/{version_id}"


def legacy_report_url(settings: Settings) -> str:
    """Return where people see the latest verification of a legacy migration."""
    return f"{settings.review_url.rstrip('/')}/legacy-migration"
