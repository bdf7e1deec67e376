"""All rows that fail a rule in one file, all others in another: both read once, neither held in memory."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from profiling_pipeline.errors import InvalidInputError, SourceError
from profiling_pipeline.execution.fused import tested_rows
from profiling_pipeline.execution.queries import batches_of, rows_of
from profiling_pipeline.execution.row_files import RowFiles, SeparatedRows
from profiling_pipeline.execution.row_writer import RowFile, cannot_be_written
from profiling_pipeline.plurals import counted
from profiling_pipeline.rules.binding import BoundRule
from profiling_pipeline.rules.checks.base import GroupCheck, RowCheck
from profiling_pipeline.sources.model import ROW_NUMBER, TEXT_SUFFIX, OpenSource, is_unreadable

FAILED_RULES, SOURCE_ROW, SOURCE_FILE = "failed_rules", "source_row", "source_file"
_RULES_A_MASK = 62  # bits of a signed 64-bit number that sums of powers of two can fill
_MASK, _MARKED_ROW = "failed rules, mask ", "number of marked row"

_KEEPING_ONE_ORDER = frozenset({"duckdb", "postgres", "sqlite"})  # while one query numbers their rows, once

Masks = NDArray[np.int64]


@dataclass(frozen=True)
class NamedRule:
    """A rule that rows fail, the name that its rows give it, and how many there are."""

    rule: BoundRule
    name: str
    failed: int


def separate_rows(failing: Sequence[NamedRule], source: OpenSource, rows: int, files: RowFiles) -> SeparatedRows:
    """Write the rows that fail a rule, with the rules' names, and the rows that fail none.

    Files appear when both are complete and agree with what was counted. Text files give their text as it is written,
    other sources their own types.

    Args:
        failing: The rules that rows fail.
        source: The opened data.
        rows: The number of its rows.
        files: Where they go.

    Raises:
        SourceError: Rows were not the ones that were counted before; nothing is written.
        SourceUnavailableError: The data can no longer be read; nothing is written.
        InvalidInputError: A file cannot be written, or the engine cannot tell which rows fail a group check; then there
            is none.
    """
    query = _marked(failing, source)
    batches = batches_of(source, query)
    masks = [name for name in query.columns if name.startswith(_MASK)]
    places = [ROW_NUMBER] if source.has_row_numbers else []
    plain = pa.schema([batches.schema.field(name) for name in source.columns])
    sorter = _Sorter(failing, source, masks, places, plain)
    with ExitStack() as open_files:
        failed = open_files.enter_context(_row_file(files.failed, sorter.failed_schema))
        passed = open_files.enter_context(_row_file(files.passed, plain))
        with _written(files):
            for batch in batches:
                bad, good = sorter.sort(batch)
                if failed:
                    failed.write(bad)
                if passed:
                    passed.write(good)
            _require_agreement(failing, sorter, rows, source)
            finished = [each for each in (failed, passed) if each]
            for each in finished:
                each.finish()
            for each in finished:
                each.publish()
    return SeparatedRows(sorter.failed_rows, sorter.passed_rows, files.failed, files.passed)


def named(failing: Sequence[tuple[BoundRule, int]]) -> list[NamedRule]:
    """Name rules as their rows list them: by their name, with the attribute where the name is not theirs alone."""
    names = Counter(bound.rule.name for bound, _ in failing)
    return [
        NamedRule(
            bound,
            bound.rule.name if names[bound.rule.name] == 1 else f"{bound.rule.name} ({bound.rule.attribute})",
            failed,
        )
        for bound, failed in failing
    ]


def _marked(failing: Sequence[NamedRule], source: OpenSource) -> ir.Table:
    """Return all rows as the source has them, with one bit set for each rule that a row fails."""
    table = source.table
    is_grouped = any(isinstance(each.rule.check, GroupCheck) for each in failing)
    if is_grouped and not source.has_row_numbers:
        if source.engine not in _KEEPING_ONE_ORDER:
            raise InvalidInputError(
                f"{source.name} has no order that its rows keep, so those that fail in the light of others cannot be "
                "told from one another. Check its files instead, or leave such rules (uniqueness, say) out."
            )
        table = table.mutate(**{ROW_NUMBER: ibis.row_number()})
    by_mask: dict[str, list[ir.Value]] = {}
    groups: list[ir.Table] = []
    count = -(-len(failing) // _RULES_A_MASK)
    for number, each in enumerate(failing):
        mask, bit = f"{_MASK}{number // _RULES_A_MASK}", 2 ** (number % _RULES_A_MASK)
        if isinstance(each.rule.check, RowCheck):
            outcome = each.rule.outcome(table)
            by_mask.setdefault(mask, []).append((~outcome).ifelse(_whole(bit), _whole(0)))
        elif isinstance(each.rule.check, GroupCheck):
            rows = each.rule.check.failing(tested_rows(each.rule, table), each.rule.column)
            bits = {f"{_MASK}{at}": _whole(bit if mask == f"{_MASK}{at}" else 0) for at in range(count)}
            groups.append(rows.select(rows[ROW_NUMBER].name(_MARKED_ROW), **bits))
    columns = {**_as_stored(source, table), **_places(source, table)}
    judged = table.select(**columns, **_numbers(table, groups), **{name: _sum(of) for name, of in by_mask.items()})
    return _with_groups(judged, groups, count) if groups else judged


def _numbers(table: ir.Table, groups: Sequence[ir.Table]) -> dict[str, ir.Value]:
    return {_MARKED_ROW: table[ROW_NUMBER]} if groups else {}


def _with_groups(judged: ir.Table, groups: Sequence[ir.Table], count: int) -> ir.Table:
    """Add the bits of group checks, each of which lists its failing rows, to those of the row checks."""
    listed = ibis.union(*groups) if len(groups) > 1 else groups[0]
    names = [f"{_MASK}{at}" for at in range(count)]
    sums = {f"group {name}": listed[name].sum().cast("int64") for name in names}
    marks = listed.group_by(_MARKED_ROW).aggregate(**sums)
    joined = judged.left_join(marks, _MARKED_ROW)
    kept = [name for name in judged.columns if name not in {*names, _MARKED_ROW}]
    masks = {
        name: joined[f"group {name}"].coalesce(_whole(0)) + (joined[name] if name in judged.columns else _whole(0))
        for name in names
    }
    return joined.select(*kept, **masks)


def _as_stored(source: OpenSource, table: ir.Table) -> dict[str, ir.Value]:
    """Return the source's columns with the values that it has itself.

    A column that was read from text is its text, so that no value is lost and a file of the same columns always has the
    same types. A database's date that no calendar has, such as infinity, makes its column text.
    """
    odd = _columns_of_odd_values(source)
    columns: dict[str, ir.Value] = {}
    for name in source.columns:
        value = table[name]
        if f"{name}{TEXT_SUFFIX}" in table.columns and (name in odd or not _is_rendered(source, name)):
            value = table[f"{name}{TEXT_SUFFIX}"]
        elif value.type().is_decimal() and value.type().precision is None:
            value = value.cast("string")
        columns[name] = value
    return columns


def _is_rendered(source: OpenSource, name: str) -> bool:
    """Return whether a column's text was made from values, and not the other way round."""
    node = source.table.op()
    return isinstance(node, ops.Project) and isinstance(node.values[f"{name}{TEXT_SUFFIX}"], ops.Cast)


