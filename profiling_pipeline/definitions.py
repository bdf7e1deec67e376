"""The code location that Dagster loads; `workspace.yaml` names it."""

from profiling_pipeline.orchestration.build import build_definitions

defs = build_definitions()
