"""Properties files of dbt, as its users have them."""

from decimal import Decimal

import pytest
import yaml

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange import dbt
from profiling_pipeline.exchange.model import FormatName
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.exchange.reading import demands, read, reasons

SCHEMA = """
version: 2
models:
  - name: loans
    description: One row a loan
    columns:
      - name: loan_id
        data_tests:
          - unique
          - not_null:
              config: {severity: warn, where: "status <> 'draft'"}
          - dbt_expectations.expect_column_to_exist
      - name: status
        tests:
          - accepted_values:
              name: status_is_known
              values: [open, closed]
          - dbt_utils.not_accepted_values:
              arguments: {values: [1, 2], quote: false}
          - dbt_utils.not_empty_string
      - name: customer_id
        data_tests:
          - relationships:
              arguments: {to: "ref('customers')", field: id}
          - dbt_utils.not_null_proportion: {at_least: 0.95}
      - name: score
        data_tests:
          - dbt_utils.accepted_range:
              arguments: {min_value: 300, max_value: 850}
              config: {error_if: ">10", warn_if: ">0"}
          - dbt_utils.accepted_range: {min_value: 0, inclusive: false}
          - dbt_expectations.expect_column_values_to_be_between: {min_value: 0, max_value: 5, strictly: true}
          - dbt_utils.accepted_range: {max_value: "'2024-12-31'"}
          - dbt_utils.accepted_range: {max_value: "getdate()"}
          - dbt_expectations.expect_column_mean_to_be_between:
              arguments: {min_value: 500, max_value: 700}
              config: {tags: [nightly]}
          - dbt_expectations.expect_column_values_to_match_regex: {regex: "^[0-9]+$", row_condition: "status = 'open'"}
          - dbt_expectations.expect_column_value_lengths_to_equal: {value: 3}
          - dbt_utils.expression_is_true: {expression: ">= 0"}
          - dbt_utils.not_constant
          - dbt_expectations.expect_row_values_to_have_recent_data: {datepart: day, interval: 3}
          - dbt_expectations.expect_row_values_to_have_recent_data: {datepart: hour, interval: 3}
          - my_package.my_test: {tolerance: 5}
    data_tests:
      - dbt_utils.expression_is_true:
          arguments: {expression: "balance <= credit_limit"}
          config: {where: "status = 'open'"}
      - dbt_utils.expression_is_true:
          arguments: {expression: "{{ my_macro() }} > 0"}
      - dbt_utils.unique_combination_of_columns: {combination_of_columns: [branch, '"order"']}
      - dbt_expectations.expect_table_row_count_to_be_between: {min_value: 1}
      - dbt_utils.equal_rowcount: {compare_model: "source('raw', 'loans')"}
      - dbt_utils.recency: {field: opened, datepart: day, interval: 7}
      - dbt_expectations.expect_row_values_to_have_data_for_every_n_datepart: {date_col: opened, date_part: month}
      - dbt_expectations.expect_table_aggregation_to_equal_other_table:
          {expression: sum(balance), compare_model: ref('ledger'), compare_expression: 'SUM("total due")'}
      - dbt_expectations.expect_table_aggregation_to_equal_other_table:
          {expression: max(balance), compare_model: ref('ledger'), compare_expression: max(balance)}
      - dbt_expectations.expect_column_pair_values_A_to_be_greater_than_B: {column_A: closed, column_B: opened}
  - name: untested
"""


def test_a_properties_file_is_read() -> None:
    expected = [
        ("loan_id", "unique", {}),
        ("loan_id", "not_null", {"where": "status <> 'draft'", "min_pass_rate": 0, "warn_pass_rate": 100}),
        ("status", "isin", {"allowed_values": ["open", "closed"]}),
        ("status", "notin", {"forbidden_values": [1, 2]}),
        ("status", "expression", {"predicate": "TRIM(status) <> ''"}),
        ("customer_id", "references", {"source": "customers", "column": "id"}),
        ("customer_id", "not_null", {"min_pass_rate": 95}),
        ("score", "greater_than", {"min_value": 0}),
        ("score", "in_range", {"min_value": 0, "max_value": 5, "include_min": False, "include_max": False}),
        ("score", "less_than_or_equal_to", {"max_value": "2024-12-31"}),
        ("score", "mean_between", {"min_value": 500, "max_value": 700}),
        ("score", "str_contains", {"pattern": "^[0-9]+$", "where": "status = 'open'"}),
        ("score", "str_length", {"min_value": 3, "max_value": 3}),
        ("score", "expression", {"predicate": "score >= 0"}),
        ("score", "distinct_count_between", {"min_value": 2}),
        ("score", "fresh_within", {"days": 3}),
        ("balance", "expression", {"predicate": "balance <= credit_limit", "where": "status = 'open'"}),
        ("branch", "unique", {"with": ["order"]}),
        ("loan_id", "row_count_between", {"min_value": 1}),
        ("loan_id", "row_count_matches", {"source": "raw.loans"}),
        ("opened", "fresh_within", {"days": 7}),
        ("opened", "every_period", {"period": "month"}),
        ("balance", "sum_matches", {"source": "ledger", "column": "total due"}),
        ("closed", "column_gt", {"other": "opened"}),
    ]

    imported = read(FormatName.DBT, SCHEMA)

    assert demands(imported) == [each for each in expected if each[1] in CATALOGUE]
    assert imported.rules[2].name == "status_is_known"


