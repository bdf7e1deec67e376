"""Great Expectations suites, as its users have them."""

import json
from decimal import Decimal

import pytest

from profiling_pipeline.exchange.model import FormatName
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline_tests.exchange.reading import demands, read, reasons, said

SUITE = """
{
  "name": "loans",
  "expectations": [
    {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "loan_id"}, "meta": {},
     "severity": "critical"},
    {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "loan_id"}, "meta": {}, "severity": "info",
     "description": "No loan twice"},
    {"type": "expect_column_values_to_be_between",
     "kwargs": {"column": "score", "min_value": 300, "max_value": 850, "mostly": 0.995,
                "row_condition": {"type": "and", "conditions": [
                  {"type": "comparison", "column": {"name": "status"}, "operator": "==", "parameter": "open"},
                  {"type": "nullity", "column": {"name": "closed on"}, "is_null": true}]}}},
    {"type": "expect_column_values_to_be_between", "kwargs": {"column": "rate", "min_value": 0, "strict_min": true}},
    {"type": "expect_column_values_to_be_between",
     "kwargs": {"column": "rate", "min_value": 0, "max_value": 1, "strict_max": true}},
    {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "status", "value_set": ["open", "closed"]}},
    {"type": "expect_column_values_to_not_be_in_set", "kwargs": {"column": "status", "value_set": ["n/a"]}},
    {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "code", "regex": "^[A-Z]{2}"}},
    {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "code", "regex": "^(?:[A-Z]{2})"}},
    {"type": "expect_column_values_to_not_match_regex", "kwargs": {"column": "code", "regex": "XX"}},
    {"type": "expect_column_value_lengths_to_equal", "kwargs": {"column": "code", "value": 5}},
    {"type": "expect_column_values_to_be_null", "kwargs": {"column": "deleted"}},
    {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1, "max_value": 1000000}},
    {"type": "expect_table_row_count_to_equal_other_table", "kwargs": {"other_table_name": "ledger"}},
    {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "score", "min_value": 500, "strict_min": true}},
    {"type": "expect_column_quantile_values_to_be_between", "kwargs": {"column": "score", "quantile_ranges":
      {"quantiles": [0.05, 0.95], "value_ranges": [[300, 400], [700, null]]}, "allow_relative_error": false}},
    {"type": "expect_column_proportion_of_non_null_values_to_be_between",
     "kwargs": {"column": "score", "min_value": 0.95}},
    {"type": "expect_column_pair_values_a_to_be_greater_than_b",
     "kwargs": {"column_A": "closed on", "column_B": "opened", "or_equal": true,
                "ignore_row_if": "either_value_is_missing"}},
    {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["branch", "number"]}},
    {"type": "unexpected_rows_expectation",
     "kwargs": {"unexpected_rows_query": "SELECT * FROM {batch} WHERE balance > credit_limit"}},
    {"type": "unexpected_rows_expectation",
     "kwargs": {"unexpected_rows_query": "SELECT a.* FROM {batch} a JOIN other USING (id)"}},
    {"type": "expect_column_to_exist", "kwargs": {"column": "loan_id"}},
    {"type": "expect_column_kl_divergence_to_be_less_than", "kwargs": {"column": "score", "threshold": 0.1}}
  ],
  "meta": {"great_expectations_version": "1.24.1"}
}
"""


def test_a_suite_is_read() -> None:
    imported = read(FormatName.GX, SUITE)

    assert demands(imported) == [
        ("loan_id", "not_null", {}),
        ("loan_id", "unique", {}),
        (
            "score",
            "in_range",
            {
                "min_value": 300,
                "max_value": 850,
                "where": "(status = 'open') AND (\"closed on\" IS NULL)",
                "min_pass_rate": Decimal("99.5"),
            },
        ),
        ("rate", "greater_than", {"min_value": 0}),
        ("rate", "in_range", {"min_value": 0, "max_value": 1, "include_max": False}),
        ("status", "isin", {"allowed_values": ["open", "closed"]}),
        ("status", "notin", {"forbidden_values": ["n/a"]}),
        ("code", "str_contains", {"pattern": "^[A-Z]{2}"}),
        ("code", "str_matches", {"pattern": "[A-Z]{2}"}),
        ("code", "expression", {"predicate": "NOT REGEXP_LIKE(code, 'XX')"}),
        ("code", "str_length", {"min_value": 5, "max_value": 5}),
        ("deleted", "expression", {"predicate": "deleted IS NULL"}),
        ("loan_id", "row_count_between", {"min_value": 1, "max_value": 1000000}),
        ("loan_id", "row_count_matches", {"source": "ledger"}),
        ("score", "mean_between", {"min_value": 500}),
        ("score", "quantile_between", {"quantile": Decimal("0.05"), "min_value": 300, "max_value": 400}),
        ("score", "quantile_between", {"quantile": Decimal("0.95"), "min_value": 700}),
        ("score", "null_rate_between", {"max_value": 5}),
        ("closed on", "column_ge", {"other": "opened"}),
        ("branch", "unique", {"with": ["number"]}),
        ("balance", "expression", {"predicate": "NOT (balance > credit_limit)"}),
    ]
    assert [rule.severity for rule in imported.rules[:3]] == [Severity.HIGH, Severity.LOW, Severity.MEDIUM]
    assert imported.rules[1].description == "No loan twice"
    assert imported.rules[0].name == "loan_id has a value"


