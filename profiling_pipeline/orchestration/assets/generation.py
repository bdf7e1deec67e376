"""From a phase's data to a draft of rules.

A profile is as large as the table is wide and its values are not JSON, so it is not handed from asset to asset through
storage. One step makes both assets instead: with both selected the data is profiled once, with the profile alone
selected nothing is drafted.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from uuid import UUID

import dagster as dg
from pydantic import Field

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.orchestration.failures import failures_for_people
from profiling_pipeline.orchestration.metadata import ROW_COUNT, Metadata, numbers, table, table_if_any
from profiling_pipeline.orchestration.partitions import phase_of, profiling_phases
from profiling_pipeline.orchestration.pools import DATA_SOURCES
from profiling_pipeline.orchestration.progress import progress_logger
from profiling_pipeline.orchestration.resources import Pipeline, PipelineParam
from profiling_pipeline.orchestration.runs import effect_id, review_url
from profiling_pipeline.profiling.profile import ColumnProfile, TableProfile
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.services.drafts import Draft, generate_draft
from profiling_pipeline.services.execution_records import DryRun
from profiling_pipeline.services.generations import Generation
from profiling_pipeline.services.phases import open_planned_source
from profiling_pipeline.services.provider import Provider
from profiling_pipeline.services.regeneration import regenerate_rules
from profiling_pipeline.services.versions import get_version

PROFILE = "data_source_profile"
DRAFT = "generated_rule_version"
MASKED = "masked"
EXAMPLES_OF_A_RULE = 2


class GenerationConfig(dg.Config):
    """What to draft: rules from nothing, or a rejected version with new suggestions where they were asked for."""

    rejected_version_id: str | None = None
    provider: str | None = Field(
        default=None, description="offline or llm; by default a language model where one is configured."
    )


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            PROFILE,
            deps=["planning_data_source"],
            description="Every column of the data source in numbers.",
            group_name="generation",
            kinds={"duckdb"},
        ),
        dg.AssetSpec(
            DRAFT,
            deps=[PROFILE],
            description="A draft of rules suggested from the profile, for two people to review.",
            group_name="generation",
            kinds={"postgres"},
        ),
    ],
    can_subset=True,
    partitions_def=profiling_phases,
    pool=DATA_SOURCES,
)
def profile_and_draft(
    context: dg.AssetExecutionContext, config: GenerationConfig, pipeline: PipelineParam
) -> Iterator[dg.MaterializeResult]:
    """Profile the data and, where that is selected, draft rules from the profile."""
    selected = {key.to_user_string() for key in context.selected_asset_keys}
    phase_id = phase_of(context.partition_key)
    with failures_for_people(context):
        draft = _draft(context, config, pipeline, phase_id) if DRAFT in selected else None
        profile, hidden = (draft.profile, draft.hidden_columns) if draft else _profile(context, pipeline, phase_id)
        if PROFILE in selected:
            yield dg.MaterializeResult(asset_key=PROFILE, metadata=_describe_profile(profile, hidden))
        if draft:
            yield dg.MaterializeResult(asset_key=DRAFT, metadata=_describe_draft(pipeline, draft))


def _draft(context: dg.AssetExecutionContext, config: GenerationConfig, pipeline: Pipeline, phase_id: int) -> Draft:
    database, settings = pipeline.database, pipeline.settings
    provider = _provider(config.provider)
    if config.rejected_version_id:
        make = partial(regenerate_rules, database, settings, UUID(config.rejected_version_id))
    else:
        make = partial(generate_draft, database, settings, phase_id)
    return make(
        created_by_id=pipeline.system_user_id,
        provider=provider,
        workflow_execution_id=context.run.job_name,
        workflow_run_id=effect_id(context.instance, context.run),
        progress=progress_logger(context, "Columns profiled, then requests answered"),
    )


def _provider(name: str | None) -> Provider | None:
    """Return what proposes rules.

    Raises:
        InvalidInputError: There is no such provider.
    """
    if name is not None and name not in set(Provider):
        raise InvalidInputError(f"There is no provider '{name}'. Choose from {', '.join(Provider)}.")
    return Provider(name) if name is not None else None


def _profile(
    context: dg.AssetExecutionContext, pipeline: Pipeline, phase_id: int
) -> tuple[TableProfile, frozenset[str]]:
    reason = f"profile, Dagster run {context.run.run_id}"
    with open_planned_source(
        pipeline.database, pipeline.settings, phase_id, user_id=pipeline.system_user_id, reason=reason
    ) as planned:
        profile = profile_source(planned.source, progress=progress_logger(context, "Columns profiled"))
        return profile, planned.hidden_columns


def _describe_profile(profile: TableProfile, hidden: frozenset[str]) -> Metadata:
    columns = "column type rows nulls blanks unreadable distinct minimum maximum mean most_frequent pattern"
    return {
        ROW_COUNT: profile.rows,
        "columns": len(profile.columns),
        "null_values": sum(column.nulls for column in profile.columns),
        "unreadable_values": sum(column.unreadable for column in profile.columns),
        "engine": profile.engine,
        "data_fingerprint": dg.MetadataValue.json({name: str(value) for name, value in profile.fingerprint.items()}),
        "column_profiles": table(columns.split(), (_profile_row(c, c.name in hidden) for c in profile.columns)),
    }


def _profile_row(column: ColumnProfile, is_hidden: bool) -> Sequence[object]:
    """Return a column's line; what shows single values is masked where its classification asks for that."""
    top = f"{column.top_values[0].value} ({column.top_values[0].count:,})" if column.top_values else None
    values = (column.minimum, column.maximum, column.mean, top)
    return (
        column.name,
        column.kind,
        column.rows,
        column.nulls,
        column.blanks,
        column.unreadable,
        f"{'' if column.distinct_is_exact else '≈ '}{column.distinct:,}",
        *((MASKED if value is not None else None for value in values) if is_hidden else values),
        column.patterns[0].value if column.patterns else None,
    )


