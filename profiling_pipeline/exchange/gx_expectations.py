"""The expectations of Great Expectations and the checks that they are."""

from collections.abc import Callable, Mapping
from typing import Any

from profiling_pipeline.exchange.mapping import (
    COLUMN,
    COLUMNS,
    MISSING_PERCENT,
    NEGATED,
    ONE_OF,
    Argument,
    Counterpart,
    alike,
)
from profiling_pipeline.exchange.sql_text import value_sql

_BOUNDS = alike("min_value", "max_value")
BETWEEN = "expect_column_values_to_be_between"
REGEX = "expect_column_values_to_match_regex"
QUANTILES = "expect_column_quantile_values_to_be_between"
SQL = "unexpected_rows_expectation"
ROW_COUNT = "expect_table_row_count_to_"  # such expectations have no column
_PAIR = {"ignore_row_if": "either_value_is_missing"}

COUNTERPARTS = (
    Counterpart("not_null", "expect_column_values_to_not_be_null"),
    Counterpart(
        "null_rate_between",
        "expect_column_proportion_of_non_null_values_to_be_between",
        (Argument("max_value", "min_value", MISSING_PERCENT), Argument("min_value", "max_value", MISSING_PERCENT)),
    ),
    Counterpart("row_count_between", f"{ROW_COUNT}be_between", _BOUNDS),
    Counterpart("row_count_matches", f"{ROW_COUNT}equal_other_table", (Argument("source", "other_table_name"),)),
    Counterpart(
        "in_range",
        BETWEEN,
        (*_BOUNDS, Argument("include_min", "strict_min", NEGATED), Argument("include_max", "strict_max", NEGATED)),
    ),
    Counterpart("greater_than_or_equal_to", BETWEEN, alike("min_value")),
    Counterpart("less_than_or_equal_to", BETWEEN, alike("max_value")),
    Counterpart("greater_than", BETWEEN, alike("min_value"), {"strict_min": True}),
    Counterpart("less_than", BETWEEN, alike("max_value"), {"strict_max": True}),
    Counterpart("isin", "expect_column_values_to_be_in_set", (Argument("allowed_values", "value_set"),)),
    Counterpart("equal_to", "expect_column_values_to_be_in_set", (Argument("value", "value_set", ONE_OF),)),
    Counterpart("notin", "expect_column_values_to_not_be_in_set", (Argument("forbidden_values", "value_set"),)),
    Counterpart("not_equal_to", "expect_column_values_to_not_be_in_set", (Argument("value", "value_set", ONE_OF),)),
    Counterpart("str_length", "expect_column_value_lengths_to_be_between", _BOUNDS),
    Counterpart("like", "expect_column_values_to_match_like_pattern", (Argument("pattern", "like_pattern"),)),
    Counterpart(
        "date_format", "expect_column_values_to_match_strftime_format", (Argument("format", "strftime_format"),)
    ),
    Counterpart("has_type", "expect_column_values_to_be_json_parseable", when={"type": "json"}),
    Counterpart("mean_between", "expect_column_mean_to_be_between", _BOUNDS),
    Counterpart("median_between", "expect_column_median_to_be_between", _BOUNDS),
    Counterpart("min_between", "expect_column_min_to_be_between", _BOUNDS),
    Counterpart("max_between", "expect_column_max_to_be_between", _BOUNDS),
    Counterpart("sum_between", "expect_column_sum_to_be_between", _BOUNDS),
    Counterpart("stddev_between", "expect_column_stdev_to_be_between", _BOUNDS),
    Counterpart("quantile_between", QUANTILES, alike("quantile", "min_value", "max_value")),
    Counterpart("distinct_count_between", "expect_column_unique_value_count_to_be_between", _BOUNDS),
    Counterpart("distinct_ratio_between", "expect_column_proportion_of_unique_values_to_be_between", _BOUNDS),
    Counterpart("distinct_values_in", "expect_column_distinct_values_to_be_in_set", (Argument("values", "value_set"),)),
    Counterpart(
        "distinct_values_contain", "expect_column_distinct_values_to_contain_set", (Argument("values", "value_set"),)
    ),
    Counterpart("most_common_in", "expect_column_most_common_value_to_be_in_set", (Argument("values", "value_set"),)),
    Counterpart(
        "zscore_below",
        "expect_column_value_z_scores_to_be_less_than",
        (Argument("max_zscore", "threshold"),),
        {"double_sided": True},
    ),
    Counterpart(
        "iqr_outlier",
        "expect_column_values_to_not_be_outliers",
        (Argument("factor", "multiplier"),),
    ),
    *(
        Counterpart("monotonic", f"expect_column_values_to_be_{way}", alike("strictly"), when={"direction": way})
        for way in ("increasing", "decreasing")
    ),
    Counterpart(
        "column_ge",
        "expect_column_pair_values_a_to_be_greater_than_b",
        (Argument(COLUMN, "column_A"), Argument("other", "column_B")),
        {"or_equal": True, **_PAIR},
    ),
    Counterpart(
        "column_gt",
        "expect_column_pair_values_a_to_be_greater_than_b",
        (Argument(COLUMN, "column_A"), Argument("other", "column_B")),
        _PAIR,
    ),
    Counterpart(
        "date_order",
        "expect_column_pair_values_a_to_be_greater_than_b",
        (Argument("later", "column_A"), Argument(COLUMN, "column_B")),
        {"or_equal": True, **_PAIR},
    ),
    Counterpart(
        "column_eq",
        "expect_column_pair_values_to_be_equal",
        (Argument(COLUMN, "column_A"), Argument("other", "column_B")),
        _PAIR,
    ),
    Counterpart(
        "unique",
        "expect_compound_columns_to_be_unique",
        (Argument(COLUMNS, "column_list"),),
        {"ignore_row_if": "any_value_is_missing"},
    ),
    Counterpart("unique", "expect_column_values_to_be_unique"),
)


