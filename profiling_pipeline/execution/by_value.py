"""Columns of few different values: their rules are judged once for each value instead of once for each row.

Patterns and other questions of text are dear; a code of seven values in six million rows needs seven answers, not six
million. DuckDB counts a column's values faster than it searches them.
"""

from collections.abc import Sequence

import ibis.expr.types as ir

from profiling_pipeline.execution.queries import rows_of
from profiling_pipeline.rules.binding import BoundRule
from profiling_pipeline.rules.checks.base import RowCheck
from profiling_pipeline.sources.model import OpenSource, with_texts

# The column of a table of values that says how many rows have each of them.
OCCURRENCES = "rows of the value"

# With fewer rows there is nothing to gain. The first rows tell whether a column repeats itself; where they deceive,
# counting its values takes longer, and comes to the same.
LEAST_ROWS = 100_000
_SAMPLE_ROWS = 5_000
_MOST_VALUES = 1_000


def is_judged_by_value(rule: BoundRule) -> bool:
    """Return whether the rule looks at nothing but its own column's value."""
    return (
        isinstance(rule.check, RowCheck)
        and rule.check.judges_value_alone
        and rule.where is None
        and len(rule.columns_read) == 1
    )


def columns_of_few_values(rules: Sequence[BoundRule], source: OpenSource) -> frozenset[str]:
    """Return the columns whose values are worth counting before the rules judge them.

    These are columns with a rule on their text, which repeat their values much. Elsewhere than on DuckDB there are
    none: where rows lie together, each column's own query would read all of them again.
    """
    if source.engine != "duckdb":
        return frozenset()
    columns = sorted({rule.column for rule in rules if is_judged_by_value(rule) and _looks_at_text(rule, source.table)})
    if not columns:
        return frozenset()
    first = source.table.select(columns).limit(_SAMPLE_ROWS)
    figures = {f"values {number}": first[column].approx_nunique() for number, column in enumerate(columns)}
    answer = rows_of(source, first.aggregate(rows=source.table.count().as_scalar(), **figures))[0]
    if answer["rows"] < LEAST_ROWS:
        return frozenset()
    return frozenset(c for number, c in enumerate(columns) if answer[f"values {number}"] <= _MOST_VALUES)


def values_of(table: ir.Table, column: str) -> ir.Table:
    """Return the different values of a column, with the texts they were typed from, and the rows that have each."""
    columns = with_texts([column], table)
    return table.group_by(columns).aggregate(**{OCCURRENCES: table.count()})


def _looks_at_text(rule: BoundRule, table: ir.Table) -> bool:
    """Return whether the rule is dear enough; equal numbers may have different texts, but only binary ones."""
    kind = table[rule.column].type()
    is_text = kind.is_string() and rule.rule.check != "not_null"
    return is_text or (isinstance(rule.check, RowCheck) and rule.check.reads_text and not kind.is_floating())
