"""The checks of Soda's contract language and the checks that they are."""

from collections.abc import Mapping

from profiling_pipeline.exchange.mapping import COLUMNS, NUMBER, ONE_OF, Argument, Counterpart

COUNTERPARTS = (
    Counterpart("not_null", "missing"),
    Counterpart("not_blank", "missing", fixed={"missing_format": {"regex": r"^\s*$", "name": "blank"}}),
    Counterpart("isin", "invalid", (Argument("allowed_values", "valid_values"),)),
    Counterpart("equal_to", "invalid", (Argument("value", "valid_values", ONE_OF),)),
    Counterpart("notin", "invalid", (Argument("forbidden_values", "invalid_values"),)),
    Counterpart("not_equal_to", "invalid", (Argument("value", "invalid_values", ONE_OF),)),
    Counterpart(
        "in_range", "invalid", (Argument("min_value", "valid_min", NUMBER), Argument("max_value", "valid_max", NUMBER))
    ),
    Counterpart("greater_than_or_equal_to", "invalid", (Argument("min_value", "valid_min", NUMBER),)),
    Counterpart("less_than_or_equal_to", "invalid", (Argument("max_value", "valid_max", NUMBER),)),
    Counterpart(
        "str_length", "invalid", (Argument("min_value", "valid_min_length"), Argument("max_value", "valid_max_length"))
    ),
    Counterpart("unique", "duplicate", (Argument(COLUMNS, "columns"),)),
    Counterpart("unique", "duplicate"),
)
FUNCTIONS: Mapping[str, str] = {"mean_between": "avg", "sum_between": "sum", "min_between": "min", "max_between": "max"}
REASONS: Mapping[str, str] = {
    "schema": "a missing column is an error of every rule that reads it, and columns have the types of their source",
}