def test_what_is_not_carried_over_is_told() -> None:
    told = reasons(read(FormatName.DBT, SCHEMA))

    assert told["dbt_expectations.expect_column_to_exist"].startswith("A missing column is an error")
    assert told["config.tags"] == "Rules have no place for it."
    assert told["dbt_expectations.expect_row_values_to_have_recent_data"] == "It has another datepart than day."
    assert told["dbt_expectations.expect_table_aggregation_to_equal_other_table"].startswith("Of the figures of two")
    assert told["my_package.my_test"] == "The catalogue has no such check."
    assert "not in the predicate language" in told["dbt_utils.expression_is_true"]
    assert [each.reason for each in read(FormatName.DBT, SCHEMA).left_out if "accepted_range" in each.what] == [
        "Its error_if counts failing rows, and rules allow a percentage.",
        "Its max_value cannot be 'getdate()'.",
    ]


def test_the_only_table_with_tests_is_read_and_others_by_name() -> None:
    text = (
        "models: [{name: a, columns: [{name: x, tests: [unique]}]}, {name: b, columns: [{name: y, tests: [unique]}]}]"
    )

    with pytest.raises(InvalidInputError, match=r"several tables: a, b\. Choose one with --table"):
        read(FormatName.DBT, text)
    assert demands(read(FormatName.DBT, text, "b")) == [("y", "unique", {})]
    with pytest.raises(InvalidInputError, match="no table 'c'"):
        read(FormatName.DBT, text, "c")
    sources = "sources: [{name: raw, tables: [{name: loans, columns: [{name: x, data_tests: [unique]}]}]}]"
    assert demands(read(FormatName.DBT, sources)) == [("x", "unique", {})]


def test_rules_become_data_tests() -> None:
    rules = [
        Rule("Known", "status", "isin", {"allowed_values": [1, 2]}),
        Rule("Limit", "LIMIT", "greater_than_or_equal_to", {"min_value": 0, "where": "LIMIT < score"}),
        Rule("Often", "score", "less_than", {"max_value": 850, "min_pass_rate": Decimal("99.5")}),
        Rule("Often", "status", "not_null", {"min_pass_rate": 90}),
        Rule("Order", "opened", "date_order", {"later": "closed"}, description="First open, then closed"),
        Rule("Braces", "code", "str_contains", {"pattern": "a{{2}}"}),
    ]

    exported = dbt.write(rules, "loans")

    assert yaml.safe_load(exported.text) == {
        "version": 2,
        "models": [
            {
                "name": "loans",
                "data_tests": [
                    {
                        "dbt_expectations.expression_is_true": {
                            "arguments": {
                                "expression": "AVG(CASE WHEN (score < 850) THEN 100.0 "
                                "WHEN NOT (score < 850) THEN 0.0 END) >= 99.5"
                            },
                            "config": {
                                "meta": {
                                    "profiling": {
                                        "name": "Often",
                                        "check": "less_than",
                                        "parameters": {"max_value": 850, "min_pass_rate": 99.5},
                                    }
                                }
                            },
                        }
                    },
                    {
                        "dbt_expectations.expect_column_pair_values_A_to_be_greater_than_B": {
                            "description": "First open, then closed",
                            "arguments": {"or_equal": True, "column_A": "closed", "column_B": "opened"},
                            "config": {
                                "meta": {
                                    "profiling": {
                                        "name": "Order",
                                        "attribute": "opened",
                                        "check": "date_order",
                                        "parameters": {"later": "closed"},
                                    }
                                }
                            },
                        }
                    },
                ],
                "columns": [
                    {
                        "name": "status",
                        "data_tests": [
                            {
                                "accepted_values": {
                                    "arguments": {"values": [1, 2], "quote": False},
                                    "config": {"meta": {"profiling": {"name": "Known"}}},
                                }
                            },
                            {
                                "dbt_utils.not_null_proportion": {
                                    "arguments": {"at_least": 0.9},
                                    "config": {"meta": {"profiling": {"name": "Often"}}},
                                }
                            },
                        ],
                    },
                    {
                        "name": "LIMIT",
                        "quote": True,
                        "data_tests": [
                            {
                                "dbt_utils.accepted_range": {
                                    "arguments": {"min_value": 0},
                                    "config": {
                                        "where": '("LIMIT" < score)',
                                        "meta": {
                                            "profiling": {"name": "Limit", "parameters": {"where": "LIMIT < score"}}
                                        },
                                    },
                                }
                            }
                        ],
                    },
                ],
            }
        ],
    }
    assert [(each.what, each.reason) for each in exported.left_out] == [
        ("check str_contains", "Its braces would be a template of dbt.")
    ]


def test_tests_that_differ_in_their_settings_alone_get_names() -> None:
    rules = [Rule(f"{s} is there", "x", "not_null", {"where": f"state = '{s}'"}) for s in ("CA", "NY")]

    first, second = yaml.safe_load(dbt.write(rules, "loans").text)["models"][0]["columns"][0]["data_tests"]

    assert "name" not in first["not_null"]
    assert second["not_null"]["name"] == "not_null_loans_x_2"
    assert [rule.name for rule in dbt.read(dbt.write(rules, "loans").text, "x").rules] == ["CA is there", "NY is there"]
