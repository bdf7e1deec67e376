"""Columns that only together tell rows apart."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from profiling_pipeline.results.outcome import RuleOutcome
from profiling_pipeline_tests.generation.from_rows import outcomes_for


def keys_of(table: Mapping[str, Sequence[Any]]) -> list[RuleOutcome]:
    return [outcome for outcome in outcomes_for(table) if outcome.rule.check == "unique"]


def a_panel(accounts: int = 60, months: int = 12) -> dict[str, list[Any]]:
    dice = random.Random(31)
    rows = [(f"A{n:04d}", f"2024-{month + 1:02d}") for n in range(accounts) for month in range(months)]
    return {
        "account_id": [account for account, _ in rows],
        "month": [month for _, month in rows],
        "branch_code": [f"B{int(account[1:]) % 7}" for account, _ in rows],
        "balance": [dice.randrange(100_000) for _ in rows],
    }


def test_an_account_and_a_month_are_the_key_of_a_panel() -> None:
    [outcome] = keys_of(a_panel())
    assert (outcome.rule.column, outcome.rule.parameters) == ("account_id", {"with": ["month"]})
    assert outcome.failed == 0
    assert "720 of 720 rows (100 %)" in (outcome.rule.rationale or "")


def test_some_rows_may_be_there_twice() -> None:
    table = {name: [*values, values[40]] for name, values in a_panel(120).items()}
    [outcome] = keys_of(table)
    assert outcome.failed == 2


def test_three_columns_where_two_are_not_enough() -> None:
    rows = [(f"S{n}", f"P{m}", f"W{w}") for n in range(12) for m in range(12) for w in range(12)]
    [outcome] = keys_of({name: [row[n] for row in rows] for n, name in enumerate(("site", "part", "week"))})
    assert outcome.rule.parameters == {"with": ["part", "week"]}


def test_there_is_none_beside_a_column_that_tells_rows_apart() -> None:
    dice = random.Random(32)
    numbers = dice.sample(range(10**6, 10**7), 720)
    outcomes = keys_of(a_panel() | {"contract_id": [f"C{number}" for number in numbers]})
    assert [(outcome.rule.column, outcome.rule.parameters) for outcome in outcomes] == [("contract_id", {})]


def test_columns_that_differ_by_chance_are_no_key() -> None:
    dice = random.Random(33)
    table = {f"code_{n}": [f"c{dice.randrange(30 * (n + 1))}" for _ in range(1500)] for n in range(40)}
    assert keys_of(table) == []
