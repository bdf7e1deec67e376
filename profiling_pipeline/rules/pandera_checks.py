"""Rules as Pandera checks, for whoever validates Ibis tables in a pipeline of their own."""

from collections.abc import Sequence

import ibis.expr.types as ir
import pandera.ibis as pa
from pandera.api.ibis.types import IbisData

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.binding import BoundRule, bind_rule
from profiling_pipeline.rules.checks.base import RowCheck
from profiling_pipeline.rules.rule import Rule


def pandera_check(rule: Rule, table: ir.Table) -> pa.Check:
    """Return a rule of rows as Pandera's check, which gives the column that execution fuses with those of other rules.

    It is a check of a schema, not of a column, for it may read several. Called on an Ibis table it has a lazy boolean
    column as `check_output`: true passed, false failed, null skipped.

    Args:
        rule: The rule.
        table: A table with the columns that the check will be called on.

    Raises:
        RuleError: It does not fit the table, or is none that each row passes or fails and all rows must pass.
    """
    bound = _bound(rule, table)

    def check_fn(data: IbisData) -> ir.BooleanValue:
        return _bound(rule, data.table).outcome(data.table)

    return pa.Check(
        check_fn, name=rule.name, error=f"{rule.name}: {bound.check.sentence(bound.column)}", ignore_na=False
    )


def pandera_schema(rules: Sequence[Rule], table: ir.Table) -> pa.DataFrameSchema:
    """Return rules of rows as Pandera's schema: tables in which all rows pass or are skipped are valid.

    Args:
        rules: The rules.
        table: A table with the columns that will be validated.

    Raises:
        RuleError: See `pandera_check`.
    """
    return pa.DataFrameSchema(checks=[pandera_check(rule, table) for rule in rules])


def _bound(rule: Rule, table: ir.Table) -> BoundRule:
    bound = bind_rule(rule, table, table.columns)
    if not isinstance(bound.check, RowCheck) or bound.min_pass_rate < 100:
        raise RuleError(f"Rule '{rule.name}' is none that every row must pass by itself. Execute it instead.")
    return bound
