"""The grammar of predicates: what is not named here is refused."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NoReturn

from profiling_pipeline.rules.predicate.limits import DEEPEST, MOST_UNFINISHED, refuse_deep_tree, refuse_too_complex
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
from profiling_pipeline.rules.predicate.tokens import Token, excerpt, refuse, tokenize

FUNCTIONS = frozenset({
    "ABS", "ROUND", "CEIL", "FLOOR", "SQRT", "POWER", "GREATEST", "LEAST", "COALESCE", "NULLIF", "LENGTH", "UPPER",
    "LOWER", "TRIM", "SUBSTRING", "CONCAT", "REPLACE", "LEFT", "RIGHT", "REGEXP_LIKE", "YEAR", "MONTH", "DAY",
    "DATE_DIFF",
})  # fmt: skip
TYPES = frozenset({
    "INTEGER", "BIGINT", "DECIMAL", "NUMERIC", "DOUBLE", "VARCHAR", "TEXT", "DATE", "TIMESTAMP", "BOOLEAN",
})  # fmt: skip
UNITS = frozenset({"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND"})

_IMPLIES, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN = range(1, 9)
_PRECEDENCE = (
    {"IMPLIES": _IMPLIES, "OR": _OR, "AND": _AND}
    | dict.fromkeys(("=", "<>", "<", "<=", ">", ">=", "IS", "IN", "BETWEEN", "LIKE", "ILIKE", "NOT"), _COMPARISON)
    | {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT}
)
_RESERVED = frozenset({
    "AND", "BETWEEN", "CASE", "CAST", "CURRENT_DATE", "ELSE", "END", "EXTRACT", "FALSE", "FROM", "ILIKE", "IMPLIES",
    "IN", "INTERVAL", "IS", "LIKE", "NOT", "NULL", "OR", "SELECT", "THEN", "TRUE", "TRY_CAST", "WHEN", "WITH",
})  # fmt: skip
_INTERVAL = re.compile(r"(\d{1,9})(?: +([A-Za-z]+))?")


@lru_cache(maxsize=1024)
def parse_predicate(text: str) -> Node:
    """Read a predicate.

    Raises:
        PredicateError: It is not in the language; the message names what is not allowed, and where.
    """
    parser = _Parser(tokenize(text))
    tree = parser.expression()
    if parser.token.kind != "end":
        parser.refuse_token()
    refuse_deep_tree(tree)
    return tree


class _Parser:
    """Precedence climbing over the tokens of one predicate."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0  # levels of nesting as people write it
        self.unfinished = 0  # expressions begun and not ended

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def expression(self, weakest: int = _IMPLIES, *, is_nested: bool = True) -> Node:
        """Read operands joined by operators that bind at least as tightly as `weakest`."""
        self.depth += is_nested
        self.unfinished += 1
        if self.unfinished > MOST_UNFINISHED:
            refuse_too_complex(self.token.position)
        if self.depth > DEEPEST:
            refuse(f"The predicate is nested deeper than {DEEPEST} levels. Split it", self.token.position)
        node = self._operand()
        last = 0
        while self.token.kind in {"operator", "word"}:
            precedence = _PRECEDENCE.get(self.token.value, 0)
            if precedence < weakest:
                break
            if precedence == _COMPARISON == last:
                refuse("Comparisons do not chain. Join them with AND, or use parentheses", self.token.position)
            last = precedence
            node = self._joined(node, self._next(), precedence)
        self.depth -= is_nested
        self.unfinished -= 1
        return node

    def _joined(self, left: Node, operator: Token, precedence: int) -> Node:
        position = operator.position
        match operator.value:
            case "IMPLIES":
                return Binary(position, "IMPLIES", left, self.expression(_IMPLIES))
            case "AND" | "OR":
                operands = [left, self.expression(precedence + 1, is_nested=False)]
                while self._take(operator.value):
                    operands.append(self.expression(precedence + 1, is_nested=False))
                return Chain(position, operator.value, tuple(operands))
            case "IS":
                negated = self._take("NOT")
                self._expect("NULL")
                is_null = IsNull(position, left)
                return Unary(position, "NOT", is_null) if negated else is_null
            case "NOT":
                if self.token.value not in {"IN", "BETWEEN", "LIKE", "ILIKE"}:
                    self.refuse_token()
                return Unary(position, "NOT", self._joined(left, self._next(), precedence))
            case "IN":
                return In(position, left, self._listed(self._option))
            case "BETWEEN":
                low = self.expression(_SUM, is_nested=False)
                self._expect("AND")
                return Between(position, left, low, self.expression(_SUM, is_nested=False))
        return Binary(position, operator.value, left, self.expression(precedence + 1, is_nested=False))

    def _operand(self) -> Node:
        token = self._next()
        match token.kind:
            case "number":
                return Literal(token.position, _number(token))
            case "text":
                return Literal(token.position, token.value)
            case "quoted":
                return ColumnName(token.position, token.value)
            case "word":
                return self._word(token)
        if token.value == "(":
            node = self.expression()
            self._expect(")")
            return node
        if token.value in {"-", "+"}:
            return self._signed(token)
        return self._refuse(token)

    def _signed(self, sign: Token) -> Node:
        operand = self.expression(_SIGN)
        if isinstance(operand, Literal) and isinstance(operand.value, int | Decimal) and sign.value == "-":
            return Literal(sign.position, -operand.value)
        return Unary(sign.position, sign.value, operand)

    def _word(self, token: Token) -> Node:
        position = token.position
        followed_by = self.token
        match token.value:
            case "NOT":
                return Unary(position, "NOT", self.expression(_NOT))
            case "TRUE" | "FALSE":
                return Literal(position, token.value == "TRUE")
            case "NULL":
                return Literal(position, None)
            case "CASE":
                return self._case(position)
            case "CAST" | "TRY_CAST":
                return self._cast(position)
            case "EXTRACT":
                return self._extract(position)
            case "CURRENT_DATE":
                return Call(position, "CURRENT_DATE", ())
            case "INTERVAL":
                return self._interval(position)
            case "DATE" | "TIMESTAMP" if followed_by.kind == "text":
                return TemporalLiteral(position, token.value, self._next().value)
        if token.value in _RESERVED:
            return self._refuse(token)
        if followed_by.value == "(" and followed_by.kind == "operator":
            return self._call(token)
        return ColumnName(position, token.written)

    def _call(self, token: Token) -> Node:
        if token.value not in FUNCTIONS:
            allowed = ", ".join(sorted(FUNCTIONS))
            refuse(f"The function {excerpt(token.written)} is not allowed. Use one of {allowed}", token.position)
        return Call(token.position, token.value, self._listed(self.expression))

    def _listed(self, read: Callable[[], Node]) -> tuple[Node, ...]:
        """Read what stands in parentheses with commas between."""
        self._expect("(")
        listed = [read()]
        while self._take(","):
            listed.append(read())
        self._expect(")")
        return tuple(listed)

    def _option(self) -> Node:
        start = self.token
        if start.value not in {"SELECT", "WITH"} or start.kind != "word":
            option = self.expression(_SUM, is_nested=False)
            if isinstance(option, Literal | TemporalLiteral):
                return option
        return refuse("IN takes a list of literals only. Write the values themselves", start.position)

    def _case(self, position: int) -> Node:
        branches = []
        if self.token.value != "WHEN":
            refuse("Only CASE WHEN is allowed. Write the comparison after WHEN", self.token.position)
        while self._take("WHEN"):
            condition = self.expression()
            self._expect("THEN")
            branches.append((condition, self.expression()))
        default = self.expression() if self._take("ELSE") else None
        self._expect("END")
        return Case(position, tuple(branches), default)

    def _cast(self, position: int) -> Node:
        self._expect("(")
        operand = self.expression()
        if self.token.value != "AS" or self.token.kind != "word":
            self.refuse_token()
        self._next()
        type_token = self._next()
        if type_token.value not in TYPES or type_token.kind != "word":
            refuse(
                f"The type {excerpt(type_token.written)} is not allowed. Use {', '.join(sorted(TYPES))}",
                type_token.position,
            )
        sizes: list[int] = []
        if type_token.value in {"DECIMAL", "NUMERIC"} and self._take("("):
            sizes.append(self._size())
            if self._take(","):
                sizes.append(self._size())
            self._expect(")")
        self._expect(")")
        return Cast(position, operand, type_token.value, tuple(sizes))

    def _size(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.value.isdecimal() or len(token.value) > 2:
            self._refuse(token)
        return int(token.value)

    def _extract(self, position: int) -> Node:
        self._expect("(")
        unit = self._unit(self._next())
        self._expect("FROM")
        operand = self.expression()
        self._expect(")")
        return Call(position, "EXTRACT", (Literal(position, unit), operand))

    def _interval(self, position: int) -> Node:
        token = self._next()
        amount = _INTERVAL.fullmatch(token.value) if token.kind in {"text", "number"} else None
        if amount is None:
            refuse("INTERVAL needs a whole number and a unit. Write INTERVAL '3' DAY", token.position)
        unit = Token("word", amount[2].upper(), token.position, amount[2]) if amount[2] else self._next()
        return IntervalLiteral(position, int(amount[1]), self._unit(unit))

    def _unit(self, token: Token) -> str:
        unit = token.value.removesuffix("S")
        if token.kind != "word" or unit not in UNITS:
            refuse(f"{excerpt(token.written)} is no unit of time. Use {', '.join(sorted(UNITS))}", token.position)
        return unit

    def _next(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def _take(self, value: str) -> bool:
        found = self.token.kind in {"operator", "word"} and self.token.value == value
        self.at += found
        return found

    def _expect(self, value: str) -> None:
        if not self._take(value):
            refuse(f"{value} is expected before {excerpt(self.token.written)}", self.token.position)

    def refuse_token(self) -> NoReturn:
        """Refuse the next token."""
        self._refuse(self.token)

    def _refuse(self, token: Token) -> NoReturn:
        if token.kind == "end":
            refuse("The predicate ends too early. Complete it", token.position)
        if token.value in {"SELECT", "WITH"} and token.kind == "word":
            refuse(f"{token.written}: statements and subqueries are not allowed. Write one condition", token.position)
        refuse(f"{excerpt(token.written)} is not allowed here. Correct the predicate", token.position)


def _number(token: Token) -> int | Decimal:
    try:
        return int(token.value) if token.value.isdecimal() else Decimal(token.value)
    except InvalidOperation:
        refuse(f"The number {excerpt(token.written)} is out of range. Use a smaller one", token.position)
