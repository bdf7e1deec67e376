"""What is said of two rules holds for every value that they could meet."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.generation.overlaps import OverlapKind, find_overlaps, findings
from profiling_pipeline.rules.rule import Rule

VALUES = [Decimal(each) / 2 for each in range(-2, 13)]


def a_rule(check: str, parameters: dict[str, Any], name: str = "A") -> Rule:
    return Rule(name, "AMOUNT", check, parameters)


def kinds(one: Rule, other: Rule) -> list[tuple[OverlapKind, int, int]]:
    return [(each.kind, each.first, each.second) for each in find_overlaps([one, other])]


def accepts(rule: Rule, value: Decimal) -> bool:
    """What the check demands of a number, in Python."""
    given = rule.parameters
    low, high = given.get("min_value"), given.get("max_value")
    match rule.check:
        case "in_range":
            above = low < value or (low == value and given.get("include_min", True))
            return above and (value < high or (value == high and given.get("include_max", True)))
        case "greater_than":
            return value > low
        case "greater_than_or_equal_to":
            return value >= low
        case "less_than":
            return value < high
        case "less_than_or_equal_to":
            return value <= high
        case "equal_to":
            return value == given["value"]
        case "not_equal_to":
            return value != given["value"]
        case "isin":
            return value in given["allowed_values"]
    return value not in given["forbidden_values"]


numbers = st.integers(0, 5)
some = st.lists(numbers, min_size=1, max_size=4, unique=True)
rules = st.one_of(
    st.builds(
        lambda pair, low, high: a_rule(
            "in_range", {"min_value": pair[0], "max_value": pair[1], "include_min": low, "include_max": high}
        ),
        st.lists(numbers, min_size=2, max_size=2, unique=True).map(sorted),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(
        lambda check, n: a_rule(check, {"min_value": n}),
        st.sampled_from(["greater_than", "greater_than_or_equal_to"]),
        numbers,
    ),
    st.builds(
        lambda check, n: a_rule(check, {"max_value": n}),
        st.sampled_from(["less_than", "less_than_or_equal_to"]),
        numbers,
    ),
    st.builds(lambda check, n: a_rule(check, {"value": n}), st.sampled_from(["equal_to", "not_equal_to"]), numbers),
    st.builds(lambda values: a_rule("isin", {"allowed_values": values}), some),
    st.builds(lambda values: a_rule("notin", {"forbidden_values": values}), some),
)


@given(rules, rules)
def test_what_is_said_of_two_rules_holds_for_every_value(one: Rule, other: Rule) -> None:
    pair = [one, other]
    for overlap in find_overlaps(pair):
        first, second = pair[overlap.first], pair[overlap.second]
        for value in VALUES:
            match overlap.kind:
                case OverlapKind.SAME:
                    assert accepts(first, value) == accepts(second, value)
                case OverlapKind.IMPLIED:
                    assert accepts(second, value) or not accepts(first, value)
                case OverlapKind.CONTRADICTION:
                    assert not (accepts(first, value) and accepts(second, value))


@given(rules)
def test_a_rule_is_the_same_as_itself_whatever_it_is_called(rule: Rule) -> None:
    twin = Rule("B", rule.attribute, rule.check, {**rule.parameters, "origin": {"batch": "b"}})
    assert kinds(rule, twin) == [(OverlapKind.SAME, 0, 1)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (
            ("in_range", {"min_value": 0, "max_value": 9}),
            ("in_range", {"min_value": 0.0, "max_value": 10}),
            [(OverlapKind.IMPLIED, 0, 1)],
        ),
        (("not_blank", {}), ("not_null", {}), [(OverlapKind.IMPLIED, 0, 1)]),
        (
            ("in_range", {"min_value": 0, "max_value": 9}),
            ("greater_than", {"min_value": 9}),
            [(OverlapKind.CONTRADICTION, 0, 1)],
        ),
        (("isin", {"allowed_values": ["A"]}), ("isin", {"allowed_values": ["B"]}), [(OverlapKind.CONTRADICTION, 0, 1)]),
        (("isin", {"allowed_values": ["A"], "ignore_case": True}), ("isin", {"allowed_values": ["B"]}), []),
        (("isin", {"allowed_values": ["A"]}), ("in_range", {"min_value": 0, "max_value": 9}), []),
        (
            ("str_length", {"min_value": 2, "max_value": 2}),
            ("str_length", {"min_value": 5, "max_value": 9}),
            [(OverlapKind.CONTRADICTION, 0, 1)],
        ),
        (("str_length", {"min_value": 2, "max_value": 2}), ("in_range", {"min_value": 5, "max_value": 9}), []),
        # rules of other rows, or for only some of them
        (("less_than", {"max_value": 0, "where": "A = 1"}), ("greater_than", {"min_value": 0, "where": "A = 2"}), []),
        (
            ("less_than", {"max_value": 0, "where": "A = 1"}),
            ("greater_than", {"min_value": 0}),
            [(OverlapKind.CONTRADICTION, 0, 1)],
        ),
        (
            ("less_than", {"max_value": 0, "min_pass_rate": 40}),
            ("greater_than", {"min_value": 0, "min_pass_rate": 60}),
            [],
        ),
        (("less_than", {"max_value": 0, "min_pass_rate": 99}), ("less_than", {"max_value": 1}), []),
        (("less_than", {"max_value": 0, "where": "A = 1"}), ("less_than", {"max_value": 1}), []),
        (
            ("less_than", {"max_value": 0}),
            ("less_than", {"max_value": 1, "where": "A = 1"}),
            [(OverlapKind.IMPLIED, 0, 1)],
        ),
    ],
)
def test_kinds(one: Any, other: Any, expected: list[Any]) -> None:
    assert kinds(a_rule(*one), a_rule(*other)) == expected


def test_rules_of_different_attributes_are_not_compared() -> None:
    assert find_overlaps([Rule("A", "X", "not_null"), Rule("B", "Y", "not_null")]) == []


def test_findings_name_the_other_rule() -> None:
    found = findings([a_rule("less_than", {"max_value": 0}, "Low"), a_rule("greater_than", {"min_value": 5}, "High")])
    assert found == [
        ("Contradicts 'High': no value can satisfy both.",),
        ("Contradicts 'Low': no value can satisfy both.",),
    ]
