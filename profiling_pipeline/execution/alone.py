"""Checks that bring a query of their own."""

from profiling_pipeline.errors import SourceUnavailableError
from profiling_pipeline.execution.fused import Counts, figure_of, tested_rows
from profiling_pipeline.execution.queries import rows_of
from profiling_pipeline.rules.binding import BoundRule
from profiling_pipeline.rules.checks.base import FigureCheck, GroupCheck, RowCheck, ValuesCheck
from profiling_pipeline.sources.model import OpenSource


def is_counted_alone(rule: BoundRule) -> bool:
    """Return whether the rule shares no query: it looks at rows together, or takes a figure of some of the rows."""
    is_figure_of_all = isinstance(rule.check, FigureCheck) and rule.where is None
    return not (isinstance(rule.check, RowCheck) or is_figure_of_all)


def count_alone(rule: BoundRule, source: OpenSource) -> Counts:
    """Test one rule by its own query.

    Raises:
        SourceUnavailableError: The data can no longer be read.
    """
    try:
        return _counted(rule, source)
    except SourceUnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - engines raise what they like
        return Counts(error=error)


def _counted(rule: BoundRule, source: OpenSource) -> Counts:
    table, check = tested_rows(rule, source.table), rule.check
    if isinstance(check, ValuesCheck):
        return Counts(observed=rows_of(source, check.find(table, rule.column)))
    if isinstance(check, FigureCheck):
        figure = table.aggregate(figure=check.observe(table[rule.column], table))
        return Counts(observed=figure_of(rows_of(source, figure)[0]["figure"]))
    if isinstance(check, GroupCheck):
        answer = rows_of(source, check.tested(table, rule.column))[0]
        tested, failed = int(answer["tested"] or 0), int(answer["failed"] or 0)
        return Counts(passed=tested - failed, failed=failed)
    raise TypeError(f"{check.name} is counted with others")