DEFAULTS: Mapping[str, Any] = {
    "strict_min": False,
    "strict_max": False,
    "allow_relative_error": False,
    "method": "iqr",
    "ties_okay": True,
    "or_equal": False,
    "strictly": False,
}
NOT_FOR_US = frozenset({"result_format", "catch_exceptions", "batch_id", "include_config"})
NO_COLUMN = frozenset({
    SQL,
    *(
        each.theirs
        for each in COUNTERPARTS
        if each.theirs.startswith(ROW_COUNT) or any(a.ours in (COLUMN, COLUMNS) for a in each.arguments)
    ),
})  # fmt: skip
REASONS = {
    "expect_column_to_exist": "a missing column is an error of every rule that reads it",
    **dict.fromkeys(
        ("expect_column_values_to_be_of_type", "expect_column_values_to_be_in_type_list", "expect_column_type_to_be"),
        "columns have the types of their source; has_type checks text",
    ),
}


# Expectations that say no more than others do, or that a predicate says: read, never written.
def _exactly(kwargs: dict[str, Any]) -> dict[str, Any]:
    value = kwargs.pop("value", None)
    return kwargs | {"min_value": value, "max_value": value}


SYNONYMS: Mapping[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    f"{ROW_COUNT}equal": (f"{ROW_COUNT}be_between", _exactly),
    "expect_column_value_lengths_to_equal": ("expect_column_value_lengths_to_be_between", _exactly),
    "expect_column_pair_values_A_to_be_greater_than_B": (
        "expect_column_pair_values_a_to_be_greater_than_b",
        lambda kwargs: kwargs,
    ),
}
PREDICATES: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "expect_column_values_to_be_null": lambda c, k: f"{c} IS NULL",
    "expect_column_values_to_not_match_regex": lambda c, k: f"NOT REGEXP_LIKE({c}, {value_sql(k['regex'])})",
    "expect_column_values_to_not_match_like_pattern": lambda c, k: f"{c} NOT LIKE {value_sql(k['like_pattern'])}",
}
