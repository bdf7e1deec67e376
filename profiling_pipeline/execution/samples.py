"""Failing rows and the most frequent failing values, masked where the column is not for everybody's eyes."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.types as ir

from profiling_pipeline.errors import SourceUnavailableError
from profiling_pipeline.execution.fused import tested_rows
from profiling_pipeline.execution.queries import rows_of
from profiling_pipeline.rules.binding import BoundRule
from profiling_pipeline.rules.checks.base import GroupCheck, RowCheck
from profiling_pipeline.rules.portable.text import sortable
from profiling_pipeline.sources.model import ROW_NUMBER, TEXT_SUFFIX, OpenSource, is_unreadable, text_of, with_texts

MASK = "•••"
MOST_FREQUENT = 10
_PLACES = {"row": ROW_NUMBER, "file": "file name"}  # what they are called beside columns of the same name

# Rules with few failing rows are read together, all their rows at once: one pass over the data for many rules.
FEW_ROWS = 1_000
ROWS_AT_ONCE = 10_000
RULES_AT_ONCE = 50

# Of rules with very many failing rows these are looked at first: where hardly a value repeats, none is frequent.
MANY_ROWS = 100_000
_FIRST_ROWS = 20_000
_REPEATED_SHARE = 0.5

Row = dict[str, Any]
Reader = Callable[[Sequence["FailingRule"], OpenSource, "Sampling"], list["Evidence"]]


@dataclass(frozen=True)
class Sampling:
    """Which failing rows are shown: how many, with which columns to know them by, and what is masked."""

    rows: int = 20
    key_columns: tuple[str, ...] = ()
    hidden_columns: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FailingRule:
    """A rule that rows fail: its number, what it is, how many rows fail it."""

    number: int
    rule: BoundRule
    failed: int


@dataclass(frozen=True)
class Evidence:
    """Failing rows and the most frequent failing values of one rule, or why they cannot be had."""

    failed_rows: tuple[Row, ...] = ()
    frequent_values: tuple[Row, ...] = ()
    error: Exception | None = None


def collect_evidence(
    failing: Sequence[FailingRule], source: OpenSource, sampling: Sampling
) -> Iterator[tuple[int, Evidence]]:
    """Read samples of the rows that fail each rule, and yield them with the rule's number.

    Raises:
        SourceUnavailableError: The data can no longer be read.
    """
    for group in _grouped(failing):
        read = _evidence_of_few if _is_few(group[0]) else _evidence_of_many
        for each, evidence in zip(group, _tried(read, group, source, sampling), strict=True):
            yield each.number, evidence


def _is_few(failing: FailingRule) -> bool:
    return isinstance(failing.rule.check, RowCheck) and failing.failed <= FEW_ROWS


def _grouped(failing: Sequence[FailingRule]) -> Iterator[list[FailingRule]]:
    """Yield groups of rules whose failing rows are read together."""
    group: list[FailingRule] = []
    for each in failing:
        if not _is_few(each):
            yield [each]
            continue
        if len(group) == RULES_AT_ONCE or sum(one.failed for one in group) + each.failed > ROWS_AT_ONCE:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _tried(read: Reader, group: Sequence[FailingRule], source: OpenSource, sampling: Sampling) -> list[Evidence]:
    """Return the evidence of each rule; where it cannot be read for all at once, for each alone."""
    try:
        return read(group, source, sampling)
    except SourceUnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - engines raise what they like
        if len(group) == 1:
            return [Evidence(error=error)]
        return [_tried(read, [each], source, sampling)[0] for each in group]


def _evidence_of_few(group: Sequence[FailingRule], source: OpenSource, sampling: Sampling) -> list[Evidence]:
    """Read all failing rows of several rules in one query."""
    table = source.table
    rules = [each.rule for each in group]
    columns = with_texts([*sampling.key_columns, *(name for rule in rules for name in rule.columns_read)], table)
    outcomes = {f"outcome {number}": rule.outcome(table) for number, rule in enumerate(rules)}
    judged = table.select(*_numbered(source), *columns, **outcomes)
    failing = judged.filter(reduce(or_, [~judged[name] for name in outcomes]))
    rows = rows_of(source, _ordered(failing, sampling))
    return [
        _evidence(rule, [row for row in rows if row[f"outcome {number}"] is False], source, sampling)
        for number, rule in enumerate(rules)
    ]


def _evidence(rule: BoundRule, rows: Sequence[Row], source: OpenSource, sampling: Sampling) -> Evidence:
    shown = tuple(_shown(row, rule, source, sampling) for row in rows[: sampling.rows])
    # Of a masked column the frequencies are left out too: how often each value occurs may tell which it is.
    if rule.column in sampling.hidden_columns:
        return Evidence(shown)
    values = [_value(row, rule.column) for row in rows]
    by_key = {_key(value): value for value in values}
    counted = sorted(Counter(map(_key, values)).items(), key=lambda item: (-item[1], str(item[0])))
    return Evidence(shown, tuple({"value": by_key[key], "count": count} for key, count in counted[:MOST_FREQUENT]))


def _evidence_of_many(group: Sequence[FailingRule], source: OpenSource, sampling: Sampling) -> list[Evidence]:
    """Read the first failing rows of each rule, and let the engine count its failing values."""
    collected = []
    for each in group:
        rule = each.rule
        failing = _failing(rule, source, sampling)
        rows = rows_of(source, _first(failing, rule, source, sampling))
        shown = tuple(_shown(row, rule, source, sampling) for row in rows)
        is_hidden = rule.column in sampling.hidden_columns
        values = None if is_hidden else _failing_values(rule, failing)
        if values is None or (each.failed > MANY_ROWS and _hardly_repeats(values, source)):
            collected.append(Evidence(shown))
        else:
            collected.append(Evidence(shown, _frequent(values, source)))
    return collected


def _failing(rule: BoundRule, source: OpenSource, sampling: Sampling) -> ir.Table:
    """Return the failing rows with the columns that are shown."""
    columns = [*_numbered(source), *with_texts([*sampling.key_columns, *rule.columns_read], source.table)]
    if isinstance(rule.check, GroupCheck):
        rows = tested_rows(rule, source.table, *sampling.key_columns)
        return rule.check.failing(rows, rule.column).select(columns)
    judged = source.table.select(*columns, outcome=rule.outcome(source.table))
    return judged.filter(~judged.outcome)


def _failing_values(rule: BoundRule, failing: ir.Table) -> ir.Table:
    """Return the values that fail, and beside them the text of those that do not read as their column's type."""
    named: dict[str, ir.Column] = {"value": failing[rule.column]}
    unreadable = is_unreadable(failing, rule.column)
    if unreadable is not None:
        named["text"] = unreadable.ifelse(text_of(failing, rule.column), ibis.null("string"))
    return failing.select(**named)


