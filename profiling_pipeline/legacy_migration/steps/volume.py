"""What the steps of the tables of high-volume jobs have in common."""

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.found import FoundTable
from profiling_pipeline.legacy_migration.reading import Column, original, reading
from profiling_pipeline.legacy_migration.session import LegacySession

# By its id where that is one, else by its name or column in the plan of the cycle's report.
_ATTRIBUTE_BY_NAME = """
SELECT coalesce(
    (SELECT a.id FROM cycle_report_planning_attributes a
     WHERE a.id = CASE WHEN w.id ~ '^[0-9]{{1,9}}$' THEN w.id::integer END),
    (SELECT n.attribute_id FROM attribute_names n WHERE n.phase_id = p.planning_id AND n.name = w.name)) AS id
FROM (SELECT
    coalesce({named} ->> 'attribute_id', {named} #>> '{{attribute_ids,0}}') AS id,
    lower(coalesce({named} ->> 'attribute_name', {named} ->> 'attribute', {named} ->> 'column',
        {named} ->> 'column_name', {named} ->> 'field', {named} #>> '{{attributes,0}}', {named} #>> '{{columns,0}}')
    ) AS name
) w WHERE jsonb_typeof({named}) = 'object'
"""


def composed(
    session: LegacySession, table: FoundTable, statement: str, columns: dict[str, Column], named: str = "NULL::jsonb"
) -> sql.Composed:
    """Return a statement about a legacy table with its places filled in.

    Args:
        session: The migration.
        table: The legacy table.
        statement: SQL with places, such as `reading`, `original` and `attribute`.
        columns: The columns of the table that it reads.
        named: The JSON object by which `attribute` finds an attribute.
    """
    return sql.SQL(statement).format(
        reading=reading(table, columns, session.zone),
        original=original(table),
        table_name=sql.Literal(table.name),
        table_id=sql.Literal(table.table_id),
        jobs=sql.Literal([found.table_id for found in session.of_kind(Kind.VOLUME_JOBS)]),
        attribute=sql.SQL(_ATTRIBUTE_BY_NAME).format(named=sql.SQL(named)),
    )


def parameters_of(session: LegacySession, table: FoundTable) -> dict[str, object]:
    """Return the parameters of statements about a legacy table."""
    return {
        "table_id": table.table_id,
        "system": session.system_user_id,
        "sets": [found.table_id for found in session.of_kind(Kind.RULE_SETS)],
        "jobs": [found.table_id for found in session.of_kind(Kind.VOLUME_JOBS)],
    }
