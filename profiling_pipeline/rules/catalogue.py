"""The catalogue: every check that a rule may name."""

from collections.abc import Mapping
from types import MappingProxyType

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.checks import (
    check_digits,
    comparison,
    completeness,
    conditions,
    cross_column,
    dates,
    dependency,
    figures,
    formats,
    text,
    uniqueness,
)
from profiling_pipeline.rules.checks.base import Check
from profiling_pipeline.sources.column_names import nearest_names

_CHECKS: tuple[type[Check], ...] = (
    completeness.NotNull,
    completeness.NotBlank,
    conditions.RequiredWhen,
    figures.NullRateBetween,
    figures.RowCountBetween,
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
    formats.HasType,
    formats.DateFormat,
    dates.NotInFuture,
    formats.DecimalPrecision,
    formats.IsEmail,
    formats.IsUrl,
    formats.IsUuid,
    formats.IsIpv4,
    check_digits.Luhn,
    check_digits.Iban,
    check_digits.Lei,
    figures.MeanBetween,
    figures.MedianBetween,
    figures.MinBetween,
    figures.MaxBetween,
    figures.SumBetween,
    figures.StddevBetween,
    figures.QuantileBetween,
    conditions.Expression,
    cross_column.ColumnGe,
    cross_column.ColumnGt,
    cross_column.ColumnEq,
    cross_column.DateOrder,
    cross_column.SumEquals,
    conditions.Implies,
    dependency.FunctionalDependency,
    dependency.DeterminedBy,
    uniqueness.Unique,
    figures.DistinctCountBetween,
    figures.DistinctRatioBetween,
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