def _hardly_repeats(values: ir.Table, source: OpenSource) -> bool:
    """Return whether most of the first failing values are different; counting all of them would take long."""
    first = values.limit(_FIRST_ROWS)
    answer = rows_of(source, first.aggregate(rows=first.count(), different=first.value.nunique()))[0]
    return bool(answer["different"] > _REPEATED_SHARE * answer["rows"])


def _frequent(values: ir.Table, source: OpenSource) -> tuple[Row, ...]:
    counted = values.group_by(values.columns).aggregate(count=values.count())
    text = reduce(
        lambda first, second: second.coalesce(first), [counted[name].cast("string") for name in values.columns]
    )
    most = counted.order_by([counted["count"].desc(), sortable(text, source.engine)]).limit(MOST_FREQUENT)
    return tuple(
        {"value": row.get("text") if row["value"] is None else row["value"], "count": row["count"]}
        for row in rows_of(source, most)
    )


def _first(failing: ir.Table, rule: BoundRule, source: OpenSource, sampling: Sampling) -> ir.Table:
    """Return the first failing rows; DuckDB keeps a file's order, so it need not look for them further than needed."""
    in_order = isinstance(rule.check, RowCheck) and source.has_row_numbers
    return (failing if in_order else _ordered(failing, sampling)).limit(sampling.rows)


def _ordered(failing: ir.Table, sampling: Sampling) -> ir.Table:
    """Order rows as people find them: by their place in the file, else by their key."""
    if ROW_NUMBER in failing.columns:
        return failing.order_by(ROW_NUMBER)
    return failing.order_by(list(sampling.key_columns)) if sampling.key_columns else failing


def _numbered(source: OpenSource) -> list[str]:
    return [ROW_NUMBER] if source.has_row_numbers else []


def _shown(row: Row, rule: BoundRule, source: OpenSource, sampling: Sampling) -> Row:
    columns = list(dict.fromkeys((*sampling.key_columns, *rule.columns_read)))
    place = source.place_of(row[ROW_NUMBER]) if ROW_NUMBER in row else {}
    shown: Row = {_PLACES[name] if name in columns else name: found for name, found in place.items()}
    for column in columns:
        value = _value(row, column)
        shown[column] = MASK if column in sampling.hidden_columns and value is not None else value
    return shown


def _value(row: Row, column: str) -> Any:
    """Return a value, as the source writes it where it does not read as its column's type."""
    return row[column] if row[column] is not None else row.get(f"{column}{TEXT_SUFFIX}")


def _key(value: Any) -> Hashable:
    return value if isinstance(value, Hashable) else repr(value)
