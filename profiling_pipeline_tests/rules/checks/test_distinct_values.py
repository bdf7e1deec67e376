"""Checks of which values a column has against plain Python, on every engine."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import pytest
from hypothesis import given as on_any
from hypothesis import strategies as st

from profiling_pipeline.rules.binding import bind_rule
from profiling_pipeline.rules.checks.base import ValuesCheck
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.rules.engines import COLUMNS, Engines, Row, examples

# A column, the values of a rule, and the same as Python has them in the rows.
SETS: list[tuple[str, list[Any], list[Any]]] = [
    ("s", ["a", "É", "it's"], ["a", "É", "it's"]),
    ("i", [1, 2**63 - 1], [1, 2**63 - 1]),
    ("n", [0, 1.5, 0.125], [0, Decimal("1.5"), Decimal("0.125")]),
    ("d", ["2024-02-29"], [date(2024, 2, 29)]),
    ("b", [True], [True]),
]
ROWS = st.lists(
    st.fixed_dictionaries({
        "s": st.none() | st.sampled_from(["a", "É", "it's", "", "A", "\N{GRINNING FACE}"]),
        "i": st.none() | st.sampled_from([1, 2, 2**63 - 1]),
        "n": st.none() | st.sampled_from([Decimal("0.00"), Decimal("1.50"), Decimal("-1.00")]),
        "d": st.none() | st.sampled_from([date(2024, 2, 29), date(2024, 3, 1)]),
        "b": st.none() | st.booleans(),
    }),
    max_size=12,
)  # fmt: skip
CHECKS = ("distinct_values_in", "distinct_values_contain", "most_common_in")


def expected(check: str, values: Sequence[Any], written: Sequence[Any], given: Sequence[Any]) -> tuple[Any, bool]:
    """What is observed, and whether it is accepted; `written` are the rule's values, `given` the same as rows have."""
    counted = Counter(value for value in values if value is not None)
    by_frequency = sorted(counted, key=lambda value: (-counted[value], value))
    if check == "most_common_in":
        return (by_frequency[0], by_frequency[0] in given) if by_frequency else (None, False)
    if check == "distinct_values_in":
        others = [value for value in by_frequency if value not in given]
        return others, not others
    missing = [wanted for wanted, value in zip(written, given, strict=True) if value not in counted]
    return missing, not missing


@pytest.fixture(scope="module")
def asked(engines: Engines) -> list[tuple[str, str, ValuesCheck, str, Sequence[Any]]]:
    """Engine, column, check and SQL of each case, compiled once."""
    found = []
    for engine, table in engines.tables.items():
        for column, written, given in SETS:
            for name in CHECKS:
                check = bind_rule(Rule(name, column, name, {"values": written}), table, COLUMNS).check
                assert isinstance(check, ValuesCheck)
                found.append((engine, column, check, ibis.to_sql(check.find(table, column), dialect=engine), given))
    return found


@on_any(rows=ROWS)
@examples
def test_distinct_values(engines: Engines, asked: list[Any], rows: list[Row]) -> None:
    engines.fill(rows)

    for engine, column, check, sql, given in asked:
        values = [row[column] for row in rows]
        answer = [dict(zip(names_of(check), row, strict=True)) for row in engines.fetch(engine, sql)]
        assert check.verdict(answer) == expected(check.name, values, list(check.values), given), (
            f"{engine}: {check.name}"
        )


def names_of(check: ValuesCheck) -> list[str]:
    if check.name == "distinct_values_contain":
        return [f"has {number}" for number in range(len(check.values))]  # type: ignore[attr-defined]
    return ["value", "text", "count", *(["is_among"] if check.name == "most_common_in" else [])]


def test_values_that_do_not_read_are_among_the_others() -> None:
    connection = ibis.duckdb.connect()
    connection.raw_sql("""CREATE TABLE data AS SELECT * FROM (VALUES (1, '1'), (NULL, 'x'), (NULL, 'x'), (NULL, NULL))
                          rows(n, "n (as text)")""")
    table = connection.table("data")
    found = {}
    for name in CHECKS:
        check = bind_rule(Rule(name, "n", name, {"values": [1]}), table, ("n",)).check
        assert isinstance(check, ValuesCheck)
        found[name] = check.verdict(check.find(table, "n").to_pyarrow().to_pylist())

    assert found == {
        "distinct_values_in": (["x"], False),
        "distinct_values_contain": ([], True),
        "most_common_in": ("x", False),
    }


def test_only_the_most_frequent_of_many_other_values_are_shown() -> None:
    connection = ibis.duckdb.connect()
    connection.raw_sql("CREATE TABLE data AS SELECT printf('v%02d', least(n, 49)) AS s FROM range(51) rows(n)")
    data = connection.table("data")
    check = bind_rule(Rule("r", "s", "distinct_values_in", {"values": ["v00"]}), data, ("s",)).check
    assert isinstance(check, ValuesCheck)

    observed, accepted = check.verdict(check.find(data, "s").to_pyarrow().to_pylist())

    assert (observed[:2], len(observed), accepted) == (["v49", "v01"], 20, False)
