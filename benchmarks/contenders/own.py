"""The project: rules bound, checks made, fused, run; 20 failing rows and the frequent failing values of each rule."""

from pathlib import Path
from tempfile import TemporaryDirectory

import ibis.backends.duckdb  # noqa: F401 Ibis would import it on first use; imports are not timed

from benchmarks.cases import Case
from benchmarks.contenders import Check, Counts
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.opening import open_source

MEMORY_LIMIT = "4GB"  # that of the query written by hand


def prepare(case: Case, sample_rows: int = 20) -> Check:
    spill = TemporaryDirectory(dir=case.file.parent)
    rules = [rule.as_rule() for rule in case.rules]
    source = open_source(
        FileLocation(case.file), allowed_folders=None, memory_limit=MEMORY_LIMIT, spill_folder=Path(spill.name)
    )

    def check() -> Counts:
        report = execute_rules(rules, source, sample_rows=sample_rows)
        if wrong := [outcome.error for outcome in report.outcomes if outcome.error]:
            raise SystemExit(wrong[0])
        return {outcome.rule.name: outcome.failed for outcome in report.outcomes}

    check.spill = spill  # type: ignore[attr-defined]  # kept until the process ends
    return check