def _describe_draft(pipeline: Pipeline, draft: Draft) -> Metadata:
    version = get_version(pipeline.database, draft.version_id)
    dimensions = Counter(rule.rule_type for rule in version.rules)
    columns = "rule evidence would_fail confidence severity dimension demands attribute finding"
    return {
        "version": f"{version.phase_id}:{version.version_number}",
        "review": dg.MetadataValue.url(review_url(pipeline.settings, version.version_id)),
        "rules": len(version.rules),
        **{f"{dimension}_rules": count for dimension, count in sorted(dimensions.items())},
        "attributes_with_rules": len({rule.attribute_id for rule in version.rules}),
        **_describe_generation(draft.generation),
        "dropped_proposals": len(draft.dropped),
        "rows_that_would_fail": sum(rule.dry_run.outcome.failed for rule in version.rules if rule.dry_run),
        "rules_that_contradict": sum("Contradicts" in " ".join(rule.findings) for rule in version.rules),
        "suggested_rules": table(
            columns.split(),
            (
                (
                    rule.rule_name,
                    rule.llm_rationale,
                    f"{rule.dry_run.outcome.failed:,} of {rule.dry_run.outcome.tested:,}" if rule.dry_run else None,
                    rule.llm_confidence_score,
                    rule.severity,
                    rule.rule_type,
                    rule.sentence,
                    rule.attribute_name,
                    " ".join(rule.findings),
                )
                for rule in version.rules
            ),
        ),
        **table_if_any(
            "dropped",
            ["rule", "reason", "attribute"],
            [(d.rule.name, d.reason, d.rule.attribute) for d in draft.dropped],
        ),
        **table_if_any(
            "would_fail_examples",
            ["rule", "failing row"],
            [(rule.rule_name, row) for rule in version.rules if rule.dry_run for row in _examples(rule.dry_run)],
        ),
        **table_if_any(
            "nothing_from_the_model",
            ["reason", "attributes"],
            [(failure.reason, ", ".join(failure.attributes)) for failure in draft.generation.failures],
        ),
    }


def _describe_generation(generation: Generation) -> Metadata:
    """Return by what rules were proposed, and what that cost."""
    if generation.model is None:
        return {"proposed_by": generation.title}
    return {
        "proposed_by": generation.title,
        "regulatory_context": generation.context,
        "requests": generation.requests,
        "answers_reused": generation.answers_reused,
        "mended_rules": generation.mended_rules,
        "offline_attributes": len(generation.offline_attributes),
        **numbers(
            {
                "input_tokens": generation.input_tokens,
                "output_tokens": generation.output_tokens,
                "cost": generation.cost,
            }
        ),
    }


def _examples(dry_run: DryRun) -> list[str]:
    """Return a few rows that would fail; the values of classified columns are masked already."""
    shown = [json_value(row) for row in dry_run.outcome.failed_rows[:EXAMPLES_OF_A_RULE]]
    return [", ".join(f"{name}: {value}" for name, value in row.items()) for row in shown]
