"""Rules meet their data: names, kinds, parameters and reserved keys."""

from decimal import Decimal

import ibis
import ibis.expr.types as ir
import pytest

from profiling_pipeline.errors import PredicateError, RuleError
from profiling_pipeline.rules.binding import bind_rule, describe, validate_rule
from profiling_pipeline.rules.rule import Dimension, Rule
from profiling_pipeline_tests.rules.engines import Engines

COLUMNS = ("AMOUNT", "Status", "OPENED", "CLOSED", "tags", "a b")


@pytest.fixture(scope="module")
def table() -> ir.Table:
    types = ("int64", "string", "date", "date", "array<string>", "float64")
    return ibis.duckdb.connect().create_table("data", schema=ibis.schema(dict(zip(COLUMNS, types, strict=True))))


def test_a_bound_rule_knows_its_column_dimension_and_tolerance(table: ir.Table) -> None:
    rule = Rule(
        "r",
        "amount",
        "in_range",
        {"min_value": 0, "max_value": 9, "where": "status = 'open'", "min_pass_rate": 99.5, "warn_pass_rate": 100,
         "origin": {"batch": 3}},
    )  # fmt: skip

    bound = bind_rule(rule, table, COLUMNS)

    assert bound.rule.column == bound.column == "AMOUNT"
    assert bound.rule.dimension is Dimension.VALIDITY
    assert (bound.min_pass_rate, bound.warn_pass_rate) == (Decimal("99.5"), Decimal(100))
    assert bound.columns_read == ("AMOUNT", "Status")
    assert bound.where is not None


def test_a_rule_keeps_its_own_dimension_and_column(table: ir.Table) -> None:
    rule = Rule("r", "Some attribute", "not_null", dimension=Dimension.ACCURACY, column="a b")

    bound = bind_rule(rule, table, COLUMNS)

    assert bound.rule.dimension is Dimension.ACCURACY
    assert bound.column == "a b"
    assert bound.where is None
    assert (bound.min_pass_rate, bound.warn_pass_rate) == (Decimal(100), None)


