"""Rule texts that are queries in SQL, with places such as {table} and {column} to be filled in.

A query that counts rows by a condition counts the wrong ones, unless it names its figures otherwise.
"""

import re
from typing import Any

import sqlglot
import sqlglot.expressions as sge
from sqlglot.errors import SqlglotError

from profiling_pipeline.errors import RuleError
from profiling_pipeline.exchange.sql_text import name_sql
from profiling_pipeline.legacy_migration.translation.columns import Columns
from profiling_pipeline.legacy_migration.translation.limits import LONGEST_TEXT
from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    Missing,
    Present,
    Repeated,
    both,
    comparison,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.verdict import Verdict
from profiling_pipeline.rules.predicate import parse_predicate

_STARTS = re.compile(r"\s*(--[^\n]*\n\s*)*(SELECT|WITH)\b", re.IGNORECASE)
_PLACE = re.compile(r"\{\{?\s*([A-Za-z_]\w*)\s*\}?\}")
_OPEN_PARAMETER = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")
_NAME_WITH_BLANKS = re.compile(r"\b(COUNT|SUM)\(\s*([A-Za-z_]\w*(?: +[A-Za-z_]\w*)+)\s*\)", re.IGNORECASE)
_TABLE, _COLUMN = "the_table", "the_column"
_GOOD = re.compile(r"pass|valid(?!_?err)|good|ok|success|complete", re.IGNORECASE)
_BAD = re.compile(r"fail|invalid|bad|err|viol|null|missing|dup|incorrect|wrong|incomplete", re.IGNORECASE)
_MOST_NODES = 1_000
_COUNTS_WRONG = "The query only counts rows that are wrong; all others count as passed here."
_GROUPS = "The query lists repeated values; here every row that has one fails."
_COMPARISONS: dict[type[sge.Expression], tuple[str, str]] = {
    sge.EQ: ("=", "<>"), sge.NEQ: ("<>", "="), sge.LT: ("<", ">="), sge.LTE: ("<=", ">"), sge.GT: (">", "<="),
    sge.GTE: (">=", "<"),
}  # fmt: skip


def is_sql(text: str) -> bool:
    """Return whether a rule text is a query."""
    return _STARTS.match(text) is not None


def verdict_of_sql(text: str, column: str | None, columns: Columns) -> Verdict:
    """Return which rows pass by a rule text in SQL.

    Raises:
        NotRecognisedError: It is none that counts or lists wrong rows of one table, or it is not complete.
    """
    return _Query(column, columns).verdict(_parsed(text))


def _parsed(text: str) -> sge.Select:
    if len(text) > LONGEST_TEXT // 4 or text.count("(") > 100:
        raise NotRecognisedError("its query is too long")
    filled = _PLACE.sub(_filled, text.rstrip().rstrip(";"))
    if parameter := _OPEN_PARAMETER.search(re.sub(r"'[^']*'", "''", filled)):
        raise NotRecognisedError(f"its query needs the parameter :{parameter[1]}, which the text does not give")
    filled = _NAME_WITH_BLANKS.sub(lambda found: f'{found[1]}("{found[2]}")', filled)
    try:
        trees = sqlglot.parse(filled, dialect="postgres")
    except (SqlglotError, RecursionError) as error:
        raise NotRecognisedError("its query cannot be read") from error
    if len(trees) != 1 or not isinstance(trees[0], sge.Select):
        raise NotRecognisedError("it is no single query")
    if sum(1 for _ in trees[0].walk()) > _MOST_NODES:
        raise NotRecognisedError("its query is too long")
    return trees[0]


def _filled(place: re.Match[str]) -> str:
    name = place[1].casefold()
    if "table" in name and not name.startswith(("parent", "ref", "lookup", "child")):
        return _TABLE
    if name in ("column", "column_name", "col", "attribute", "field"):
        return _COLUMN
    if name.endswith("_column") and name not in ("fk_column", "pk_column", "ref_column"):
        return _COLUMN
    raise NotRecognisedError(f"its query needs {place[0]}, which the text does not give")


