"""The assets, in the order in which data flows through them."""

from profiling_pipeline.orchestration.assets.execution import rule_execution_results
from profiling_pipeline.orchestration.assets.generation import profile_and_draft
from profiling_pipeline.orchestration.assets.planning import planning_data_source
from profiling_pipeline.orchestration.assets.report import quality_report

ASSETS = (planning_data_source, profile_and_draft, rule_execution_results, quality_report)
