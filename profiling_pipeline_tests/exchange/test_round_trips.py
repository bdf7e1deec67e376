"""What is written in a format and read again is the same rule; what is not written is told."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiling_pipeline.exchange.formats import FORMATS
from profiling_pipeline.exchange.model import FormatName, plain
from profiling_pipeline.rules.catalogue import CATALOGUE, check_for
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.exchange.any_rules import rules

OTHERS = [name for name in FormatName if name is not FormatName.YAML]


def _comparable(rule: Rule) -> Rule:
    dimension = rule.dimension or check_for(rule.check).dimension
    column = rule.column if rule.column != rule.attribute else None
    return replace(rule, parameters=plain(rule.parameters), dimension=dimension, column=column, execution_order=0)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(given_rules=st.lists(rules(), min_size=1, max_size=5, unique_by=lambda rule: rule.name))
def test_nothing_is_lost_silently(given_rules: list[Rule]) -> None:
    for name in OTHERS:
        exported = FORMATS[name].write(given_rules, "loans")
        imported = FORMATS[name].read(exported.text, "file", None)

        not_written = {each.place for each in exported.left_out if each.what.startswith("check ")}
        written = [rule for rule in given_rules if f"rule '{rule.name}'" not in not_written]
        found = {rule.name: _comparable(rule) for rule in imported.rules}
        assert found == {rule.name: _comparable(rule) for rule in written}, name
        assert imported.left_out == (), name


@pytest.mark.parametrize("name", OTHERS)
def test_every_check_is_carried_or_told(name: FormatName) -> None:
    given_rules = [Rule(f"Rule of {check.name}", "a", check.name, check.example) for check in CATALOGUE.values()]

    exported = FORMATS[name].write(given_rules, "loans")

    told = {each.place for each in exported.left_out if each.what.startswith("check ")}
    kept = {rule.name for rule in FORMATS[name].read(exported.text, "file", None).rules}
    assert kept == {rule.name for rule in given_rules if f"rule '{rule.name}'" not in told}
    assert all(each.reason.endswith(".") for each in exported.left_out)


@pytest.mark.parametrize("name", FormatName)
def test_no_rules_are_a_file_without_rules(name: FormatName) -> None:
    exported = FORMATS[name].write([], "loans")

    assert exported.left_out == ()
    assert FORMATS[name].read(exported.text, "file", None).rules == ()


@pytest.mark.parametrize("name", FormatName)
def test_a_rule_that_cannot_run_is_left_out(name: FormatName) -> None:
    broken = Rule("Old", "a", "SELECT 1", is_executable=False)

    exported = FORMATS[name].write([broken, Rule("New", "a", "not_null")], "loans")

    assert [each.place for each in exported.left_out] == ["rule 'Old'"]
    assert len(FORMATS[name].read(exported.text, "file", None).rules) == 1