@pytest.mark.parametrize(
    ("check", "parameters", "read"),
    [
        ("unique", {"with": ["status", "CLOSED"]}, ("OPENED", "Status", "CLOSED")),
        ("functional_dependency", {"determines": "amount", "also": ["status"]}, ("OPENED", "Status", "AMOUNT")),
        ("date_order", {"later": "closed"}, ("OPENED", "CLOSED")),
        ("expression", {"predicate": 'CLOSED > OPENED OR "a b" > 1'}, ("OPENED", "CLOSED", "a b")),
        ("implies", {"when": "amount > 0", "then": "status = 'x'"}, ("OPENED", "AMOUNT", "Status")),
        ("not_null", {"where": "amount > 0"}, ("OPENED", "AMOUNT")),
    ],
)
def test_all_columns_that_are_read_are_known(
    table: ir.Table, check: str, parameters: dict[str, object], read: tuple[str, ...]
) -> None:
    assert bind_rule(Rule("r", "opened", check, parameters), table, COLUMNS).columns_read == read


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (Rule("r", "AMOUNT", "in_rnge"), "Did you mean in_range"),
        (Rule("r", "AMOUNT", "in_range", {"min_value": 1}), "'max_value' is missing. Example: {"),
        (Rule("r", "AMOUNT", "in_range", {"min_value": 2, "max_value": 1}), "min_value 2 is above max_value 1"),
        (Rule("r", "AMOUNT", "in_range", {"min_value": 2, "max_value": "b"}), "write both alike"),
        (Rule("r", "AMOUNT", "in_range", {"min_value": 2, "max_value": 3, "max": 3}), "no parameter 'max'"),
        (Rule("r", "AMOUNT", "isin", {"allowed_values": []}), "at least 1 item"),
        (Rule("r", "AMOUNT", "equal_to", {"value": [1]}), "'value' cannot be [1]"),
        (Rule("r", "AMOUNT", "equal_to", {"value": float("nan")}), "'value' cannot be nan"),
        (Rule("r", "AMOUNT", "str_length", {}), "give min_value, max_value or both"),
        (Rule("r", "AMOUNT", "str_matches", {"pattern": "("}), "RE2"),
        (Rule("r", "AMOUNT", "date_format", {"format": "%d/%Q"}), "%Q"),
        (Rule("r", "AMOUNT", "date_format", {"format": "%d"}), "without a month"),
        (Rule("r", "AMOUNT", "has_type", {"type": "colour"}), "colour"),
        (Rule("r", "AMOUNT", "expression", {"predicate": "AMOUNT >"}), "too early"),
        (Rule("r", "AMOUNT", "not_null", {"where": "1 +"}), "too early"),
        (Rule("r", "AMOUNT", "not_null", {"min_pass_rate": 101}), "less than or equal to 100"),
        (Rule("r", "AMOUNT", "not_null", {"min_pass_rate": 90, "warn_pass_rate": 80}), "below min_pass_rate"),
        (Rule("r", "AMOUNT", "mean_between", {"min_value": 1, "min_pass_rate": 9}), "'min_pass_rate' is only"),
        (Rule("r", "AMOUNT", "null_rate_between", {"max_value": 101}), "100"),
        (Rule("r", "AMOUNT", "distinct_ratio_between", {"max_value": 1.1}), "1.1"),
    ],
)
def test_what_could_never_run_is_refused_without_data(rule: Rule, named: str) -> None:
    with pytest.raises(RuleError) as refusal:
        validate_rule(rule)

    assert str(refusal.value).startswith(f"Rule 'r': check '{rule.check}': ")
    assert named in str(refusal.value)


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (Rule("r", "AMUONT", "not_null"), "Did you mean AMOUNT"),
        (Rule("r", "AMOUNT", "not_in_future"), "is of kind integer, the check needs date, datetime"),
        (Rule("r", "tags", "in_range", {"min_value": 1, "max_value": 2}), "is of kind other"),
        (Rule("r", "AMOUNT", "equal_to", {"value": "5"}), "holds whole numbers"),
        (Rule("r", "Status", "equal_to", {"value": 5}), "holds text (write the value in quotes)"),
        (Rule("r", "OPENED", "in_range", {"min_value": "2024-02-30", "max_value": "2024-03-01"}), "write YYYY-MM-DD"),
        (Rule("r", "AMOUNT", "isin", {"allowed_values": [1, "x"]}), "The text 'x'"),
        (Rule("r", "AMOUNT", "column_ge", {"other": "Status"}), "do not compare"),
        (Rule("r", "AMOUNT", "column_ge", {"other": "nowhere"}), "no column 'nowhere'"),
        (Rule("r", "OPENED", "date_order", {"later": "AMOUNT"}), "do not compare"),
        (Rule("r", "AMOUNT", "sum_equals", {"parts": ["Status"]}), "'Status' holds no numbers"),
        (Rule("r", "AMOUNT", "unique", {"with": ["nowhere"]}), "no column 'nowhere'"),
        (Rule("r", "AMOUNT", "functional_dependency", {"determines": "nowhere"}), "no column 'nowhere'"),
        (Rule("r", "AMOUNT", "max_between", {"max_value": "2024-01-01"}), "holds whole numbers"),
    ],
)
def test_what_does_not_fit_the_data_is_refused(table: ir.Table, rule: Rule, named: str) -> None:
    validate_rule(rule)

    with pytest.raises(RuleError) as refusal:
        bind_rule(rule, table, COLUMNS)
    assert str(refusal.value).startswith(f"Rule 'r': check '{rule.check}': ")
    assert named in str(refusal.value)


def test_a_refused_predicate_keeps_its_position(table: ir.Table) -> None:
    with pytest.raises(PredicateError, match="Rule 'r'") as refusal:
        bind_rule(Rule("r", "AMOUNT", "not_null", {"where": "AMOUNT > Status"}), table, COLUMNS)

    assert refusal.value.position == 7


def test_a_pattern_that_postgresql_cannot_do_is_refused_there(engines: Engines) -> None:
    rule = Rule("r", "s", "str_matches", {"pattern": r"\p{Lu}"})

    bind_rule(rule, engines.tables["duckdb"], ("s",))
    with pytest.raises(RuleError, match="PostgreSQL"):
        bind_rule(rule, engines.tables["postgres"], ("s",))


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (Rule("r", "A", "in_range", {"min_value": 0, "max_value": 9.50}), "A is between 0 and 9.5."),
        (
            Rule("r", "A", "in_range", {"min_value": 0, "max_value": 9, "include_min": False}),
            "A is between 0 and 9, the lower bound excluded.",
        ),
        (
            Rule("r", "A", "isin", {"allowed_values": list("abcdefghij")}),
            "A is one of 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h' and 2 more.",
        ),
        (
            Rule("r", "A", "not_null", {"where": "B = 'x'", "min_pass_rate": 99.5}),
            "Where B = 'x': A has a value. At least 99.5 % of the rows must comply.",
        ),
        (Rule("r", "A", "unique", {"with": ["B", "C"]}), "A together with B and C is different in every row."),
        (Rule("r", "A", "mean_between", {"min_value": 1}), "The mean of A is at least 1."),
        (Rule("r", "attribute", "not_blank", column="B"), "B is not blank."),
        (Rule("r", "A", "expression", {"predicate": "A > B"}), "A > B."),
    ],
)
def test_a_rule_reads_as_a_sentence(rule: Rule, sentence: str) -> None:
    assert describe(rule) == sentence
