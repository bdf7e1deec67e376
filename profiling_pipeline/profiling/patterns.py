"""The shapes of values: `AA-9999` for two letters, a hyphen and four digits."""

from string import ascii_lowercase, ascii_uppercase, digits

import ibis
import ibis.expr.types as ir

from profiling_pipeline.profiling.profile import ValueCount
from profiling_pipeline.sources.model import text_of

LONGEST = 50  # characters of a value that its pattern shows
_FROM = ascii_uppercase + ascii_lowercase + digits
_TO = "A" * 26 + "a" * 26 + "9" * 10


def pattern_counts(table: ir.Table, column: str, most: int) -> tuple[ValueCount, ...]:
    """Return the most frequent character patterns of a column with their rows, most frequent first.

    ASCII letters read A or a, digits 9, other characters themselves; only the first 50 characters count.
    """
    text = text_of(table, column)
    present = table.filter(text.notnull())
    shapes = present.select(pattern=text_of(present, column).substr(0, LONGEST).translate(_FROM, _TO))
    counted = shapes.group_by("pattern").aggregate(count=shapes.count())
    top = counted.order_by([ibis.desc("count"), "pattern"]).limit(most)
    return tuple(ValueCount(row["pattern"], row["count"]) for row in top.to_pyarrow().to_pylist())
