"""Columns without a value in any row: of what type they are nobody can see, so they are of the type that rules expect.

An optional column may be empty for a day, and a file may have no rows at all. What is text then only for want of values
must not put rules in error that have nothing to test.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import product

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from profiling_pipeline.errors import RuleError
from profiling_pipeline.execution.queries import rows_of
from profiling_pipeline.rules.binding import BoundRule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, OpenSource, kind_of

_TYPES: tuple[dt.DataType, ...] = (dt.int64, dt.float64, dt.date, dt.timestamp, dt.boolean)
_MOST_TYPED_FOR_ONE = 3  # columns; three take 216 attempts

Types = Mapping[str, dt.DataType]
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
    types = _voted(rules, columns, source, bind)
    for rule in rules:
        unknown = _named([column for column in sorted(columns) if column not in types], rule)
        if 0 < len(unknown) <= _MOST_TYPED_FOR_ONE:
            types |= _fitting(rule, unknown, _with_types(source, types), bind)
    return _with_types(source, types)


def _voted(rules: Sequence[Rule], columns: frozenset[str], source: OpenSource, bind: Bind) -> dict[str, dt.DataType]:
    """Return the type that most rules can run with, of columns that have one kind within a rule."""
    votes: dict[str, Counter[dt.DataType]] = defaultdict(Counter)
    typed = {dtype: _with_types(source, dict.fromkeys(columns, dtype)) for dtype in _TYPES}
    for rule in rules:
        for dtype, candidate in typed.items():
            with suppress(RuleError):
                read = bind(rule, candidate).columns_read
                for column in columns.intersection(read):
                    votes[column][dtype] += 1
                break
    return {column: counted.most_common(1)[0][0] for column, counted in votes.items()}


def _fitting(rule: Rule, columns: Sequence[str], source: OpenSource, bind: Bind) -> Types:
    """Return types with which the rule can run, where its columns are of several kinds; those left out stay text."""
    for kinds in product((None, *_TYPES), repeat=len(columns)):
        types = {column: dtype for column, dtype in zip(columns, kinds, strict=True) if dtype is not None}
        with suppress(RuleError):
            bind(rule, _with_types(source, types))
            return types
    return {}


def _named(columns: Sequence[str], *rules: Rule) -> list[str]:
    """Return the columns that rules name."""
    said = " ".join(f"{rule.column} {rule.attribute} {dict(rule.parameters)}" for rule in rules).casefold()
    return [column for column in columns if re.search(rf"(?<!\w){re.escape(column.casefold())}(?!\w)", said)]


def _without_values(source: OpenSource, rules: Sequence[Rule]) -> frozenset[str]:
    """Return the columns of text that some rule names and that have no value in any row."""
    schema = source.table.schema()
    named = _named([column for column in source.columns if kind_of(schema[column]) is ColumnKind.TEXT], *rules)
    if not named:
        return frozenset()
    [counts] = rows_of(
        source, source.table.aggregate(**{f"c{place}": source.table[c].count() for place, c in enumerate(named)})
    )
    return frozenset(column for column, count in zip(named, counts.values(), strict=True) if not count)


def _with_types(source: OpenSource, types: Types) -> OpenSource:
    """Return the source with columns that hold nulls of these types, as if they were typed from text."""
    values: dict[str, ir.Value] = {column: ibis.null(dtype) for column, dtype in types.items()}
    texts = {f"{column}{TEXT_SUFFIX}": ibis.null(dt.string) for column in types}
    return replace(source, table=source.table.mutate(**values, **texts)) if types else source
