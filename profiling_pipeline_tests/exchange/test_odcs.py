"""Open Data Contracts, as their users have them."""

from decimal import Decimal
from typing import Any

import pytest
import yaml

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange import odcs
from profiling_pipeline.exchange.model import FormatName
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.rule import Dimension, Rule, Severity
from profiling_pipeline_tests.exchange.reading import demands, read, reasons

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: 53581432-6c55-4ba2-a65f-72344a91553a
version: 1.1.0
status: active
schema:
  - name: loans
    physicalName: loans_v2
    logicalType: object
    quality:
      - metric: rowCount
        mustBeBetween: [100, 120]
        name: Fewer would be wrong
      - metric: duplicateValues
        mustBe: 0
        arguments: {properties: [branch, number]}
        schedule: 0 20 * * *
        scheduler: cron
    properties:
      - name: loan_id
        required: true
        unique: true
        primaryKey: true
        quality:
          - type: library
            metric: nullValues
            mustBe: 0
            name: No loan without an id
            dimension: completeness
            severity: error
            businessImpact: operational
      - name: email
        logicalType: string
        logicalTypeOptions: {maxLength: 80, pattern: "@", format: email}
        quality:
          - metric: missingValues
            arguments: {missingValues: [null, '', 'N/A']}
            mustBe: 0
          - metric: nullValues
            unit: percent
            mustBeLessThan: 1
            dimension: timeliness
          - metric: nullValues
            mustBeLessThan: 100
          - rule: invalidValues
            arguments: {pattern: '^[a-z]+@'}
            mustBeLessOrEqualTo: 2
            unit: percent
          - type: text
            description: The address was verified.
      - name: Unit
        physicalName: unit_code
        quality:
          - metric: invalidValues
            mustBe: 0
            arguments: {validValues: [pounds, kg]}
            dimension: conformity
      - name: score
        logicalType: integer
        logicalTypeOptions: {minimum: 300, maximum: 850, multipleOf: 5}
        quality:
          - type: sql
            query: SELECT COUNT(*) FROM {object} WHERE {property} < 0
            mustBe: 0
          - type: sql
            query: |
              SELECT AVG({property}) FROM {object}
            mustBeBetween: [500, 700]
          - type: sql
            query: SELECT COUNT(*) FROM {object} WHERE {property} IS NOT NULL
            mustBeLessThan: 3600
          - type: custom
            engine: greatExpectations
            implementation: |
              type: expect_column_values_to_be_between
              kwargs: {min_value: 0, strict_min: true}
          - type: custom
            engine: soda
            implementation: {type: missing_percent, must_be_less_than_or_equal: 5}
          - type: custom
            engine: soda
            implementation: {invalid: {valid_max: 900}}
          - type: custom
            engine: dbt
            implementation: {dbt_utils.accepted_range: {max_value: 1000}}
          - type: custom
            engine: montecarlo
            implementation: anything
      - name: customer_id
        relationships: [{to: customers.id}]
