"""From a predicate's tree to a lazy Ibis boolean: names resolved, types compared, three-valued logic kept."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import NoReturn

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.common.exceptions import IbisError
from ibis.common.graph import Graph

from profiling_pipeline.errors import PredicateError, RuleError
from profiling_pipeline.rules.portable import numbers, reading
from profiling_pipeline.rules.portable.literals import number_literal, parse_date, parse_datetime
from profiling_pipeline.rules.portable.text import engine_of, like, sortable
from profiling_pipeline.rules.predicate.functions import (
    DATES,
    FUNCTIONS,
    NUMBERS,
    TEXT,
    concatenate,
    date_difference,
    extract,
)
from profiling_pipeline.rules.predicate.parser import UNITS, parse_predicate
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
from profiling_pipeline.rules.predicate.tokens import refuse
from profiling_pipeline.sources.column_names import resolve_column
from profiling_pipeline.sources.model import ColumnKind, kind_of, source_value

_MOST_PARTS = 20_000  # of a compiled predicate: some functions write their argument several times
_MOST_LEVELS = 120
_LONGEST_INTERVALS = {
    "YEAR": 4_000, "QUARTER": 16_000, "MONTH": 48_000, "WEEK": 200_000, "DAY": 1_400_000, "HOUR": 30_000_000,
    "MINUTE": 999_999_999, "SECOND": 999_999_999,
}  # fmt: skip
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
    read = predicate_columns(text, columns)
    if not read:
        refuse("The predicate reads no column. Name one", 0)
    try:
        result = _Compiler(table, columns).condition(tree)
    except IbisError as error:
        raise PredicateError(
            f"The predicate mixes types that have no common one: {error}. Convert one side with CAST."
        ) from error
    _refuse_too_large(result)
    if isinstance(result, ir.Scalar):
        return ibis.ifelse(table[read[0]].isnull(), result, result)
    return result


def predicate_columns(text: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that a predicate reads, each once, in the order it names them.

    Raises:
        PredicateError: It is not in the language, or names a column that is missing.
    """
    names = (node for node in _nodes(parse_predicate(text)) if isinstance(node, ColumnName))
    return tuple(dict.fromkeys(_resolved(node, columns) for node in names))


def _resolved(node: ColumnName, columns: Sequence[str]) -> str:
    try:
        return resolve_column(node.name, columns)
    except RuleError as error:
        raise PredicateError(f"{error} (at character {node.position + 1} of the predicate)", node.position) from error


def _nodes(node: Node) -> Iterator[Node]:
    """Walk a tree, a node before its parts, from left to right."""
    yield node
    for part in node.parts():
        yield from _nodes(part)


def _refuse_too_large(value: ir.Value) -> None:
    """Refuse what would become a huge query, however short its text."""
    parts: dict[object, tuple[int, int]] = {}
    graph, _ = Graph.from_bfs(value.op(), filter=ops.Value).toposort()  # what the table itself is made of is no matter
    for node in graph:
        below = [parts[child] for child in node.__children__ if child in parts]
        parts[node] = 1 + sum(size for size, _ in below), 1 + max((levels for _, levels in below), default=0)
    size, levels = parts[value.op()]
    if size > _MOST_PARTS or levels > _MOST_LEVELS:
        refuse("The predicate is too complex. Split it into several rules", 0)