class _Query:
    """A query about one table."""

    def __init__(self, column: str | None, columns: Columns) -> None:
        self.column = column
        self.columns = columns

    def verdict(self, query: sge.Select) -> Verdict:
        allowed = {"kind", "expressions", "from_", "from", "where", "group", "having", "order", "limit", "distinct"}
        if any(value for key, value in query.args.items() if key not in allowed):
            raise NotRecognisedError("its query does more than count rows of one table")
        if query.find(sge.Subquery, sge.Join, sge.Window) or len(list(query.find_all(sge.Select))) > 1:
            raise NotRecognisedError("its query looks into other tables or queries")
        where = query.args.get("where")
        rows = self.condition(where.this) if where else EVERY_ROW
        if query.args.get("group"):
            return self._repeated(query, rows)
        figures = [self._figure(item) for item in query.expressions]
        counted = [figure for figure in figures if figure is not None]
        if not counted:
            return self._listed(query, rows)
        return self._of_figures(counted, rows)

    def _listed(self, query: sge.Select, rows: Condition) -> Verdict:
        if rows == EVERY_ROW or query.find(sge.AggFunc):
            raise NotRecognisedError("its query is no count of rows")
        self.columns.note(_COUNTS_WRONG)
        return Verdict(negated(rows))

    def _of_figures(self, figures: list[tuple[str, Condition]], rows: Condition) -> Verdict:
        for name, condition in figures:
            if condition == EVERY_ROW and rows == EVERY_ROW:
                continue  # the number of all rows
            counted = both(rows, condition)
            if _GOOD.search(name) and not _BAD.search(name):
                return Verdict(counted)
            self.columns.note(_COUNTS_WRONG)
            return Verdict(negated(counted))
        raise NotRecognisedError("its query counts all rows")

    def _figure(self, item: sge.Expression) -> tuple[str, Condition] | None:
        """Return a figure's name and the rows that it counts, None for what is no figure."""
        name = item.alias or ""
        inner = item.this if isinstance(item, sge.Alias) else item
        while isinstance(inner, sge.Paren):
            inner = inner.this
        match inner:
            case sge.Sub(this=sge.Count(this=sge.Star()), expression=sge.Count(this=sge.Column() as counted)):
                return name or "null", Missing(self.name(counted))
            case sge.Sub(this=sge.Count() as all_rows, expression=sge.Count(this=sge.Distinct() as distinct)):
                return name or "duplicate", self._beyond_one(all_rows, distinct)
            case sge.Count(this=sge.Star()):
                return name, EVERY_ROW
            case sge.Count(this=sge.Column() as counted):
                return name or "valid", Present(self.name(counted))
            case sge.Filter(this=sge.Count(this=sge.Star()), expression=sge.Where(this=condition)):
                return name, self.condition(condition)
            case sge.Sum(this=sge.Case() as case) | sge.Count(this=sge.Case() as case):
                return name, self._case(case, counts=isinstance(inner, sge.Count))
        if inner.find(sge.AggFunc):
            raise NotRecognisedError("its query has a figure that is no number of rows")
        return None

    def _beyond_one(self, all_rows: sge.Count, distinct: sge.Distinct) -> Condition:
        if len(distinct.expressions) != 1 or not isinstance(distinct.expressions[0], sge.Column):
            raise NotRecognisedError("its query counts different values of something that is computed")
        column = self.found(distinct.expressions[0])
        if isinstance(all_rows.this, sge.Star):
            raise NotRecognisedError("its query counts rows without a value among the repeated ones")
        return both(Present(name_sql(column)), Repeated((column,), "first"))

    def _case(self, case: sge.Case, *, counts: bool) -> Condition:
        default = case.args.get("default")
        branches = case.args.get("ifs", [])
        zero = default is None or isinstance(default, sge.Null) or (not counts and default.sql() == "0")
        if case.this or len(branches) != 1 or not zero or (not counts and branches[0].args["true"].sql() != "1"):
            raise NotRecognisedError("its query adds up something else than ones")
        return self.condition(branches[0].this)

    def _repeated(self, query: sge.Select, rows: Condition) -> Verdict:
        keys = query.args["group"].expressions
        having = query.args.get("having")
        wanted = {"COUNT(*) > 1", "COUNT(*) >= 2", "COUNT(*) <> 1", *(f"COUNT({key.sql()}) > 1" for key in keys)}
        if having is None or having.this.sql() not in wanted or not all(isinstance(key, sge.Column) for key in keys):
            raise NotRecognisedError("its query groups rows for something else than repeated values")
        columns = tuple(self.found(key) for key in keys)
        present = [Present(name_sql(column)) for column in columns]
        if rows not in (EVERY_ROW, both(*present)):
            raise NotRecognisedError("its query looks for repeated values among some of the rows")
        self.columns.note(_GROUPS)
        repeated = Repeated(columns, "none", is_repeated=False)
        return Verdict(repeated if rows == EVERY_ROW else either(*map(negated, present), repeated), rows)

    def condition(self, node: Any) -> Condition:
        """Return a condition of the query: where it is true."""
        match node:
            case sge.Paren():
                return self.condition(node.this)
            case sge.And():
                return both(self.condition(node.left), self.condition(node.right))
            case sge.Or():
                return either(self.condition(node.left), self.condition(node.right))
            case sge.Is(this=operand, expression=sge.Null()):
                return Missing(self.sql(operand))
            case sge.Not(this=sge.Is(this=operand, expression=sge.Null())):
                return Present(self.sql(operand))
            case sge.Not(this=inner):
                # NOT of null is null: such rows are not counted.
                return both(*(Present(each) for each in self._needs(inner)), negated(self.condition(inner)))
            case sge.Boolean():
                return EVERY_ROW if node.this else NO_ROW
        if type(node) in _COMPARISONS:
            word, opposite = _COMPARISONS[type(node)]
            left, right = self.sql(node.left), self.sql(node.right)
            return comparison(f"{left} {word} {right}", f"{left} {opposite} {right}", self._needs(node))
        sql = self.sql(node)
        return comparison(sql, f"NOT ({sql})", self._needs(node))

    def sql(self, node: sge.Expression) -> str:
        """Return a part of the query as a part of a predicate."""
        copy = node.copy()
        holder = sge.Paren(this=copy)
        for column in list(holder.find_all(sge.Column)):
            column.replace(sge.to_identifier(self.found(column), quoted=name_sql(self.found(column)).startswith('"')))
        text = _as_regexp_like(holder.this) or holder.this.sql(dialect="postgres")
        try:
            parse_predicate(text)
        except RuleError as error:
            raise NotRecognisedError(f"its condition cannot be said in rules: {error}") from error
        return text

    def _needs(self, node: sge.Expression) -> list[str]:
        return sorted({self.name(column) for column in node.find_all(sge.Column)})

    def name(self, column: sge.Column) -> str:
        return name_sql(self.found(column))

    def found(self, column: sge.Column) -> str:
        """Return the column that the query names; {column} is the rule's own."""
        if column.name == _COLUMN:
            if self.column is None:
                raise NotRecognisedError("its attribute has no column")
            self.columns.read[self.column] = None
            return self.column
        found = self.columns.find(column.name)
        if found is None:
            self.columns.note(f"It reads the column '{column.name}', which no attribute is mapped to.")
        self.columns.read[found or column.name] = None
        return found or column.name


def _as_regexp_like(node: sge.Expression) -> str | None:
    if not isinstance(node, sge.RegexpLike) or node.args.get("flag"):
        return None
    return f"REGEXP_LIKE({node.this.sql(dialect='postgres')}, {node.expression.sql(dialect='postgres')})"
