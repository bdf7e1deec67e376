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
from profiling_pipeline.rules.checks.base import GroupCheck
from profiling_pipeline.rules.portable.text import sortable
from profiling_pipeline.sources.float_text import value_text
from profiling_pipeline.sources.model import ROW_NUMBER, TEXT_SUFFIX, OpenSource, is_unreadable, text_of, with_texts

MASK = "•••"
MOST_FREQUENT = 10
_PLACES = {"row": ROW_NUMBER, "file": "file name"}  # what they are called beside columns of the same name

RULES_AT_ONCE = 50  # rules whose failing rows are read together: one pass over the data for many rules

# Of rules with few failing rows all of them are read, of others the first ones: so many times the rows that are shown.
FEW_ROWS = 1_000
ROWS_AT_ONCE = 10_000
_FIRST_TIMES = 20

# Of rules with very many failing rows the source's first rows are looked at: where hardly a value repeats among enough
# that fail, none is frequent, and counting all of them would take long.
MANY_ROWS = 100_000
_FIRST_ROWS = 20_000
ENOUGH_ROWS = 1_000
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
    for read, group in _grouped(failing):
        for each, evidence in zip(group, _tried(read, group, source, sampling), strict=True):
            yield each.number, evidence


def _grouped(failing: Sequence[FailingRule]) -> Iterator[tuple[Reader, list[FailingRule]]]:
    """Yield groups of rules whose failing rows are read together, and what reads them."""
    few: list[FailingRule] = []
    many: list[FailingRule] = []
    for each in failing:
        if isinstance(each.rule.check, GroupCheck):
            yield _evidence_of_group_check, [each]
        elif each.failed > FEW_ROWS:
            many.append(each)
        else:
            few.append(each)
            if len(few) == RULES_AT_ONCE or sum(one.failed for one in few) > ROWS_AT_ONCE - FEW_ROWS:
                yield _evidence_of_few, few
                few = []
    if few:
        yield _evidence_of_few, few
    for start in range(0, len(many), RULES_AT_ONCE):
        yield _evidence_of_many, many[start : start + RULES_AT_ONCE]


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
    """Read all failing rows of rules in one query, and count their values here."""
    rows_of_each = _failing_rows(group, source, sampling, most=None)
    return [_evidence(each.rule, rows, source, sampling) for each, rows in zip(group, rows_of_each, strict=True)]


def _failing_rows(
    group: Sequence[FailingRule], source: OpenSource, sampling: Sampling, most: int | None
) -> list[list[Row]]:
    """Return the rows that each rule fails, of those that any of them fails all or the first ones."""
    judged = _judged([each.rule for each in group], source, *sampling.key_columns)
    outcomes = [f"outcome {number}" for number in range(len(group))]
    failing = judged.filter(reduce(or_, [~judged[name] for name in outcomes]))
    if most is None:
        rows = rows_of(source, _ordered(failing, sampling))
    else:
        # DuckDB keeps a file's order, so it need not look for the first rows further than needed.
        rows = rows_of(source, (failing if source.has_row_numbers else _ordered(failing, sampling)).limit(most))
    return [[row for row in rows if row[name] is False] for name in outcomes]


def _judged(rules: Sequence[BoundRule], source: OpenSource, *further: str) -> ir.Table:
    """Return the columns that rules read, and some further ones, with what each rule says of a row: `outcome 0`..."""
    columns = with_texts([*further, *(name for rule in rules for name in rule.columns_read)], source.table)
    outcomes = {f"outcome {number}": rule.outcome(source.table) for number, rule in enumerate(rules)}
    return source.table.select(*_numbered(source), *columns, **outcomes)


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
    """Read the first failing rows of rules in one query, and let the engine count their failing values."""
    first = _failing_rows(group, source, sampling, most=_FIRST_TIMES * sampling.rows)
    uncounted = _without_frequent_values(group, source, sampling)
    collected = []
    for each, rows in zip(group, first, strict=True):
        if len(rows) < sampling.rows:  # rows that fail other rules come first
            [rows] = _failing_rows([each], source, sampling, most=sampling.rows)
        shown = tuple(_shown(row, each.rule, source, sampling) for row in rows[: sampling.rows])
        if each.number in uncounted:
            collected.append(Evidence(shown))
        else:
            judged = _judged([each.rule], source)
            collected.append(Evidence(shown, _frequent(each.rule, judged.filter(~judged["outcome 0"]), source)))
    return collected


def _evidence_of_group_check(group: Sequence[FailingRule], source: OpenSource, sampling: Sampling) -> list[Evidence]:
    """Read the first failing rows of a rule that brings a query of its own, and let the engine count its values."""
    [rule] = (each.rule for each in group)
    if not isinstance(rule.check, GroupCheck):
        raise TypeError(f"{rule.check.name} is no check of rows in the light of others")
    failing = rule.check.failing(tested_rows(rule, source.table, *sampling.key_columns), rule.column)
    rows = rows_of(source, _ordered(failing, sampling).limit(sampling.rows))
    shown = tuple(_shown(row, rule, source, sampling) for row in rows)
    return [Evidence(shown, () if rule.column in sampling.hidden_columns else _frequent(rule, failing, source))]


def _without_frequent_values(group: Sequence[FailingRule], source: OpenSource, sampling: Sampling) -> set[int]:
    """Return the numbers of rules whose failing values are not counted: they are hidden, or hardly one repeats."""
    hidden = {each.number for each in group if each.rule.column in sampling.hidden_columns}
    asked = [each for each in group if each.failed > MANY_ROWS and each.number not in hidden]
    if not asked:
        return hidden
    first = _judged([each.rule for each in asked], source).limit(_FIRST_ROWS)
    figures: dict[str, ir.Value] = {}
    for number, each in enumerate(asked):
        fails = ~first[f"outcome {number}"]
        figures[f"rows {number}"] = first.count(where=fails)
        figures[f"different {number}"] = first[each.rule.column].approx_nunique(where=fails)
    [answer] = rows_of(source, first.aggregate(**figures))
    return hidden | {
        each.number
        for number, each in enumerate(asked)
        if (rows := answer[f"rows {number}"] or 0) >= ENOUGH_ROWS
        and answer[f"different {number}"] > _REPEATED_SHARE * rows
    }


def _frequent(rule: BoundRule, failing: ir.Table, source: OpenSource) -> tuple[Row, ...]:
    """Return the most frequent values of rows that fail, a text for one that does not read as its column's type."""
    values = _failing_values(rule, failing)
    counted = values.group_by(values.columns).aggregate(count=values.count())
    texts = [value_text(counted[name], source.engine) for name in values.columns]
    text = reduce(lambda first, second: second.coalesce(first), texts)
    most = counted.order_by([counted["count"].desc(), sortable(text, source.engine)]).limit(MOST_FREQUENT)
    return tuple(
        {"value": row.get("text") if row["value"] is None else row["value"], "count": row["count"]}
        for row in rows_of(source, most)
    )


def _failing_values(rule: BoundRule, failing: ir.Table) -> ir.Table:
    """Return the values that fail, and beside them the text of those that do not read as their column's type."""
    named: dict[str, ir.Column] = {"value": failing[rule.column]}
    unreadable = is_unreadable(failing, rule.column)
    if unreadable is not None:
        named["text"] = unreadable.ifelse(text_of(failing, rule.column), ibis.null("string"))
    return failing.select(**named)


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
