"""The checks of Pandera and the checks that they are: mostly they have the same names."""

from collections.abc import Mapping

from profiling_pipeline.exchange.mapping import Counterpart, alike

_ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "equal_to": ("value",),
    "not_equal_to": ("value",),
    "greater_than": ("min_value",),
    "greater_than_or_equal_to": ("min_value",),
    "less_than": ("max_value",),
    "less_than_or_equal_to": ("max_value",),
    "in_range": ("min_value", "max_value", "include_min", "include_max"),
    "isin": ("allowed_values",),
    "notin": ("forbidden_values",),
    "str_matches": ("pattern",),
    "str_contains": ("pattern",),
    "str_startswith": ("string",),
    "str_endswith": ("string",),
    "str_length": ("min_value", "max_value"),
}
COUNTERPARTS = tuple(Counterpart(name, name, alike(*arguments)) for name, arguments in _ARGUMENTS.items())
SHORT_NAMES: Mapping[str, str] = {
    "eq": "equal_to",
    "ne": "not_equal_to",
    "gt": "greater_than",
    "ge": "greater_than_or_equal_to",
    "lt": "less_than",
    "le": "less_than_or_equal_to",
    "between": "in_range",
}
# In the order in which they may stand without their names.
POSITIONS: Mapping[str, tuple[str, ...]] = {
    **_ARGUMENTS,
    "str_length": ("min_value", "max_value", "exact_value"),
    "unique_values_eq": ("values",),
}
NULLABLE, UNIQUE = "nullable", "unique"  # what a column says of itself, not by a check
