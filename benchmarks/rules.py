"""The 32 rules of the benchmark, each also as a person would write it in SQL. Rows fail four of them."""

from dataclasses import dataclass
from typing import Any

from profiling_pipeline.rules.rule import Rule

SHIP_INSTRUCTIONS = ["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"]
SHIP_MODES = ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"]


@dataclass(frozen=True)
class BenchmarkRule:
    """A rule, and its condition in SQL."""

    column: str
    check: str
    parameters: dict[str, Any]
    sql: str

    @property
    def name(self) -> str:
        """What the rule is called in the results."""
        return f"{self.column} {self.check}"

    def as_rule(self) -> Rule:
        """Return the rule as the project knows it."""
        return Rule(name=self.name, attribute=self.column, check=self.check, parameters=self.parameters)


def _rule(column: str, check: str, sql: str, **parameters: Any) -> BenchmarkRule:
    return BenchmarkRule(column, check, parameters, sql)


def _range(column: str, low: Any, high: Any) -> BenchmarkRule:
    written = [f"DATE '{bound}'" if isinstance(bound, str) else bound for bound in (low, high)]
    return _rule(column, "in_range", f"{column} BETWEEN {written[0]} AND {written[1]}", min_value=low, max_value=high)


def _one_of(column: str, values: list[Any]) -> BenchmarkRule:
    return _rule(column, "isin", f"{column} IN {tuple(values)!r}", allowed_values=values)


def _present(column: str) -> BenchmarkRule:
    return _rule(column, "not_null", f"{column} IS NOT NULL")


COLUMN_RULES = (
    _present("l_orderkey"),
    _range("l_orderkey", 1, 6_000_000),
    _rule("l_orderkey", "greater_than", "l_orderkey > 0", min_value=0),
    _present("l_partkey"),
    _range("l_partkey", 1, 200_000),
    _present("l_suppkey"),
    _range("l_suppkey", 1, 9_999),  # some rows fail
    _one_of("l_linenumber", [1, 2, 3, 4, 5, 6, 7]),
    _rule("l_linenumber", "less_than_or_equal_to", "l_linenumber <= 7", max_value=7),
    _range("l_quantity", 1, 50),
    _rule("l_quantity", "less_than", "l_quantity < 50", max_value=50),  # some rows fail
    _present("l_extendedprice"),
    _rule("l_extendedprice", "greater_than", "l_extendedprice > 0", min_value=0),
    _rule("l_extendedprice", "less_than_or_equal_to", "l_extendedprice <= 104000", max_value=104_000),  # some fail
    _range("l_discount", 0, 0.10),
    _range("l_tax", 0, 0.08),
    _one_of("l_returnflag", ["A", "N", "R"]),
    _rule("l_returnflag", "str_length", "length(l_returnflag) BETWEEN 1 AND 1", min_value=1, max_value=1),
    _one_of("l_linestatus", ["O", "F"]),
    _rule("l_linestatus", "not_equal_to", "l_linestatus <> 'P'", value="P"),
    _present("l_shipdate"),
    _range("l_shipdate", "1992-01-01", "1998-12-31"),
    _range("l_commitdate", "1992-01-01", "1998-12-31"),
    _range("l_receiptdate", "1992-01-01", "1998-12-31"),
    _one_of("l_shipinstruct", SHIP_INSTRUCTIONS),
    _one_of("l_shipmode", SHIP_MODES),
    _rule("l_shipmode", "str_matches", "regexp_matches(l_shipmode, '^[A-Z]+( [A-Z]+)?')", pattern="[A-Z]+( [A-Z]+)?"),
    _present("l_comment"),
    _rule("l_comment", "str_length", "length(l_comment) BETWEEN 10 AND 43", min_value=10, max_value=43),
    _rule("l_comment", "str_contains", "regexp_matches(l_comment, '[a-z]')", pattern="[a-z]"),
)
CROSS_COLUMN_RULES = (
    _rule("l_shipdate", "expression", "l_shipdate < l_receiptdate", predicate="l_shipdate < l_receiptdate"),
    _rule("l_tax", "expression", "l_discount + l_tax < 0.175", predicate="l_discount + l_tax < 0.175"),  # some fail
)
RULES = (*COLUMN_RULES, *CROSS_COLUMN_RULES)
