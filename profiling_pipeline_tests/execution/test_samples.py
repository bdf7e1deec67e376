from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from profiling_pipeline.execution import samples
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat
from profiling_pipeline_tests.execution.data import LOAN_COLUMNS, LOANS, a_rule, csv_source, duckdb_source

RULES = [
    a_rule("balance", "greater_than_or_equal_to", min_value=0),
    a_rule("state", "isin", allowed_values=["CA", "NY"]),
    a_rule("opened", "not_null"),
    a_rule("id", "unique"),
    a_rule("balance", "expression", predicate="balance > 0 OR opened IS NULL", where="state <> 'NY'"),
]


@pytest.fixture(params=["few", "many"], autouse=True)
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read failing rows both together and rule by rule."""
    monkeypatch.setattr(samples, "FEW_ROWS", 1000 if request.param == "few" else 0)


def test_failing_rows_show_their_number_and_what_the_rule_read(tmp_path: Path) -> None:
    with csv_source(tmp_path, list(LOAN_COLUMNS), LOANS) as source:
        below, states, opened, unique, expression = execute_rules(RULES, source).outcomes

    assert below.failed_rows == (
        {"row": 2, "balance": Decimal("-5.50")},
        {"row": 5, "balance": Decimal("-7.25")},
    )
    assert states.failed_rows == ({"row": 4, "state": "ZZ"}, {"row": 5, "state": "ZZ"})
    assert states.frequent_values == ({"value": "ZZ", "count": 2},)
    assert opened.failed_rows == ({"row": 3, "opened": None},)
    assert unique.failed_rows == ({"row": 5, "id": 5}, {"row": 6, "id": 5})
    assert unique.frequent_values == ({"value": 5, "count": 2},)
    assert expression.failed_rows == (
        {"row": 5, "balance": Decimal("-7.25"), "opened": date(2019, 12, 31), "state": "ZZ"},
    )


def test_key_columns_come_first_and_order_the_rows_of_tables() -> None:
    with duckdb_source(LOAN_COLUMNS, LOANS[::-1]) as source:
        outcome = execute_rules(RULES[:1], source, key_columns=["id"]).outcomes[0]

    assert outcome.failed_rows == ({"id": 2, "balance": Decimal("-5.50")}, {"id": 5, "balance": Decimal("-7.25")})


def test_at_most_the_asked_number_of_rows_is_shown_the_first_ones(tmp_path: Path) -> None:
    rows = [(number % 3,) for number in range(3_000)]
    rule = a_rule("n", "less_than", max_value=2)

    with csv_source(tmp_path, ["n"], rows) as source:
        some = execute_rules([rule], source, sample_rows=5).outcomes[0]
        none = execute_rules([rule], source, sample_rows=0).outcomes[0]

    assert [row["row"] for row in some.failed_rows] == [3, 6, 9, 12, 15]
    assert some.frequent_values == ({"value": 2, "count": 1_000},)
    assert (none.failed, none.failed_rows, none.frequent_values) == (1_000, (), ())


def test_the_ten_most_frequent_values_come_first_and_ties_in_order() -> None:
    rows = [(letter,) for count, letter in enumerate("lkjihgfedcb", start=2) for _ in range(count // 2)]

    with duckdb_source({"s": "text"}, rows) as source:
        outcome = execute_rules([a_rule("s", "equal_to", value="x")], source).outcomes[0]

    told = [(each["value"], each["count"]) for each in outcome.frequent_values]
    counts = {value: sum(row == (value,) for row in rows) for (value,) in rows}
    assert told == sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]


def test_a_value_that_does_not_read_as_its_type_is_shown_as_its_text(tmp_path: Path) -> None:
    rows = [("2020-01-31",), ("2020-02-30",), ("soon",), ("soon",), ("",)]
    formats = {"opened": DeclaredFormat(ColumnKind.DATE)}
    rule = a_rule("opened", "greater_than", min_value="2020-02-01")

    with csv_source(tmp_path, ["opened"], rows, formats) as source:
        outcome = execute_rules([rule], source).outcomes[0]

    assert [row["opened"] for row in outcome.failed_rows] == [date(2020, 1, 31), "2020-02-30", "soon", "soon"]
    assert outcome.frequent_values == (
        {"value": "soon", "count": 2},
        {"value": date(2020, 1, 31), "count": 1},
        {"value": "2020-02-30", "count": 1},
    )
    assert outcome.skipped == 1


def test_a_column_may_be_called_row(tmp_path: Path) -> None:
    with csv_source(tmp_path, ["row"], [(7,), (8,)]) as source:
        outcome = execute_rules([a_rule("row", "less_than", max_value=8)], source).outcomes[0]

    assert outcome.failed_rows == ({"row number": 2, "row": 8},)


def test_rules_that_pass_within_their_rate_show_what_failed_too() -> None:
    with duckdb_source({"n": "integer"}, [(1,), (1,), (-1,)]) as source:
        outcome = execute_rules([a_rule("n", "greater_than", min_value=0, min_pass_rate=50)], source).outcomes[0]

    assert (outcome.status, outcome.failed_rows) == ("passed", ({"n": -1},))


def test_values_of_any_type_can_be_shown() -> None:
    rows = [([1, 2],), ([1, 2],), (None,)]

    with duckdb_source({"parts": "integer[]"}, rows) as source:
        outcome = execute_rules([a_rule("parts", "unique")], source).outcomes[0]

    assert outcome.failed_rows == ({"parts": [1, 2]}, {"parts": [1, 2]})
    assert outcome.frequent_values == ({"value": [1, 2], "count": 2},)


def test_of_very_many_failing_rows_only_repeated_values_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "FEW_ROWS", 0)
    monkeypatch.setattr(samples, "MANY_ROWS", 5)
    monkeypatch.setattr(samples, "ENOUGH_ROWS", 5)
    rows = [(-number, -(number % 2) - 1) for number in range(1, 11)]
    rules = [a_rule("id", "greater_than", min_value=0), a_rule("flag", "greater_than", min_value=0)]
    with duckdb_source({"id": "bigint", "flag": "bigint"}, rows) as source:
        different, repeated = execute_rules(rules, source).outcomes
    assert (different.failed, different.frequent_values) == (10, ())
    assert repeated.frequent_values == ({"value": -1, "count": 5}, {"value": -2, "count": 5})