"""


def test_a_contract_is_read() -> None:
    expected: list[tuple[str, str, dict[str, Any]]] = [
        ("loan_id", "not_null", {}),
        ("email", "expression", {"predicate": "COALESCE(email NOT IN ('', 'N/A'), FALSE)"}),
        ("email", "not_null", {"min_pass_rate": 99}),
        ("email", "str_contains", {"pattern": "^[a-z]+@", "min_pass_rate": 98}),
        ("unit_code", "isin", {"allowed_values": ["pounds", "kg"]}),
        ("score", "expression", {"predicate": "NOT (score < 0)"}),
        ("score", "mean_between", {"min_value": 500, "max_value": 700}),
        ("score", "greater_than", {"min_value": 0}),
        ("score", "not_null", {"min_pass_rate": 95}),
        ("score", "less_than_or_equal_to", {"max_value": 900}),
        ("score", "less_than_or_equal_to", {"max_value": 1000}),
        ("loan_id", "row_count_between", {"min_value": 100, "max_value": 120}),
        ("branch", "unique", {"with": ["number"]}),
        ("loan_id", "unique", {}),
        ("email", "str_contains", {"pattern": "@"}),
        ("email", "str_length", {"max_value": 80}),
        ("email", "is_email", {}),
        ("score", "expression", {"predicate": "score % 5 = 0"}),
        ("score", "in_range", {"min_value": 300, "max_value": 850}),
        ("customer_id", "references", {"source": "customers", "column": "id"}),
    ]

    imported = read(FormatName.ODCS, CONTRACT)

    assert demands(imported) == [each for each in expected if each[1] in CATALOGUE]
    first = imported.rules[0]
    assert (first.name, first.dimension, first.severity) == (
        "No loan without an id",
        Dimension.COMPLETENESS,
        Severity.HIGH,
    )
    assert [r.dimension for r in imported.rules if r.attribute == "unit_code"] == [Dimension.VALIDITY]


def test_what_is_not_carried_over_is_told() -> None:
    told = reasons(read(FormatName.ODCS, CONTRACT))

    assert told["text"] == "It is text for people: say it as a check."
    assert told["nullValues"] == "It allows a number of failing rows, and rules allow a percentage."
    assert told["< 1 %"].startswith("A pass rate is a least one")
    assert told["dimension timeliness"].startswith("Rules know no such dimension")
    assert told["schedule"] == told["businessImpact"] == "Rules have no place for it."
    assert told["montecarlo"] == "Checks of the engine montecarlo are not known here."
    assert told["sql"].startswith("It allows a number of failing rows")
    assert told["percent"].startswith("The standard does not say")


def test_a_rule_of_the_table_comes_back_with_the_dimension_that_its_check_has_anyway() -> None:
    rule = Rule("Enough", "branch", "row_count_between", {"min_value": 5}, Dimension.COMPLETENESS, execution_order=1)

    assert read(FormatName.ODCS, odcs.write([rule], "loans").text).rules == (rule,)


def test_rules_become_a_contract() -> None:
    rules = [
        Rule("Seen", "email", "not_null", {"min_pass_rate": 99}, Dimension.COMPLETENESS, Severity.HIGH),
        Rule("Key", "branch", "unique", {"with": ["number"]}),
        Rule("Enough", "branch", "row_count_between", {"min_value": 5}),
        Rule("Score", "score", "in_range", {"min_value": 300, "max_value": 850}, Dimension.ACCURACY),
        Rule("Median", "score", "median_between", {"min_value": 1, "max_value": 2}),
        Rule("Card", "card", "luhn", {"min_pass_rate": Decimal("99.5")}),
    ]

    exported = odcs.write(rules, "loans")

    assert exported.left_out == ()
    contract = yaml.safe_load(exported.text)
    assert {"apiVersion", "kind", "id", "version", "status"} <= contract.keys()
    assert contract["schema"] == [
        {
            "name": "loans",
            "quality": [
                {
                    "name": "Key",
                    "severity": "warning",
                    "type": "library",
                    "metric": "duplicateValues",
                    "arguments": {"properties": ["branch", "number"]},
                    "mustBe": 0,
                },
                {
                    "name": "Enough",
                    "severity": "warning",
                    "type": "library",
                    "metric": "rowCount",
                    "mustBeGreaterOrEqualTo": 5,
                    "customProperties": [
                        {
                            "property": "profiling",
                            "value": {
                                "name": "Enough",
                                "attribute": "branch",
                                "check": "row_count_between",
                                "parameters": {"min_value": 5},
                                "severity": "medium",
                            },
                        }
                    ],
                },
            ],
            "properties": [
                {
                    "name": "email",
                    "quality": [
                        {
                            "name": "Seen",
                            "dimension": "completeness",
                            "severity": "error",
                            "type": "library",
                            "metric": "nullValues",
                            "mustBeLessOrEqualTo": 1,
                            "unit": "percent",
                        }
                    ],
                },
                {
                    "name": "score",
                    "quality": [
                        {
                            "name": "Score",
                            "dimension": "accuracy",
                            "severity": "warning",
                            "type": "sql",
                            "query": "SELECT COUNT(*) FROM {object} WHERE NOT (score >= 300 AND score <= 850)",
                            "mustBe": 0,
                            "customProperties": [
                                {
                                    "property": "profiling",
                                    "value": {
                                        "check": "in_range",
                                        "parameters": {"min_value": 300, "max_value": 850},
                                    },
                                }
                            ],
                        },
                        {
                            "name": "Median",
                            "severity": "warning",
                            "type": "sql",
                            "query": "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY score) FROM {object}",
                            "mustBeBetween": [1, 2],
                        },
                    ],
                },
                {
                    "name": "card",
                    "quality": [
                        {
                            "name": "Card",
                            "severity": "warning",
                            "type": "custom",
                            "engine": "profiling-pipeline",
                            "implementation": {"check": "luhn", "parameters": {"min_pass_rate": 99.5}},
                        }
                    ],
                },
            ],
        }
    ]


@pytest.mark.parametrize("text", ["kind: DataContract", "kind: Other\nschema: []", "schema: [{name: a}]", "kind: [1]"])
def test_other_files_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="Open Data Contract"):
        read(FormatName.ODCS, text)
