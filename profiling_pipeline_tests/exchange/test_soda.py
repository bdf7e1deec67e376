"""Soda contracts and SodaCL, as its users have them."""

from decimal import Decimal

import yaml

from profiling_pipeline.exchange import soda
from profiling_pipeline.exchange.model import FormatName
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline_tests.exchange.reading import demands, read, reasons

CONTRACT = """
dataset: warehouse/lending/public/loans
columns:
  - name: loan_id
    data_type: VARCHAR
    checks:
      - missing:
      - duplicate:
          name: No loan twice
  - name: size
    checks:
      - invalid:
          valid_values: ['S', 'M', 'L']
          threshold: {metric: percent, must_be_less_than_or_equal: 2.5}
      - invalid:
          invalid_values: [XS]
          filter: "country = 'US'"
          threshold: {must_be: 0, level: warn}
  - name: score
    checks:
      - missing:
          missing_values: [-1, 999]
      - missing:
          threshold: {metric: percent, must_be_less_than: 10}
      - missing:
          threshold: {must_be_less_than: 10}
      - invalid:
          valid_min: 300
          valid_max: 850
          valid_length: 3
      - aggregate:
          function: avg
          threshold: {must_be_between: {greater_than: 500, less_than_or_equal: 700}}
      - aggregate:
          function: avg_length
          threshold: {must_be: 3}
      - invalid:
          name: Known customers
          valid_reference_data: {dataset: warehouse/lending/public/customers, column: score}
      - invalid:
          valid_format: {name: three digits, regex: '^[0-9]{3}$'}
          threshold:
            metric: percent
            must_be_less_than_or_equal: 5
            additional: {must_be_less_than_or_equal: 1, level: warn}
checks:
  - schema:
  - row_count:
  - row_count:
      threshold: {must_be_greater_than: 10}
  - failed_rows:
      name: Covered
      expression: balance > credit_limit
  - failed_rows:
      query: SELECT * FROM loans WHERE balance > 5
  - duplicate:
      columns: [branch, number]
  - freshness:
      column: loaded_at
      threshold: {unit: hour, must_be_less_than: 24}
  - freshness:
      column: loaded_at
      threshold: {unit: hour, must_be_less_than: 36}
  - metric:
      expression: STDDEV_SAMP("score")
      threshold: {must_be_less_than_or_equal: 100}
"""


def test_a_contract_is_read() -> None:
    imported = read(FormatName.SODA, CONTRACT)
    not_known = "references" not in {rule.check for rule in imported.rules}

    assert demands(imported) == [
        each
        for each in [
            ("loan_id", "not_null", {}),
            ("loan_id", "unique", {}),
            ("size", "isin", {"allowed_values": ["S", "M", "L"], "min_pass_rate": Decimal("97.5")}),
            (
                "size",
                "notin",
                {"forbidden_values": ["XS"], "where": "country = 'US'", "min_pass_rate": 0, "warn_pass_rate": 100},
            ),
            ("score", "expression", {"predicate": "COALESCE(score NOT IN (-1, 999), FALSE)"}),
            ("score", "not_null", {"min_pass_rate": 90}),
            ("score", "in_range", {"min_value": 300, "max_value": 850}),
            ("score", "str_length", {"min_value": 3, "max_value": 3}),
            ("score", "mean_between", {"min_value": 500, "max_value": 700}),
            None
            if not_known
            else ("score", "references", {"source": "warehouse/lending/public/customers", "column": "score"}),
            ("score", "str_contains", {"pattern": "^[0-9]{3}$", "min_pass_rate": 95, "warn_pass_rate": 99}),
            ("loan_id", "row_count_between", {"min_value": 1}),
            ("loan_id", "row_count_between", {"min_value": 11}),
            ("balance", "expression", {"predicate": "NOT (balance > credit_limit)"}),
            ("branch", "unique", {"with": ["number"]}),
            ("loaded_at", "fresh_within", {"days": 1}),
            ("score", "stddev_between", {"max_value": 100}),
        ]
        if each is not None
    ]
    assert imported.rules[1].name == "No loan twice"


def test_what_is_not_carried_over_is_told() -> None:
    told = reasons(read(FormatName.SODA, CONTRACT))

    assert "counts rows without a value" not in str(told.get("missing"))
    assert told["missing"] == "It allows a number of failing rows, and rules allow a percentage."
    assert told["< 10 %"] == "A pass rate is a least one: at exactly 10 % the rule passes."
    assert told["percent"] == "Percentages there count rows without a value too, here they are skipped."
    assert told["> 500"] == "Bounds of figures are included here: >= 500."
    assert told["aggregate"] == "There is no check of the figure avg_length."
    assert told["failed_rows"] == "A query of its own is no condition of single rows."
    assert told["< 24"] == "Bounds of figures are included here: <= 24."
    assert told["freshness"] == "The newest date may be a whole number of days old here, and no more can be said."
    assert told["schema"].startswith("A missing column is an error")


