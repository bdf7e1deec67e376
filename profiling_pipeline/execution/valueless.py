"""Columns without a value in any row: of what type they are nobody can see, so they are of the type that rules expect.

An optional column may be empty for a day, and a file may have no rows at all. What is text then only for want of values
must not put rules in error that have nothing to test.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from profiling_pipeline.errors import RuleError
from profiling_pipeline.execution.queries import rows_of
from profiling_pipeline.rules.binding import BoundRule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, OpenSource, kind_of

_TYPES: tuple[dt.DataType, ...] = (dt.int64, dt.float64, dt.date, dt.timestamp, dt.boolean)

Bind = Callable[[Rule, OpenSource], BoundRule]


def typed_as_expected(rules: Sequence[Rule], source: OpenSource, bind: Bind) -> OpenSource:
    """Return the source with its columns of text that have no value typed as most of the rules can run on them.

    Args:
        rules: Those that do not fit the source as it is.
        source: The opened data.
        bind: Fits a rule to a source, or raises RuleError.

    Raises:
        SourceUnavailableError: The data can no longer be read.
    """
    columns = _without_values(source, rules)
    if not columns:
        return source
    votes: dict[str, Counter[dt.DataType]] = defaultdict(Counter)
    typed = {dtype: _with_types(source, dict.fromkeys(columns, dtype)) for dtype in _TYPES}
    for rule in rules:
        for dtype, candidate in typed.items():
            with suppress(RuleError):
                read = bind(rule, candidate).columns_read
                for column in columns.intersection(read):
                    votes[column][dtype] += 1
                break
    return _with_types(source, {column: counted.most_common(1)[0][0] for column, counted in votes.items()})


def _without_values(source: OpenSource, rules: Sequence[Rule]) -> frozenset[str]:
    """Return the columns of text that some rule names and that have no value in any row."""
    said = " ".join(f"{rule.column} {rule.attribute} {dict(rule.parameters)}" for rule in rules).casefold()
    schema = source.table.schema()
    named = [c for c in source.columns if kind_of(schema[c]) is ColumnKind.TEXT and c.casefold() in said]
    if not named:
        return frozenset()
    [counts] = rows_of(
        source, source.table.aggregate(**{f"c{place}": source.table[c].count() for place, c in enumerate(named)})
    )
    return frozenset(column for column, count in zip(named, counts.values(), strict=True) if not count)


def _with_types(source: OpenSource, types: dict[str, dt.DataType]) -> OpenSource:
    """Return the source with columns that hold nulls of these types, as if they were typed from text."""
    values: dict[str, ir.Value] = {column: ibis.null(dtype) for column, dtype in types.items()}
    texts = {f"{column}{TEXT_SUFFIX}": ibis.null(dt.string) for column in types}
    return replace(source, table=source.table.mutate(**values, **texts)) if types else source
