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

from profiling_pipeline.orchestration.failures import failures_for_people
from profiling_pipeline.orchestration.metadata import ROW_COUNT, Metadata, table, table_if_any
from profiling_pipeline.orchestration.partitions import phase_of, profiling_phases
from profiling_pipeline.orchestration.pools import DATA_SOURCES
from profiling_pipeline.orchestration.progress import progress_logger
from profiling_pipeline.orchestration.resources import Pipeline, PipelineParam
from profiling_pipeline.orchestration.runs import effect_id, review_url
from profiling_pipeline.profiling.profile import ColumnProfile, TableProfile
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.services.drafts import Draft, generate_draft
from profiling_pipeline.services.phases import open_planned_source
from profiling_pipeline.services.regeneration import regenerate_rules
from profiling_pipeline.services.versions import get_version

PROFILE = "data_source_profile"
DRAFT = "generated_rule_version"
MASKED = "masked"


class GenerationConfig(dg.Config):
    """What to draft: rules from nothing, or a rejected version with new suggestions where they were asked for."""

    rejected_version_id: str | None = None


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
    if config.rejected_version_id:
        make = partial(regenerate_rules, database, settings, UUID(config.rejected_version_id))
    else:
        make = partial(generate_draft, database, settings, phase_id)
    return make(
        created_by_id=pipeline.system_user_id,
        workflow_execution_id=context.run.job_name,
        workflow_run_id=effect_id(context.instance, context.run),
        progress=progress_logger(context, "Columns profiled"),
    )


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
    columns = "rule evidence confidence severity dimension demands attribute"
    return {
        "version": f"{version.phase_id}:{version.version_number}",
        "review": dg.MetadataValue.url(review_url(pipeline.settings, version.version_id)),
        "rules": len(version.rules),
        **{f"{dimension}_rules": count for dimension, count in sorted(dimensions.items())},
        "attributes_with_rules": len({rule.attribute_id for rule in version.rules}),
        "dropped_proposals": len(draft.dropped),
        "suggested_rules": table(
            columns.split(),
            (
                (
                    rule.rule_name,
                    rule.llm_rationale,
                    rule.llm_confidence_score,
                    rule.severity,
                    rule.rule_type,
                    rule.sentence,
                    rule.attribute_name,
                )
                for rule in version.rules
            ),
        ),
        **table_if_any(
            "dropped",
            ["rule", "reason", "attribute"],
            [(d.rule.name, d.reason, d.rule.attribute) for d in draft.dropped],
        ),
    }
