"""Rules proposed by a model double for a table in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from profiling_pipeline.generation.language_model.contexts import choose_context
from profiling_pipeline.generation.language_model.endpoint import Endpoint
from profiling_pipeline.generation.language_model.generator import ModelGenerator, model_generator
from profiling_pipeline.generation.language_model.proposed import Proposed
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.sources.matching import match_columns
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline_tests.generation.language_model.asking import KEY, AnswersInMemory
from profiling_pipeline_tests.generation.sources import a_source
from profiling_pipeline_tests.model_server import Answering, Asked, Reply, a_model, a_proposal, proposes


@dataclass(frozen=True)
class Asking:
    """What was asked and proposed."""

    proposed: Proposed
    asked: list[Asked]

    @property
    def prompts(self) -> str:
        return "\n".join(each.prompt for each in self.asked)

    def rules_of(self, attribute: str) -> list[tuple[str, str, object]]:
        """Return what the rules of an attribute say."""
        return [
            (rule.name, rule.check, {k: v for k, v in rule.parameters.items() if k != "origin"})
            for rule in self.proposed.rules
            if rule.attribute == attribute
        ]


def attributes_for(table: pa.Table) -> list[Attribute]:
    """Return a public attribute for each column."""
    return [Attribute(n, name, name, classification="Public") for n, name in enumerate(table.column_names, start=1)]


def propose(
    table: pa.Table,
    answering: Answering | Sequence[Reply],
    attributes: Sequence[Attribute] | None = None,
    then: Callable[[ModelGenerator], Proposed] = ModelGenerator.propose,
    report: str = "",
    **options: object,
) -> Asking:
    """Profile a table and ask a double for rules."""
    with a_source(table) as source, a_model(answering) as server:
        profile = profile_source(source)
        attributes = attributes if attributes is not None else attributes_for(table)
        endpoint = Endpoint(**{"model": "m", "api_key": KEY, "base_url": server.url, "retry_seconds": 0.001} | options)  # type: ignore[arg-type]
        matches = match_columns(attributes, source.columns)
        context = choose_context(report, attributes)
        with model_generator(endpoint, context, profile, attributes, matches, AnswersInMemory()) as generator:
            return Asking(then(generator), server.asked)


def by_name(asked: Asked) -> dict[str, str]:
    """Return the keys of a request's attributes by their names."""
    return {facts["name"]: key for key, facts in asked.attributes.items()}


def two_rules_each(asked: Asked) -> Reply:
    """A model that proposes two rules for every attribute it is told of."""
    rules = []
    for key, facts in asked.attributes.items():
        rules.append(a_proposal(key, name=f"{facts['name']} is present"))
        rules.append(
            a_proposal(key, "distinct_count_between", {"min_value": 1, "max_value": 9}, name=f"{facts['name']} varies")
        )
    return proposes(*rules)
