"""The catalogue: every check that a rule may name."""

from collections.abc import Mapping
from types import MappingProxyType

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.checks import comparison, completeness, text, uniqueness
from profiling_pipeline.rules.checks.base import Check
from profiling_pipeline.sources.column_names import nearest_names

_CHECKS: tuple[type[Check], ...] = (
    completeness.NotNull,
    comparison.EqualTo,
    comparison.NotEqualTo,
    comparison.GreaterThan,
    comparison.GreaterThanOrEqualTo,
    comparison.LessThan,
    comparison.LessThanOrEqualTo,
    comparison.InRange,
    comparison.Isin,
    comparison.Notin,
    text.StrMatches,
    text.StrContains,
    text.StrStartswith,
    text.StrEndswith,
    text.StrLength,
    text.Like,
    uniqueness.Unique,
)
CATALOGUE: Mapping[str, type[Check]] = MappingProxyType({check.name: check for check in _CHECKS})


def check_for(name: str) -> type[Check]:
    """Return the check called `name`.

    Raises:
        RuleError: There is none; the message lists the nearest names.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    near = nearest_names(name, list(CATALOGUE))
    hint = f"Did you mean {' or '.join(near)}?" if near else "Choose one of the catalogue."
    raise RuleError(f"There is no check '{name}'. {hint}")
