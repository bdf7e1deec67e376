"""The rules suggested for the rows of a small table."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.generation.rule_packs import RulePack
from profiling_pipeline.generation.suggester import suggest_for_file
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.results.outcome import RuleOutcome
from profiling_pipeline_tests.generation.sources import a_source


def outcomes_for(columns: Mapping[str, Sequence[Any]], packs: Sequence[RulePack] | None = ()) -> list[RuleOutcome]:
    """What comes of the suggested rules on the rows that they were suggested from; no packs unless given."""
    with a_source(pa.table(dict(columns))) as source:
        vetted = suggest_for_file(source, profile_source(source), packs)
        return list(execute_rules(vetted.kept, source).outcomes)


def found(outcomes: Sequence[RuleOutcome], column: str, check: str) -> RuleOutcome:
    """The one outcome of a check on a column."""
    [outcome] = [o for o in outcomes if o.rule.column == column and o.rule.check == check]
    return outcome


def checks_of(outcomes: Sequence[RuleOutcome], column: str) -> set[str]:
    """The checks suggested for a column."""
    return {outcome.rule.check for outcome in outcomes if outcome.rule.column == column}
