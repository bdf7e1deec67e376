"""SQL of one column, compiled by Ibis once for each type and then given the names of many columns.

Ibis takes a tenth of a second for any expression on a table of some hundred columns: too long to do for each of them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot.expressions as sge

from profiling_pipeline.sources.answers import answer

_COLUMN, VALUE, TEXT = "some column", "its value", "its text"
# Given a table of the columns VALUE and TEXT, the text that the value was read from.
Figures = Callable[[ir.Table], Mapping[str, ir.Value]]


class ColumnSql:
    """Writes and runs SQL about the columns of one connection."""

    def __init__(self, connection: ibis.BaseBackend) -> None:
        self._connection = connection
        self._quoted: dict[str, str] = {}
        self._places = {self.quoted(name): name for name in (VALUE, TEXT)}
        self._any_place = re.compile("|".join(map(re.escape, self._places)))

    def quoted(self, name: str) -> str:
        """Return a name as an identifier."""
        if name not in self._quoted:
            identifier = sge.to_identifier(name, quoted=True)
            self._quoted[name] = identifier.sql(dialect=self._connection.dialect)
        return self._quoted[name]

    def relation(self, table: ir.Table) -> str:
        """Return what to select a table's columns from: its name, or its query under the name `source`."""
        stored = table.op()
        if isinstance(stored, ops.DatabaseTable):
            place = stored.namespace
            named = sge.table_(stored.name, db=place.database, catalog=place.catalog, quoted=True)
            return named.sql(dialect=self._connection.dialect)
        return f"({self._connection.compile(table)}) AS {self.quoted('source')}"

    def stacked(self, columns: Sequence[str], relation: str) -> tuple[str, str]:
        """Return what to begin a query with, and a query of columns one upon the other: the `number` and `value`.

        The relation is read once for all columns.
        """
        names = [self.quoted(column) for column in columns]
        if self._connection.name == "pyspark":
            pairs = ", ".join(f"{number}, {name}" for number, name in enumerate(names))
            return "", f"SELECT stack({len(names)}, {pairs}) AS (number, value) FROM {relation}"  # noqa: S608 quoted names
        once = "MATERIALIZED" if len(columns) > 1 else "NOT MATERIALIZED"
        batch = f"WITH batch AS {once} (SELECT {', '.join(names)} FROM {relation})"  # noqa: S608 quoted names
        parts = (
            f"SELECT {number} AS number, {name} AS value FROM batch"  # noqa: S608 quoted names
            for number, name in enumerate(names)
        )
        return batch, " UNION ALL ".join(parts)

    def aggregates(self, figures: Figures, dtype: dt.DataType) -> dict[str, str]:
        """Return templates of aggregates of a column of that type, by their names."""
        column = some_column(dtype)
        return self._expressions(column.aggregate(**figures(column)), dtype)

    def expression(self, value: Callable[[ir.Table], ir.Value], dtype: dt.DataType) -> str:
        """Return the template of an expression on a column of that type."""
        column = some_column(dtype)
        return self._expressions(column.select(only=value(column)), dtype)["only"]

    def about(self, template: str, value: str, text: str | None = None) -> str:
        """Return a template of expressions with a column's name, and that of its text, in their places."""
        names = {VALUE: self.quoted(value), TEXT: self.quoted(text or value)}
        return self._any_place.sub(lambda place: names[self._places[place[0]]], template)

    def compiled(self, query: ir.Table, dtype: dt.DataType) -> str:
        """Return a query on values of that type, which it calls `value` where it orders by them."""
        return self._tree(query, dtype).sql(dialect=self._connection.dialect)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query; several threads may ask DuckDB."""
        if self._connection.name == "duckdb":
            with self._connection.con.cursor() as cursor:
                return list(cursor.execute(query).fetchall())
        return answer(self._connection, query)[1]

    def run(self, statement: str) -> None:
        """Run a statement that answers nothing."""
        self._connection.raw_sql(statement)

    def _expressions(self, table: ir.Table, dtype: dt.DataType) -> dict[str, str]:
        parts = {part.alias_or_name: part.unalias() for part in self._tree(table, dtype).expressions}
        return {
            name: part.transform(_without_table).sql(dialect=self._connection.dialect) for name, part in parts.items()
        }

    def _tree(self, table: ir.Table, dtype: dt.DataType) -> sge.Select:
        tree: sge.Select = self._connection.compiler.to_sqlglot(table)
        if dtype.is_string() and self._connection.name == "postgres":
            tree = tree.transform(_by_code_points)
        return tree


def some_column(dtype: dt.DataType) -> ir.Table:
    """Return a table that stands for any column of a type and the text it was read from."""
    return ibis.table({VALUE: dtype, TEXT: dt.string}, name=_COLUMN)


def _without_table(node: sge.Expression) -> sge.Expression:
    return sge.Column(this=node.this.copy()) if isinstance(node, sge.Column) else node


def _by_code_points(node: sge.Expression) -> sge.Expression:
    """Have PostgreSQL order values by code points, as DuckDB does, whatever the collation of the database."""
    ordered = isinstance(node, sge.Min | sge.Max | sge.Ordered) and isinstance(node.this, sge.Column)
    if ordered and node.this.name in {VALUE, "value"}:
        text = sge.cast(node.this.copy(), sge.DataType.Type.TEXT)
        node.set("this", sge.Collate(this=text, expression=sge.to_identifier("C", quoted=True)))
    return node
