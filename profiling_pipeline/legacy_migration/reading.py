"""Reading a legacy table under one set of names, whichever of its shapes this database has."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from psycopg import sql

from profiling_pipeline.legacy_migration.found import FoundTable

# What a column's time without a zone means.
UTC = "UTC"
LOCAL = "local"


@dataclass(frozen=True)
class Column:
    """A column to read: its type, its names in the shapes that have it (its own by default), the zone of naive times.

    Type `json` means jsonb, read also from text and from JSON inside JSON; what is no JSON becomes null.
    """

    type: str
    names: tuple[str, ...] = ()
    zone: str = UTC


def text(*names: str) -> Column:
    """Return a column of text or of an enum."""
    return Column("text", names)


def integer(*names: str) -> Column:
    """Return a column of whole numbers."""
    return Column("bigint", names)


def number(*names: str) -> Column:
    """Return a column of numbers, exact."""
    return Column("numeric", names)


def flag(*names: str) -> Column:
    """Return a column of booleans."""
    return Column("boolean", names)


def json(*names: str) -> Column:
    """Return a column of JSON."""
    return Column("json", names)


def moment(*names: str, zone: str = UTC) -> Column:
    """Return a column of times."""
    return Column("timestamptz", names, zone)


def reading(
    table: FoundTable,
    columns: Mapping[str, Column],
    zone: str,
    *,
    bounded: bool = False,
    further: Collection[str] = (),
) -> sql.Composed:
    """Return a subquery of a legacy table: its key, then the columns under their names, null where it has none.

    The key comes twice: `legacy_key` is its text, as the ledger holds it, `legacy_place` finds the row again.

    Args:
        table: The table.
        columns: What to read.
        zone: What `LOCAL` means.
        bounded: Whether to read only keys after `%(low)s` up to `%(high)s`, each null where there is no bound.
        further: Columns that have no place of their own: those that the table has are read as one JSON object
        `further`.
    """
    selected = [sql.SQL("{} AS legacy_key, {} AS legacy_place").format(table.key_text, table.key_value)]
    selected += [
        sql.SQL("{} AS {}").format(_value(table, name, column, zone), sql.Identifier(name))
        for name, column in columns.items()
    ]
    pairs = [
        sql.SQL("{}, {}").format(sql.Literal(name), sql.Identifier(name)) for name in further if name in table.columns
    ]
    selected.append(sql.SQL("jsonb_strip_nulls(jsonb_build_object({})) AS further").format(sql.SQL(", ").join(pairs)))
    condition: sql.Composable = sql.SQL("")
    if bounded:
        condition = sql.SQL(
            " WHERE (%(low)s::{type} IS NULL OR {key} > %(low)s::{type})"
            " AND (%(high)s::{type} IS NULL OR {key} <= %(high)s::{type})"
        ).format(key=table.key_value, type=sql.SQL(table.key_type))
    return sql.SQL("(SELECT {} FROM {}{})").format(sql.SQL(", ").join(selected), table.identifier, condition)


def original(table: FoundTable) -> sql.Composed:
    """Return an expression for the whole legacy row that `s`, a row of `reading`, was read from, as JSON."""
    return sql.SQL("(SELECT pg_temp.as_json(row_to_json(o)::text) FROM {} o WHERE o.{} = s.legacy_place)").format(
        table.identifier, table.key_value
    )


def _value(table: FoundTable, name: str, column: Column, zone: str) -> sql.Composable:
    present = [source for source in column.names or (name,) if source in table.columns]
    if not present:
        return sql.SQL("NULL::{}").format(_type(column.type))
    values = [_cast(sql.Identifier(source), table.columns[source], column, zone) for source in present]
    return values[0] if len(values) == 1 else sql.SQL("coalesce({})").format(sql.SQL(", ").join(values))


def _cast(value: sql.Composable, found: str, column: Column, zone: str) -> sql.Composable:
    match column.type:
        case "json":
            return sql.SQL("pg_temp.as_json({}::text)").format(value)
        case "timestamptz" if found == "timestamp without time zone":
            return sql.SQL("({} AT TIME ZONE {})").format(value, sql.Literal(zone if column.zone == LOCAL else UTC))
        case "numeric":
            # By way of text, so that 0.1 is 0.1; what numeric lacks on older servers is no number here.
            return sql.SQL(
                "CASE WHEN {0}::text NOT IN ('NaN', 'Infinity', '-Infinity') THEN {0}::text::numeric END"
            ).format(value)
        case "bigint" if found.startswith(("character", "text")):
            return sql.SQL("CASE WHEN {0} ~ '^[0-9]{{1,18}}$' THEN {0}::bigint END").format(value)
        case _:
            return sql.SQL("{}::{}").format(value, _type(column.type))


def _type(name: str) -> sql.SQL:
    return sql.SQL("jsonb" if name == "json" else name)
