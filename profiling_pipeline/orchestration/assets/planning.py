"""The data source of a phase, as planned and as found."""

import dagster as dg

from profiling_pipeline.orchestration.failures import failures_for_people
from profiling_pipeline.orchestration.metadata import ROW_COUNT, Metadata, table, table_if_any
from profiling_pipeline.orchestration.partitions import phase_of, profiling_phases
from profiling_pipeline.orchestration.pools import DATA_SOURCES
from profiling_pipeline.orchestration.resources import PipelineParam
from profiling_pipeline.services.phases import PlannedSource, open_planned_source
from profiling_pipeline.sources.answers import count_rows
from profiling_pipeline.sources.location import Location, TableLocation
from profiling_pipeline.sources.model import kind_of


@dg.asset(
    group_name="generation",
    kinds={"postgres", "duckdb"},
    partitions_def=profiling_phases,
    pool=DATA_SOURCES,
)
def planning_data_source(context: dg.AssetExecutionContext, pipeline: PipelineParam) -> dg.MaterializeResult:
    """The file or table that the Planning phase names, its columns matched to the report's attributes."""
    phase_id = phase_of(context.partition_key)
    reason = f"match columns to attributes, Dagster run {context.run.run_id}"
    with (
        failures_for_people(context),
        open_planned_source(
            pipeline.database, pipeline.settings, phase_id, user_id=pipeline.system_user_id, reason=reason
        ) as planned,
    ):
        rows = count_rows(planned.source.connection, planned.source.table)
        metadata = _describe(planned)
    return dg.MaterializeResult(metadata={ROW_COUNT: rows, **metadata})


def _describe(planned: PlannedSource) -> Metadata:
    plan, matches, source = planned.plan, planned.matches, planned.source
    return {
        "data_source": plan.data_source_name,
        "source_kind": plan.source_type,
        "location": describe_location(plan.location),
        "engine": source.engine,
        "columns": len(source.columns),
        "attributes": len(plan.attributes),
        "attributes_matched": len(matches.columns),
        "attributes_not_matched": len(matches.attributes_without_column),
        "columns_not_matched": len(matches.columns_without_attribute),
        **table_if_any("problems", ["problem"], [(p,) for p in matches.problems]),
        **table_if_any(
            "attributes_without_column",
            ["attribute", "technical_name", "mandatory"],
            [(a.name, a.technical_name, a.mandatory) for a in matches.attributes_without_column],
        ),
        **table_if_any("columns_without_attribute", ["column"], [(c,) for c in matches.columns_without_attribute]),
        "matched_columns": table(
            ["column", "type", "attribute", "matched_by", "classification", "samples"],
            _matched_columns(planned),
        ),
    }


def _matched_columns(planned: PlannedSource) -> list[tuple[object, ...]]:
    attributes = {attribute.attribute_id: attribute for attribute in planned.plan.attributes}
    schema = planned.source.table.schema()
    return [
        (
            column,
            kind_of(schema[column]),
            attributes[attribute_id].name,
            planned.matches.found_by[attribute_id],
            attributes[attribute_id].classification or "unknown",
            "masked" if column in planned.hidden_columns else "shown",
        )
        for attribute_id, column in planned.matches.columns.items()
    ]


def describe_location(location: Location) -> str:
    """Return where the data lives, without user and password."""
    if isinstance(location, TableLocation):
        return f"{location.host}:{location.port}/{location.database}, table {location.schema}.{location.table}"
    return str(location)
