"""Checks that no value crowds out the others."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

import ibis
import ibis.expr.types as ir
from pydantic import Field

from profiling_pipeline.rules.checks.base import OUTCOME, JudgedCheck
from profiling_pipeline.rules.checks.grouping import with_keys
from profiling_pipeline.rules.rule import Dimension
from profiling_pipeline.rules.sentences import shown
from profiling_pipeline.sources.model import source_value

_ROWS_OF_VALUE = "rows of the value"


class ValueShareAtMost(JudgedCheck):
    """No value makes up more than a share of all values; every row of one that does fails."""

    name: ClassVar[str] = "value_share_at_most"
    dimension: ClassVar = Dimension.ACCURACY
    skips: ClassVar = "nothing: rows without a value pass"
    example: ClassVar[Mapping[str, Any]] = {"max_share": 0.9}
    max_share: Decimal = Field(gt=0, le=1, description="The highest share that passes: 0.9 is 90 % of all values.")

    def sentence(self, column: str) -> str:
        return f"No value makes up more than {shown(100 * self.max_share)} % of the values of {column}."

    def judge(self, table: ir.Table, column: str) -> ir.Table:
        keyed, keys = with_keys(table, (column,))
        counted = keyed.mutate(
            **{_ROWS_OF_VALUE: keyed.count().over(group_by=keys), "all values": keyed.count().over()}
        )
        most = counted["all values"].cast("float64") * float(self.max_share)
        judged = counted.mutate(**{OUTCOME: counted[_ROWS_OF_VALUE].cast("float64") <= most})
        missing = table.filter(source_value(table, column).isnull()).mutate(**{OUTCOME: ibis.literal(value=True)})
        columns = [*table.columns, OUTCOME]
        return judged.select(columns).union(missing.select(columns))
