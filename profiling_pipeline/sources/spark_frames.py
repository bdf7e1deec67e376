"""Spark's frames as Ibis tables, and what is to be undone when their source is closed."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import ibis
import ibis.expr.types as ir
from ibis.backends.sql.dialects import PySpark

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

VIEW_PREFIX = "source_"  # how the names of views begin

# Spark knows no such escapes and would read them as the letters a, f and v.
PySpark.ESCAPED_SEQUENCES = {char: text for char, text in PySpark.ESCAPED_SEQUENCES.items() if char not in "\a\f\v"}


@dataclass
class SparkOpening:
    """A source on its way: the session, and what is to be undone when it is closed."""

    session: "SparkSession"
    connection: ibis.BaseBackend
    undo: list[Callable[[], object]]

    def view(self, frame: "DataFrame") -> ir.Table:
        """Return a frame as an Ibis table."""
        name = f"{VIEW_PREFIX}{uuid4().hex}"
        frame.createOrReplaceTempView(name)
        self.undo.append(lambda: self.session.catalog.dropTempView(name))
        return self.connection.table(name)

    def keep(self, frame: "DataFrame") -> "DataFrame":
        """Have Spark keep the rows of a frame, in memory as far as they fit, else on disk."""
        frame.persist()
        self.undo.append(frame.unpersist)
        return frame

    def close(self) -> None:
        """Undo everything, last things first."""
        while self.undo:
            with suppress(Exception):  # the session may be gone
                self.undo.pop()()


def with_known_types(frame: "DataFrame", *more: "Column") -> "DataFrame":
    """Return a frame in which types that Ibis does not know are texts, with further columns."""
    from ibis.backends.pyspark.datatypes import PySparkType
    from pyspark.sql import functions as sf

    columns = []
    for field in frame.schema.fields:
        column = sf.col(quoted(field.name))
        try:
            PySparkType.to_ibis(field.dataType)
        except Exception:  # noqa: BLE001 - whatever says that it does not know the type
            column = column.cast("string").alias(field.name)
        columns.append(column)
    return frame.select(*columns, *more)


def quoted(name: str) -> str:
    """Return a name as Spark's SQL writes it."""
    return f"`{name.replace('`', '``')}`"
