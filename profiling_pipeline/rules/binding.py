"""From a rule to something that runs: parameters validated, names resolved, types compared."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

import ibis
import ibis.expr.types as ir
from pydantic import BaseModel, ConfigDict, Field, model_validator

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.catalogue import check_for
from profiling_pipeline.rules.checks.base import (
    Check,
    FigureCheck,
    GroupCheck,
    Predicate,
    RowCheck,
    ValuesCheck,
    WholeCheck,
)
from profiling_pipeline.rules.checks.lookups import AsksOther
from profiling_pipeline.rules.predicate import compile_predicate, predicate_columns
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.rules.sentences import shown
from profiling_pipeline.rules.validation import validated
from profiling_pipeline.sources.column_names import resolve_column
from profiling_pipeline.sources.model import kind_of
from profiling_pipeline.sources.others import OtherSources

CONDITIONS = ("where", "min_pass_rate", "warn_pass_rate")  # parameters that a rule may have whatever its check
_ORIGIN = "origin"  # where a rule came from: never looked at
RESERVED = (*CONDITIONS, _ORIGIN)
_TOLERANCE_EXAMPLE = {"where": "STATUS = 'open'", "min_pass_rate": 99.5}


class Tolerance(BaseModel):
    """The reserved parameters; rates are percentages, and only for checks of rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: Predicate | None = Field(default=None, description="Predicate: only rows for which it is true are tested.")
    min_pass_rate: Decimal = Field(
        default=Decimal(100), ge=0, le=100, description="Percentage of the tested rows from which the rule passes."
    )
    warn_pass_rate: Decimal | None = Field(
        default=None, ge=0, le=100, description="Percentage below which the rule, where it passes, warns."
    )

    @model_validator(mode="after")
    def _warning_comes_first(self) -> "Tolerance":
        if self.warn_pass_rate is not None and self.warn_pass_rate < self.min_pass_rate:
            raise ValueError(f"warn_pass_rate {self.warn_pass_rate} is below min_pass_rate {self.min_pass_rate}")
        return self


@dataclass(frozen=True)
class BoundRule:
    """A rule that fits its source: `rule` has column and dimension filled in, `check` its names resolved.

    `columns_read` are all columns the rule looks at, its own first.
    """

    rule: Rule
    check: Check
    where: ir.BooleanValue | None
    min_pass_rate: Decimal
    warn_pass_rate: Decimal | None
    columns_read: tuple[str, ...]

    @property
    def column(self) -> str:
        """The column that is checked."""
        return self.columns_read[0]

    def outcome(self, table: ir.Table) -> ir.BooleanValue:
        """Return what a rule of rows says of each row: true passed, false failed, null skipped."""
        if not isinstance(self.check, RowCheck):
            raise TypeError(f"{self.check.name} is no check of rows")
        result = self.check.result(table, self.column)
        return result if self.where is None else self.where.ifelse(result, ibis.null("boolean"))


def bind_rule(rule: Rule, table: ir.Table, columns: Sequence[str], others: OtherSources | None = None) -> BoundRule:
    """Fit a rule to a source's table; nothing runs yet, save that what is looked up elsewhere is fetched.

    Args:
        rule: The rule.
        table: The source's table.
        columns: Its own columns.
        others: The other sources that the rule may look values up in.

    Raises:
        RuleError: The rule cannot run on this source; the message names the rule, the reason and the way out.
    """
    with _named(rule):
        check, tolerance = _parsed(rule)
        column = resolve_column(rule.column or rule.attribute, columns)
        kind = kind_of(table[column].type())
        if kind not in check.kinds:
            allowed = ", ".join(sorted(check.kinds))
            raise RuleError(f"column '{column}' is of kind {kind}, the check needs {allowed}. Choose another check.")
        check = check.bind(table, columns)
        if isinstance(check, AsksOther):
            if others is None:
                raise RuleError("there are no other sources at hand here. Run the rule on its data source.")
            check = check.look_into(others, table, column)
        where = None
        where_columns: tuple[str, ...] = ()
        if tolerance.where is not None:
            where = compile_predicate(tolerance.where, table, columns)
            where_columns = predicate_columns(tolerance.where, columns)
        _try_out(check, table, column)
    return BoundRule(
        rule=replace(rule, column=column, dimension=rule.dimension or check.dimension),
        check=check,
        where=where,
        min_pass_rate=tolerance.min_pass_rate,
        warn_pass_rate=tolerance.warn_pass_rate,
        columns_read=tuple(dict.fromkeys((column, *check.further_columns(), *where_columns))),
    )


def validate_rule(rule: Rule) -> None:
    """Check what can be checked of a rule without its data: check name, parameters, syntax of predicates.

    Raises:
        RuleError: It could never run; the message names the rule, the reason and the way out.
    """
    with _named(rule):
        _parsed(rule)


def describe(rule: Rule) -> str:
    """Return the rule as a sentence in plain English.

    Raises:
        RuleError: It could never run.
    """
    with _named(rule):
        check, tolerance = _parsed(rule)
    sentence = check.sentence(rule.column or rule.attribute)
    if tolerance.where is not None:
        sentence = f"Where {tolerance.where}: {sentence}"
    if tolerance.min_pass_rate < 100:
        sentence = f"{sentence} At least {shown(tolerance.min_pass_rate)} % of the rows must comply."
    if tolerance.warn_pass_rate is not None:
        sentence = f"{sentence} Below {shown(tolerance.warn_pass_rate)} % it passes with a warning."
    return sentence


@contextmanager
def _named(rule: Rule) -> Iterator[None]:
    try:
        yield
    except RuleError as error:
        error.args = (f"Rule '{rule.name}': check '{rule.check}': {error}",)
        raise


def _parsed(rule: Rule) -> tuple[Check, Tolerance]:
    """Return the check with its parameters, and what the reserved ones say."""
    model = check_for(rule.check)
    own = {key: value for key, value in rule.parameters.items() if key not in RESERVED}
    reserved = {key: value for key, value in rule.parameters.items() if key in CONDITIONS}
    if (rates := reserved.keys() - {"where"}) and issubclass(model, WholeCheck):
        raise RuleError(
            f"parameter '{min(rates)}' is only for checks of rows, this one tests one thing that all rows come to. "
            "Remove it."
        )
    tolerance = validated(Tolerance, reserved, _TOLERANCE_EXAMPLE, "parameter")
    return validated(model, own, model.example, "parameter"), tolerance


def _try_out(check: Check, table: ir.Table, column: str) -> None:
    """Build the check's expression once, so that what does not fit is told now."""
    if isinstance(check, RowCheck):
        check.result(table, column)
    elif isinstance(check, FigureCheck):
        check.observe(table[column], table)
    elif isinstance(check, ValuesCheck):
        check.find(table, column)
    elif isinstance(check, GroupCheck):
        check.tested(table, column)