def _columns_of_odd_values(source: OpenSource) -> set[str]:
    """Return the columns whose text was made from their values, but not from all of them can be read."""
    table = source.table
    rendered = [
        name for name in source.columns if f"{name}{TEXT_SUFFIX}" in table.columns and _is_rendered(source, name)
    ]
    odd = {name: unreadable.any() for name in rendered if (unreadable := is_unreadable(table, name)) is not None}
    return {name for name, is_odd in rows_of(source, table.aggregate(**odd))[0].items() if is_odd} if odd else set()


def _places(source: OpenSource, table: ir.Table) -> dict[str, ir.Value]:
    return {ROW_NUMBER: table[ROW_NUMBER]} if source.has_row_numbers else {}


def _whole(number: int) -> ir.IntegerScalar:
    return ibis.literal(number, "int64")


def _sum(values: Sequence[ir.Value]) -> ir.Value:
    """Return the sum as a shallow tree, as engines' compilers take few levels."""
    if len(values) == 1:
        return values[0]
    half = len(values) // 2
    return _sum(values[:half]) + _sum(values[half:])


class _Sorter:
    """Takes batches of marked rows apart, and counts."""

    def __init__(
        self,
        failing: Sequence[NamedRule],
        source: OpenSource,
        masks: Sequence[str],
        places: Sequence[str],
        plain: pa.Schema,
    ) -> None:
        self.source, self.masks, self.plain = source, masks, plain
        self.names = pa.array([each.name for each in failing], pa.string())
        self.failed_of = np.zeros(len(failing), dtype=np.int64)
        self.failed_rows = self.passed_rows = 0
        further = {FAILED_RULES: pa.list_(pa.string())}
        if places:
            further |= {SOURCE_FILE: pa.string()} if source.files else {}
            further |= {SOURCE_ROW: pa.int64()}
        self.failed_schema = pa.schema([*plain, *((_free(name, plain.names), kind) for name, kind in further.items())])
        self.has_places = bool(places)

    def sort(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """Return the rows that fail a rule, with what the file of failed rows has more, and the others."""
        masks = np.stack([np.zeros(batch.num_rows, np.int64), *(_numbers_of(batch, name) for name in self.masks)])
        is_failed = pa.array((masks != 0).any(axis=0))
        bad, good = batch.filter(is_failed), batch.filter(pa.compute.invert(is_failed)).select(self.plain.names)
        self.failed_rows += bad.num_rows
        self.passed_rows += good.num_rows
        columns = [*bad.select(self.plain.names).columns, self._failed_rules(bad), *self._found_at(bad)]
        return pa.RecordBatch.from_arrays(columns, schema=self.failed_schema), good

    def _failed_rules(self, bad: pa.RecordBatch) -> pa.ListArray:
        bits = [_bits(_numbers_of(bad, name)) for name in self.masks]
        fails = np.hstack(bits or [np.zeros((bad.num_rows, 0), np.uint8)])[:, : len(self.names)].astype(bool)
        self.failed_of += fails.sum(axis=0)
        offsets = np.concatenate([[0], fails.sum(axis=1).cumsum()]).astype(np.int32)
        return pa.ListArray.from_arrays(offsets, self.names.take(pa.array(np.nonzero(fails)[1])))

    def _found_at(self, bad: pa.RecordBatch) -> Iterator[pa.Array]:
        if not self.has_places:
            return
        places = [self.source.place_of(number) for number in bad.column(ROW_NUMBER).to_pylist()]
        if self.source.files:
            yield pa.array([place["file"] for place in places], pa.string())
        yield pa.array([place["row"] for place in places], pa.int64())


def _numbers_of(batch: pa.RecordBatch, name: str) -> Masks:
    return np.asarray(batch.column(name).cast(pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)


def _bits(masks: Masks) -> NDArray[np.uint8]:
    """Return the bits of whole numbers, the lowest first, one number a line."""
    lines = masks.astype("<i8").view(np.uint8).reshape(-1, 8)
    return np.unpackbits(lines, axis=1, bitorder="little")[:, :_RULES_A_MASK]


def _free(name: str, taken: Sequence[str]) -> str:
    """Return a name for a further column that no column of the source has: rows may have been separated before."""
    folded = {each.casefold() for each in taken}
    candidates = (name if number == 1 else f"{name}_{number}" for number in range(1, len(taken) + 2))
    return next(candidate for candidate in candidates if candidate not in folded)


@contextmanager
def _row_file(target: Path | None, schema: pa.Schema) -> Iterator[RowFile | None]:
    """Give a file to write to, of which nothing is left unless it is published."""
    if target is None:
        yield None
        return
    file = RowFile(target, schema)
    try:
        file.open()
        yield file
    finally:
        file.discard()


@contextmanager
def _written(files: RowFiles) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        target = files.failed or files.passed
        raise cannot_be_written(target if target else Path(), error) from error


def _require_agreement(failing: Sequence[NamedRule], sorter: _Sorter, rows: int, source: OpenSource) -> None:
    """Make sure that the rows which were written are the ones that were counted."""
    read = sorter.failed_rows + sorter.passed_rows
    if read != rows:
        raise _changed(source, f"it had {counted(rows, 'row')}, and then {read:,}")
    for each, failed in zip(failing, sorter.failed_of, strict=True):
        if each.failed != failed:
            raise _changed(source, f"{counted(each.failed, 'row')} failed the rule '{each.name}', and then {failed:,}")


def _changed(source: OpenSource, how: str) -> SourceError:
    return SourceError(f"{source.name} changed while it was read: {how}. No rows were written. Check it again.")
