"""Functions called in a predicate."""

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir

from profiling_pipeline.errors import PredicateError, RuleError
from profiling_pipeline.rules.portable.reading import today
from profiling_pipeline.rules.predicate.comparison import unified
from profiling_pipeline.rules.predicate.functions import (
    DATES,
    FUNCTIONS,
    NUMBERS,
    TEXT,
    concatenate,
    date_difference,
    extract,
)
from profiling_pipeline.rules.predicate.operands import Operand
from profiling_pipeline.rules.predicate.parser import UNITS
from profiling_pipeline.rules.predicate.syntax import Call, Literal, Node
from profiling_pipeline.rules.predicate.tokens import refuse


def called(node: Call, arguments: Sequence[Operand], engine: str) -> ir.Value:
    """Return what a function gives.

    Raises:
        PredicateError: It takes other arguments.
    """
    match node.function:
        case "CURRENT_DATE":
            return ibis.literal(today())
        case "EXTRACT":
            unit, moment = arguments
            return placed(node, lambda: extract(moment.of_kind(DATES), text_literal(unit.node, "EXTRACT")))
        case "DATE_DIFF":
            return _date_diff(node, arguments)
        case "CONCAT":
            return concatenate([argument.of_kind(TEXT) for argument in arguments])
        case "COALESCE" | "GREATEST" | "LEAST" | "NULLIF":
            return _chosen(node, arguments)
    return _fixed(node, arguments, engine)


def placed(node: Node, build: Callable[[], ir.Value]) -> ir.Value:
    """Run `build`, and say where in the predicate it was when it refuses."""
    try:
        return build()
    except PredicateError:
        raise
    except RuleError as error:
        return refuse(str(error).removesuffix("."), node.position)


def text_literal(node: Node, where: str) -> str:
    """Return the text that a node is, which `where` takes written out only."""
    return str(_python_literal(node, str, where))


def _fixed(node: Call, arguments: Sequence[Operand], engine: str) -> ir.Value:
    """Return what a function of fixed arguments gives: values, then literals."""
    function = FUNCTIONS[node.function]
    most = len(function.kinds) + len(function.literals)
    if not most - function.optional <= len(arguments) <= most:
        refuse(f"{node.function} takes {_count(most - function.optional, most)}", node.position)
    values = [argument.of_kind(kinds) for argument, kinds in zip(arguments, function.kinds, strict=False)]
    literals = [
        _python_literal(argument.node, kind, node.function)
        for argument, kind in zip(arguments[len(values) :], function.literals, strict=False)
    ]
    return placed(node, lambda: function.build(*values, *literals, engine=engine))


def _date_diff(node: Call, arguments: Sequence[Operand]) -> ir.Value:
    if len(arguments) != 3:
        refuse("DATE_DIFF takes a unit and two dates. Write DATE_DIFF('day', START, END)", node.position)
    unit = text_literal(arguments[0].node, "DATE_DIFF").upper()
    if unit not in UNITS:
        refuse("DATE_DIFF counts 'day', 'month' or 'year'", arguments[0].node.position)
    start, end = (argument.of_kind(DATES) for argument in arguments[1:])
    return placed(node, lambda: date_difference(start, end, unit))


def _chosen(node: Call, arguments: Sequence[Operand]) -> ir.Value:
    if len(arguments) < 2 or (node.function == "NULLIF" and len(arguments) != 2):
        refuse(f"{node.function} takes two{' or more' * (node.function != 'NULLIF')} values", node.position)
    values = unified(node, arguments)
    if node.function in {"GREATEST", "LEAST"}:
        if Operand(node, values[0]).kind not in NUMBERS | DATES:
            refuse(f"{node.function} takes numbers or dates", node.position)
        return ibis.greatest(*values) if node.function == "GREATEST" else ibis.least(*values)
    return ibis.coalesce(*values) if node.function == "COALESCE" else values[0].nullif(values[1])


def _python_literal(node: Node, kind: type, where: str) -> object:
    if not isinstance(node, Literal) or type(node.value) is not kind:
        wanted = "text in quotes" if kind is str else "a whole number"
        refuse(f"{where} takes {wanted} here, written out", node.position)
    return node.value


def _count(fewest: int, most: int) -> str:
    number = str(most) if fewest == most else f"{fewest} to {most}"
    return f"{number} argument{'s' if most > 1 else ''}"
