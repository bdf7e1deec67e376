"""The code location: everything that Dagster shows and runs."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from profiling_pipeline.orchestration.assets import ASSETS
from profiling_pipeline.orchestration.jobs import JOBS
from profiling_pipeline.orchestration.resources import Pipeline
from profiling_pipeline.orchestration.schedules import build_schedules
from profiling_pipeline.orchestration.sensors import SENSORS
from profiling_pipeline.settings import get_settings


def build_definitions(resources: Mapping[str, Any] | None = None) -> dg.Definitions:
    """Return the code location; tests pass `resources` to replace the real ones.

    Definitions are static: nothing here reads the database, so new phases and versions need no reload. A run is one
    process: its steps are short, or wait for a query engine, and starting a process for each takes longer than they do.
    """
    return dg.Definitions(
        assets=ASSETS,
        jobs=JOBS,
        sensors=SENSORS,
        schedules=build_schedules(get_settings()),
        resources={"pipeline": Pipeline(), **(resources or {})},
        executor=dg.in_process_executor,
    )