def test_what_is_not_carried_over_is_told() -> None:
    told = reasons(read(FormatName.GX, SUITE))

    assert told == {
        "strict_min": "Bounds of figures are included here.",
        "ignore_row_if": "Rows in which one of the values is missing are skipped here.",
        "unexpected_rows_expectation": "Only queries of the form SELECT * FROM {batch} WHERE ... are conditions.",
        "expect_column_to_exist(loan_id)": "A missing column is an error of every rule that reads it.",
        "expect_column_kl_divergence_to_be_less_than(score)": "The catalogue has no such check.",
    }


def test_rules_become_expectations_that_say_as_little_as_possible() -> None:
    rules = [
        Rule("score has a value", "score", "not_null"),
        Rule("Positive", "rate", "greater_than", {"min_value": Decimal("0.10"), "where": "status IN ('a', 'b')"}),
        Rule("Covered", "balance", "expression", {"predicate": "balance <= credit_limit"}, severity=Severity.HIGH),
    ]

    suite = json.loads(_written(rules), parse_float=Decimal)

    assert suite["name"] == "loans"
    assert suite["expectations"] == [
        {
            "meta": {},
            "type": "expect_column_values_to_not_be_null",
            "kwargs": {"column": "score"},
            "severity": "warning",
        },
        {
            "meta": {"profiling": {"name": "Positive"}},
            "type": "expect_column_values_to_be_between",
            "kwargs": {
                "column": "rate",
                "min_value": Decimal("0.10"),
                "strict_min": True,
                "row_condition": {
                    "type": "comparison",
                    "column": {"name": "status"},
                    "operator": "IN",
                    "parameter": ["a", "b"],
                },
            },
            "severity": "warning",
        },
        {
            "meta": {"profiling": {"name": "Covered"}},
            "type": "unexpected_rows_expectation",
            "kwargs": {"unexpected_rows_query": "SELECT * FROM {batch} WHERE NOT (balance <= credit_limit)"},
            "severity": "critical",
        },
    ]


@pytest.mark.parametrize(
    ("condition", "parser", "where"),
    [
        ('col("age") >= 18', "great_expectations", "age >= 18"),
        ('col("state") == "CA"', "great_expectations__experimental__", "state = 'CA'"),
        ('col("closed on").notnull()', "great_expectations", '"closed on" IS NOT NULL'),
        ("state == 'CA' and 18 <= age < 65", "pandas", "(state = 'CA') AND (18 <= age AND age < 65)"),
        ("age.notnull() & (state in ['CA', 'NY'])", "pandas", "(age IS NOT NULL) AND (state IN ('CA', 'NY'))"),
        ("state = 'CA' AND age > 18", "spark", "state = 'CA' AND age > 18"),
    ],
)
def test_older_notations_of_conditions_are_read(condition: str, parser: str, where: str) -> None:
    kwargs = {"column": "score", "row_condition": condition, "condition_parser": parser}
    suite = {"expectations": [{"type": "expect_column_values_to_not_be_null", "kwargs": kwargs}]}

    assert said(read(FormatName.GX, json.dumps(suite)).rules[0])[2] == {"where": where}


@pytest.mark.parametrize(
    "condition", ["state.str.startswith('C')", "@limit < 5", "__import__('os')", "a b", "lambda: 1"]
)
def test_other_conditions_are_not_carried_over(condition: str) -> None:
    kwargs = {"column": "score", "row_condition": condition, "condition_parser": "pandas"}
    suite = {"expectations": [{"type": "expect_column_values_to_not_be_null", "kwargs": kwargs}]}

    imported = read(FormatName.GX, json.dumps(suite))

    assert imported.rules == ()
    assert "condition" in imported.left_out[0].reason


def test_an_edited_expectation_means_what_it_says_now() -> None:
    rule = Rule("Known", "status", "equal_to", {"value": "open"}, description="As agreed", rationale="Seen in 2024")
    suite = json.loads(_written([rule]))
    assert read(FormatName.GX, json.dumps(suite)).rules[0].check == "equal_to"

    suite["expectations"][0]["kwargs"]["value_set"] = ["open", "closed"]
    edited = read(FormatName.GX, json.dumps(suite)).rules[0]

    assert said(edited) == ("status", "isin", {"allowed_values": ["open", "closed"]})
    assert (edited.name, edited.description, edited.rationale) == ("Known", "As agreed", "Seen in 2024")


def _written(rules: list[Rule]) -> str:
    from profiling_pipeline.exchange import gx

    exported = gx.write(rules, "loans")
    assert exported.left_out == ()
    return exported.text
