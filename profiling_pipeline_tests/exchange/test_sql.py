"""Rules said in SQL fail the same rows as the rules do."""

from decimal import Decimal

import duckdb
import pytest

from profiling_pipeline.exchange.model import NotCarriedError
from profiling_pipeline.exchange.sql_conditions import failing_rows_of, rule_of_failing_rows
from profiling_pipeline.exchange.sql_figures import figure_of, rule_of_figure
from profiling_pipeline.exchange.sql_rates import pass_rate_sql, rule_of_pass_rate
from profiling_pipeline.exchange.sql_text import predicate_sql
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.execution.data import a_rule, duckdb_source

COLUMNS = {"n": "integer", "m": "decimal(9, 2)", "t": "text", "d": "date", "e": "date", "limit": "integer"}
ROWS = [
    (1, Decimal("1.00"), "US-1", "2024-01-01", "2024-01-02", 5),
    (2, Decimal("2.50"), "us-22", "2030-01-01", "2024-01-01", 1),
    (None, None, None, None, None, None),
    (0, Decimal("-3.25"), "", "2099-12-31", None, 0),
    (3, None, "A'B%_", "2024-02-29", "2024-02-29", 3),
    (-7, Decimal("-7.00"), "  ", "1999-01-01", "2000-01-01", -7),
]
RULES = [
    a_rule("t", "not_null"),
    a_rule("t", "not_blank"),
    a_rule("n", "equal_to", value=1),
    a_rule("t", "not_equal_to", value="A'B%_"),
    a_rule("n", "greater_than", min_value=0),
    a_rule("m", "greater_than_or_equal_to", min_value=Decimal("-3.25")),
    a_rule("n", "less_than", max_value=2),
    a_rule("n", "less_than_or_equal_to", max_value=2),
    a_rule("n", "in_range", min_value=0, max_value=3, include_min=False),
    a_rule("t", "isin", allowed_values=["US-1", "US-22"], ignore_case=True),
    a_rule("t", "notin", forbidden_values=["", "us-22"]),
    a_rule("t", "str_startswith", string="US"),
    a_rule("t", "str_endswith", string="%_"),
    a_rule("t", "str_length", min_value=1, max_value=4),
    a_rule("t", "like", pattern="%-_"),
    a_rule("d", "not_in_future", tolerance_days=3),
    a_rule("n", "column_ge", other="limit"),
    a_rule("n", "column_gt", other="limit"),
    a_rule("n", "column_eq", other="limit"),
    a_rule("d", "date_order", later="e"),
    a_rule("n", "sum_equals", parts=["m"], tolerance=Decimal("0.5")),
    a_rule("n", "expression", predicate="n / limit > 0 AND limit <> 5"),
    a_rule("n", "expression", predicate="YEAR(d) = 2024 OR n % limit = 0"),
    a_rule("n", "implies", when="t LIKE 'U%'", then="n = 1"),
    a_rule("t", "required_when", when="n > 0"),
    a_rule("n", "expression", predicate="n > 0 IMPLIES m > 1 IMPLIES limit > 2", where="t <> ''"),
    a_rule("n", "less_than", max_value=2, where="limit > 0", min_pass_rate=50),
]
FIGURE_CHECKS = (
    "mean_between sum_between min_between max_between stddev_between median_between distinct_count_between "
    "distinct_ratio_between null_rate_between row_count_between"
)
FIGURES = [a_rule("n", check, min_value=0) for check in FIGURE_CHECKS.split()] + [
    a_rule("m", "quantile_between", quantile=Decimal("0.9"), min_value=0)
]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[int, Decimal | None, object]]:
    """Failed rows, pass rate and observed figure of each rule, by its name."""
    with duckdb_source(COLUMNS, ROWS) as source:
        report = execute_rules([*RULES, *FIGURES], source)
    return {outcome.rule.name: (outcome.failed, outcome.pass_rate, outcome.observed) for outcome in report.outcomes}


def _value(sql: str) -> object:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({columns})")
        connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(COLUMNS))})", ROWS)
        return connection.execute(sql).fetchone()[0]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_condition_finds_the_failing_rows(rule: Rule, outcomes) -> None:
    condition = failing_rows_of(rule, lambda what, why: None)

    assert _value(f"SELECT COUNT(*) FROM t WHERE {condition}") == outcomes[rule.name][0]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_rate_is_the_pass_rate(rule: Rule, outcomes) -> None:
    rate = _value(f"SELECT {pass_rate_sql(rule, lambda what, why: None)} FROM t")

    assert round(Decimal(str(rate)), 2) == outcomes[rule.name][1]


@pytest.mark.parametrize("rule", FIGURES, ids=lambda rule: rule.name)
def test_the_figure_is_the_observed_one(rule: Rule, outcomes) -> None:
    assert float(_value(f"SELECT {figure_of(rule)} FROM t")) == pytest.approx(float(outcomes[rule.name][2]))


@pytest.mark.parametrize("rule", FIGURES, ids=lambda rule: rule.name)
def test_a_figure_is_read_as_it_is_written(rule: Rule) -> None:
    read = rule_of_figure(figure_of(rule).lower(), {"min_value": 0}, rule.attribute)

    assert (read.attribute, read.check, read.parameters) == (rule.attribute, rule.check, rule.parameters)


def test_a_rate_is_read_as_it_is_written() -> None:
    rule = a_rule("n", "less_than", max_value=2, where="limit > 0 AND (n > 1) AND (m > 2)", min_pass_rate=50)

    read = rule_of_pass_rate(pass_rate_sql(rule, lambda what, why: None), Decimal(50))

    where = '(("limit" > 0) AND (n > 1)) AND (m > 2)'
    assert read.parameters["predicate"] == "n < 2"
    assert read.parameters["min_pass_rate"] == 50
    assert read.parameters["where"].count("AND") == where.count("AND")


@pytest.mark.parametrize(
    ("predicate", "sql"),
    [
        ("a <= b", "a <= b"),
        ("LIMIT > 0", '"LIMIT" > 0'),
        ('"LIMIT" > 0', '"LIMIT" > 0'),
        ("a IMPLIES b IS NULL", "NOT (a) OR (b IS NULL)"),
        ("a / b > 1", "(a / NULLIF(b, 0)) > 1"),
        ("MONTH(d) IN (1, 2)", "EXTRACT(MONTH FROM d) IN (1, 2)"),
        ("d > CURRENT_DATE - INTERVAL '3' DAY", "d > CURRENT_DATE - INTERVAL '3' DAY"),
    ],
)
def test_predicates_become_standard_sql(predicate: str, sql: str) -> None:
    assert predicate_sql(predicate) == sql


@pytest.mark.parametrize(
    "predicate", ["REGEXP_LIKE(t, 'x')", "CAST(t AS INTEGER) = 1", "DATE_DIFF('day', d, e) > 1", "t LIKE 'a\\_b'"]
)
def test_what_engines_read_differently_is_not_said(predicate: str) -> None:
    with pytest.raises(NotCarriedError):
        predicate_sql(predicate)


@pytest.mark.parametrize(
    ("condition", "predicate"),
    [
        ("NOT (a > 1)", "a > 1"),
        ("NOT (a > 1) OR (b > 1)", "NOT (NOT (a > 1) OR (b > 1))"),
        ("a > 1", "NOT (a > 1)"),
        ("not(a > 1)", "a > 1"),
    ],
)
def test_conditions_of_failing_rows_are_turned_round(condition: str, predicate: str) -> None:
    assert rule_of_failing_rows(condition).parameters == {"predicate": predicate}