def test_the_filter_of_the_dataset_is_part_of_every_check() -> None:
    text = """
        dataset: a/b/c
        filter: "status = 'open'"
        columns:
          - name: score
            checks:
              - missing: {filter: "age > 18"}
              - invalid: {valid_min: 0}
        """
    assert [each[2].get("where") for each in demands(read(FormatName.SODA, text))] == [
        "(status = 'open') AND (age > 18)",
        "status = 'open'",
    ]


def test_a_filter_with_variables_is_not_carried_over() -> None:
    text = "dataset: a/b\nfilter: day = ${var.DAY}\ncolumns: [{name: score, checks: [missing]}]"
    imported = read(FormatName.SODA, text)

    assert imported.rules == ()
    assert "not in the predicate language" in imported.left_out[0].reason


SODACL = """
checks for loans:
  - row_count between 10 and 1000
  - missing_count(birth date) = 0
  - missing_percent(score) < 5 %
  - invalid_percent(phone) <= 1 %:
      valid regex: ^[0-9 ]+$
      name: Phones are digits
  - invalid_count(cars) = 0:
      valid min: 1
      valid max: 6
      filter: country = 'US'
  - duplicate_count(branch, number) = 0
  - avg(score) between 500 and 700
  - stddev(score) < 100
  - failed rows:
      name: Covered
      fail condition: balance > credit_limit
  - freshness(loaded_at) < 1d
  - anomaly detection for row_count
filter loans [daily]:
  where: day = today
"""


def test_sodacl_is_read() -> None:
    imported = read(FormatName.SODA, SODACL)

    assert demands(imported) == [
        ("birth date", "not_null", {}),
        ("score", "not_null", {"min_pass_rate": 95}),
        ("phone", "str_contains", {"pattern": "^[0-9 ]+$", "min_pass_rate": 99}),
        ("cars", "in_range", {"min_value": 1, "max_value": 6, "where": "country = 'US'"}),
        ("branch", "unique", {"with": ["number"]}),
        ("score", "mean_between", {"min_value": 500, "max_value": 700}),
        ("score", "stddev_between", {"max_value": 100}),
        ("balance", "expression", {"predicate": "NOT (balance > credit_limit)"}),
    ]
    told = reasons(imported)
    assert told["freshness(loaded_at) < 1d"] == told["anomaly detection for row_count"]
    assert told["filter loans [daily]"] == "Only checks become rules."
    assert imported.rules[2].name == "Phones are digits"


def test_rules_become_a_contract() -> None:
    rules = [
        Rule("Score", "score", "in_range", {"min_value": 300, "max_value": 850, "min_pass_rate": Decimal("99.5")}),
        Rule("Seen", "score", "not_null", {"min_pass_rate": 90, "warn_pass_rate": 95}, severity=Severity.HIGH),
        Rule("Warned", "score", "less_than_or_equal_to", {"max_value": 9, "min_pass_rate": 0, "warn_pass_rate": 100}),
        Rule("Key", "branch", "unique", {"with": ["order"], "where": "status = 'open'"}),
        Rule("Spread", "score", "median_between", {"min_value": 1, "max_value": 1}),
    ]

    exported = soda.write(rules, "loans")

    assert exported.left_out == ()
    assert yaml.safe_load(exported.text) == {
        "dataset": "data_source/schema/loans",
        "columns": [
            {
                "name": "score",
                "checks": [
                    {
                        "invalid": {
                            "name": "Score",
                            "valid_min": 300,
                            "valid_max": 850,
                            "filter": "score IS NOT NULL",
                            "threshold": {"metric": "percent", "must_be_less_than_or_equal": 0.5},
                        }
                    },
                    {
                        "missing": {
                            "name": "Seen",
                            "threshold": {
                                "metric": "percent",
                                "must_be_less_than_or_equal": 10,
                                "additional": {"must_be_less_than_or_equal": 5, "level": "warn"},
                            },
                            "attributes": {"profiling": {"severity": "high"}},
                        }
                    },
                    {
                        "invalid": {
                            "name": "Warned",
                            "valid_max": 9,
                            "threshold": {"must_be": 0, "level": "warn"},
                            "qualifier": "2",
                        }
                    },
                ],
            }
        ],
        "checks": [
            {
                "duplicate": {
                    "name": "Key",
                    "columns": ["branch", "order"],
                    "filter": "(status = 'open') AND (branch IS NOT NULL) AND (\"order\" IS NOT NULL)",
                    "attributes": {"profiling": {"parameters": {"where": "status = 'open'"}}},
                }
            },
            {
                "metric": {
                    "name": "Spread",
                    "expression": "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY score)",
                    "threshold": {"must_be": 1},
                }
            },
        ],
    }
