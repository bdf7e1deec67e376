"""From a predicate's tree to a lazy Ibis boolean: names resolved, types compared, three-valued logic kept."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.common.exceptions import IbisError

from profiling_pipeline.errors import PredicateError
from profiling_pipeline.rules.portable import numbers, reading
from profiling_pipeline.rules.portable.literals import number_literal, parse_date, parse_datetime
from profiling_pipeline.rules.portable.text import engine_of, like
from profiling_pipeline.rules.predicate.arithmetic import computed, shifted
from profiling_pipeline.rules.predicate.calls import called, placed, text_literal
from profiling_pipeline.rules.predicate.columns import resolved_names
from profiling_pipeline.rules.predicate.comparison import compared, is_in, unified
from profiling_pipeline.rules.predicate.functions import NUMBERS, TEXT
from profiling_pipeline.rules.predicate.limits import refuse_large_expression
from profiling_pipeline.rules.predicate.operands import Operand
from profiling_pipeline.rules.predicate.parser import parse_predicate
from profiling_pipeline.rules.predicate.syntax import (
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Chain,
    ColumnName,
    In,
    IntervalLiteral,
    IsNull,
    Literal,
    Node,
    TemporalLiteral,
    Unary,
)
from profiling_pipeline.rules.predicate.tokens import excerpt, refuse
from profiling_pipeline.sources.model import ColumnKind, kind_of, source_value

_TYPES = {
    "INTEGER": dt.int64, "BIGINT": dt.int64, "DOUBLE": dt.float64, "VARCHAR": dt.string, "TEXT": dt.string,
    "DATE": dt.date, "TIMESTAMP": dt.Timestamp(), "BOOLEAN": dt.boolean,
}  # fmt: skip


def compile_predicate(text: str, table: ir.Table, columns: Sequence[str]) -> ir.BooleanValue:
    """Return a predicate as a lazy boolean column of `table`.

    Raises:
        PredicateError: It is not in the language, names a column that is missing, or mixes types that do not compare.
    """
    tree = parse_predicate(text)
    names = resolved_names(tree, columns)
    if not names:
        refuse("The predicate reads no column. Name one", 0)
    try:
        result = _Compiler(table, names).condition(tree)
    except IbisError as error:
        raise PredicateError(
            f"The predicate mixes types that have no common one: {error}. Convert one side with CAST."
        ) from error
    refuse_large_expression(result)
    if isinstance(result, ir.Scalar):
        return ibis.ifelse(table[next(iter(names.values()))].isnull(), result, result)
    return result


class _Compiler:
    """Compiles each node of a tree once, from its parts up."""

    def __init__(self, table: ir.Table, names: Mapping[str, str]) -> None:
        self.table = table
        self.names = names
        self.engine = engine_of(table)

    def condition(self, node: Node) -> ir.BooleanValue:
        """Compile a node that must be true, false or null."""
        operand = self.operand(node)
        if operand.is_null:
            return ibis.null("boolean")
        if operand.kind is not ColumnKind.BOOLEAN:
            refuse(f"A condition is expected, not {operand.shown}. Compare it with something", node.position)
        return operand.value

    def operand(self, node: Node) -> Operand:
        """Compile any node, and keep it with its value."""
        return Operand(node, self.value(node))

    def value(self, node: Node) -> ir.Value:
        """Compile any node."""
        match node:
            case Literal():
                return _literal(node)
            case TemporalLiteral():
                return _temporal(node)
            case ColumnName():
                return self._column(node)
            case Unary(operator="NOT"):
                return ~self.condition(node.operand)
            case Unary():
                value = self.operand(node.operand).of_kind(NUMBERS)
                return numbers.negate(value) if node.operator == "-" else value
            case Chain():
                join = ir.BooleanValue.__and__ if node.operator == "AND" else ir.BooleanValue.__or__
                return _balanced([self.condition(operand) for operand in node.operands], join)
            case Binary():
                return self._binary(node)
            case IsNull():
                return self._is_null(node)
            case In():
                return is_in(node, self.operand(node.operand), self._operands(node.options))
            case Between():
                operand, low, high = self._operands((node.operand, node.low, node.high))
                from_low = compared(node, ">=", operand, low, self.engine)
                return from_low & compared(node, "<=", operand, high, self.engine)
            case Case():
                return self._case(node)
            case Cast():
                return self._cast(node)
            case Call():
                return called(node, self._operands(node.arguments), self.engine)
        return refuse("INTERVAL may only be added to or taken from a date", node.position)

    def _operands(self, nodes: Sequence[Node]) -> list[Operand]:
        return [self.operand(node) for node in nodes]

    def _column(self, node: ColumnName) -> ir.Column:
        name = self.names[node.name]
        value = self.table[name]
        if kind_of(value.type()) is ColumnKind.OTHER:
            refuse(f"Column {excerpt(name)} is of a type that predicates cannot use ({value.type()})", node.position)
        return value

    def _is_null(self, node: IsNull) -> ir.BooleanValue:
        if isinstance(node.operand, ColumnName):  # a value that does not read as its type is there all the same
            return source_value(self.table, self.names[node.operand.name]).isnull()
        return self.value(node.operand).isnull()

    def _binary(self, node: Binary) -> ir.Value:
        match node.operator:
            case "IMPLIES":
                return ~self.condition(node.left) | self.condition(node.right)
            case "LIKE" | "ILIKE":
                pattern = text_literal(node.right, node.operator)
                text = self.operand(node.left).of_kind(TEXT)
                return like(text, pattern, self.engine, ignore_case=node.operator == "ILIKE")
            case "+" | "-" if isinstance(node.right, IntervalLiteral):
                return shifted(node.operator, self.operand(node.left), node.right)
            case "+" | "-" | "*" | "/" | "%":
                return computed(node.operator, self.operand(node.left), self.operand(node.right))
        return compared(node, node.operator, self.operand(node.left), self.operand(node.right), self.engine)

    def _case(self, node: Case) -> ir.Value:
        conditions = [self.condition(condition) for condition, _ in node.branches]
        results = [result for _, result in node.branches] + [node.default or Literal(node.position, None)]
        *values, default = unified(node, self._operands(results))
        return ibis.cases(*zip(conditions, values, strict=True), else_=default)

    def _cast(self, node: Cast) -> ir.Value:
        value = self.value(node.operand)
        target = _TYPES.get(node.type_name)
        if target is None:
            digits, decimals = (*node.sizes, 0)[:2] if node.sizes else (37, 10)
            if not 1 <= digits <= 37 or decimals > digits:
                refuse("DECIMAL takes 1 to 37 digits, of which as many may be decimals", node.position)
            target = dt.Decimal(digits, decimals)
        if value.type().is_null():
            return ibis.null(target)
        return placed(node, lambda: reading.cast(value, target, self.engine))


def _literal(node: Literal) -> ir.Scalar:
    value = node.value
    if value is None:
        return ibis.null()
    if isinstance(value, bool | str):
        return ibis.literal(value)
    return placed(node, lambda: number_literal(value))


def _temporal(node: TemporalLiteral) -> ir.Scalar:
    value = parse_date(node.text) if node.type_name == "DATE" else parse_datetime(node.text)
    if value is None:
        form = "YYYY-MM-DD" if node.type_name == "DATE" else "YYYY-MM-DD HH:MM:SS"
        refuse(f"'{excerpt(node.text)}' is no {node.type_name}. Write {node.type_name} '{form}'", node.position)
    return ibis.literal(value)


def _balanced(
    operands: list[ir.BooleanValue], join: Callable[[ir.BooleanValue, ir.BooleanValue], ir.BooleanValue]
) -> ir.BooleanValue:
    """Join operands as a shallow tree: a chain of hundreds would be nested too deeply for the engines' compilers."""
    if len(operands) <= 2:
        return reduce(join, operands)
    half = len(operands) // 2
    return join(_balanced(operands[:half], join), _balanced(operands[half:], join))
