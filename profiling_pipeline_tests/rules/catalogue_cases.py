"""The whole catalogue on one small table: what each check says of it, worked out by hand.

Every engine gives these counts. Rows are in the order of `COLUMNS`; whatever is neither passed nor failed is skipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profiling_pipeline.rules.rule import Rule

COLUMNS = {
    "id": "bigint",
    "amount": "numeric(12, 2)",
    "n": "bigint",
    "f": "double precision",
    "s": "text",
    "d": "date",
    "e": "date",
    "t": "timestamp",
    "b": "boolean",
}
INFINITY = float("inf")
ROWS: tuple[tuple[Any, ...], ...] = (
    (1, "10.00", 1, 1.0, "US", "2024-01-01", "2024-01-02", "2024-01-01 00:00:00", True),
    (2, "20.50", 2, 2.5, "USA", "2024-02-29", "2024-02-29", "2024-02-29 12:00:00", False),
    (3, "-5.25", 2, -1.0, "", "2024-03-01", "2024-02-01", None, True),
    (4, None, 4, INFINITY, "me@example.com", None, "2024-03-05", "2024-03-05 23:59:59", None),
    (5, "20.50", None, None, None, "1999-12-31", None, "9999-12-31 00:00:00", True),
    (6, "99999.99", 6, 3.0, "É\N{GRINNING FACE}", "2999-01-01", "2999-01-02", "2024-01-01 00:00:00", False),
    (7, "0.00", 7, 0.1, "20240229", "2024-01-01", "2024-01-01", "2024-01-01 00:00:00", True),
    (8, "10.00", 8, 8.0, "4111111111111111", "2024-01-02", "2024-01-01", "2024-01-02 00:00:00", True),
)

# The other source that rules look values up in, under the name `ledger`.
LEDGER_COLUMNS = {"loan": "bigint", "balance": "numeric(12, 2)", "country": "text"}
LEDGER_ROWS: tuple[tuple[Any, ...], ...] = (
    (1, "10.00", "US"),
    (2, "21.00", "USA"),
    (3, "-5.25", None),
    (4, "1.00", "DE"),
    (6, None, None),
    (8, "10.00", None),
    (8, "11.00", None),
)


@dataclass(frozen=True)
class CatalogueCase:
    """A check with parameters on a column: how many rows (or wholes) it tests, how many fail, what it observes."""

    check: str
    column: str
    parameters: Mapping[str, Any]
    tested: int
    failed: int
    observed: Any = None

    @property
    def rule(self) -> Rule:
        """The case as a rule that is named by what it says."""
        told = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return Rule(f"{self.column} {self.check} {told}".strip(), self.column, self.check, dict(self.parameters))


def rows(check: str, column: str, tested: int, failed: int, /, **parameters: Any) -> CatalogueCase:
    """A check of rows."""
    return CatalogueCase(check, column, parameters, tested, failed)


def whole(check: str, column: str, observed: Any, accepted: bool, /, **parameters: Any) -> CatalogueCase:
    """A check of the whole."""
    return CatalogueCase(check, column, parameters, 1, int(not accepted), observed)


CASES = (
    # completeness
    rows("not_blank", "s", 8, 2),
    rows("not_null", "s", 8, 1),
    rows("not_null", "t", 5, 1, where="b"),
    whole("null_rate_between", "s", 12.5, True, max_value=20),
    rows("required_when", "s", 5, 1, when="b"),
    whole("row_count_between", "s", 8, False, max_value=7),
    whole("row_count_between", "s", 5, True, max_value=7, where="b"),
    whole("fresh_within", "d", "2999-01-01", True, days=0),
    whole("fresh_within", "d", "2024-03-01", False, days=3, where="d < DATE '2900-01-01'"),
    whole("every_period", "t", 1, False, period="month", where="id IN (1, 4)"),
    whole("every_period", "d", 0, True, period="month", where="d BETWEEN DATE '2024-01-01' AND DATE '2024-03-01'"),
    whole("every_period", "d", 57, False, period="day", where="d BETWEEN DATE '2024-01-01' AND DATE '2024-03-01'"),
    whole("every_period", "t", 7, False, period="week", where="t < TIMESTAMP '2025-01-01 00:00:00'"),
    whole("every_period", "d", 998, False, period="year"),
    # validity
    rows("date_format", "s", 7, 6, format="%Y%m%d"),
    rows("decimal_precision", "amount", 7, 2, max_digits=4, max_decimals=1),
    rows("equal_to", "n", 7, 5, value=2),
    rows("greater_than", "amount", 7, 4, min_value=10),
    rows("greater_than_or_equal_to", "amount", 7, 2, min_value=10),
    rows("has_type", "s", 7, 5, type="integer"),
    rows("iban", "s", 7, 7),
    rows("in_range", "d", 7, 3, min_value="2024-01-01", max_value="2024-02-29"),
    rows("in_range", "amount", 5, 3, min_value=0, max_value=20.5, include_max=False, where="n > 1"),
    rows("is_email", "s", 7, 6),
    rows("is_ipv4", "s", 7, 7),
    rows("is_url", "s", 7, 7),
    rows("is_uuid", "s", 7, 7),
    rows("isin", "s", 7, 5, allowed_values=["us", "usa"], ignore_case=True),
    rows("isin_reference", "s", 7, 5, reference="country"),
    rows("lei", "s", 7, 7),
    rows("less_than", "f", 7, 3, max_value=3),
    rows("less_than_or_equal_to", "f", 7, 2, max_value=3),
    rows("like", "s", 7, 5, pattern="US%"),
    rows("luhn", "s", 7, 6),
    rows("not_equal_to", "n", 7, 2, value=2),
    rows("not_in_future", "d", 7, 1),
    rows("notin", "s", 7, 2, forbidden_values=["US", ""]),
    rows("str_contains", "s", 7, 5, pattern="[0-9]"),
    rows("str_endswith", "s", 7, 6, string="A"),
    rows("str_length", "s", 7, 3, max_value=3),
    rows("str_matches", "s", 7, 5, pattern="[A-Z]{2}"),
    rows("str_startswith", "s", 7, 5, string="US"),
    # accuracy
    rows("iqr_outlier", "amount", 7, 1),
    rows("iqr_outlier", "f", 7, 2, factor=1),
    rows("matches_reference", "amount", 7, 4, source="ledger", key="id", reference_key="loan", column="balance"),
    whole("max_between", "amount", 99999.99, False, max_value=1000),
    whole("mean_between", "n", 30 / 7, True, min_value=4, max_value=5),
    whole("mean_between", "n", 4.5, True, min_value=4, max_value=5, where="b"),
    whole("median_between", "n", 4.0, True, min_value=4, max_value=4),
    whole("min_between", "d", "1999-12-31", False, min_value="2000-01-01"),
    whole("most_common_in", "s", "", True, values=["", "US"]),
    whole("most_common_in", "n", 2, False, values=[1, 4]),
    whole("quantile_between", "n", 2.0, True, quantile=0.25, max_value=2),
    whole("stddev_between", "n", 2.751623, True, max_value=3),
    whole("sum_between", "n", 30, True, min_value=30, max_value=30),
    rows("zscore_below", "n", 7, 2, max_zscore=1),
    rows("zscore_below", "f", 7, 2, max_zscore=1.5),
    # consistency
    rows("column_eq", "d", 6, 4, other="e"),
    rows("column_ge", "d", 6, 2, other="e"),
    rows("column_gt", "f", 7, 5, other="n"),
    rows("date_order", "d", 6, 2, later="e"),
    rows("determined_by", "amount", 5, 3, columns=["b"]),
    rows("expression", "n", 8, 1, predicate="n > 2 OR b"),
    rows("expression", "amount", 8, 7, predicate="amount IS NOT NULL", predicate_with_gaps="amount IS NULL"),
    rows("expression", "id", 8, 2, predicate="id > 2", predicate_with_gaps="id > 5"),
    rows("functional_dependency", "n", 7, 1, determines="s"),
    rows("functional_dependency", "n", 7, 2, determines="s", majority=False),
    rows("implies", "n", 7, 1, when="b", then="n > 1"),
    rows("monotonic", "amount", 7, 2, direction="increasing", order_by="id"),
    rows("references", "s", 7, 5, source="ledger", column="country"),
    whole("row_count_matches", "id", 1, False, source="ledger"),
    whole("row_count_matches", "id", -2, True, source="ledger", tolerance=2, where="b"),
    whole("sum_matches", "amount", 100007.99, False, source="ledger", column="balance"),
    whole("sum_matches", "n", -17.75, True, source="ledger", column="balance", tolerance=17.75),
    rows("sum_equals", "n", 7, 1, parts=["id"]),
    # uniqueness
    whole("distinct_count_between", "n", 6, True, min_value=6, max_value=6),
    whole("distinct_ratio_between", "n", 6 / 7, False, min_value=0.9),
    whole("distinct_values_contain", "b", [], True, values=[True, False]),
    whole("distinct_values_contain", "n", [3], False, values=[1, 3]),
    whole("distinct_values_in", "b", [False], False, values=[True]),
    rows("unique", "n", 7, 2),
    rows("unique", "n", 7, 1, first_passes=True),
    rows("unique", "t", 8, 3, nulls_are_equal=True),
    rows("unique", "b", 8, 5, first_passes=True, nulls_are_equal=True),
    rows("value_share_at_most", "amount", 8, 4, max_share=0.25),
    rows("value_share_at_most", "amount", 8, 0, max_share=0.3),
    rows("unique", "n", 4, 0, where="b"),
    rows("unique", "b", 7, 2, **{"with": ["d"]}),
)