class _Compiler:
    def __init__(self, table: ir.Table, columns: Sequence[str]) -> None:
        self.table = table
        self.columns = columns
        self.engine = engine_of(table)

    def condition(self, node: Node) -> ir.BooleanValue:
        """Compile a node that must be true, false or null."""
        value = self.value(node)
        if value.type().is_null():
            return ibis.null("boolean")
        if kind_of(value.type()) is not ColumnKind.BOOLEAN:
            refuse(f"A condition is expected, not {_shown(node, value)}. Compare it with something", node.position)
        return value

    def value(self, node: Node) -> ir.Value:
        """Compile any node."""
        match node:
            case Literal():
                return self._literal(node)
            case TemporalLiteral():
                return self._temporal(node)
            case ColumnName():
                return self._column(node)
            case Unary(operator="NOT"):
                return ~self.condition(node.operand)
            case Unary():
                value = self._of_kind(node.operand, NUMBERS)
                return numbers.negate(value) if node.operator == "-" else value
            case Chain():
                join = ir.BooleanValue.__and__ if node.operator == "AND" else ir.BooleanValue.__or__
                return _balanced([self.condition(operand) for operand in node.operands], join)
            case Binary():
                return self._binary(node)
            case IsNull():
                return self._is_null(node)
            case In():
                return self._in(node)
            case Between():
                return self._compared(node, ">=", node.operand, node.low) & self._compared(
                    node, "<=", node.operand, node.high
                )
            case Case():
                return self._case(node)
            case Cast():
                return self._cast(node)
            case Call():
                return self._call(node)
        return refuse("INTERVAL may only be added to or taken from a date", node.position)

    def _literal(self, node: Literal) -> ir.Scalar:
        value = node.value
        if value is None:
            return ibis.null()
        if isinstance(value, bool | str):
            return ibis.literal(value)
        return _placed(node, lambda: number_literal(value))

    def _temporal(self, node: TemporalLiteral) -> ir.Scalar:
        value = parse_date(node.text) if node.type_name == "DATE" else parse_datetime(node.text)
        if value is None:
            form = "YYYY-MM-DD" if node.type_name == "DATE" else "YYYY-MM-DD HH:MM:SS"
            refuse(f"'{node.text}' is no {node.type_name}. Write {node.type_name} '{form}'", node.position)
        return ibis.literal(value)

    def _column(self, node: ColumnName) -> ir.Column:
        name = _resolved(node, self.columns)
        value = self.table[name]
        if kind_of(value.type()) is ColumnKind.OTHER:
            refuse(f"Column {name} is of a type that predicates cannot use ({value.type()})", node.position)
        return value

    def _is_null(self, node: IsNull) -> ir.BooleanValue:
        if isinstance(node.operand, ColumnName):  # a value that does not read as its type is there all the same
            return source_value(self.table, _resolved(node.operand, self.columns)).isnull()
        return self.value(node.operand).isnull()

    def _binary(self, node: Binary) -> ir.Value:
        match node.operator:
            case "IMPLIES":
                return ~self.condition(node.left) | self.condition(node.right)
            case "LIKE" | "ILIKE":
                pattern = self._text_literal(node.right, node.operator)
                text = self._of_kind(node.left, TEXT)
                return like(text, pattern, self.engine, ignore_case=node.operator == "ILIKE")
            case "+" | "-" | "*" | "/" | "%":
                return self._arithmetic(node)
        return self._compared(node, node.operator, node.left, node.right)

    def _arithmetic(self, node: Binary) -> ir.Value:
        if isinstance(node.right, IntervalLiteral) and node.operator in {"+", "-"}:
            return self._shifted(node, node.right)
        left, right = self.value(node.left), self.value(node.right)
        if node.operator == "-" and kind_of(left.type()) is kind_of(right.type()) is ColumnKind.DATE:
            return date_difference(right, left, "DAY")
        operations: dict[str, Callable[[ir.NumericValue, ir.NumericValue], ir.NumericValue]] = {
            "+": numbers.add,
            "-": numbers.subtract,
            "*": numbers.multiply,
            "/": numbers.divide,
            "%": numbers.remainder,
        }
        return operations[node.operator](self._of_kind(node.left, NUMBERS), self._of_kind(node.right, NUMBERS))

    def _shifted(self, node: Binary, interval: IntervalLiteral) -> ir.Value:
        if interval.amount > _LONGEST_INTERVALS[interval.unit]:
            refuse("The interval is too long. Use a shorter one", interval.position)
        moment = self._of_kind(node.left, DATES)
        amount, unit = (interval.amount * 3, "M") if interval.unit == "QUARTER" else (interval.amount, interval.unit)
        duration = ibis.interval(amount, unit if unit == "M" else unit.lower())
        is_day = moment.type().is_date() and unit in {"YEAR", "M", "MONTH", "WEEK", "DAY"}
        moment = moment.cast("timestamp") if moment.type().is_date() else moment
        shifted = moment + duration if node.operator == "+" else moment - duration
        return shifted.cast("date") if is_day else shifted

    def _compared(self, node: Node, operator: str, left_node: Node, right_node: Node) -> ir.BooleanValue:
        left, right = self._comparable(node, left_node, right_node)
        if left.type().is_null() or right.type().is_null():
            return ibis.null("boolean")
        if operator in {"=", "<>"}:
            return left == right if operator == "=" else left != right
        if left.type().is_boolean():
            refuse(f"True and false have no order for {operator}. Use = or <>", node.position)
        left, right = sortable(left, self.engine), sortable(right, self.engine)
        match operator:
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
        return left >= right

    def _comparable(self, node: Node, *parts: Node) -> list[ir.Value]:
        """Compile nodes whose values meet in a comparison, in types that compare."""
        values = [self.value(part) for part in parts]
        kinds = [kind_of(value.type()) for value in values if not value.type().is_null()]
        if DATES & set(kinds):
            values = [self._as_moment(part, value) for part, value in zip(parts, values, strict=True)]
            kinds = [kind_of(value.type()) for value in values if not value.type().is_null()]
        families = {_FAMILIES.get(kind, kind) for kind in kinds}
        if len(families) > 1:
            _refuse_mixed(node, parts, values)
        if ColumnKind.DATETIME in kinds:
            values = [value.cast("timestamp") if value.type().is_date() else value for value in values]
        return numbers.comparable(values) if families == {ColumnKind.NUMBER} else values

    def _as_moment(self, node: Node, value: ir.Value) -> ir.Value:
        """Return a text literal that is compared with a date as the date that it is."""
        if not isinstance(node, Literal) or not isinstance(node.value, str):
            return value
        moment = parse_date(node.value) or parse_datetime(node.value)
        if moment is None:
            refuse(f"'{node.value}' is no date. Write 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'", node.position)
        return ibis.literal(moment)

    def _in(self, node: In) -> ir.BooleanValue:
        nulls = [option for option in node.options if isinstance(option, Literal) and option.value is None]
        operand, *options = self._comparable(node, node.operand, *(o for o in node.options if o not in nulls))
        if not options or operand.type().is_null():
            return ibis.null("boolean")
        found = operand.isin(options)
        return found | ibis.null("boolean") if nulls else found

    def _case(self, node: Case) -> ir.Value:
        conditions = [self.condition(condition) for condition, _ in node.branches]
        results = [result for _, result in node.branches] + [node.default or Literal(node.position, None)]
        *values, default = self._unified(node, results)
        return ibis.cases(*zip(conditions, values, strict=True), else_=default)

    def _unified(self, node: Node, parts: Sequence[Node]) -> list[ir.Value]:
        """Compile nodes whose values come to stand in one column."""
        values = self._comparable(node, *parts)
        typed = [value for value in values if not value.type().is_null()]
        if not typed:
            refuse("Every value here is NULL. Give one that is not", node.position)
        if typed[0].type().is_numeric() and not typed[0].type().is_boolean():
            typed = numbers.alike(typed)
        remaining = iter(typed)
        return [ibis.null(typed[0].type()) if value.type().is_null() else next(remaining) for value in values]

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
        return _placed(node, lambda: reading.cast(value, target, self.engine))

    def _call(self, node: Call) -> ir.Value:
        match node.function:
            case "CURRENT_DATE":
                return ibis.literal(reading.today())
            case "EXTRACT":
                unit, moment = node.arguments
                return _placed(node, lambda: extract(self._of_kind(moment, DATES), self._text_literal(unit, "EXTRACT")))
            case "DATE_DIFF":
                return self._date_diff(node)
            case "CONCAT":
                return concatenate([self._of_kind(argument, TEXT) for argument in node.arguments])
            case "COALESCE" | "GREATEST" | "LEAST" | "NULLIF":
                return self._chosen(node)
        function = FUNCTIONS[node.function]
        most = len(function.kinds) + len(function.literals)
        if not most - function.optional <= len(node.arguments) <= most:
            refuse(f"{node.function} takes {_count(most - function.optional, most)}", node.position)
        values = [self._of_kind(part, kinds) for part, kinds in zip(node.arguments, function.kinds, strict=False)]
        literals = [
            self._python_literal(part, kind, node.function)
            for part, kind in zip(node.arguments[len(values) :], function.literals, strict=False)
        ]
        return _placed(node, lambda: function.build(*values, *literals, engine=self.engine))

    def _date_diff(self, node: Call) -> ir.Value:
        if len(node.arguments) != 3:
            refuse("DATE_DIFF takes a unit and two dates. Write DATE_DIFF('day', START, END)", node.position)
        unit = self._text_literal(node.arguments[0], "DATE_DIFF").upper()
        if unit not in UNITS:
            refuse("DATE_DIFF counts 'day', 'month' or 'year'", node.arguments[0].position)
        start, end = (self._of_kind(argument, DATES) for argument in node.arguments[1:])
        return _placed(node, lambda: date_difference(start, end, unit))

    def _chosen(self, node: Call) -> ir.Value:
        if len(node.arguments) < 2 or (node.function == "NULLIF" and len(node.arguments) != 2):
            refuse(f"{node.function} takes two{' or more' * (node.function != 'NULLIF')} values", node.position)
        values = self._unified(node, node.arguments)
        if node.function in {"GREATEST", "LEAST"}:
            if kind_of(values[0].type()) not in NUMBERS | DATES:
                refuse(f"{node.function} takes numbers or dates", node.position)
            return ibis.greatest(*values) if node.function == "GREATEST" else ibis.least(*values)
        return ibis.coalesce(*values) if node.function == "COALESCE" else values[0].nullif(values[1])

    def _of_kind(self, node: Node, kinds: frozenset[ColumnKind]) -> ir.Value:
        """Compile a node that must be of certain kinds; NULL counts as any."""
        value = self._as_moment(node, self.value(node)) if kinds is DATES else self.value(node)
        if value.type().is_null():
            return ibis.null(_NULLS[min(kinds)])
        if kind_of(value.type()) not in kinds:
            wanted = " or ".join(sorted(kinds))
            hint = "Use TRY_CAST" if kind_of(value.type()) is ColumnKind.TEXT else "Use CAST"
            refuse(f"{_shown(node, value)} stands where {wanted} is expected. {hint}", node.position)
        return value

    def _text_literal(self, node: Node, where: str) -> str:
        return str(self._python_literal(node, str, where))

    def _python_literal(self, node: Node, kind: type, where: str) -> object:
        if not isinstance(node, Literal) or type(node.value) is not kind:
            wanted = "text in quotes" if kind is str else "a whole number"
            refuse(f"{where} takes {wanted} here, written out", node.position)
        return node.value


