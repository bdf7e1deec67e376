"""Values that meet: compared, looked up in a list, or standing in one column."""

from collections.abc import Callable, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import NoReturn

import ibis
import ibis.expr.types as ir

from profiling_pipeline.rules.portable import numbers
from profiling_pipeline.rules.portable.text import sortable
from profiling_pipeline.rules.predicate.functions import DATES
from profiling_pipeline.rules.predicate.operands import Operand
from profiling_pipeline.rules.predicate.syntax import Literal, Node
from profiling_pipeline.rules.predicate.tokens import refuse
from profiling_pipeline.sources.model import ColumnKind

_COMPARISONS: dict[str, Callable[[ir.Value, ir.Value], ir.BooleanValue]] = {
    "=": eq, "<>": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip


def compared(node: Node, operator: str, left: Operand, right: Operand, engine: str) -> ir.BooleanValue:
    """Return where a comparison holds."""
    first, second = comparable(node, [left, right])
    if first.type().is_null() or second.type().is_null():
        return ibis.null("boolean")
    if operator not in {"=", "<>"}:
        if first.type().is_boolean():
            refuse(f"True and false have no order for {operator}. Use = or <>", node.position)
        first, second = sortable(first, engine), sortable(second, engine)
    return _COMPARISONS[operator](first, second)


def is_in(node: Node, operand: Operand, options: Sequence[Operand]) -> ir.BooleanValue:
    """Return where a value is one of a list."""
    present = [option for option in options if not option.is_null]
    value, *values = comparable(node, [operand, *present])
    if not values or value.type().is_null():
        return ibis.null("boolean")
    found: ir.BooleanValue = value.isin(values)
    return found if len(present) == len(options) else found | ibis.null("boolean")


def unified(node: Node, operands: Sequence[Operand]) -> list[ir.Value]:
    """Return values that come to stand in one column, in one type."""
    values = comparable(node, operands)
    typed = [value for value in values if not value.type().is_null()]
    if not typed:
        refuse("Every value here is NULL. Give one that is not", node.position)
    if typed[0].type().is_numeric() and not typed[0].type().is_boolean():
        typed = numbers.alike(typed)
    remaining = iter(typed)
    return [ibis.null(typed[0].type()) if value.type().is_null() else next(remaining) for value in values]


def comparable(node: Node, operands: Sequence[Operand]) -> list[ir.Value]:
    """Return the values of operands in types that compare.

    Raises:
        PredicateError: They are of different families.
    """
    if any(operand.kind in DATES for operand in operands):
        operands = [operand.as_moment() for operand in operands]
    present = [operand for operand in operands if not operand.is_null]
    families = {operand.family for operand in present}
    if len(families) > 1:
        _refuse_mixed(node, present)
    values = [operand.value for operand in operands]
    if any(operand.kind is ColumnKind.DATETIME for operand in present):
        values = [value.cast("timestamp") if value.type().is_date() else value for value in values]
    return numbers.comparable(values) if families == {ColumnKind.NUMBER} else values


def _refuse_mixed(node: Node, operands: Sequence[Operand]) -> NoReturn:
    first = operands[0]
    other = next(operand for operand in operands if operand.family is not first.family)
    refuse(f"{first.shown} and {other.shown} do not compare. {_way_out(first, other)}", node.position)


def _way_out(first: Operand, second: Operand) -> str:
    """Say what to write where text meets something else."""
    text, other = (first, second) if first.kind is ColumnKind.TEXT else (second, first)
    if text.kind is not ColumnKind.TEXT:
        return "Compare like with like"
    if isinstance(text.node, Literal):
        return f"Write the value without quotes, or {_lowered(other.converted_to(ColumnKind.TEXT))}"
    hint = text.converted_to(other.kind)
    return f"{hint}, or '{other.written}' in quotes" if isinstance(other.node, Literal) else hint


def _lowered(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
