"""The legacy tables that a database has, by their columns and keys; a database may have any of them, in any shape."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import LEGACY, Kind, LegacyKind
from profiling_pipeline.plurals import counted

ARCHIVE = "legacy_profiling"

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relkind IN ('r', 'p') AND c.relname = ANY (%(names)s)
ORDER BY c.relname, a.attnum
"""
_KEYS = """
SELECT c.relname, array_agg(a.attname ORDER BY k.position)
FROM pg_class c
JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(number, position)
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relname = ANY (%(names)s)
GROUP BY c.relname
"""
_PHASE_TARGETS = """
SELECT c.relname, f.relname
FROM pg_constraint r
JOIN pg_class c ON c.oid = r.conrelid
JOIN pg_class f ON f.oid = r.confrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = r.conkey[1]
WHERE r.contype = 'f' AND cardinality(r.conkey) = 1 AND a.attname = 'phase_id'
    AND c.relnamespace = to_regnamespace(%(schema)s) AND c.relname = ANY (%(names)s)
"""


@dataclass(frozen=True)
class FoundTable:
    """A legacy table of this database.

    `columns` maps names to types; `key` are the columns of its primary key, none where it has no such key;
    `phase_table` is the table that its `phase_id` means. `table_id` is set once the migration has numbered it.
    """

    name: str
    schema: str
    kind: Kind
    columns: Mapping[str, str]
    key: tuple[str, ...]
    phase_table: str
    table_id: int = 0

    @property
    def definition(self) -> LegacyKind:
        """What is known of tables of this kind."""
        return LEGACY[self.kind]

    @property
    def shape(self) -> str:
        """The shape in words."""
        first = self.key[0] if self.key else "none"
        return f"{counted(len(self.columns), 'column')}, key {first} {self.columns.get(first, '')}".rstrip()

    @property
    def identifier(self) -> sql.Identifier:
        """The table as it stands in statements."""
        return sql.Identifier(self.schema, self.name)

    @property
    def key_value(self) -> sql.Composable:
        """The key as a value that can be compared: a column, or the row's place where there is no single key."""
        return sql.Identifier(self.key[0]) if len(self.key) == 1 else sql.SQL("ctid")

    @property
    def key_type(self) -> str:
        """Type of `key_value`."""
        return self.columns[self.key[0]] if len(self.key) == 1 else "tid"

    @property
    def key_text(self) -> sql.Composable:
        """The key as text, as the ledger holds it."""
        if not self.key:
            return sql.SQL("ctid::text")
        parts = sql.SQL(" || ':' || ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in self.key)
        return sql.SQL("({})").format(parts)


def find_tables(connection: psycopg.Connection[Any], schema: str) -> list[FoundTable]:
    """Return the legacy tables of a schema, in the catalogue's order; tables of this project's own are none of them."""
    parameters = {"schema": schema, "names": sorted({name for legacy in LEGACY.values() for name in legacy.names})}
    columns: dict[str, dict[str, str]] = {}
    for table, column, type_name in connection.execute(_COLUMNS, parameters):
        columns.setdefault(table, {})[column] = type_name
    keys = {table: tuple(names) for table, names in connection.execute(_KEYS, parameters)}
    phase_targets = dict(connection.execute(_PHASE_TARGETS, parameters).fetchall())
    found = []
    for kind, legacy in LEGACY.items():
        for name in legacy.names:
            if name in columns and legacy.needs <= columns[name].keys() and not _is_ours(name, columns[name]):
                table = FoundTable(name, schema, kind, columns[name], keys.get(name, ()), "")
                found.append(replace(table, phase_table=phase_targets.get(name) or _phase_table(table)))
    return found


def _is_ours(name: str, columns: Mapping[str, str]) -> bool:
    """Tell this project's own tables from the legacy ones of the same names, which have columns that ours lack."""
    match name:
        case "cycle_report_data_profiling_rule_versions":
            return "version_id" in columns and "overall_quality_score" not in columns
        case "cycle_report_data_profiling_rules":
            return (
                columns["rule_id"] == "uuid"
                and columns.get("version_id") == "uuid"
                and columns["rule_type"] == "character varying(50)"
                and "attribute_name" not in columns
            )
        case _:
            return False


def _phase_table(table: FoundTable) -> str:
    """Return what `phase_id` means where no foreign key says it: tables of the integer age have their own phases."""
    of_integer_age = {
        Kind.RULES: table.columns.get("rule_id") == "integer",
        Kind.RESULTS: table.columns.get("rule_id") == "integer",
        Kind.ATTRIBUTE_SCORES: "created_by_id" not in table.columns,
        Kind.FILES: "file_name" in table.columns,
    }
    return "data_profiling_phases" if of_integer_age.get(table.kind) else "workflow_phases"
