"""The same rows in DuckDB and in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
from hypothesis import HealthCheck, settings

SCHEMA = {
    "id": "integer",
    "i": "bigint",
    "j": "integer",
    "n": "decimal(12, 2)",
    "f": "double precision",
    "s": "text",
    "u": "text",
    "d": "date",
    "e": "date",
    "t": "timestamp",
    "b": "boolean",
}
COLUMNS = tuple(name for name in SCHEMA if name != "id")
Row = Mapping[str, Any]

examples = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Engines:
    """A connection to each engine, in which one table is filled again and again."""

    duckdb: ibis.BaseBackend
    postgres: ibis.BaseBackend

    def create(self) -> None:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in SCHEMA.items())
        for connection in (self.duckdb.con, self.postgres.con):
            connection.execute(f"CREATE TABLE rows ({columns})")
        self.postgres.con.commit()

    def close(self) -> None:
        """Leave the server as it was."""
        self.postgres.con.rollback()
        self.postgres.con.execute("DROP TABLE rows")
        self.postgres.con.commit()
        self.postgres.disconnect()
        self.duckdb.disconnect()

    @property
    def tables(self) -> dict[str, ir.Table]:
        """The table in each engine."""
        return {"duckdb": self.duckdb.table("rows"), "postgres": self.postgres.table("rows")}

    def fetch(self, engine: str, query: str) -> list[tuple[Any, ...]]:
        """Return the rows that SQL gives."""
        connection = self.duckdb.con if engine == "duckdb" else self.postgres.con
        fetched: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return fetched

    def fill(self, rows: Sequence[Row]) -> None:
        """Replace the table's rows; what a row leaves out is null, and `id` numbers the rows."""
        values = [[number, *(row.get(name) for name in COLUMNS)] for number, row in enumerate(rows)]
        marks = ", ".join(["({})".format(", ".join(["?"] * len(SCHEMA)))] * len(rows))
        flat = [value for row in values for value in row]
        self.duckdb.con.execute("DELETE FROM rows")
        with self.postgres.con.cursor() as cursor:
            cursor.execute("DELETE FROM rows")
            if rows:
                self.duckdb.con.execute(f"INSERT INTO rows VALUES {marks}", flat)
                cursor.execute(f"INSERT INTO rows VALUES {marks.replace('?', '%s')}", flat)
        self.postgres.con.commit()


class Conditions:
    """Conditions on the rows of one engine, compiled once and then asked again and again."""

    def __init__(self, engines: Engines, engine: str, conditions: Sequence[ir.BooleanValue]) -> None:
        self.engines, self.engine = engines, engine
        table = engines.tables[engine]
        named = {f"c{number}": condition for number, condition in enumerate(conditions)}
        self.sql = ibis.to_sql(table.select("id", **named).order_by("id"), dialect=engine)
        self.count = len(conditions)

    def answers(self) -> list[list[bool | None]]:
        """Return the values of each condition, row by row."""
        rows = self.engines.fetch(self.engine, self.sql)
        return [[row[number + 1] for row in rows] for number in range(self.count)]


def answers(engines: Engines, engine: str, conditions: Sequence[ir.BooleanValue]) -> list[list[bool | None]]:
    """Return the values of each condition, row by row."""
    return Conditions(engines, engine, conditions).answers()
