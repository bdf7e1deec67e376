"""The tests of dbt, dbt-utils and dbt-expectations and the checks that they are."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from profiling_pipeline.exchange.mapping import (
    COLUMN,
    COLUMNS,
    MISSING_PERCENT,
    NUMBER,
    ONE_OF,
    Argument,
    Conversion,
    Counterpart,
    alike,
)
from profiling_pipeline.exchange.model import NotCarriedError
from profiling_pipeline.exchange.sql_text import name_sql, value_sql

UTILS, EXPECTATIONS = "dbt_utils.", "dbt_expectations.expect_"
NOT_NULL_PROPORTION = f"{UTILS}not_null_proportion"
EXPRESSION = f"{UTILS}expression_is_true"
FIGURE = "dbt_expectations.expression_is_true"  # unlike that of dbt-utils it may aggregate
REGEX = f"{EXPECTATIONS}column_values_to_match_regex"
COMBINATION = f"{UTILS}unique_combination_of_columns"
_RANGE = f"{UTILS}accepted_range"
_PAIR = f"{EXPECTATIONS}column_pair_values_A_to_be_greater_than_B"
_SAME_COUNT = f"{EXPECTATIONS}table_row_count_to_equal_other_table"
# Their tests of a table that are about its rows, not about a column; here every rule belongs to one.
ROW_COUNTS = frozenset({
    f"{EXPECTATIONS}table_row_count_to_be_between", f"{EXPECTATIONS}table_row_count_to_equal",
    f"{UTILS}equal_rowcount", _SAME_COUNT,
})  # fmt: skip
_REFERENCE = re.compile(r"(?:ref|source)\(\s*(?P<names>['\"][\w.-]+['\"](?:\s*,\s*['\"][\w.-]+['\"])?)\s*\)")
_SUM = re.compile(r"sum\((?P<name>\w+|\"(?:[^\"]|\"\")+\")\)", re.IGNORECASE)


def _value_of(sql: Any) -> Any:
    if isinstance(sql, str):
        if not re.fullmatch(r"'(?:[^']|'')*'", sql):
            raise ValueError("a value is expected")
        return sql[1:-1].replace("''", "'")
    return sql


def _name_of(sql: Any) -> Any:
    quoted = isinstance(sql, str) and len(sql) > 2 and sql.startswith('"') and sql.endswith('"')
    return sql[1:-1].replace('""', '"') if quoted else sql


def _reference_to(source: Any) -> str:
    if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)?", str(source)):
        raise NotCarriedError("a reference of dbt names a model, or a source and its table")
    names = [f"'{name}'" for name in source.split(".")]
    return f"{'ref' if len(names) == 1 else 'source'}({', '.join(names)})"


def _referenced(to: Any) -> str:
    match = _REFERENCE.fullmatch(to.strip()) if isinstance(to, str) else None
    if match is None:
        raise NotCarriedError("it refers to something else than a model or a source")
    return ".".join(re.findall(r"[\w.-]+", match["names"]))


def _summed(sql: Any) -> Any:
    match = _SUM.fullmatch(sql.strip()) if isinstance(sql, str) else None
    if match is None:
        raise NotCarriedError("of the figures of two tables only sums and counts of rows are compared here")
    return _name_of(match["name"])


_MODEL = Conversion(_reference_to, _referenced)
_SUM_OF = Conversion(lambda name: f"sum({name_sql(name)})", _summed)
# Columns within arguments are SQL there.
_NAME = Conversion(name_sql, _name_of)
_NAMES = Conversion(lambda names: list(map(name_sql, names)), lambda names: list(map(_name_of, names)))
_OWN_AND_OTHER = (Argument(COLUMN, "column_A", _NAME), Argument("other", "column_B", _NAME))
# Bounds are SQL there, so texts (dates) stand in their own quotes.
_SQL_VALUE = Conversion(lambda value: value_sql(value) if isinstance(value, str) else value, _value_of)
_LEAST, _MOST = Argument("min_value", "min_value", _SQL_VALUE), Argument("max_value", "max_value", _SQL_VALUE)
_BOUNDS = (_LEAST, _MOST)


def _set(check: str, name: str, parameter: str, argument: str) -> Counterpart:
    return Counterpart(check, name, (Argument(parameter, argument),))


COUNTERPARTS = (
    Counterpart("not_null", "not_null"),
    Counterpart("unique", COMBINATION, (Argument(COLUMNS, "combination_of_columns", _NAMES),)),
    Counterpart("unique", "unique"),
    _set("isin", "accepted_values", "allowed_values", "values"),
    Counterpart("equal_to", "accepted_values", (Argument("value", "values", ONE_OF),)),
    _set("notin", f"{UTILS}not_accepted_values", "forbidden_values", "values"),
    Counterpart("not_equal_to", f"{UTILS}not_accepted_values", (Argument("value", "values", ONE_OF),)),
    Counterpart("in_range", _RANGE, _BOUNDS),
    Counterpart("in_range", _RANGE, _BOUNDS, {"inclusive": False}, {"include_min": False, "include_max": False}),
    Counterpart("greater_than_or_equal_to", _RANGE, (_LEAST,)),
    Counterpart("less_than_or_equal_to", _RANGE, (_MOST,)),
    Counterpart("greater_than", _RANGE, (_LEAST,), {"inclusive": False}),
    Counterpart("less_than", _RANGE, (_MOST,), {"inclusive": False}),
    Counterpart(
        "null_rate_between",
        NOT_NULL_PROPORTION,
        (Argument("max_value", "at_least", MISSING_PERCENT), Argument("min_value", "at_most", MISSING_PERCENT)),
    ),
    Counterpart("row_count_between", f"{EXPECTATIONS}table_row_count_to_be_between", _BOUNDS),
    Counterpart("str_length", f"{EXPECTATIONS}column_value_lengths_to_be_between", alike("min_value", "max_value")),
    Counterpart("row_count_matches", f"{UTILS}equal_rowcount", (Argument("source", "compare_model", _MODEL),)),
    Counterpart(
        "sum_matches",
        f"{EXPECTATIONS}table_aggregation_to_equal_other_table",
        (
            Argument(COLUMN, "expression", _SUM_OF),
            Argument("source", "compare_model", _MODEL),
            Argument("column", "compare_expression", _SUM_OF),
            Argument("tolerance", "tolerance", NUMBER),
        ),
    ),
    Counterpart("references", "relationships", (Argument("source", "to", _MODEL), Argument("column", "field"))),
    Counterpart(
        "fresh_within",
        f"{EXPECTATIONS}row_values_to_have_recent_data",
        (Argument("days", "interval", NUMBER),),
        {"datepart": "day"},
    ),
    Counterpart(
        "every_period",
        f"{EXPECTATIONS}row_values_to_have_data_for_every_n_datepart",
        (Argument(COLUMN, "date_col", _NAME), Argument("period", "date_part")),
    ),
    _set("like", f"{EXPECTATIONS}column_values_to_match_like_pattern", "pattern", "like_pattern"),
    *(
        Counterpart(f"{check}_between", f"{EXPECTATIONS}column_{figure}_to_be_between", _BOUNDS)
        for check, figure in (
            ("mean", "mean"),
            ("median", "median"),
            ("min", "min"),
            ("max", "max"),
            ("sum", "sum"),
            ("stddev", "stdev"),
            ("distinct_count", "unique_value_count"),
            ("distinct_ratio", "proportion_of_unique_values"),
        )
    ),
    Counterpart(
        "quantile_between",
        f"{EXPECTATIONS}column_quantile_values_to_be_between",
        (Argument("quantile", "quantile", NUMBER), *_BOUNDS),
    ),
    _set("distinct_values_in", f"{EXPECTATIONS}column_distinct_values_to_be_in_set", "values", "value_set"),
    _set("distinct_values_contain", f"{EXPECTATIONS}column_distinct_values_to_contain_set", "values", "value_set"),
    Counterpart(
        "most_common_in",
        f"{EXPECTATIONS}column_most_common_value_to_be_in_set",
        (Argument("values", "value_set"),),
        {"top_n": 1},
    ),
    Counterpart(
        "zscore_below",
        f"{EXPECTATIONS}column_values_to_be_within_n_stdevs",
        (Argument("max_zscore", "sigma_threshold", NUMBER),),
    ),
    *(
        Counterpart(
            "monotonic",
            f"{EXPECTATIONS}column_values_to_be_{way}",
            (Argument("order_by", "sort_column", _NAME), Argument("strictly", "strictly", unsaid=True)),
            when={"direction": way},
        )
        for way in ("increasing", "decreasing")
    ),
    Counterpart("column_ge", _PAIR, _OWN_AND_OTHER, {"or_equal": True}),
    Counterpart("column_gt", _PAIR, _OWN_AND_OTHER),
    Counterpart(
        "date_order",
        _PAIR,
        (Argument("later", "column_A", _NAME), Argument(COLUMN, "column_B", _NAME)),
        {"or_equal": True},
    ),
    Counterpart("column_eq", f"{EXPECTATIONS}column_pair_values_to_be_equal", _OWN_AND_OTHER),
    # What follows says the same as what stands above, and is only read.
    Counterpart("not_null", f"{EXPECTATIONS}column_values_to_not_be_null"),
    Counterpart("unique", f"{EXPECTATIONS}column_values_to_be_unique"),
    Counterpart("unique", f"{EXPECTATIONS}compound_columns_to_be_unique", (Argument(COLUMNS, "column_list", _NAMES),)),
    _set("isin", f"{EXPECTATIONS}column_values_to_be_in_set", "allowed_values", "value_set"),
    _set("notin", f"{EXPECTATIONS}column_values_to_not_be_in_set", "forbidden_values", "value_set"),
    Counterpart("row_count_matches", _SAME_COUNT, (Argument("source", "compare_model", _MODEL),)),
    Counterpart(
        "fresh_within",
        f"{UTILS}recency",
        (Argument(COLUMN, "field", _NAME), Argument("days", "interval", NUMBER)),
        {"datepart": "day"},
    ),
    Counterpart("distinct_count_between", f"{UTILS}not_constant", when={"min_value": 2}),
)
WITHOUT_COLUMN = frozenset({
    EXPRESSION, FIGURE, *ROW_COUNTS,
    *(each.theirs for each in COUNTERPARTS if any(a.ours in (COLUMN, COLUMNS) for a in each.arguments)),
})  # fmt: skip
DEFAULTS: Mapping[str, Any] = {
    "inclusive": True,
    "strictly": False,  # of ranges; of sequences it is said each time
    "or_equal": False,
    "is_raw": False,
    "quote_columns": False,
    "ignore_row_if": "all_values_are_missing",
}
REASONS: Mapping[str, str] = {
    f"{EXPECTATIONS}column_to_exist": "a missing column is an error of every rule that reads it",
    f"{EXPECTATIONS}column_values_to_be_of_type": "columns have the types of their source; has_type checks text",
    f"{EXPECTATIONS}column_values_to_be_in_type_list": "columns have the types of their source; has_type checks text",
}


def _exactly(arguments: dict[str, Any]) -> dict[str, Any]:
    value = arguments.pop("value", None)
    return arguments | {"min_value": value, "max_value": value}


def _strictly(arguments: dict[str, Any]) -> dict[str, Any]:
    strictly = arguments.pop("strictly", False)
    return arguments | ({"inclusive": False} if strictly else {})


SYNONYMS: Mapping[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    f"{EXPECTATIONS}column_values_to_be_between": (_RANGE, _strictly),
    f"{EXPECTATIONS}table_row_count_to_equal": (f"{EXPECTATIONS}table_row_count_to_be_between", _exactly),
    f"{EXPECTATIONS}column_value_lengths_to_equal": (f"{EXPECTATIONS}column_value_lengths_to_be_between", _exactly),
}
PREDICATES: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    f"{UTILS}not_empty_string": lambda c, a: f"TRIM({c}) <> ''" if a.get("trim_whitespace", True) else f"{c} <> ''",
    f"{EXPECTATIONS}column_values_to_be_null": lambda c, a: f"{c} IS NULL",
}
