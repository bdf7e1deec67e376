"""Checks of rows in the light of other rows, asked on every engine and compared with plain Python."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from profiling_pipeline.execution.fused import tested_rows
from profiling_pipeline.rules.binding import bind_rule
from profiling_pipeline.rules.checks.base import GroupCheck
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.rules.engines import COLUMNS, Engines, Row

# Given the rows: how many are tested, and the numbers of those that fail.
Oracle = Callable[[Sequence[Row]], tuple[int, list[int]]]


@dataclass(frozen=True)
class GroupCase:
    """A check with parameters on a column, and what plain Python says of it."""

    check: str
    column: str
    parameters: Mapping[str, Any]
    oracle: Oracle


def judged_one_by_one(outcomes: Callable[[Sequence[Row]], Sequence[bool | None]]) -> Oracle:
    """Turn a function that says the outcome of each row into one that counts them."""

    def counted(rows: Sequence[Row]) -> tuple[int, list[int]]:
        found = outcomes(rows)
        return sum(each is not None for each in found), [n for n, each in enumerate(found) if each is False]

    return counted


class GroupQueries:
    """The queries of cases on every engine, compiled once and then asked again and again."""

    def __init__(self, engines: Engines, cases: Sequence[GroupCase]) -> None:
        self.engines, self.cases = engines, cases
        self.sql = {
            engine: [_compiled(case, table, engine) for case in cases] for engine, table in engines.tables.items()
        }

    def require_agreement(self, rows: Sequence[Row]) -> None:
        """Fill the engines with rows and fail where one says something else than plain Python."""
        self.engines.fill(rows)
        for engine, queries in self.sql.items():
            for case, (counts, failing) in zip(self.cases, queries, strict=True):
                tested, numbers = case.oracle(rows)
                named = f"{engine}: {case.check} on {case.column} {case.parameters}"
                assert self.engines.fetch(engine, counts) == [(tested, len(numbers))], named
                assert self.engines.fetch(engine, failing) == [(number,) for number in numbers], named


def _compiled(case: GroupCase, table: ibis.Table, engine: str) -> tuple[str, str]:
    """Return SQL of the counts and of the failing rows."""
    bound = bind_rule(Rule(case.check, case.column, case.check, case.parameters), table, COLUMNS)
    assert isinstance(bound.check, GroupCheck)
    rows = tested_rows(bound, table, "id")
    failing = bound.check.failing(rows, bound.column)
    assert failing.columns == rows.columns
    counts = bound.check.tested(rows, bound.column)
    return ibis.to_sql(counts, dialect=engine), ibis.to_sql(failing.select("id").order_by("id"), dialect=engine)