_FAMILIES = {ColumnKind.INTEGER: ColumnKind.NUMBER, ColumnKind.DATETIME: ColumnKind.DATE}
_NULLS = {ColumnKind.TEXT: "string", ColumnKind.INTEGER: "int64", ColumnKind.DATE: "date"}


def _balanced(
    operands: list[ir.BooleanValue], join: Callable[[ir.BooleanValue, ir.BooleanValue], ir.BooleanValue]
) -> ir.BooleanValue:
    """Join operands as a shallow tree: a chain of hundreds would be nested too deeply for the engines' compilers."""
    if len(operands) <= 2:
        return reduce(join, operands)
    half = len(operands) // 2
    return join(_balanced(operands[:half], join), _balanced(operands[half:], join))


def _placed(node: Node, build: Callable[[], ir.Value]) -> ir.Value:
    """Run `build`, and say where in the predicate it was when it refuses."""
    try:
        return build()
    except PredicateError:
        raise
    except RuleError as error:
        return refuse(str(error).removesuffix("."), node.position)


def _refuse_mixed(node: Node, parts: Sequence[Node], values: Sequence[ir.Value]) -> NoReturn:
    first = _shown(parts[0], values[0])
    family = _FAMILIES.get(kind_of(values[0].type()), kind_of(values[0].type()))
    for part, value in zip(parts, values, strict=True):
        kind = kind_of(value.type())
        if not value.type().is_null() and _FAMILIES.get(kind, kind) is not family:
            hint = "Use TRY_CAST, or quotes for text" if ColumnKind.TEXT in {kind, family} else "Compare like with like"
            refuse(f"{first} and {_shown(part, value)} do not compare. {hint}", node.position)
    refuse("Values of different kinds do not compare", node.position)


def _shown(node: Node, value: ir.Value) -> str:
    kind = kind_of(value.type())
    if isinstance(node, ColumnName):
        return f"Column {node.name} ({kind})"
    if isinstance(node, Literal):
        return f"'{node.value}' ({kind})" if isinstance(node.value, str) else f"{node.value} ({kind})"
    return f"A value of kind {kind}"


def _count(fewest: int, most: int) -> str:
    number = str(most) if fewest == most else f"{fewest} to {most}"
    return f"{number} argument{'s' if most > 1 else ''}"
