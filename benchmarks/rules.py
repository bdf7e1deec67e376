"""The rules of the benchmarks: each in the project's words, and as a person would write it in SQL.

A peer's module reads `check` and `parameters`; rules across columns are given as SQL, which peers take as they can.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # peers run in an environment without the project
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
        return f"{self.column} {self.check} {' '.join(str(value) for value in self.parameters.values())}".strip()

    def as_rule(self) -> "Rule":
        """Return the rule as the project knows it."""
        from profiling_pipeline.rules.rule import Rule

        return Rule(name=self.name, attribute=self.column, check=self.check, parameters=self.parameters)


def typed(value: Any) -> Any:
    """Return a parameter as Python compares it: text that is a date as one."""
    return date.fromisoformat(value) if isinstance(value, str) and value[4:5] == "-" else value


def present(column: str) -> BenchmarkRule:
    """Return the rule that no value is missing."""
    return BenchmarkRule(column, "not_null", {}, f"{column} IS NOT NULL")


def between(column: str, low: Any, high: Any) -> BenchmarkRule:
    """Return the rule that values, numbers or dates, lie between bounds."""
    written = [f"DATE '{bound}'" if isinstance(bound, str) else bound for bound in (low, high)]
    sql = f"{column} BETWEEN {written[0]} AND {written[1]}"
    return BenchmarkRule(column, "in_range", {"min_value": low, "max_value": high}, sql)


def bounded(column: str, operator: str, bound: Any) -> BenchmarkRule:
    """Return the rule of one bound: `>`, `>=`, `<` or `<=`."""
    check, name = {
        ">": ("greater_than", "min_value"),
        ">=": ("greater_than_or_equal_to", "min_value"),
        "<": ("less_than", "max_value"),
        "<=": ("less_than_or_equal_to", "max_value"),
    }[operator]
    return BenchmarkRule(column, check, {name: bound}, f"{column} {operator} {bound}")


def one_of(column: str, values: list[Any]) -> BenchmarkRule:
    """Return the rule that values are members of a set."""
    listed = ", ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in values)
    return BenchmarkRule(column, "isin", {"allowed_values": values}, f"{column} IN ({listed})")


def other_than(column: str, value: str) -> BenchmarkRule:
    """Return the rule that no value is the given text."""
    return BenchmarkRule(column, "not_equal_to", {"value": value}, f"{column} <> '{value}'")


def long(column: str, low: int, high: int) -> BenchmarkRule:
    """Return the rule of a text's number of characters."""
    sql = f"length({column}) BETWEEN {low} AND {high}"
    return BenchmarkRule(column, "str_length", {"min_value": low, "max_value": high}, sql)


def matching(column: str, pattern: str) -> BenchmarkRule:
    """Return the rule that a pattern is found from the first character on."""
    return BenchmarkRule(column, "str_matches", {"pattern": pattern}, f"regexp_matches({column}, '^(?:{pattern})')")


def containing(column: str, pattern: str) -> BenchmarkRule:
    """Return the rule that a pattern is found somewhere."""
    return BenchmarkRule(column, "str_contains", {"pattern": pattern}, f"regexp_matches({column}, '{pattern}')")


def across(column: str, predicate: str) -> BenchmarkRule:
    """Return a rule over several columns."""
    return BenchmarkRule(column, "expression", {"predicate": predicate}, predicate)


LINEITEM = (
    present("l_orderkey"),
    between("l_orderkey", 1, 600_000_000),
    bounded("l_orderkey", ">", 0),
    present("l_partkey"),
    between("l_partkey", 1, 2_000_000),
    present("l_suppkey"),
    between("l_suppkey", 2, 200_000),  # some rows fail
    one_of("l_linenumber", [1, 2, 3, 4, 5, 6, 7]),
    bounded("l_linenumber", "<=", 7),
    between("l_quantity", 1, 50),
    bounded("l_quantity", "<", 50),  # some rows fail
    present("l_extendedprice"),
    bounded("l_extendedprice", ">", 0),
    bounded("l_extendedprice", "<=", 104_000),  # some rows fail
    between("l_discount", 0, 0.10),
    between("l_tax", 0, 0.08),
    one_of("l_returnflag", ["A", "N", "R"]),
    long("l_returnflag", 1, 1),
    one_of("l_linestatus", ["O", "F"]),
    other_than("l_linestatus", "P"),
    present("l_shipdate"),
    between("l_shipdate", "1992-01-01", "1998-12-31"),
    between("l_commitdate", "1992-01-01", "1998-12-31"),
    between("l_receiptdate", "1992-01-01", "1998-12-31"),
    one_of("l_shipinstruct", SHIP_INSTRUCTIONS),
    one_of("l_shipmode", SHIP_MODES),
    matching("l_shipmode", "[A-Z]+( [A-Z]+)?"),
    present("l_comment"),
    long("l_comment", 10, 43),
    containing("l_comment", "[a-z]"),
    across("l_shipdate", "l_shipdate < l_receiptdate"),
    across("l_tax", "l_discount + l_tax < 0.175"),  # some rows fail
)

# About a third of the rows fail each of these but the first.
LINEITEM_A_THIRD_FAILS = (
    present("l_orderkey"),
    bounded("l_quantity", "<=", 33),
    bounded("l_quantity", ">", 17),
    bounded("l_extendedprice", "<=", 50_000),
    between("l_discount", 0, 0.06),
    between("l_tax", 0, 0.05),
    one_of("l_linenumber", [1, 2, 3]),
    between("l_shipdate", "1992-01-01", "1996-08-31"),
    one_of("l_shipmode", ["REG AIR", "AIR", "RAIL", "SHIP"]),
    one_of("l_shipinstruct", ["DELIVER IN PERSON", "COLLECT COD", "NONE"]),
    long("l_comment", 10, 32),
    containing("l_comment", "[x-z]"),
    across("l_tax", "l_discount + l_tax < 0.12"),
)
